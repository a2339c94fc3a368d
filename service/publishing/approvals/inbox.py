"""The inbox of the room: what waits for whom since when, what ends soon, and what was rejected. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access.store.accounts import Account
from service.publishing.approvals.policy import ApprovalStatus, SubjectVersion
from service.publishing.approvals.record import JourneyApprovals
from service.publishing.service import Service
from service.publishing.store import releases


@dataclass(frozen=True, slots=True)
class WaitingTexts:
    """The texts of a journey that wait for the signature of one function in one language.

    Attributes:
        journey: the key of the journey.
        function: the function that must sign.
        locale: the language.
        count: the number of texts.
        since: the instant at which the first of them was published, or submitted again.
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
        waiting: what waits for signatures, the longest first.
        ending: the approved texts of which a signature can be renewed, the first end first.
        rejected: the rejected texts that nobody has corrected or submitted again, the last rejection first.
    """

    waiting: Sequence[WaitingTexts]
    ending: Sequence[ApprovalStatus]
    rejected: Sequence[ApprovalStatus]


def read_inbox(service: Service, accounts: Iterable[Account], *, now: datetime) -> Inbox:
    """Return the inbox of all journeys.

    Args:
        service: the service.
        accounts: every account; those of reviewers that are not disabled may sign.
        now: the current instant.
    """
    reviewers = [account for account in accounts if "reviewer" in account.roles and account.disabled_at is None]
    waiting: list[WaitingTexts] = []
    statuses: list[ApprovalStatus] = []
    with service.database.reading() as connection:
        for journey in releases.journeys_published(connection):
            record = JourneyApprovals(service, connection, journey, now)
            of_journey = record.current_statuses()
            statuses += of_journey
            waiting += _waiting_texts(record, of_journey, reviewers)
    ending = [status for status in statuses if status.ending and status.expires_at is not None]
    rejected = [status for status in statuses if status.rejection is not None]
    return Inbox(
        waiting=sorted(waiting, key=lambda line: (line.since, line.journey, line.function, line.locale)),
        ending=sorted(ending, key=lambda status: status.expires_at or now),
        rejected=sorted(rejected, key=lambda status: status.rejection.at if status.rejection else now, reverse=True),
    )


def _waiting_texts(
    record: JourneyApprovals, statuses: Iterable[ApprovalStatus], reviewers: Sequence[Account]
) -> list[WaitingTexts]:
    by_function: dict[tuple[str, str], list[ApprovalStatus]] = {}
    for status in statuses:
        for function in status.missing if status.word == "in_review" else ():
            by_function.setdefault((function, status.subject.locale), []).append(status)
    return [
        WaitingTexts(
            record.journey,
            function,
            locale,
            len(waiting),
            min(_since(record, status) for status in waiting),
            tuple(
                account.printed_name
                for account in reviewers
                if function in account.functions
                and locale in account.locales
                and any(function in status.open_to(account.name) for status in waiting)
            ),
        )
        for (function, locale), waiting in by_function.items()
    ]


def _since(record: JourneyApprovals, status: ApprovalStatus) -> datetime:
    """Return the instant at which a text was published, or last submitted again."""
    version = SubjectVersion(status.subject, status.digest, purpose=status.purpose)
    submitted = record.case_of(version).last("submitted")
    return submitted.at if submitted is not None else record.published_at(status.subject, status.version)
