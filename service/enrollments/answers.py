"""The parts of an answer about an enrollment, and the pieces that it gives to the patient; used in a transaction."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.screen import (
    Reportable,
    Screen,
    draw,
    reportable_by_caregiver,
    shared_marks,
    shared_screen,
)
from journeys.primitives.locales import served_locale
from service.access.caller import Caller
from service.effects.store.disclosures import PieceDisclosure, disclosures_in_stays, record_disclosures
from service.effects.store.tasks import open_tasks
from service.enrollments.content import ContentOptions, DescribedPiece, locale_for
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.views import (
    ChosenContent,
    CurrentState,
    EnrollmentEnd,
    View,
    choose_content,
    current_state,
    end_of,
    with_staff_details,
)
from service.publishing.servable import ServableContent
from service.publishing.service import Service
from service.surveys.measure import may_measure


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The answer to a report: the stored decision, the current state, and the screen if it was requested."""

    decision: bytes
    now: CurrentState
    tag: str
    is_replay: bool
    view: DrawnScreen | None = None
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class EnrollmentAnswer:
    """An enrollment as its caller may see it; `tag` names the caller's view of its state.

    `seen` is the view of an answer that follows from the view alone, else None: staff also see open tasks.
    """

    stored: StoredEnrollment
    release: str
    now: CurrentState
    tag: str
    is_replay: bool = False
    seen: CallerView | None = None

    @property
    def id(self) -> str:
        """The enrollment's id."""
        return self.stored.id


@dataclass(frozen=True, slots=True)
class ContentAnswer:
    """The content of an enrollment as its caller may see it; `tag` names the caller's view of its state."""

    items: Sequence[DescribedPiece]
    locale: str
    tag: str
    seen: CallerView


@dataclass(frozen=True, slots=True)
class CallerView:
    """A view with the content chosen for it."""

    view: View
    servable: ServableContent
    chosen: ChosenContent


@dataclass(frozen=True, slots=True)
class DrawnScreen:
    """A screen, and the told view with the pieces on it.

    `asks_permitted`: whether a survey on it depends on what the person allows, beside the view.
    """

    screen: Screen
    seen: CallerView
    asks_permitted: bool = False

    @property
    def follows_from(self) -> CallerView | None:
        """The view, if the screen follows from it alone."""
        return None if self.asks_permitted else self.seen

    @property
    def ended(self) -> EnrollmentEnd | None:
        """How the enrollment ended, or None."""
        return end_of(self.seen.view, self.seen.servable.catalogue.plan, self.screen.locale)


def view_for_caller(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    options: ContentOptions,
    now: datetime,
) -> CallerView:
    """The view of a caller on an enrollment that was folded to now, with its content."""
    caller.disclose(stored)
    view = View(stored, caller.sees_truth, now, caller.grants)
    servable = _servable_content_of(service, connection, view, options.locale)
    return CallerView(view, servable, choose_content(view, servable, options))


def told_view(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    locale: str | None,
    now: datetime,
) -> CallerView:
    """The told view without content: the same for every caller but caregivers, who see a part of it."""
    caller.disclose(stored)
    view = View(stored, False, now, caller.grants)
    servable = _servable_content_of(service, connection, view, locale)
    return CallerView(
        view, servable, ChosenContent(locale_for(servable, locale or stored.locale), ContentOptions(locale), ())
    )


def draw_screen(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    locale: str | None,
    now: datetime,
) -> DrawnScreen:
    """The screen of an enrollment that was folded to now."""
    seen = told_view(service, connection, caller, stored, locale, now)
    view, chosen, grants = seen.view, seen.chosen, caller.grants
    marks = view.shown.marks if view.shown is not None else {}
    questions = seen.servable.questions(view.shown, view.at, chosen.locale) if view.shown is not None else None
    asks_permitted = questions is not None and questions.measures and grants is None
    if view.shown is not None and asks_permitted and not may_measure(connection, stored.person, now):
        questions = seen.servable.questions(view.shown, view.at, chosen.locale, may_measure=False)
    to_answer = questions.facts if questions is not None else None
    can_report: Sequence[Reportable] | None = None
    if view.shown is not None and not view.ended:
        can_report = (
            seen.servable.reportable(view.shown, chosen.locale, to_answer)
            if grants is None
            else reportable_by_caregiver(seen.servable.catalogue, view.shown, chosen.locale, grants, to_answer)
        )
    screen = draw(
        seen.servable.catalogue,
        None if seen.servable.is_silent else view.shown,
        view.at,
        chosen.locale,
        marks=marks if grants is None else shared_marks(marks),
        can_report=can_report,
        values=seen.servable.values,
    )
    if questions is not None:
        screen = questions.on(screen)
    screen = screen if grants is None else shared_screen(screen, seen.servable.catalogue.plan, grants)
    shown = ChosenContent(chosen.locale, chosen.options, [card.selected for card in screen.cards])
    return DrawnScreen(screen, CallerView(view, seen.servable, shown), asks_permitted)


@dataclass(frozen=True, slots=True)
class ReportView:
    """The view of the caller after a report, the screen if requested, and the disclosures to store."""

    seen: CallerView
    screen: DrawnScreen | None
    disclosures: Sequence[PieceDisclosure]


def view_for_report(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    options: ContentOptions,
    now: datetime,
) -> ReportView:
    """The view for the answer to a report."""
    seen = view_for_caller(service, connection, caller, stored, options, now)
    disclosures = new_disclosures(service, caller, seen)
    if not options.view:
        return ReportView(seen, None, disclosures)
    screen = draw_screen(service, connection, caller, stored, options.locale, now)
    of_screen = new_disclosures(service, caller, screen.seen)
    return ReportView(seen, screen, list(dict.fromkeys([*disclosures, *of_screen])))


def answer_reports(
    connection: Connection,
    caller: Caller,
    view: ReportView,
    decisions: Sequence[bytes],
    *,
    is_replay: bool = False,
    revised: bool = False,
) -> list[ReportAnswer]:
    """The answers to reports of one call, after they were stored; `revised`: a result is not that of its decision."""
    now = current_state_for(connection, caller, view.seen, revised=revised)
    tag = view.seen.view.tag
    is_sandbox = view.seen.view.stored.is_sandbox
    return [ReportAnswer(decision, now, tag, is_replay, view.screen, is_sandbox) for decision in decisions]


def count_report(answer: ReportAnswer) -> None:
    """Counts a report in the metrics; those of sandboxes are not counted."""
    from service.platform import metrics  # a command that reports has no metrics, and need not import Prometheus

    if not answer.is_sandbox:
        metrics.count_event(answer.decision, is_replay=answer.is_replay)


def current_state_for(
    connection: Connection, caller: Caller, view: CallerView, *, revised: bool | None = None
) -> CurrentState:
    """The current state as the caller may see it; staff also see what is held, waits and must be done."""
    current = current_state(view.view, view.servable, view.chosen, revised=revised)
    if not caller.sees_truth:
        return current
    return with_staff_details(current, view.view, open_tasks(connection, view.view.stored.id))


def answer_enrollment(
    connection: Connection, caller: Caller, view: CallerView, *, is_replay: bool = False
) -> EnrollmentAnswer:
    """The answer about an enrollment for a caller."""
    seen = view.view
    return EnrollmentAnswer(seen.stored, seen.release, current_state_for(connection, caller, view), seen.tag, is_replay)


def new_disclosures(service: Service, caller: Caller, view: CallerView) -> list[PieceDisclosure]:
    """The pieces that an answer gives to the patient or a caregiver and that are not stored yet; none to staff."""
    if caller.sees_truth or not view.chosen.pieces:
        return []
    chosen, enrollment = view.chosen, view.view.stored.id
    by_key: dict[Hashable, PieceDisclosure] = {}
    for selected in chosen.pieces:
        piece = selected.piece
        disclosure = PieceDisclosure(
            piece.key,
            piece.version,
            selected.stay.id,
            chosen.locale,
            chosen.options.channel,
            view.view.at,
            caller.caregiver.id if caller.caregiver is not None else None,
        )
        by_key[_key_of(enrollment, disclosure)] = disclosure
    missing = service.shown.missing(by_key)
    return [disclosure for key, disclosure in by_key.items() if key in missing]


def remember_disclosures(service: Service, enrollment: str, disclosures: Sequence[PieceDisclosure]) -> None:
    """Remembers, after the transaction, which disclosures are stored, so that they are not stored again."""
    service.shown.add(_key_of(enrollment, disclosure) for disclosure in disclosures)


def store_new_disclosures(service: Service, enrollment: str, disclosures: Sequence[PieceDisclosure]) -> None:
    """Stores what a read gives to the patient, in a transaction of its own, before the answer leaves.

    It is looked up first: what another process gave before needs no transaction, which on SQLite waits for all others.
    """
    if disclosures:
        with service.database.reading() as connection:
            stays = {disclosure.stay for disclosure in disclosures}
            before = {_key_of(enrollment, stored) for stored in disclosures_in_stays(connection, enrollment, stays)}
        new = [disclosure for disclosure in disclosures if _key_of(enrollment, disclosure) not in before]
        if new:
            with service.database.writing() as connection:
                record_disclosures(connection, enrollment, new)
        remember_disclosures(service, enrollment, disclosures)


def _servable_content_of(service: Service, connection: Connection, view: View, locale: str | None) -> ServableContent:
    """The servable content for a view in a locale (None: the enrollment's), with the values of its programme.

    Content is approved by the clock of the service: a sandbox whose clock is years ahead shows what is approved now.
    """
    release = service.library.releases(connection)[view.release]
    stored = view.stored
    served = served_locale(locale or stored.locale, release.plan.journey.locales)
    servable = service.library.servable_content(
        connection,
        release,
        stored.standing,
        stored.programme,
        locale=served,
        now=service.clock() if stored.is_sandbox else view.at,
    )
    return servable if view.grants is None else servable.shared_with(view.grants)


def _key_of(enrollment: str, disclosure: PieceDisclosure) -> Hashable:
    """A disclosure without its time: it is stored once."""
    return (enrollment, *disclosure.key)
