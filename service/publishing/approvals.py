"""Approving: who signs what, what that is worth, what stands because of it; every step kept, and every refusal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from journeys.authoring.readability import Question, checklist
from journeys.content.rendering import served_locale
from journeys.engine.machine import Release
from journeys.primitives.canonical import derived_id
from journeys.primitives.errors import CallerError, Refused
from journeys.review.approval import (
    STRUCTURE,
    Step,
    StepKind,
    Subject,
    SubjectKind,
    Word,
    Worth,
    digest_of_release,
    worth,
)
from service.access.store.accounts import Account
from service.effects.store import content_tasks
from service.effects.store.disclosures import disclosures_to_patient
from service.platform import errors
from service.publishing.library import Record
from service.publishing.service import Service
from service.publishing.store import approvals
from service.publishing.store import releases as publishing
from service.publishing.store.approvals import InForce
from service.publishing.store.releases import Publication

LONGEST_TEXT = 2000
LONGEST_NAME = 200
#: How long before its end a signature can be given anew, a short one in its second half; before, it is a double click.
RENEWABLE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who acts: an account, the name that is printed beside a signature, and what they may do.

    `functions` and `locales` are those in which they may sign. `is_author_of` names what is their own work, beside
    what they published: keys of pieces, ids of releases, or a journey's key for all of it. `may_publish`: whether they
    may make a release the active one, and recall.
    """

    account: str
    printed_name: str
    functions: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    is_author_of: frozenset[str] = frozenset()
    may_publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one version of a subject stands.

    `number` is the version of the piece or the number of the release; `signatures` are those that count; `rejection`
    and `recalled` are the last steps of that kind; `ending` are the functions that can sign anew; `is_given`: whether
    patients are given it now. `version` is the digest of a piece's source, or the id of the release.
    """

    subject: Subject
    number: int
    version: str
    digest: str
    word: Word
    purpose: str
    required: tuple[str, ...]
    signatures: tuple[Step, ...]
    missing: tuple[str, ...]
    expires_at: datetime | None
    is_expired: bool
    is_given: bool
    rejection: Step | None = None
    recalled: Step | None = None
    ending: tuple[str, ...] = ()

    @property
    def to_sign(self) -> tuple[str, ...]:
        """The functions in which it can be signed now: for the first time, or anew before an approval ends."""
        return self.missing if self.word == "in_review" else self.ending


@dataclass(frozen=True, slots=True)
class ReleaseStanding:
    """A release of a journey: its number, how it stands, and its structure by locale."""

    release: str
    number: int
    word: Word
    published_at: datetime
    enrollments: bool
    structure: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a patient was given out for the first time at an instant, and the signatures under it then.

    `number` is the version of the piece; None where the store no longer has it.
    """

    enrollment: str
    journey: str
    piece: str
    number: int | None
    version: str
    locale: str
    channel: str
    first_at: datetime
    signatures: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A place at which the record of a journey is not what was written."""

    journey: str
    sequence: int


def signer_of(account: Account) -> Signer:
    """Who acts by an account: what its roles allow."""
    is_reviewer = "reviewer" in account.roles
    return Signer(
        account.name,
        account.printed_name,
        account.functions if is_reviewer else frozenset(),
        account.locales if is_reviewer else frozenset(),
        may_publish="publisher" in account.roles,
    )


def questions_of(subject: Subject) -> tuple[Question, ...]:
    """What is asked of whoever signs: the checklist of a text's language; nothing of the words of a structure."""
    return checklist(subject.locale).questions if subject.kind == "piece" else ()


def every_question() -> frozenset[str]:
    """The ids of all questions; they are the same in each language."""
    return frozenset(one.id for one in checklist("en").questions)


def is_renewable(step: Step, now: datetime) -> bool:
    """Whether a signature ends so soon that it can be given anew."""
    return step.expires_at is not None and step.expires_at - now <= min(RENEWABLE, (step.expires_at - step.at) / 2)


# --- acts --------------------------------------------------------------------------------------------------------


def sign(
    service: Service,
    signer: Signer,
    subject: Subject,
    digest: str,
    *,
    function: str,
    meaning: str,
    confirmed: Collection[str],
    now: datetime,
) -> Step:
    """A signature under the exact bytes of a digest; asked again, the one that was given.

    `confirmed` are the ids of the questions that the signer said yes to.

    Raises:
        NotFound: there is no such subject.
        Forbidden: not their function, not their language, or their own work.
        Stale: the digest is not the one that is to be signed now.
        Refused: it is not in review, the function is not needed, or the meaning or a yes is missing.
    """
    with _acting(service, signer, subject, digest, function, now) as desk:
        step = desk.sign(signer, subject, digest, function, meaning, confirmed)
        desk.settle()
        return step


def sign_all(
    service: Service,
    signer: Signer,
    journey: str,
    *,
    meaning: str,
    confirmed: Collection[str],
    now: datetime,
    wanted: Callable[[Standing], bool] = lambda _: True,
) -> list[Step]:
    """Signatures under everything that this person may sign and `wanted` says: what is in review, and what ends soon.

    Nothing else is refused.

    Raises:
        Refused: the meaning or a yes is missing; nothing is signed then.
    """
    with _desk(service, journey, now) as desk:
        steps = []
        for one in desk.standing():
            for function in one.to_sign if wanted(one) else ():
                if function in signer.functions and desk.may_sign(signer, one):
                    steps.append(desk.sign(signer, one.subject, one.digest, function, meaning, confirmed))
        desk.settle()
        return steps


def reject(
    service: Service, signer: Signer, subject: Subject, digest: str, *, function: str, comment: str, now: datetime
) -> Step:
    """A rejection: what was signed of these bytes counts no longer, and it is a draft again.

    Raises:
        NotFound, Forbidden, Stale: as for signing; their own work they may reject.
        Refused: it is not in review, or the comment is missing.
    """
    with _acting(service, signer, subject, digest, function, now) as desk:
        step = desk.reject(signer, subject, digest, function, comment)
        desk.settle()
        return step


def submit(service: Service, signer: Signer, subject: Subject, digest: str, *, comment: str, now: datetime) -> Step:
    """The same bytes back into review after a rejection, with a word on why; all must sign anew.

    Raises:
        NotFound, Stale: as for signing.
        Refused: it is no draft, or the comment is missing.
    """
    with _acting(service, signer, subject, digest, "", now) as desk:
        step = desk.submit(signer, subject, digest, comment)
        desk.settle()
        return step


def recall(
    service: Service,
    signer: Signer,
    journey: str,
    key: str,
    *,
    kind: SubjectKind = "piece",
    locales: Iterable[str] | None = None,
    comment: str,
    now: datetime,
) -> list[Step]:
    """Stops a piece, or the structure of a release, for everybody at once: every version of it up to now, for good.

    What waits to be sent of a piece is taken back. Only another version, published and signed, comes after it.

    Raises:
        NotFound: there is no such piece, release or locale.
        Forbidden: they may neither publish nor sign here.
        Refused: the comment is missing.
    """
    first = next(iter(locales), "") if locales is not None else ""
    with _acting(service, signer, Subject(journey, kind, key, first), "", "", now) as desk:
        steps = desk.recall(signer, kind, key, locales, comment)
        desk.settle()
        return steps


def activate(service: Service, signer: Signer, journey: str, release: str, *, now: datetime) -> InForce:
    """Makes a release the one that new enrollments get; done again, nothing happens.

    Raises:
        NotFound: there is no such release.
        Forbidden: they may not publish.
        Refused: its structure is not approved in every language.
    """
    with _acting(service, signer, Subject(journey, "structure", release, ""), "", "", now) as desk:
        desk.activate(signer, release)
        return desk.settle()


def settle(service: Service, connection: Connection, journey: str, now: datetime) -> tuple[Standing, ...]:
    """Stores what stands after something was published, the journey being locked; gives what waits for signatures."""
    desk = _Desk(service, connection, journey, now)
    desk.settle()
    return tuple(one for one in desk.standing() if one.word == "in_review")


def look_after(service: Service, now: datetime) -> None:
    """Opens and ends the tasks about what is given to nobody; time alone may have changed that."""
    with service.database.reading() as connection:
        journeys = publishing.journeys_published(connection)
    for journey in journeys:
        with service.database.reading() as connection:
            wanted = {task for task, _ in _Desk(service, connection, journey, now).wanting()}
            is_so = wanted == content_tasks.open_tasks(connection, journey)
        if not is_so:
            with _desk(service, journey, now) as desk:
                desk.settle()


# --- looking -----------------------------------------------------------------------------------------------------


def standing(service: Service, journey: str, *, now: datetime | None = None, history: bool = False) -> list[Standing]:
    """How everything stands that is to be signed of a journey; with `history`, every earlier version too.

    Raises:
        NotFound: it was never published.
    """
    with service.database.reading() as connection:
        desk = _Desk(service, connection, journey, now or service.clock())
        return [*desk.standing(), *(desk.earlier() if history else ())]


def releases_of(service: Service, journey: str, *, now: datetime | None = None) -> list[ReleaseStanding]:
    """Every release of a journey, the newest first.

    Raises:
        NotFound: it was never published.
    """
    with service.database.reading() as connection:
        return _Desk(service, connection, journey, now or service.clock()).releases()


def is_given(service: Service, subject: Subject, digest: str, *, now: datetime | None = None) -> bool:
    """Whether patients are given exactly these bytes now."""
    try:
        found = standing(service, subject.journey, now=now, history=True)
    except errors.NotFound:
        return False
    return any(one.subject == subject and one.digest == digest and one.is_given for one in found)


def shown_to(service: Service, patient_ref: str, *, before: datetime) -> list[Given]:
    """Every version of a piece that a patient was given before an instant, the last first, and who had approved it."""
    found: list[Given] = []
    desks: dict[str, _Desk] = {}
    with service.database.reading() as connection:
        for enrollment, journey, one in disclosures_to_patient(connection, patient_ref, before):
            if journey not in desks:
                desks[journey] = _Desk(service, connection, journey, one.first_at)
            number, signatures = desks[journey].approval_of(one.piece, one.version, one.locale, one.first_at)
            found.append(
                Given(
                    enrollment,
                    journey,
                    one.piece,
                    number,
                    one.version,
                    one.locale,
                    one.channel,
                    one.first_at,
                    signatures,
                )
            )
    return found


def trail(service: Service, journey: str | None = None) -> list[Step]:
    """The whole record of a journey, or of all of them: every step, and every refusal."""
    with service.database.reading() as connection:
        journeys = approvals.journeys_recorded(connection) if journey is None else [journey]
        return [step for one in journeys for step in approvals.list_steps(connection, one)]


def verify(service: Service) -> list[Broken]:
    """Every place at which a record is not what was written; what was cut off at its end, only its head can tell."""
    with service.database.reading() as connection:
        return [
            Broken(journey, sequence)
            for journey in approvals.journeys_recorded(connection)
            for sequence in approvals.broken(approvals.list_steps(connection, journey), service.library.rules.key)
        ]


# --- private -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a subject: what a signature would be under."""

    subject: Subject
    digest: str
    number: int
    version: str
    purpose: str


@contextmanager
def _desk(service: Service, journey: str, now: datetime) -> Iterator[_Desk]:
    """What is needed to act on a journey, nobody else acting on it."""
    with service.database.writing() as connection:
        approvals.lock(connection, journey)
        yield _Desk(service, connection, journey, now)


@contextmanager
def _acting(
    service: Service, signer: Signer, subject: Subject, digest: str, function: str, now: datetime
) -> Iterator[_Desk]:
    """The same; what is refused leaves a line in the record and nothing else."""
    try:
        with _desk(service, subject.journey, now) as desk:
            yield desk
    except errors.Unavailable:
        raise
    except CallerError as error:
        said = "; ".join(text for texts in error.fields.values() for text in texts) or error.detail
        with service.database.writing() as connection:
            if publishing.newest_publication(connection, subject.journey) is not None:
                approvals.lock(connection, subject.journey)
                _note(service, connection, signer, subject, digest, 0, "refused", now, function=function, comment=said)
        raise


def _note(
    service: Service,
    connection: Connection,
    signer: Signer,
    subject: Subject,
    digest: str,
    number: int,
    kind: StepKind,
    now: datetime,
    *,
    function: str = "",
    meaning: str = "",
    comment: str = "",
    expires_at: datetime | None = None,
    confirmed: tuple[tuple[str, str], ...] = (),
) -> Step:
    step = Step(
        journey=subject.journey,
        sequence=0,
        subject=subject,
        digest=digest,
        number=number,
        kind=kind,
        function=function,
        account=signer.account,
        printed_name=signer.printed_name,
        meaning=meaning,
        comment=comment,
        at=now,
        expires_at=expires_at,
        confirmed=confirmed,
        seal="",
    )
    return approvals.add(connection, service.library.rules.key, step)


class _Desk:
    """The record of one journey as one act, or one look, sees it.

    Raises:
        NotFound: the journey was never published.
    """

    def __init__(self, service: Service, connection: Connection, journey: str, now: datetime) -> None:
        self.service = service
        self.connection = connection
        self.journey = journey
        self.now = now
        self.compiled = service.library.compiled
        self.stored = service.library.releases(connection)
        self.in_force = approvals.in_force(connection, journey) or InForce(0, None, None, None)
        self.record: Record = service.library.record(connection, journey)
        if not self.record.history:
            raise errors.NotFound(errors.NO_SUCH_JOURNEY.format(""))

    # --- acts

    def sign(
        self,
        signer: Signer,
        subject: Subject,
        digest: str,
        function: str,
        meaning: str,
        confirmed: Collection[str],
    ) -> Step:
        version = self.version(subject, digest)
        self.require_reviewer(signer, subject, function)
        if self.is_own(signer, version):
            raise errors.MayNot(errors.OWN_WORK)
        required = self.service.library.rules.requirements.of(version.purpose)
        if function not in required:
            raise Refused({"function": [errors.FUNCTION_NOT_NEEDED.format(", ".join(required) or "none")]})
        given = _said("meaning", meaning, LONGEST_NAME)
        found = self.worth(version)
        before = [step for step in found.signatures if (step.account, step.function) == (signer.account, function)]
        if before and not is_renewable(before[-1], self.now):
            return before[-1]
        if found.word in ("draft", "recalled"):
            raise Refused({"digest": [errors.NOT_IN_REVIEW if found.word == "draft" else errors.RECALLED]})
        asked = questions_of(subject)
        lacking = [f"“{one.text}” ({one.id})" for one in asked if one.id not in confirmed]
        if lacking:
            raise Refused({"checklist": [errors.NOT_CONFIRMED.format(" ".join(lacking))]})
        ends = self.service.library.rules.requirements.expiry(self.now)
        said_yes = tuple((one.id, one.text) for one in asked)
        return self.note(
            signer, version, "approved", function=function, meaning=given, expires_at=ends, confirmed=said_yes
        )

    def reject(self, signer: Signer, subject: Subject, digest: str, function: str, comment: str) -> Step:
        version = self.version(subject, digest)
        self.require_reviewer(signer, subject, function)
        said = _said("comment", comment)
        found, last = self.worth(version), self.last(version, "rejected")
        if found.word == "draft" and last is not None and (last.account, last.comment) == (signer.account, said):
            return last
        if found.word != "in_review":
            texts = {"approved": errors.APPROVED_ALREADY, "recalled": errors.RECALLED}
            raise Refused({"digest": [texts.get(found.word, errors.NOT_IN_REVIEW)]})
        return self.note(signer, version, "rejected", function=function, comment=said)

    def submit(self, signer: Signer, subject: Subject, digest: str, comment: str) -> Step:
        version = self.version(subject, digest)
        said = _said("comment", comment)
        if self.worth(version).word != "draft":
            raise Refused({"digest": [errors.NO_DRAFT]})
        return self.note(signer, version, "submitted", comment=said)

    def recall(
        self, signer: Signer, kind: SubjectKind, key: str, locales: Iterable[str] | None, comment: str
    ) -> list[Step]:
        versions = [one for one in self.every_version if (one.subject.kind, one.subject.key) == (kind, key)]
        declared = {one.subject.locale for one in versions}
        chosen = declared if locales is None else set(locales)
        if not versions or not chosen <= declared:
            raise errors.NotFound(errors.NOTHING_TO_RECALL)
        if not (signer.may_publish or (signer.functions and chosen <= signer.locales)):
            raise errors.MayNot(errors.MAY_NOT_RECALL)
        said = _said("comment", comment)
        steps = []
        for one in versions:
            if one.subject.locale in chosen and self.worth(one).word != "recalled":
                steps.append(self.note(signer, one, "recalled", comment=said))
        if kind == "piece":
            content_tasks.recall_queued(self.connection, self.journey, key, self.locales_served_in(chosen), self.now)
        return steps

    def activate(self, signer: Signer, release: str) -> None:
        publication = next((one for one in self.record.history if one.release == release), None)
        if publication is None:
            raise errors.NotFound(errors.NOT_A_RELEASE)
        if not signer.may_publish:
            raise errors.MayNot(errors.MAY_NOT_PUBLISH)
        if self.in_force.release == release:
            return
        self.require_approved(release)
        number = self.number(release)
        subject = Subject(self.journey, "structure", release, "")
        _note(self.service, self.connection, signer, subject, "", number, "activated", self.now)
        self.in_force = replace(self.in_force, release=release)

    def require_approved(self, release: str) -> None:
        """Refuses a release whose structure lacks an approval.

        Raises:
            Refused: naming the languages.
        """
        lacking = [
            locale
            for locale in self.locales(release)
            if not any(
                self.record.structure_worth(one, locale, self.now).is_approved
                for one in self.record.history
                if one.release == release
            )
        ]
        if lacking:
            raise Refused({"release": [errors.NOT_APPROVED_YET.format(", ".join(lacking))]})

    def settle(self) -> InForce:
        """Stores what stands after this act, so that every process asks anew what it may give out; and the tasks."""
        before = approvals.in_force(self.connection, self.journey)
        publication, ends = self.open_publication()
        after = InForce(
            (before.revision if before is not None else 0) + 1,
            self.in_force.release,
            publication.number if publication is not None else None,
            ends,
        )
        approvals.stand(self.connection, self.journey, after)
        self.in_force = after
        content_tasks.set_tasks(self.connection, self.journey, dict(self.wanting()), self.now)
        return after

    def note(
        self,
        signer: Signer,
        version: _Version,
        kind: StepKind,
        *,
        function: str = "",
        meaning: str = "",
        comment: str = "",
        expires_at: datetime | None = None,
        confirmed: tuple[tuple[str, str], ...] = (),
    ) -> Step:
        step = _note(
            self.service,
            self.connection,
            signer,
            version.subject,
            version.digest,
            version.number,
            kind,
            self.now,
            function=function,
            meaning=meaning,
            comment=comment,
            expires_at=expires_at,
            confirmed=confirmed,
        )
        self.record.append(step)
        return step

    # --- who may

    def require_reviewer(self, signer: Signer, subject: Subject, function: str) -> None:
        if function not in signer.functions:
            raise errors.MayNot(errors.NOT_THEIR_FUNCTION.format(", ".join(sorted(signer.functions)) or "none"))
        if subject.locale not in signer.locales:
            raise errors.MayNot(errors.NOT_THEIR_LANGUAGE.format(", ".join(sorted(signer.locales)) or "none"))

    def may_sign(self, signer: Signer, one: Standing) -> bool:
        version = _Version(one.subject, one.digest, one.number, one.version, one.purpose)
        return one.subject.locale in signer.locales and not self.is_own(signer, version)

    def is_own(self, signer: Signer, version: _Version) -> bool:
        """Whether something is the signer's own work: theirs, or first published by them."""
        if signer.is_author_of & {self.journey, version.subject.key}:
            return True
        if version.subject.kind == "structure":
            firsts = [
                next(one for one in reversed(self.record.history) if self.is_of(one, version)),
            ]
        else:
            same = {one.version for one in self.every_version if one.digest == version.digest}
            key = version.subject.key
            firsts = [
                next(one for one in reversed(self.record.history) if one.content.get(key) == version_of)
                for version_of in same
            ]
        return signer.account in {one.author for one in firsts}

    def is_of(self, publication: Publication, version: _Version) -> bool:
        return self.record.structure_digest(publication, version.subject.locale) == version.digest

    # --- what there is

    def version(self, subject: Subject, digest: str) -> _Version:
        """The version that is to be signed now.

        Raises:
            NotFound: there is no such subject.
            Stale: the digest is another one's.
        """
        found = [one for one in self.current if one.subject == subject]
        if not found:
            raise errors.NotFound(errors.NO_SUCH_SUBJECT)
        for one in found:
            if one.digest == digest:
                return one
        raise errors.Stale(errors.NOT_THE_ONE_SHOWN)

    def releases_in_use(self) -> list[str]:
        """The newest release, the active one, and those with enrollments."""
        newest = self.record.history[0].release
        active = [self.in_force.release] if self.in_force.release is not None else []
        return list(dict.fromkeys([newest, *active, *publishing.releases_in_use(self.connection, self.journey)]))

    @cached_property
    def current(self) -> list[_Version]:
        """What is to be signed: the newest version of everything, as each release in use reads it."""
        found: dict[tuple[Subject, str], _Version] = {}
        in_use = self.releases_in_use()
        for release in in_use:
            publication = next(one for one in self.record.history if one.release == release)
            for one in self.of_structure(publication):
                found.setdefault((one.subject, one.digest), one)
        for key in self.record.history[0].content:
            for release in in_use:
                for one in self.of_piece(key, self.stored[release], only_newest=True):
                    found.setdefault((one.subject, one.digest), one)
        return list(found.values())

    @cached_property
    def every_version(self) -> list[_Version]:
        """Everything that ever was to be signed."""
        found: dict[tuple[Subject, str], _Version] = {}
        for publication in self.record.history:
            for one in self.of_structure(publication):
                found.setdefault((one.subject, one.digest), one)
        releases = dict.fromkeys(one.release for one in self.record.history)
        for key in dict.fromkeys(key for one in self.record.history for key in one.content):
            for release in releases:
                for one in self.of_piece(key, self.stored[release]):
                    found.setdefault((one.subject, one.digest), one)
        return list(found.values())

    def of_structure(self, publication: Publication) -> Iterator[_Version]:
        number = self.number(publication.release)
        for locale in self.locales(publication.release):
            digest = digest_of_release(publication.release, locale, publication.programmes)
            subject = Subject(self.journey, "structure", publication.release, locale)
            yield _Version(subject, digest, number, publication.release, STRUCTURE)

    def of_piece(self, key: str, release: Release, *, only_newest: bool = False) -> Iterator[_Version]:
        for stored in self.record.versions(key):
            read = self.compiled.piece(stored, release)
            if read is None:
                continue
            for locale, digest in read.digests.items():
                subject = Subject(self.journey, "piece", key, locale)
                yield _Version(subject, digest, stored.number, stored.version, read.piece.purpose)
            if only_newest:
                return

    def locales(self, release: str) -> Sequence[str]:
        return self.stored[release].plan.journey.locales

    def number(self, release: str) -> int:
        found = publishing.find_release(self.connection, release)
        assert found is not None
        return found.number

    def locales_served_in(self, chosen: Iterable[str]) -> list[str]:
        """The locales of enrollments, as they were asked for, that are served in one of some."""
        declared = self.locales(self.record.history[0].release)
        asked = approvals.locales_of_enrollments(self.connection, self.journey)
        return [one for one in asked if served_locale(one, declared) in set(chosen)]

    def approval_of(self, key: str, version: str, locale: str, at: datetime) -> tuple[int | None, tuple[Step, ...]]:
        """The number of a version, and the signatures under it at an instant."""
        same = [
            one
            for one in self.every_version
            if (one.subject, one.version) == (Subject(self.journey, "piece", key, locale), version)
        ]
        for one in same:
            steps = [step for step in self.steps(one) if step.at <= at]
            found = worth(steps, self.service.library.rules.requirements.of(one.purpose), at)
            if found.signatures:
                return one.number, found.signatures
        return (same[0].number if same else None), ()

    # --- how it stands

    def steps(self, version: _Version) -> Sequence[Step]:
        return self.record.trusted.get((version.subject, version.digest), ())

    def last(self, version: _Version, kind: StepKind) -> Step | None:
        return next((step for step in reversed(self.steps(version)) if step.kind == kind), None)

    def worth(self, version: _Version) -> Worth:
        return self.record.worth(version.subject, version.digest, version.purpose, self.now)

    def standing(self) -> list[Standing]:
        given = self.given()
        return [self.standing_of(one, given) for one in self.current]

    def earlier(self) -> list[Standing]:
        current = {(one.subject, one.digest) for one in self.current}
        given = self.given()
        return [
            self.standing_of(one, given, is_current=False)
            for one in self.every_version
            if (one.subject, one.digest) not in current
        ]

    def standing_of(self, version: _Version, given: set[tuple[Subject, str]], *, is_current: bool = True) -> Standing:
        found = self.record.worth(version.subject, version.digest, version.purpose, self.now)
        is_given = (version.subject, version.digest) in given
        word: Word = found.word
        if word == "approved" and is_given:
            word = "active"
        elif word in ("approved", "in_review") and not is_current:
            word = "superseded"
        return Standing(
            subject=version.subject,
            number=version.number,
            version=version.version,
            digest=version.digest,
            word=word,
            purpose=version.purpose,
            required=self.service.library.rules.requirements.of(version.purpose),
            signatures=found.signatures,
            missing=found.missing,
            expires_at=found.expires_at,
            is_expired=found.is_expired,
            is_given=is_given,
            rejection=self.last(version, "rejected") if found.word == "draft" else None,
            recalled=self.last(version, "recalled"),
            ending=self.ending(found, version.purpose) if is_current else (),
        )

    def ending(self, found: Worth, purpose: str) -> tuple[str, ...]:
        """The functions whose last signature under something approved can be given anew."""
        last = {step.function: step for step in found.signatures} if found.is_approved else {}
        required = self.service.library.rules.requirements.of(purpose)
        return tuple(name for name in required if name in last and is_renewable(last[name], self.now))

    def given(self) -> set[tuple[Subject, str]]:
        """What patients are given now: in the releases that they stand in, and in the one that they join."""
        found: set[tuple[Subject, str]] = set()
        for release in self.releases_given():
            for locale in self.locales(release):
                spoken = [one for one in self.record.history if one.release == release]
                approved = [one for one in spoken if self.record.structure_worth(one, locale, self.now).is_approved]
                if not approved:
                    continue
                subject = Subject(self.journey, "structure", release, locale)
                found.add((subject, self.record.structure_digest(approved[0], locale)))
                for key in self.record.history[0].content:
                    digest = self.given_of(key, release, locale)
                    if digest is not None:
                        found.add((Subject(self.journey, "piece", key, locale), digest))
        return found

    def given_of(self, key: str, release: str, locale: str) -> str | None:
        """The digest of the version of a piece that is given in a release and locale, or None."""
        for stored in self.record.versions(key):
            read = self.compiled.piece(stored, self.stored[release])
            if read is not None and self.record.piece_worth(read, locale, self.now).is_approved:
                return read.digests[locale]
        return None

    def releases_given(self) -> list[str]:
        active = [self.in_force.release] if self.in_force.release is not None else []
        return list(dict.fromkeys([*active, *publishing.releases_in_use(self.connection, self.journey)]))

    def open_publication(self) -> tuple[Publication | None, datetime | None]:
        """The publication that new enrollments get, and when its approval ends."""
        release = self.in_force.release
        for one in self.record.history:
            if one.release != release:
                continue
            found = [self.record.structure_worth(one, locale, self.now) for locale in self.locales(one.release)]
            if all(part.is_approved for part in found):
                return one, min((part.expires_at for part in found if part.expires_at is not None), default=None)
        return None, None

    def releases(self) -> list[ReleaseStanding]:
        in_use = set(publishing.releases_in_use(self.connection, self.journey))
        given = self.given()
        activated = {step.subject.key for step in self.record.steps if step.kind == "activated"}
        found = []
        for release in dict.fromkeys(one.release for one in self.record.history):
            publication = next(one for one in self.record.history if one.release == release)
            structure = tuple(self.standing_of(one, given) for one in self.of_structure(publication))
            stored = publishing.find_release(self.connection, release)
            assert stored is not None
            word = self.word_of(release, structure, was_active=release in activated)
            found.append(
                ReleaseStanding(release, stored.number, word, stored.published_at, release in in_use, structure)
            )
        return sorted(found, key=lambda one: -one.number)

    def word_of(self, release: str, structure: Sequence[Standing], *, was_active: bool) -> Word:
        words = {one.word for one in structure}
        if "recalled" in words:
            return "recalled"
        if release == self.in_force.release:
            return "active"
        if was_active:
            return "superseded"
        if words <= {"approved", "active"}:
            return "approved"
        return "draft" if "draft" in words else "in_review"

    def wanting(self) -> Iterator[tuple[str, str]]:
        """The tasks that must be open, title by id: what patients would be given, were it approved."""
        for release in self.releases_given():
            for locale in self.locales(release):
                spoken = [one for one in self.record.history if one.release == release]
                if not any(self.record.structure_worth(one, locale, self.now).is_approved for one in spoken):
                    yield self.task("structure", release, locale, errors.TASK_STRUCTURE, self.number(release))
                for key in self.record.history[0].content:
                    fits = any(self.compiled.piece(one, self.stored[release]) for one in self.record.versions(key))
                    is_whole = all(one.is_intact for one in self.record.versions(key))
                    if (fits or not is_whole) and self.given_of(key, release, locale) is None:
                        yield self.task("piece", key, locale, errors.TASK_PIECE, key)

    def task(self, kind: str, key: str, locale: str, text: str, name: object) -> tuple[str, str]:
        return derived_id("approval", self.journey, kind, key, locale), text.format(name, locale)


def _said(name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    """A text that somebody must give.

    Raises:
        Refused: it is missing, or too long.
    """
    said = text.strip()
    if not said or len(said) > longest or "\0" in said:
        raise Refused({name: [errors.SAY_SOMETHING.format(longest)]})
    return said
