"""Content that patients may see: compiled releases, and approved pieces by release and language. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from journeys.content.catalogue import Catalogue, Piece, PieceSource, read_piece
from journeys.content.rendering import Renderer
from journeys.definition.compiler import RULES_VERSION
from journeys.definition.message_limits import MessageLimits
from journeys.definition.programmes import Values, limits_from_stored
from journeys.definition.reading import read_journey
from journeys.engine.machine import Release, make_release
from journeys.review.approval import STRUCTURE, ApprovalEntry, Requirements, Subject, Worth, worth
from journeys.review.digests import digest_of, digest_of_release, without_words
from service.platform import errors
from service.platform.cache import Cache, KeyedLocks
from service.platform.configuration import Configuration
from service.publishing.servable import MAX_REPORTABLES, ServableContent
from service.publishing.store import approvals, releases
from service.publishing.store.releases import Publication, StoredPiece, StoredProgramme

if TYPE_CHECKING:
    from journeys.questions.questionnaire import Questionnaire
#: The sets of pieces in force whose compiled questions a process remembers.
MAX_QUESTIONNAIRES = 16


@dataclass(frozen=True, slots=True)
class ServedProgramme:
    """The values and the limits of messages of a programme, from the publications that patients may see."""

    values: Values = field(default_factory=dict)
    limits: MessageLimits = field(default_factory=MessageLimits)


@dataclass(frozen=True, slots=True)
class Rules:
    """The required signatures, and the key of their seals; `drafts`: content needs no signature, but is marked."""

    requirements: Requirements = field(default_factory=Requirements)
    key: bytes = field(default=b"", repr=False)
    drafts: bool = False

    @classmethod
    def of(cls, config: Configuration, *, drafts: bool = False) -> Rules:
        """Return the rules of a configuration."""
        return cls(config.requirements, config.approval_key.encode(), drafts)


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """A version of a piece as a release reads it, and the digest to sign by locale."""

    piece: Piece
    digests: Mapping[str, str]


class Compiled:
    """Compiled releases, pieces and paths, by the digests of their bytes; the same in databases of the same rules.

    `stories` are the shortest paths, as a story's file, by release and state; None where no path leads there.
    `leaves` are the reachable leaves by release, `questionnaires` the questions by release and pieces in force. Threads
    that need the same release wait for one compilation.
    """

    def __init__(self) -> None:
        self.compiling: KeyedLocks[str] = KeyedLocks()
        self.releases: dict[str, Release] = {}
        self.stories: Cache[tuple[str, str], bytes | None] = Cache(5_000)
        self.leaves: Cache[str, frozenset[str]] = Cache(100)
        self.questionnaires: Cache[Hashable, Questionnaire | None] = Cache(MAX_QUESTIONNAIRES)
        self._pieces: dict[tuple[str, str, str], ReadPiece | None] = {}

    def piece(self, stored: StoredPiece, release: Release) -> ReadPiece | None:
        """Return a version as a release reads it; None where it does not fit, or was altered in the store."""
        if not stored.is_intact:
            return None
        key = release.id, stored.key, stored.version
        if key not in self._pieces:
            self._pieces[key] = _read(stored, release)
        return self._pieces[key]

    def questionnaire(self, catalogue: Catalogue) -> Questionnaire | None:
        """Return the compiled questions of a release with some pieces in force; None where it declares none."""
        from journeys.questions.questionnaire import compile_questionnaire  # most commands ask nobody anything

        key = catalogue.plan.id, frozenset((piece.key, piece.version) for piece in catalogue.pieces.values())
        return self.questionnaires.get(key, lambda: compile_questionnaire(catalogue.plan, catalogue))


def _read(stored: StoredPiece, release: Release) -> ReadPiece | None:
    plan = release.plan
    source = PieceSource.from_stored(stored.source)
    piece, _ = read_piece(source, plan)
    if piece is None:
        return None
    return ReadPiece(piece, {locale: digest_of(piece, source, locale, plan) for locale in plan.journey.locales})


class JourneyRecord:
    """The publications, versions and approval steps of one journey, and the state that its signatures lead to."""

    def __init__(self, connection: Connection, journey: str, rules: Rules) -> None:
        self.journey = journey
        self.rules = rules
        self.history: Sequence[Publication] = releases.list_publications(connection, journey)
        self.pieces = {(piece.key, piece.version): piece for piece in releases.list_pieces(connection, journey)}
        self.programmes: Mapping[tuple[str, str], StoredProgramme] = {
            (programme.key, programme.version): programme for programme in releases.list_programmes(connection, journey)
        }
        self.steps = approvals.list_steps(connection, journey)

    @cached_property
    def trusted(self) -> dict[tuple[Subject, str], list[ApprovalEntry]]:
        """The steps with a valid seal, by subject and digest."""
        return approvals.by_subject(approvals.trusted(self.steps, self.rules.key))

    def append(self, step: ApprovalEntry) -> None:
        """Add a step that was just stored."""
        self.trusted.setdefault((step.subject, step.digest), []).append(step)
        self.steps.append(step)

    def worth(self, subject: Subject, digest: str, purpose: str, now: datetime) -> Worth:
        """Return the state that the steps of a digest lead to."""
        return worth(self.trusted.get((subject, digest), ()), self.rules.requirements.of(purpose), now)

    def versions(self, key: str) -> Iterator[StoredPiece]:
        """Yield the published versions of a piece that are stored, the newest first."""
        published = (publication.content[key] for publication in self.history if key in publication.content)
        for version in dict.fromkeys(published):
            if (key, version) in self.pieces:
                yield self.pieces[key, version]

    def piece_worth(self, read: ReadPiece, locale: str, now: datetime) -> Worth:
        """Return the state of a piece's version in a locale."""
        subject = Subject(self.journey, "piece", read.piece.key, locale)
        return self.worth(subject, read.digests[locale], read.piece.purpose, now)

    def structure_digest(self, publication: Publication, locale: str) -> str:
        """Return the digest to sign of a publication's structure in a locale."""
        return digest_of_release(publication.release, locale, publication.programmes)

    def structure_worth(self, publication: Publication, locale: str, now: datetime) -> Worth:
        """Return the state of a publication's structure in a locale; a draft where a programme was altered."""
        subject = Subject(self.journey, "structure", publication.release, locale)
        status = self.worth(subject, self.structure_digest(publication, locale), STRUCTURE, now)
        stored = [self.programmes.get(key_and_version) for key_and_version in publication.programmes]
        are_intact = all(programme is not None and programme.is_intact for programme in stored)
        return status if are_intact else replace(status, word="draft", expires_at=None)


class _ServableRelease:
    """The servable content of one release in one locale; that of a programme is made when it is first requested.

    It is valid until the next publication or approval step, or until the first of its approvals ends.
    """

    def __init__(
        self,
        revision: int,
        valid_until: datetime | None,
        content: ServableContent,
        programmes: Mapping[str, ServedProgramme],
    ) -> None:
        self.revision = revision
        self.valid_until = valid_until
        self._content = content
        self._programmes = programmes
        self._by_programme: dict[str | None, ServableContent] = {}

    def is_valid(self, revision: int, now: datetime) -> bool:
        return self.revision >= revision and (self.valid_until is None or now < self.valid_until)

    def content(self, programme: str | None) -> ServableContent:
        if programme not in self._by_programme:
            self._by_programme[programme] = self._content_of(programme)
        return self._by_programme[programme]

    def _content_of(self, programme: str | None) -> ServableContent:
        if not self._programmes:
            return self._content
        # A patient who enrolled before there were programmes belongs to the first.
        first = next(iter(self._programmes.values()))
        served = first if programme is None else self._programmes.get(programme, ServedProgramme())
        return replace(
            self._content,
            catalogue=self._content.catalogue.in_programme(served.values, served.limits),
            values=served.values,
            _reportables=Cache(MAX_REPORTABLES),
        )


class Library:
    """Compiled releases and servable content. Threads may share it: a value in it never changes."""

    def __init__(self, rules: Rules | None = None, compiled: Compiled | None = None) -> None:
        self.rules = rules or Rules()
        self.compiled = compiled or Compiled()
        self.renderer = Renderer()
        self._servable: dict[tuple[str, str, str], _ServableRelease] = {}
        self._reading: KeyedLocks[str] = KeyedLocks()

    def releases(self, connection: Connection) -> Mapping[str, Release]:
        """Return releases by id; one that this process has not compiled is read from the database."""
        return _Releases(self.compiled, connection)

    def record(self, connection: Connection, journey: str) -> JourneyRecord:
        """Return the stored record of a journey."""
        return JourneyRecord(connection, journey, self.rules)

    def servable_content(
        self,
        connection: Connection,
        release: Release,
        revision: int,
        programme: str | None = None,
        *,
        locale: str,
        now: datetime,
    ) -> ServableContent:
        """Return the content that patients in a release and a programme may see.

        After a publication or an approval step one thread reads it; others wait, since a recalled piece must not be
        shown meanwhile.

        Args:
            connection: reads what this process does not have yet.
            release: the patient's release.
            revision: the revision of the journey's approvals, read together with the enrollment.
            programme: its key; None where the patient has no programme.
            locale: a declared one.
            now: the instant; approvals end.
        """
        key = release.plan.journey.key, release.id, locale
        servable = self._servable.get(key)
        if servable is None or not servable.is_valid(revision, now):
            with self._reading.hold(release.id):  # by release: its pieces are read once for all languages
                servable = self._servable.get(key)
                if servable is None or not servable.is_valid(revision, now):
                    servable = self._read_servable(connection, release, revision, locale, now)
                    self._servable[key] = servable
        return servable.content(programme)

    def newest(self, connection: Connection, release: Release) -> Catalogue:
        """Return the newest version of each piece that fits a release, approved or not: to compare, never to serve."""
        record = self.record(connection, release.plan.journey.key)
        pieces = {key: self._newest_piece(record, release, key) for key in _keys(record)}
        return Catalogue(release.plan, {key: piece for key, piece in pieces.items() if piece is not None})

    def newest_piece(self, connection: Connection, release: Release, key: str) -> Piece | None:
        """Return the newest version of a piece that fits a release, approved or not, or None where none does."""
        record = self.record(connection, release.plan.journey.key)
        return self._newest_piece(record, release, key) if key in _keys(record) else None

    def _newest_piece(self, record: JourneyRecord, release: Release, key: str) -> Piece | None:
        versions = (self.compiled.piece(stored, release) for stored in record.versions(key))
        read = next(filter(None, versions), None)
        return read.piece if read is not None else None

    def _read_servable(
        self, connection: Connection, release: Release, revision: int, locale: str, now: datetime
    ) -> _ServableRelease:
        """Read, for each piece of the newest publication, its newest version that fits the release and is approved."""
        record = self.record(connection, release.plan.journey.key)
        ends: list[datetime] = []
        servable_publications = [
            publication
            for publication in record.history
            if self._is_servable(record.structure_worth(publication, locale, now), ends)
        ]
        pieces: dict[str, Piece] = {}
        numbers: dict[str, int] = {}
        fitting_keys = set()
        for key in _keys(record):
            for stored in record.versions(key):
                read = self.compiled.piece(stored, release)
                if read is None:
                    continue
                fitting_keys.add(key)
                if self._is_servable(record.piece_worth(read, locale, now), ends):
                    pieces[key], numbers[key] = read.piece, stored.number
                    break
        valid_until = min(ends, default=None)
        if not any(publication.release == release.id for publication in servable_publications):
            # Contact details stay where an approval ended by time alone: no number is missing because nobody signed.
            expired = [
                publication
                for publication in record.history
                if record.structure_worth(publication, locale, now).is_expired
            ]
            silent = ServableContent(
                Catalogue(without_words(release.plan), {}),
                {},
                frozenset(fitting_keys),
                is_silent=True,
                valid_until=valid_until,
            )
            return _ServableRelease(revision, valid_until, silent, _programmes(record, expired))
        catalogue = Catalogue(release.plan, pieces)
        content = ServableContent(
            catalogue,
            numbers,
            frozenset(fitting_keys),
            is_draft=self.rules.drafts,
            valid_until=valid_until,
            renderer=self.renderer,
            questionnaire=lambda: self.compiled.questionnaire(catalogue),
        )
        return _ServableRelease(revision, valid_until, content, _programmes(record, servable_publications))

    def _is_servable(self, status: Worth, ends: list[datetime]) -> bool:
        """Return whether patients may see something; append the end of its approval to `ends`."""
        if self.rules.drafts:
            return True
        if status.expires_at is not None:
            ends.append(status.expires_at)
        return status.is_approved


def _keys(record: JourneyRecord) -> Sequence[str]:
    """The keys of the pieces of the newest publication."""
    return tuple(record.history[0].content) if record.history else ()


class _Releases(Mapping[str, Release]):
    """The releases that a fold may need."""

    def __init__(self, compiled: Compiled, connection: Connection) -> None:
        self._compiled = compiled
        self._connection = connection

    def __getitem__(self, release: str) -> Release:
        compiled = self._compiled.releases.get(release)
        if compiled is None:
            with self._compiled.compiling.hold(release):
                compiled = self._compiled.releases.get(release)
                if compiled is None:
                    compiled = self._compiled.releases[release] = self._compile(release)
        return compiled

    def _compile(self, release: str) -> Release:
        stored = releases.find_release(self._connection, release)
        if stored is None:
            raise KeyError(release)
        if hashlib.sha256(stored.definition).hexdigest() != release:
            raise errors.Altered
        return compile_definition(stored.definition, stored.file, stored.rules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._compiled.releases)

    def __len__(self) -> int:
        return len(self._compiled.releases)


def compile_definition(definition: bytes, file: str, rules: int = RULES_VERSION) -> Release:
    """Return the compiled release of a published definition, under a version of the engine's rules.

    Raises:
        ValueError: the definition cannot be read, although it could be when it was published.
    """
    journey, problems = read_journey(definition, file)
    if journey is None:
        raise ValueError(f"the published definition {file} cannot be read: {problems[0].rule}")
    return make_release(journey, rules)


def _programmes(record: JourneyRecord, history: Sequence[Publication]) -> dict[str, ServedProgramme]:
    """Return the values and limits of each programme, in the order of the newest publication.

    A value that is no longer set keeps its last published text: a release that shows it may still have patients. The
    limits are those of the newest publication alone.
    """
    programmes: dict[str, ServedProgramme] = {}
    for publication in history:
        for key, version in publication.programmes:
            source = record.programmes[key, version].source
            newer = programmes.get(key) or ServedProgramme(limits=limits_from_stored(source))
            programmes[key] = replace(newer, values={**source.get("values", {}), **newer.values})
    return programmes
