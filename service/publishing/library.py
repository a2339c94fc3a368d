"""What may be given out, compiled and kept in this process: releases by id, shelves of pieces by release and locale."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from journeys.content.catalogue import Catalogue, Piece, PieceSource, read_piece
from journeys.definition.programmes import Values
from journeys.definition.reading import read_journey
from journeys.engine.machine import Release, make_release
from journeys.review.approval import (
    STRUCTURE,
    Requirements,
    Step,
    Subject,
    Worth,
    digest_of,
    digest_of_release,
    without_words,
    worth,
)
from service.platform import errors
from service.platform.configuration import Configuration
from service.publishing.store import approvals
from service.publishing.store import releases as publishing
from service.publishing.store.releases import Publication, StoredPiece, StoredProgramme


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pieces that may be given out for one release in one locale, as they read in one programme.

    `numbers` are the numbers of their versions, `known` the keys of all pieces that fit, approved or not. Where the
    words of the release itself may not be given out, `is_silent`: there are no pieces, and no titles.
    """

    catalogue: Catalogue
    numbers: Mapping[str, int]
    known: frozenset[str]
    values: Values = field(default_factory=dict)
    is_silent: bool = False
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of what is given out: whose signatures, the key of their seals; `drafts`: nobody's, but marked."""

    requirements: Requirements = field(default_factory=Requirements)
    key: bytes = field(default=b"", repr=False)
    drafts: bool = False

    @classmethod
    def of(cls, config: Configuration, *, drafts: bool = False) -> Rules:
        """What a configuration says."""
        return cls(config.requirements, config.approval_key.encode(), drafts)


@dataclass(frozen=True, slots=True)
class Read:
    """A version of a piece as a release reads it, and by locale the digest of what is signed."""

    piece: Piece
    digests: Mapping[str, str]


class Compiled:
    """What was compiled once, named by the digest of its bytes: it serves every database."""

    def __init__(self) -> None:
        self.releases: dict[str, Release] = {}
        self._pieces: dict[tuple[str, str, str], Read | None] = {}

    def piece(self, stored: StoredPiece, release: Release) -> Read | None:
        """A version as a release reads it; None where it does not fit, or is not what was published."""
        if not stored.is_intact:
            return None
        place = release.id, stored.key, stored.version
        if place not in self._pieces:
            self._pieces[place] = _read(stored, release)
        return self._pieces[place]


def _read(stored: StoredPiece, release: Release) -> Read | None:
    plan = release.plan
    source = PieceSource.from_stored(stored.source)
    piece, _ = read_piece(source, plan)
    if piece is None:
        return None
    return Read(piece, {locale: digest_of(piece, source, locale, plan) for locale in plan.journey.locales})


class Record:
    """What is stored of one journey, read at once: publications, versions, signatures; and what those are worth."""

    def __init__(self, connection: Connection, journey: str, rules: Rules) -> None:
        self.journey = journey
        self.rules = rules
        self.history: Sequence[Publication] = publishing.list_publications(connection, journey)
        self.pieces = {(piece.key, piece.version): piece for piece in publishing.list_pieces(connection, journey)}
        self.programmes: Mapping[tuple[str, str], StoredProgramme] = {
            (one.key, one.version): one for one in publishing.list_programmes(connection, journey)
        }
        self.steps = approvals.list_steps(connection, journey)

    @cached_property
    def trusted(self) -> dict[tuple[Subject, str], list[Step]]:
        """The lines whose seals are right, by subject and digest."""
        return approvals.by_subject(approvals.trusted(self.steps, self.rules.key))

    def append(self, step: Step) -> None:
        """Adds a line that was just written."""
        self.trusted.setdefault((step.subject, step.digest), []).append(step)
        self.steps.append(step)

    def worth(self, subject: Subject, digest: str, purpose: str, now: datetime) -> Worth:
        """What the signatures under a digest come to."""
        return worth(self.trusted.get((subject, digest), ()), self.rules.requirements.of(purpose), now)

    def versions(self, key: str) -> Iterator[StoredPiece]:
        """The versions of a piece that were published, the newest first; what is gone from the store is left out."""
        for version in dict.fromkeys(one.content[key] for one in self.history if key in one.content):
            if (key, version) in self.pieces:
                yield self.pieces[key, version]

    def piece_worth(self, read: Read, locale: str, now: datetime) -> Worth:
        """What the signatures under a version of a piece come to in a locale."""
        subject = Subject(self.journey, "piece", read.piece.key, locale)
        return self.worth(subject, read.digests[locale], read.piece.purpose, now)

    def structure_digest(self, publication: Publication, locale: str) -> str:
        """What is signed of a publication's structure in a locale."""
        return digest_of_release(publication.release, locale, publication.programmes)

    def structure_worth(self, publication: Publication, locale: str, now: datetime) -> Worth:
        """What the signatures under the structure of a publication come to in a locale."""
        subject = Subject(self.journey, "structure", publication.release, locale)
        found = self.worth(subject, self.structure_digest(publication, locale), STRUCTURE, now)
        intact = all(one in self.programmes and self.programmes[one].is_intact for one in publication.programmes)
        return found if intact else replace(found, word="draft", expires_at=None)


class _Stock:
    """What may be given out for one release in one locale; a shelf is made for a programme when it is first asked for.

    It is good until another act of publishing or approving, or until the first approval that it rests on ends.
    """

    def __init__(
        self, revision: int, good_until: datetime | None, whole: Shelf, programmes: Mapping[str, Values]
    ) -> None:
        self.revision = revision
        self.good_until = good_until
        self._whole = whole
        self._programmes = programmes
        self._shelves: dict[str | None, Shelf] = {}

    def is_good(self, revision: int, now: datetime) -> bool:
        return self.revision >= revision and (self.good_until is None or now < self.good_until)

    def shelf(self, programme: str | None) -> Shelf:
        if programme not in self._shelves:
            self._shelves[programme] = self._made(programme)
        return self._shelves[programme]

    def _made(self, programme: str | None) -> Shelf:
        if not self._programmes:
            return self._whole
        # Who enrolled before there were programmes belongs to the first.
        first = next(iter(self._programmes.values()))
        values = first if programme is None else self._programmes.get(programme, {})
        return replace(self._whole, catalogue=self._whole.catalogue.with_values(values), values=values)


class Library:
    """Compiled releases and shelves; safe to share between threads, for what it keeps never changes."""

    def __init__(self, rules: Rules | None = None, compiled: Compiled | None = None) -> None:
        self.rules = rules or Rules()
        self.compiled = compiled or Compiled()
        self._stocks: dict[tuple[str, str, str], _Stock] = {}

    def releases(self, connection: Connection) -> Mapping[str, Release]:
        """Releases by id, read through a connection where this process does not have them yet."""
        return _Releases(self.compiled.releases, connection)

    def record(self, connection: Connection, journey: str) -> Record:
        """What is stored of a journey now."""
        return Record(connection, journey, self.rules)

    def shelf(
        self,
        connection: Connection,
        release: Release,
        revision: int,
        programme: str | None = None,
        *,
        locale: str,
        now: datetime,
    ) -> Shelf:
        """What may be given out for a release, as of a revision of what stands for its journey, in a programme.

        Args:
            connection: reads what this process does not have yet.
            release: the one that the reader stands in.
            revision: as it was read with the enrollment.
            programme: its key; None where there is none to choose.
            locale: a declared one.
            now: approvals end by it.
        """
        place = release.plan.journey.key, release.id, locale
        stock = self._stocks.get(place)
        if stock is None or not stock.is_good(revision, now):
            stock = self._fill(connection, release, revision, locale, now)
            self._stocks[place] = stock
        return stock.shelf(programme)

    def newest(self, connection: Connection, release: Release) -> Catalogue:
        """The newest version of each piece that fits a release, approved or not: to compare with, never to give out."""
        record = self.record(connection, release.plan.journey.key)
        pieces = {}
        for key in record.history[0].content if record.history else ():
            read = next(filter(None, (self.compiled.piece(one, release) for one in record.versions(key))), None)
            if read is not None:
                pieces[key] = read.piece
        return Catalogue(release.plan, pieces)

    def _fill(self, connection: Connection, release: Release, revision: int, locale: str, now: datetime) -> _Stock:
        """For each piece of the newest publication, its newest version that fits the release and is approved."""
        record = self.record(connection, release.plan.journey.key)
        ends: list[datetime] = []
        history = [one for one in record.history if self._may(record.structure_worth(one, locale, now), ends)]
        pieces: dict[str, Piece] = {}
        numbers: dict[str, int] = {}
        known = set()
        for key in record.history[0].content if record.history else ():
            for stored in record.versions(key):
                read = self.compiled.piece(stored, release)
                if read is None:
                    continue
                known.add(key)
                if self._may(record.piece_worth(read, locale, now), ends):
                    pieces[key], numbers[key] = read.piece, stored.number
                    break
        good_until = min(ends, default=None)
        if not any(one.release == release.id for one in history):
            # Where time alone undid the approval, whom to call stays: no number is missing because nobody signed anew.
            late = [one for one in record.history if record.structure_worth(one, locale, now).is_expired]
            silent = Shelf(Catalogue(without_words(release.plan), {}), {}, frozenset(known), is_silent=True)
            return _Stock(revision, good_until, silent, _programmes(record, late))
        whole = Shelf(Catalogue(release.plan, pieces), numbers, frozenset(known), is_draft=self.rules.drafts)
        return _Stock(revision, good_until, whole, _programmes(record, history))

    def _may(self, found: Worth, ends: list[datetime]) -> bool:
        """Whether something may be given out; notes until when."""
        if self.rules.drafts:
            return True
        if found.expires_at is not None:
            ends.append(found.expires_at)
        return found.is_approved


class _Releases(Mapping[str, Release]):
    """The releases that a fold may ask for."""

    def __init__(self, known: dict[str, Release], connection: Connection) -> None:
        self._known = known
        self._connection = connection

    def __getitem__(self, release: str) -> Release:
        if release not in self._known:
            stored = publishing.find_release(self._connection, release)
            if stored is None:
                raise KeyError(release)
            if hashlib.sha256(stored.definition).hexdigest() != release:
                raise errors.Altered
            self._known[release] = compile_definition(stored.definition, stored.file)
        return self._known[release]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def compile_definition(definition: bytes, file: str) -> Release:
    """The release of a published definition.

    Raises:
        ValueError: when it cannot be read; it could when it was published.
    """
    journey, problems = read_journey(definition, file)
    if journey is None:
        raise ValueError(f"the published definition {file} cannot be read: {problems[0].rule}")
    return make_release(journey)


def _programmes(record: Record, history: Sequence[Publication]) -> dict[str, Values]:
    """The values of each programme, in the order of the newest publication.

    A value that is no longer set keeps what was published last: a release that shows it may still have enrollments.
    """
    found: dict[str, dict[str, str | Mapping[str, str]]] = {}
    for publication in history:
        for key, version in publication.programmes:
            values = found.setdefault(key, {})
            for name, value in record.programmes[key, version].source.get("values", {}).items():
                values.setdefault(name, value)
    return dict(found)
