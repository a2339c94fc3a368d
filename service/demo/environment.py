"""One demonstration: its patients, their tokens, its clock and its files, for the page and the command line."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from journeys.primitives.errors import CallerError, Refused
from service.access.tokens import PatientTokenRequest, create_token, mint_patient_token
from service.demo.clock import MovableClock
from service.demo.files import WatchedFiles
from service.demo.handset import Handset
from service.demo.patients import JOURNEY, DemoPatient, allow_messages, seed
from service.demo.staff import Staff, add_staff
from service.enrollments.report import migrate
from service.operations.heartbeats import accept_clock
from service.operations.registration_check import list_registrations
from service.operations.sender import send_due
from service.operations.store.overview import oldest_due
from service.operations.worker import Worker
from service.outreach.outbox import Outbox
from service.outreach.store.messages import next_instant
from service.publishing.publish import Publishing
from service.publishing.service import Service
from service.publishing.store import releases as release_rows
from service.registration.blueprint import send_by
from service.sign_in.codes import make_codes

SCOPES = ("enroll", "report", "read", "staff")
#: The clock may be moved on by years; the patients' tokens stay good.
A_CENTURY = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens in the page and in the printed commands: of staff, of an app, and of each patient by reference."""

    clinic: str
    phone: str
    patients: dict[str, str]


class Demonstration:
    """Made-up patients in a service whose clock can be moved."""

    def __init__(self, app: Flask, service: Service, clock: MovableClock, definitions: Path, content: Path) -> None:
        self.service = service
        self.clock = clock
        self.files = WatchedFiles(service, definitions, content, self._move_patients)
        self.patients: list[DemoPatient] = []
        self.round = 0
        self.handset = Handset()
        self.outbox = Outbox(service=service, channels=self.handset.channels())
        send_by(app, self.outbox)  # the codes of who joins
        self._app = app
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None
        self._staff: Staff | None = None

    @property
    def tokens(self) -> Tokens:
        """The tokens of this demonstration."""
        assert self._tokens is not None, "the demonstration has not begun"
        return self._tokens

    @property
    def staff(self) -> Staff:
        """The accounts that may sign in at `/room` or `/care`."""
        assert self._staff is not None, "the demonstration has not begun"
        return self._staff

    def programmes_to_join(self) -> list[str]:
        """The keys of the programmes that people can join by themselves."""
        channels = self.outbox.channels
        return [
            each.programme for each in list_registrations(self.service.database, self.clock) if each.is_open(channels)
        ]

    def begin(self) -> Publishing:
        """Publish the files; without errors, create tokens, staff and patients."""
        done = self.files.check()
        if done.is_done:
            clinic = create_token(self.service, name="demo-clinic", scopes=SCOPES).text
            phone = create_token(self.service, name="demo-phone", scopes=("report", "read")).text
            self._tokens = Tokens(clinic, phone, {})
            self._staff = add_staff(self.service, self._locales())
            self.start_over()
        return done

    def start_over(self) -> None:
        """Enroll the three patients anew, and set the clock to the real time."""
        with self._lock:
            self.clock.reset()
            self.round += 1
            today = self.clock().date()
            self.patients = seed(self._app, self.tokens.clinic, today, round_number=self.round, travel=self._travel)
            self.clock.reset()
            self.fire()
            for patient in self.patients:
                request = PatientTokenRequest(patient_ref=patient.reference, journey=None, expires_in=A_CENTURY)
                token = mint_patient_token(self.service, request).text
                self.tokens.patients[patient.ref] = token
                allow_messages(self._app, token, patient)
            send_due(self.outbox)

    def pass_time(self, duration: str) -> None:
        """Move the clock forward, from one instant to the next at which a timer or a message is due.

        Raises:
            ValueError: the text is not a duration, or the duration is not longer than zero.
        """
        with self._lock:
            end = self.clock.after(duration)
            self._do_what_is_due()
            last = self.clock()
            while (instant := self._next_instant()) is not None and last < instant < end:
                last = instant
                self.clock.move_to(instant)
                self._do_what_is_due()
            self.clock.move_to(end)
            self._do_what_is_due()

    def deliver(self) -> None:
        """Send the messages that are due, and the codes that were asked for."""
        with self._lock:
            while make_codes(self.service):
                pass
            send_due(self.outbox)

    def fire(self) -> int:
        """Fire the timers that are due, and return the number of their enrollments."""
        accept_clock(self.service)
        return Worker(self.service, 0.0).fire_all()

    def _do_what_is_due(self) -> None:
        self.fire()
        send_due(self.outbox)

    def _next_instant(self) -> datetime | None:
        with self.service.database.reading() as connection:
            instants = (oldest_due(connection), next_instant(connection))
        return min((instant for instant in instants if instant is not None), default=None)

    def _locales(self) -> set[str]:
        with self.service.database.reading() as connection:
            releases = self.service.library.releases(connection)
            newest = [
                release_rows.newest_publication(connection, journey)
                for journey in release_rows.journeys_published(connection)
            ]
            return {
                locale
                for publication in newest
                if publication
                for locale in releases[publication.release].plan.journey.locales
            }

    def _travel(self, instant: datetime) -> None:
        self.clock.move_to(instant)
        self.fire()

    def _move_patients(self, journey: str, release: str) -> Iterable[str]:
        """Migrate the patients whose states all have a target in a new release, and yield a sentence for each."""
        for patient in self.patients if journey == JOURNEY else ():
            try:
                migrate(self.service, enrollment=patient.enrollment, to=release, mapping={}, id=f"to-{release[:16]}")
                yield f"{patient.name} was migrated to it."
            except Refused as refused:
                lost = ", ".join(name.removeprefix("map.") for name in refused.fields)
                yield f"{patient.name} stays in the earlier release: the new release has no target for {lost}."
            except CallerError as error:
                yield f"{patient.name} stays in the earlier release: {error.detail}"
