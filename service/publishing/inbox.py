"""The inbox of the room: what waits for whom since when, what ends soon, what was rejected, comments. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.review.approval import Subject
from service.access.store.accounts import Account
from service.publishing.approvals import ApprovalStatus, functions_to_sign
from service.publishing.approvals.policy import SubjectVersion
from service.publishing.approvals.record import JourneyApprovals
from service.publishing.approvals.renewal import renewable_from
from service.publishing.service import Service
from service.publishing.store import comments, releases
from service.publishing.store.comments import Comment


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text that waits for the signature of a function since it was published, or submitted again."""

    status: ApprovalStatus
    function: str
    since: datetime


@dataclass(frozen=True, slots=True)
class EndingText:
    """An approved text of which a signature can be renewed since an instant; `ends` is the end of its approval."""

    status: ApprovalStatus
    since: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class RejectedText:
    """A rejected text that nobody has corrected or submitted again; `people` are the accounts that wrote or signed it.

    They are names of accounts.
    """

    status: ApprovalStatus
    people: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenComment:
    """An open comment on a piece that is published; `since` is its last step.

    Attributes:
        comment: the comment.
        number: the newest version of the piece.
        writers: the names of the accounts that published a version of the piece first.
        signers: the names of the accounts that signed a version in this language.
        since: the instant of the comment, or of the last answer to it.
    """

    comment: Comment
    number: int
    writers: frozenset[str]
    signers: frozenset[str]
    since: datetime

    def concerns(self, account: Account) -> str:
        """Return why an account reads it: `wrote`, `signed`, `takes part`; empty where it need not."""
        if account.id == self.comment.last_account:
            return ""
        if account.name in self.writers:
            return "wrote"
        if account.name in self.signers:
            return "signed"
        return "takes part" if account.id in self.comment.accounts else ""


@dataclass(frozen=True, slots=True)
class WaitingTexts:
    """The texts of a journey that wait for the signature of one function in one language.

    Attributes:
        journey: the key of the journey.
        function: the function that must sign.
        locale: the language.
        count: the number of texts.
        since: the instant since which the first of them waits.
        reviewers: the names of those who may sign one of them, in order.
    """

    journey: str
    function: str
    locale: str
    count: int
    since: datetime
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What reviewers and authors have to do.

    Attributes:
        waiting: what waits for signatures.
        ending: the approved texts of which a signature can be renewed, the first end first.
        rejected: the rejected texts, the last rejection first.
        comments: the open comments, the last step first.
    """

    waiting: Sequence[WaitingText] = ()
    ending: Sequence[EndingText] = ()
    rejected: Sequence[RejectedText] = ()
    comments: Sequence[OpenComment] = ()

    def __len__(self) -> int:
        return len(self.waiting) + len(self.ending) + len(self.rejected) + len(self.comments)

    def of(self, account: Account) -> Inbox:
        """Return what an account has to do: sign, renew, correct what it wrote or signed, answer."""
        return Inbox(
            [item for item in self.waiting if item.function in functions_to_sign(account, item.status)],
            [item for item in self.ending if functions_to_sign(account, item.status)],
            [item for item in self.rejected if account.name in item.people],
            [item for item in self.comments if item.concerns(account)],
        )

    def since(self, instant: datetime) -> Inbox:
        """Return what came after an instant."""
        return Inbox(
            [item for item in self.waiting if item.since > instant],
            [item for item in self.ending if item.since > instant],
            [item for item in self.rejected if item.since > instant],
            [item for item in self.comments if item.since > instant],
        )

    def waiting_texts(self, accounts: Iterable[Account]) -> list[WaitingTexts]:
        """Return what waits by journey, function and language, the longest first, with those accounts that may sign."""
        groups: dict[tuple[str, str, str], list[WaitingText]] = {}
        for item in self.waiting:
            subject = item.status.subject
            groups.setdefault((subject.journey, item.function, subject.locale), []).append(item)
        enabled = [account for account in accounts if account.disabled_at is None]
        lines = [
            WaitingTexts(
                journey,
                function,
                locale,
                len(items),
                min(item.since for item in items),
                tuple(
                    account.printed_name
                    for account in enabled
                    if any(function in functions_to_sign(account, item.status) for item in items)
                ),
            )
            for (journey, function, locale), items in groups.items()
        ]
        return sorted(lines, key=lambda line: (line.since, line.journey, line.function, line.locale))


def read_inbox(service: Service, *, now: datetime) -> Inbox:
    """Return the inbox of all journeys for everybody; `now` is the current instant."""
    waiting: list[WaitingText] = []
    ending: list[EndingText] = []
    rejected: list[RejectedText] = []
    open_comments: list[OpenComment] = []
    with service.database.reading() as connection:
        for journey in releases.journeys_published(connection):
            record = JourneyApprovals(service, connection, journey, now)
            people = _People(record)
            for status in record.current_statuses():
                if status.word == "in_review":
                    since = _since(record, status)
                    waiting += [WaitingText(status, function, since) for function in status.missing]
                if status.ending and status.expires_at is not None:
                    ending.append(EndingText(status, _ending_since(status, now), status.expires_at))
                if status.rejection is not None:
                    subject = status.subject
                    concerned = people.writers_of(subject) | people.signers_of(subject)
                    rejected.append(RejectedText(status, concerned, status.rejection.at))
            for comment in comments.list_of_journey(connection, journey):
                newest = next(record.record.versions(comment.piece), None)
                if not comment.is_open or newest is None or comment.piece not in record.record.history[0].content:
                    continue
                subject = Subject(journey, "piece", comment.piece, comment.locale)
                writers, signers = people.writers_of(subject), people.signers_of(subject)
                open_comments.append(OpenComment(comment, newest.number, writers, signers, comment.last_at))
    return Inbox(
        waiting,
        sorted(ending, key=lambda item: item.ends),
        sorted(rejected, key=lambda item: item.since, reverse=True),
        sorted(open_comments, key=lambda item: item.since, reverse=True),
    )


class _People:
    """Who wrote and who signed the texts of a journey, by the names of their accounts; no version is told apart."""

    def __init__(self, record: JourneyApprovals) -> None:
        self._writers: dict[tuple[str, str], set[str]] = {}
        self._signers: dict[tuple[str, str, str], set[str]] = {}
        published: set[tuple[str, str, str]] = set()
        for publication in reversed(record.record.history):
            versions = {("piece", key, version) for key, version in publication.content.items()}
            versions.add(("structure", publication.release, publication.release))
            for kind, key, _ in versions - published if publication.author is not None else ():
                self._writers.setdefault((kind, key), set()).add(publication.author or "")
            published |= versions
        for step in record.record.steps:
            if step.kind == "approved":
                subject = step.subject
                self._signers.setdefault((subject.kind, subject.key, subject.locale), set()).add(step.account)

    def writers_of(self, subject: Subject) -> frozenset[str]:
        return frozenset(self._writers.get((subject.kind, subject.key), ()))

    def signers_of(self, subject: Subject) -> frozenset[str]:
        return frozenset(self._signers.get((subject.kind, subject.key, subject.locale), ()))


def _since(record: JourneyApprovals, status: ApprovalStatus) -> datetime:
    """Return the instant at which a text was published, or last submitted again."""
    version = SubjectVersion(status.subject, status.digest, purpose=status.purpose)
    submitted = record.case_of(version).last("submitted")
    return submitted.at if submitted is not None else record.published_at(status.subject, status.version)


def _ending_since(status: ApprovalStatus, now: datetime) -> datetime:
    """Return the instant since which the first of the signatures that end can be renewed."""
    last = {step.function: step for step in status.signatures}
    return min((renewable_from(last[name]) or now for name in status.ending), default=now)
