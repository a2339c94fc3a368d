"""The approvals of one journey within a transaction: reads versions and status, stores steps. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from journeys.content.catalogue import Grants
from journeys.engine.machine import Release
from journeys.permission import ConsentText
from journeys.primitives.canonical import derived_id
from journeys.primitives.locales import served_locale
from journeys.primitives.problems import did_you_mean
from journeys.review.approval import STRUCTURE, ApprovalEntry, Subject, Word
from journeys.review.checklist import checklist
from journeys.review.digests import digest_of_release
from service.effects.store import content_tasks
from service.platform import errors
from service.publishing.approvals.policy import ApprovalStatus, ReviewCase, SubjectVersion, release_word, status_of
from service.publishing.service import Service
from service.publishing.store import approvals, releases
from service.publishing.store.approvals import InForce
from service.publishing.store.releases import Publication, StoredRelease

SubjectDigest = tuple[Subject, str]


@dataclass(frozen=True, slots=True)
class ReleaseStatus:
    """A release of a journey: its number and word, and the approval status of its structure in each language.

    `enrollments`: whether patients are in it.
    """

    release: str
    number: int
    word: Word
    published_at: datetime
    enrollments: bool
    structure: tuple[ApprovalStatus, ...]


class JourneyApprovals:
    """The record of one journey within a transaction, with the versions that can be signed.

    Raises:
        NotFound: the journey was never published.
    """

    def __init__(self, service: Service, connection: Connection, journey: str, now: datetime) -> None:
        self.connection = connection
        self.journey = journey
        self.now = now
        self.rules = service.library.rules
        self.compiled = service.library.compiled
        self.releases = service.library.releases(connection)
        self.in_force = approvals.in_force(connection, journey) or InForce(0, None, None, None)
        self.record = service.library.record(connection, journey)
        if not self.record.history:
            hint = did_you_mean(journey, releases.journeys_published(connection))
            raise errors.NotFound(f"No journey with the key '{journey[:80]}' has been published.{hint}")

    # --- writing

    def append(self, step: ApprovalEntry) -> ApprovalEntry:
        """Append a step to the record and return it sealed; a step that is sealed already is returned as it is."""
        if step.seal:
            return step
        sealed = approvals.add(self.connection, self.rules.key, step)
        self.record.append(sealed)
        return sealed

    def activate(self, release: str) -> None:
        """Make a release the active one; `store_status` stores it."""
        self.in_force = replace(self.in_force, release=release)

    def recall_queued(self, piece: str, locales: Collection[str]) -> None:
        """Take back what waits to be sent of a piece in some languages."""
        declared = self._locales(self.record.history[0].release)
        requested = approvals.locales_of_enrollments(self.connection, self.journey)
        served = [locale for locale in requested if served_locale(locale, declared) in locales]
        content_tasks.recall_queued(self.connection, self.journey, piece, served, self.now)

    def store_status(self) -> InForce:
        """Store the publication in force under a new revision, so that every process reads it again, and the tasks."""
        before = approvals.in_force(self.connection, self.journey)
        publication, expires_at = self._publication_in_force()
        self.in_force = InForce(
            (before.revision if before is not None else 0) + 1,
            self.in_force.release,
            publication.number if publication is not None else None,
            expires_at,
        )
        approvals.store_in_force(self.connection, self.journey, self.in_force)
        content_tasks.set_tasks(self.connection, self.journey, dict(self.missing_approvals()), self.now)
        return self.in_force

    # --- versions

    def find_version(self, subject: Subject, digest: str) -> SubjectVersion:
        """Return the version that can be signed now.

        Raises:
            NotFound: the subject is unknown.
            Stale: the digest is another version's.
        """
        versions = [version for version in self.current_versions if version.subject == subject]
        if not versions:
            raise errors.NotFound("There is no such piece, release or language to sign.")
        for version in versions:
            if version.digest == digest:
                return version
        raise errors.Stale("It was changed since it was shown; look at it again. Nothing was signed.")

    def find_cases(self, kind: str, key: str) -> list[ReviewCase]:
        """Return every version of a piece or of a release's structure, in every language."""
        subject = kind, key
        versions = [version for version in self.every_version if (version.subject.kind, version.subject.key) == subject]
        return [self.case_of(version) for version in versions]

    @cached_property
    def current_versions(self) -> list[SubjectVersion]:
        """The versions to sign: the newest of everything, as each release in use reads it."""
        releases_in_use = list(dict.fromkeys([self.record.history[0].release, *self._served_releases()]))
        versions: list[SubjectVersion] = []
        for release in releases_in_use:
            versions += self._structure_versions(self._newest_publication(release))
        for key in self.record.history[0].content:
            for release in releases_in_use:
                versions += self._piece_versions(key, self.releases[release], only_newest=True)
        return _distinct(versions)

    @cached_property
    def every_version(self) -> list[SubjectVersion]:
        """Every version that was ever published."""
        history = self.record.history
        versions = [version for publication in history for version in self._structure_versions(publication)]
        for key in dict.fromkeys(key for publication in history for key in publication.content):
            versions += self._published_versions(key)
        return _distinct(versions)

    def _published_versions(self, key: str) -> Iterator[SubjectVersion]:
        """Yield every published version of a piece in every language; several may have one digest in a language."""
        for release in dict.fromkeys(publication.release for publication in self.record.history):
            yield from self._piece_versions(key, self.releases[release])

    def _structure_versions(self, publication: Publication) -> Iterator[SubjectVersion]:
        number = self.release_number(publication.release)
        for locale in self._locales(publication.release):
            digest = digest_of_release(publication.release, locale, publication.programmes)
            subject = Subject(self.journey, "structure", publication.release, locale)
            yield SubjectVersion(subject, digest, number, publication.release, STRUCTURE)

    def _piece_versions(self, key: str, release: Release, *, only_newest: bool = False) -> Iterator[SubjectVersion]:
        for stored in self.record.versions(key):
            read = self.compiled.piece(stored, release)
            if read is None:
                continue
            for locale, digest in read.digests.items():
                subject = Subject(self.journey, "piece", key, locale)
                questions = checklist(locale).about(read.piece).questions
                yield SubjectVersion(subject, digest, stored.number, stored.version, read.piece.purpose, questions)
            if only_newest:
                return

    def first_authors(self, version: SubjectVersion) -> set[str]:
        """Return the accounts that first published the bytes of a version, where they are known."""
        oldest_first = list(reversed(self.record.history))
        key, locale = version.subject.key, version.subject.locale
        if version.subject.kind == "structure":
            same_bytes = (
                publication
                for publication in oldest_first
                if self.record.structure_digest(publication, locale) == version.digest
            )
            first_publications = [next(same_bytes)]
        else:
            sources = {same.version for same in self.every_version if same.digest == version.digest}
            first_publications = [
                next(publication for publication in oldest_first if publication.content.get(key) == source)
                for source in sources
            ]
        return {publication.author for publication in first_publications if publication.author is not None}

    def published_at(self, subject: Subject, version: str) -> datetime:
        """Return the instant at which a version (of a piece's source, or the id of a release) was first published."""
        return min(
            publication.published_at
            for publication in self.record.history
            if version == (publication.release if subject.kind == "structure" else publication.content.get(subject.key))
        )

    # --- status

    def case_of(self, version: SubjectVersion) -> ReviewCase:
        """Return a version with its trusted steps."""
        steps = self.record.trusted.get((version.subject, version.digest), ())
        return ReviewCase(version, steps, self.rules.requirements, self.now)

    def current_statuses(self) -> list[ApprovalStatus]:
        """Return the approval status of everything that can be signed now."""
        visible = self.visible_digests()
        return [self._status_of(version, visible) for version in self.current_versions]

    def earlier_statuses(self) -> list[ApprovalStatus]:
        """Return the approval status of every version that has been replaced."""
        current = {(version.subject, version.digest) for version in self.current_versions}
        visible = self.visible_digests()
        return [
            self._status_of(version, visible, is_current=False)
            for version in self.every_version
            if (version.subject, version.digest) not in current
        ]

    def _status_of(
        self, version: SubjectVersion, visible: Collection[SubjectDigest], *, is_current: bool = True
    ) -> ApprovalStatus:
        is_given = (version.subject, version.digest) in visible
        return status_of(self.case_of(version), is_given=is_given, is_current=is_current)

    def release_statuses(self) -> list[ReleaseStatus]:
        """Return the status of every release, the newest first."""
        releases_in_use = set(releases.releases_in_use(self.connection, self.journey))
        visible = self.visible_digests()
        activated = {step.subject.key for step in self.record.steps if step.kind == "activated"}
        statuses = []
        for release in dict.fromkeys(publication.release for publication in self.record.history):
            versions = self._structure_versions(self._newest_publication(release))
            structure = tuple(self._status_of(version, visible) for version in versions)
            stored = self._stored_release(release)
            word = release_word(
                {status.word for status in structure},
                is_active=release == self.in_force.release,
                was_active=release in activated,
            )
            statuses.append(
                ReleaseStatus(release, stored.number, word, stored.published_at, release in releases_in_use, structure)
            )
        return sorted(statuses, key=lambda status: -status.number)

    def approval_at(
        self, piece: str, version: str, locale: str, instant: datetime
    ) -> tuple[int | None, tuple[ApprovalEntry, ...]]:
        """Return the number of a piece's version, and the signatures under it at an instant.

        The number is None where the store no longer has the version.
        """
        subject = Subject(self.journey, "piece", piece, locale)
        published = self._published_versions(piece)
        versions = [same for same in published if (same.subject, same.version) == (subject, version)]
        for same in versions:
            signatures = self._case_at(same, instant).worth.signatures
            if signatures:
                return same.number, signatures
        return (versions[0].number if versions else None), ()

    def approved_consent(
        self, key: str, number: int, locale: str, instant: datetime
    ) -> tuple[ConsentText, Grants] | None:
        """Return a version of a consent text that was approved at an instant, whatever happened since, or None.

        With it comes what a person allows who agrees to it.
        """
        subject = Subject(self.journey, "piece", key, locale)
        for release in dict.fromkeys(publication.release for publication in self.record.history):
            for stored in self.record.versions(key):
                read = self.compiled.piece(stored, self.releases[release]) if stored.number == number else None
                if read is None or read.piece.grants is None or locale not in read.digests:
                    continue
                digest = read.digests[locale]
                version = SubjectVersion(subject, digest, number, stored.version, read.piece.purpose)
                if self._case_at(version, instant).worth.is_approved:
                    return ConsentText(key, stored.version, digest, locale), read.piece.grants
        return None

    def _case_at(self, version: SubjectVersion, instant: datetime) -> ReviewCase:
        """Return a version with the steps until an instant, as it was then."""
        case = self.case_of(version)
        return replace(case, steps=[step for step in case.steps if step.at <= instant], now=instant)

    # --- what patients see

    def visible_digests(self) -> set[SubjectDigest]:
        """Return what patients see now: in the releases that they are in, and in the one that they join."""
        visible: set[SubjectDigest] = set()
        for release in self._served_releases():
            for locale in self._locales(release):
                approved = next(self._approved_publications(release, locale), None)
                if approved is None:
                    continue
                subject = Subject(self.journey, "structure", release, locale)
                visible.add((subject, self.record.structure_digest(approved, locale)))
                for key in self.record.history[0].content:
                    digest = self._visible_digest(key, release, locale)
                    if digest is not None:
                        visible.add((Subject(self.journey, "piece", key, locale), digest))
        return visible

    def missing_approvals(self) -> Iterator[tuple[str, str]]:
        """Yield the tasks that must be open, id and title: what patients would see if it were approved."""
        for release in self._served_releases():
            for locale in self._locales(release):
                if next(self._approved_publications(release, locale), None) is None:
                    number = self.release_number(release)
                    title = (
                        f"Nothing of release {number} is given out in '{locale}': "
                        "its titles and words are not approved."
                    )
                    yield derived_id("approval", self.journey, "structure", release, locale), title
                for key in self.record.history[0].content:
                    if self._can_be_shown(key, release) and self._visible_digest(key, release, locale) is None:
                        title = f"The piece '{key}' is given to nobody in '{locale}': no version of it is approved."
                        yield derived_id("approval", self.journey, "piece", key, locale), title

    def unapproved_locales(self, release: str) -> list[str]:
        """Return the languages in which the structure of a release is not approved."""
        return [
            locale
            for locale in self._locales(release)
            if next(self._approved_publications(release, locale), None) is None
        ]

    def _can_be_shown(self, key: str, release: str) -> bool:
        """Return whether a version of a piece fits a release, or one was altered and cannot be read."""
        versions = list(self.record.versions(key))
        is_altered = not all(stored.is_intact for stored in versions)
        return is_altered or any(self.compiled.piece(stored, self.releases[release]) for stored in versions)

    def _visible_digest(self, key: str, release: str, locale: str) -> str | None:
        """Return the digest of the version of a piece that patients see in a release and language, or None."""
        for stored in self.record.versions(key):
            read = self.compiled.piece(stored, self.releases[release])
            if read is not None and self.record.piece_worth(read, locale, self.now).is_approved:
                return read.digests[locale]
        return None

    def _approved_publications(self, release: str, locale: str) -> Iterator[Publication]:
        """Yield the publications of a release whose structure is approved in a language, the newest first."""
        for publication in self.record.history:
            is_release = publication.release == release
            if is_release and self.record.structure_worth(publication, locale, self.now).is_approved:
                yield publication

    def _publication_in_force(self) -> tuple[Publication | None, datetime | None]:
        """Return the publication that new enrollments get, and the end of its approval."""
        for publication in self.record.history:
            if publication.release != self.in_force.release:
                continue
            locales = self._locales(publication.release)
            parts = [self.record.structure_worth(publication, locale, self.now) for locale in locales]
            if all(part.is_approved for part in parts):
                return publication, min(
                    (part.expires_at for part in parts if part.expires_at is not None), default=None
                )
        return None, None

    def _served_releases(self) -> list[str]:
        """Return the active release, and those that patients are in."""
        active = [self.in_force.release] if self.in_force.release is not None else []
        return list(dict.fromkeys([*active, *releases.releases_in_use(self.connection, self.journey)]))

    # --- releases

    def has_release(self, release: str) -> bool:
        """Return whether a release of this journey was published."""
        return any(publication.release == release for publication in self.record.history)

    def release_number(self, release: str) -> int:
        """Return the number of a release."""
        return self._stored_release(release).number

    def _stored_release(self, release: str) -> StoredRelease:
        stored = releases.find_release(self.connection, release)
        assert stored is not None
        return stored

    def _newest_publication(self, release: str) -> Publication:
        return next(publication for publication in self.record.history if publication.release == release)

    def _locales(self, release: str) -> Sequence[str]:
        return self.releases[release].plan.journey.locales


def _distinct(versions: Iterable[SubjectVersion]) -> list[SubjectVersion]:
    """Return the first version of each subject and digest."""
    by_digest: dict[SubjectDigest, SubjectVersion] = {}
    for version in versions:
        by_digest.setdefault((version.subject, version.digest), version)
    return list(by_digest.values())
