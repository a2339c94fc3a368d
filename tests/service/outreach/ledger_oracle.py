"""The oracle of the audit: what the tables and the notes of a run say against attempts, letters and answers.

It shares no code with the gate, with what justifies messages, or with the fold: every rule is written anew.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from service.permission.store import list_entries
from service.platform.database import tables
from service.platform.database.payload import unseal
from tests.service.outreach.daily_journey import DAYS, NOT_AGAIN, REMINDERS, TOPICS
from tests.service.outreach.random_clinic import START, RandomClinic

DAY = timedelta(days=1)
LAST = datetime.max.replace(tzinfo=UTC)
ARRIVED = ("begun", "accepted", "lost")
PURPOSES = ("education", "treatment", "adherence", "support")
#: By what a person wrote: the reply, for how long it is of use, and how long after another it does not go.
REPLY_RULES = {
    "revokes": ("reply-opt-out", timedelta(minutes=5), timedelta()),
    "asks_for_help": ("reply-help", DAY, timedelta(minutes=10)),
    "free_text": ("reply-unknown", DAY, DAY),
}


def allowed_by(entries, purpose: str, channel: str, at: datetime) -> bool:
    """The rule of the ledger: the last word before an instant counts, a no before a yes."""
    last = None
    for entry in entries:
        if entry.occurred_at > at or entry.purpose not in (None, purpose) or entry.channel not in (None, channel):
            continue
        key = (
            entry.occurred_at,
            entry.kind == "revoke",
            -(entry.until or datetime.max.replace(tzinfo=UTC)).timestamp(),
        )
        if last is None or key > last[0]:
            last = (key, entry)
    return last is not None and last[1].kind == "grant" and (last[1].until is None or last[1].until > at)


class Oracle:
    """Looks at the tables after a run."""

    def __init__(self, run: RandomClinic) -> None:
        self.run = run
        people = set(run.persons.values())
        with run.clinic.service.database.reading() as connection:

            def rows(table) -> list:
                return connection.execute(select(table)).all()

            self.messages = {row.id: row for row in rows(tables.messages) if row.person in people}
            self.attempts = sorted(
                (row for row in rows(tables.attempts) if row.person in people), key=lambda row: row.sequence
            )
            self.letters = [row for row in rows(tables.letters) if row.person in people]
            self.words = sorted(
                (row for row in rows(tables.inbound) if row.person in people), key=lambda row: row.received_at
            )
            self.receipts = rows(tables.receipts)
            self.journeys = {row.id: row.journey for row in rows(tables.enrollments)}
            self.recalls = {row.key: row.at for row in rows(tables.approvals) if row.step == "recalled"}
            self.ledgers = {person: list_entries(connection, person) for person in people}
            self.events = defaultdict(list)
            for row in rows(tables.events):
                if row.entry == "event":
                    self.events[row.enrollment].append((row, unseal(row.payload).get("type")))
        self.contents = {id: unseal(row.payload) for id, row in self.messages.items()}

    def faults(self) -> list[str]:
        """Everything that should not have been."""
        return [fault for check in self.checks for fault in check(self)]

    def piece(self, message: str) -> str:
        return self.contents[message]["piece"]

    def journey(self, message: str) -> str:
        return self.journeys[self.messages[message].enrollment]

    def is_answer(self, message: str) -> bool:
        return self.contents[message]["kind"] == "answer"

    def arrived(self, enrollment: str, piece: str, at: datetime) -> dict[str, datetime]:
        """The messages of a piece that may have arrived as of an instant: when each of them first did.

        A letter counts while it waits for printing, until it is withdrawn.
        """
        withdrawn = {letter.message: letter.changed_at for letter in self.letters if letter.status == "withdrawn"}
        firsts: dict[str, datetime] = {}
        for attempt in self.attempts:
            message = attempt.message
            is_queued = (attempt.channel, attempt.result) == ("post", "withdrawn") and withdrawn.get(message, at) > at
            is_of_piece = self.piece(message) == piece and self.messages[message].enrollment == enrollment
            if is_of_piece and (attempt.result in ARRIVED or is_queued):
                firsts.setdefault(message, attempt.at)
        return firsts

    # --- what was so at an instant -----------------------------------------------------------------------------

    def active(self, enrollment: str, at: datetime) -> list[tuple[datetime, str]]:
        """The events that counted at an instant, in the order in which they happened."""
        return sorted(
            (row.occurred_at, kind)
            for row, kind in self.events[enrollment]
            if row.arrived_at <= at and (row.retracted_at is None or row.retracted_at > at)
        )

    def course(self, enrollment: str, at: datetime) -> tuple[str, datetime]:
        """The state of the course at an instant, and since when."""
        state, since = "going_on", START
        for occurred_at, kind in self.active(enrollment, at):
            if (state, kind) in (("going_on", "paused"), ("resting", "told")):
                state, since = ("resting", occurred_at) if kind == "paused" else ("going_on", occurred_at)
        return state, since

    def has_ended(self, enrollment: str, at: datetime) -> bool:
        return any(kind == "left" for _, kind in self.active(enrollment, at))

    def is_explained(self, enrollment: str, at: datetime) -> bool:
        """Whether staff told the patient that it is worse."""
        active = self.active(enrollment, at)
        worse = min((occurred_at for occurred_at, kind in active if kind == "worse"), default=None)
        return worse is not None and any(kind == "explained" and on >= worse for on, kind in active)

    def zone(self, person: str, at: datetime) -> ZoneInfo:
        return ZoneInfo([zone for since, zone in self.run.zones[person] if since <= at][-1])

    def preferred(self, person: str, name: str, at: datetime, default=None):
        """A preference of a person at an instant."""
        return [chosen for since, chosen in self.run.preferences[person] if since <= at][-1].get(name, default)

    # --- checks ------------------------------------------------------------------------------------------------

    def permission(self) -> Iterator[str]:
        for attempt in self.attempts:
            known = [each.entry for each in self.ledgers[attempt.person] if each.sequence < attempt.sequence]
            is_allowed = allowed_by(known, attempt.purpose, attempt.channel, attempt.at)
            if not is_allowed and not self.is_answer(attempt.message):
                yield f"no permission: {attempt}"

    def quiet_hours(self) -> Iterator[str]:
        for attempt in self.attempts:
            minute = f"{attempt.at.astimezone(self.zone(attempt.person, attempt.at)):%H:%M}"
            quiet = self.preferred(attempt.person, "quiet", attempt.at) or {"start": "21:00", "end": "08:00"}
            is_quiet = within("21:00", "08:00", minute) or within(quiet["start"], quiet["end"], minute)
            if is_quiet and attempt.channel in ("sms", "push") and not self.is_answer(attempt.message):
                yield f"quiet hours: {attempt}"

    def ways_out(self) -> Iterator[str]:
        """Each message is justified at every attempt, and a letter also at its printing."""
        for attempt in self.attempts:
            if fault := self.objection(attempt.message, attempt.at):
                yield f"{fault}: {attempt}"
        for letter in self.letters:
            if letter.batch is None:
                continue
            at = self.run.printed[letter.batch]
            if fault := self.objection(letter.message, at):
                yield f"printed, {fault}: {letter}"
            known = [each.entry for each in self.ledgers[letter.person] if each.recorded_at <= at]
            if not allowed_by(known, self.contents[letter.message]["purpose"], "post", at):
                yield f"printed without permission: {letter.id}"

    def objection(self, message: str, at: datetime) -> str | None:
        """Why a message may not go at an instant, by what patients are told then."""
        row, piece = self.messages[message], self.piece(message)
        if self.recalls.get(piece, at) < at:
            return "recalled"
        if self.is_answer(message):
            return None
        if TOPICS.get(piece) in self.preferred(row.person, "topics_off", at, []):
            return "its topic is off"
        pause = self.preferred(row.person, "paused_until", at)
        if pause is not None and at < datetime.fromisoformat(pause):
            return "paused"
        enrollment = row.enrollment
        if self.has_ended(enrollment, at):
            return "ended"
        if piece == "day-1" and self.run.migrated_at.get(enrollment, at) < at:
            return "not in this release"
        if piece == "bad-news":
            return None if self.is_explained(enrollment, at) else "not told"
        state, since = self.course(enrollment, at)
        if state != ("resting" if piece == "rest" else "going_on"):
            return "the state was left"
        return self.untimely(message, since, at)

    def untimely(self, message: str, since: datetime, at: datetime) -> str | None:
        """Whether a message is due and of use at an instant, in a state that has lasted since another."""
        row, piece, useful_for = self.messages[message], self.piece(message), 3 * DAY
        if piece in REMINDERS:
            dues = [since + day * DAY for day in range(1, DAYS) if f"day-{day % 3}" == piece]
            dues = [due for due in dues if due == row.due]
        elif piece == "welcome":
            dues = [first_nine(since, self.zone(row.person, at))]
        elif piece == "rest":
            dues, useful_for = [since + timedelta(hours=2)], DAY
        else:
            dues = [first + DAY for first in self.arrived(row.enrollment, "welcome", at).values()]
        return None if any(due <= at < due + useful_for for due in dues) else "not due, or of no use any more"

    def occasions(self) -> Iterator[str]:
        """Each page once for an entry, and each that follows another once for its sending."""
        for enrollment in self.run.enrollments:
            for piece in ("welcome", "rest"):
                firsts = sorted(self.arrived(enrollment, piece, LAST).items(), key=lambda pair: pair[1])
                for (_, before), (message, at) in itertools.pairwise(firsts):
                    if self.course(enrollment, at)[1] <= before:
                        yield f"twice for one occasion: {piece}, {message}"
            for number, at in enumerate(sorted(self.arrived(enrollment, "after-welcome", LAST).values()), 1):
                if number > sum(first + DAY <= at for first in self.arrived(enrollment, "welcome", at).values()):
                    yield f"it follows nothing: after-welcome at {at}"

    def repeats(self) -> Iterator[str]:
        for first, second in itertools.combinations(self.attempts, 2):
            piece = self.piece(first.message)
            if (
                first.person == second.person
                and first.message != second.message
                and piece == self.piece(second.message)
                and self.journey(first.message) == self.journey(second.message)
                and {first.result, second.result} <= {*ARRIVED}
                and second.at - first.at < self.pause(piece)
            ):
                yield f"the same again too soon: {second}"
        sent = [attempt.message for attempt in self.attempts if attempt.result == "accepted"]
        yield from (f"accepted twice: {message}" for message in set(sent) if sent.count(message) > 1)

    def pause(self, piece: str) -> timedelta:
        pauses = {reply: pause for reply, _, pause in REPLY_RULES.values()}
        return pauses[piece] if piece in pauses else NOT_AGAIN[piece]

    def order(self) -> Iterator[str]:
        for person, ledger in self.ledgers.items():
            sequences = [each.sequence for each in ledger]
            sequences += [attempt.sequence for attempt in self.attempts if attempt.person == person]
            if sorted(sequences) != list(range(1, len(sequences) + 1)):
                yield f"no single order: {person}"

    def contacts(self) -> Iterator[str]:
        """Nothing to a contact that the provider ended, or that the person may not want any more."""
        for attempt in self.attempts:
            ended = any(
                receipt.contact == attempt.contact and receipt.code == "410" and receipt.received_at < attempt.at
                for receipt in self.receipts
            )
            paused = any(
                (words.person, words.channel, words.reply) == (attempt.person, attempt.channel, "mentions")
                and words.received_at < attempt.at
                for words in self.words
            )
            if ended or (paused and not self.is_answer(attempt.message)):
                yield f"to a contact that is not good: {attempt}"

    def answers(self) -> Iterator[str]:
        """An answer goes to the contact that wrote, once, and an opt-out is confirmed to those who were reached."""
        answered = set()
        for message, row in self.messages.items():
            if not self.is_answer(message):
                continue
            contact = self.contents[message]["subject"]
            words = next(
                (each for each in self.words if (each.contact, each.received_at) == (contact, row.opened_at)), None
            )
            reply, useful_for, _ = REPLY_RULES.get(words.reply if words else "", (None, None, None))
            if words is None or words.id in answered or reply != self.piece(message):
                yield f"an answer to nothing: {message}"
                continue
            answered.add(words.id)
            ways = [attempt for attempt in self.attempts if attempt.message == message]
            if any((way.contact, way.channel) != (contact, words.channel) for way in ways):
                yield f"an answer to somebody else: {message}"
            if any(way.at >= words.received_at + useful_for for way in ways):
                yield f"an answer too late: {message}"
            known = [each.entry for each in self.ledgers[row.person] if each.recorded_at < words.received_at]
            was_reached = any(allowed_by(known, purpose, words.channel, words.received_at) for purpose in PURPOSES)
            if words.reply == "revokes" and not was_reached:
                yield f"an opt-out was confirmed again: {message}"

    checks = (permission, quiet_hours, ways_out, occasions, repeats, order, contacts, answers)


def within(start: str, end: str, minute: str) -> bool:
    """Whether a minute of the day (HH:MM) is in hours that may pass midnight."""
    return start <= minute < end if start < end else minute >= start or minute < end


def first_nine(since: datetime, zone: ZoneInfo) -> datetime:
    """The first nine o'clock in the morning of a zone that is not before an instant."""
    day = since.astimezone(zone).date()
    while (at := datetime.combine(day, time(9), zone).astimezone(UTC)) < since:
        day += DAY
    return at
