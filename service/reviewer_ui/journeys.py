"""Pages of journeys: what is published, a release with its diagram and pieces, a state, the review pack."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, url_for

from journeys.content.screen import journey_title, title_of
from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.publishing import approvals, review
from service.publishing.approvals import ApprovalStatus
from service.publishing.review import OpenRelease
from service.reviewer_ui.blueprint import NAME, blueprint, page, session, to
from service.reviewer_ui.looks import drawn, language_of, pack_of, ways_of
from service.reviewer_ui.signing import MEANINGS, may_reject, may_sign, standings

_RELEASE = "/journeys/<id:journey>/releases/<int(max=1000000):number>"


@blueprint.route("/")
def start() -> Response:
    """Where everybody begins."""
    return to("journeys")


@blueprint.route("/journeys")
def journeys() -> Response:
    """Every journey with its releases."""
    found = review.list_journeys(service())
    words = {
        one.release: one.word for journey in found for one in approvals.list_release_statuses(service(), journey.key)
    }
    waiting = {
        journey.key: sum(
            bool(may_sign(session().account, one)) for one in approvals.list_statuses(service(), journey.key)
        )
        for journey in found
    }
    return page("journeys", journeys=found, words=words, waiting=waiting, journey_title=journey_title)


@blueprint.route(_RELEASE)
def release(journey: str, number: int) -> Response:
    """A release: its diagram, its states and its pieces."""
    opened = review.open_release(service(), journey, number)
    links = _links(opened)
    locale = opened.plan.journey.locales[0]
    found = standings(journey)
    current = {one.release: one for one in approvals.list_release_statuses(service(), journey)}
    return page(
        "release",
        release=opened,
        waiting=_waiting(opened, found, current[opened.stored.id].structure),
        standing={
            (one.subject.key, one.version, one.subject.locale): one for one in found if one.subject.kind == "piece"
        },
        structure=current[opened.stored.id].structure,
        word=current[opened.stored.id].word,
        may_sign=lambda one: may_sign(session().account, one),
        may_reject=lambda one: may_reject(session().account, one),
        meanings=MEANINGS,
        signing=session(),
        is_confirmed=accounts.is_confirmed(service(), session()),
        title=journey_title(opened.plan, locale),
        diagrams={track: drawn(opened.plan, links, track=track) for track in opened.plan.journey.tracks},
        states=_states(opened),
        languages={locale: language_of(locale) for locale in opened.plan.journey.locales},
    )


@blueprint.route(f"{_RELEASE}/diagram")
def diagram(journey: str, number: int) -> Response:
    """The whole journey, drawn."""
    opened = review.open_release(service(), journey, number)
    locale = opened.plan.journey.locales[0]
    return page(
        "diagram",
        release=opened,
        title=journey_title(opened.plan, locale),
        diagram=drawn(opened.plan, _links(opened)),
    )


@blueprint.route(f"{_RELEASE}/states/<state>")
def state(journey: str, number: int, state: str) -> Response:
    """A state: where it lies, how it is left, and what is shown there."""
    opened = review.open_release(service(), journey, number)
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    track, _, path = state.partition(".")
    locale = opened.plan.journey.locales[0]
    declared = opened.plan.journey.tracks[track].states[path]
    return page(
        "state",
        release=opened,
        state=state,
        declared=declared,
        title=title_of(opened.plan, track, path, locale),
        titles={one: declared.title.get(one, "") for one in opened.plan.journey.locales},
        diagram=drawn(opened.plan, _links(opened), around=[state], lit=[state]),
        ways=ways_of(opened.plan, track, path, locale),
        pieces=opened.shown_in(state),
        locale=locale,
    )


@blueprint.route(f"{_RELEASE}/pack")
def pack(journey: str, number: int) -> Response:
    """The review pack of a release: every piece in every language and channel, on one page to print."""
    opened = review.open_release(service(), journey, number)
    title = journey_title(opened.plan, opened.plan.journey.locales[0])
    return page("pack", release=opened, title=title, pack=pack_of(opened), printed_at=service().clock())


def _links(opened: OpenRelease) -> dict[str, str]:
    key, number = opened.stored.journey, opened.stored.number
    return {
        full: url_for(f"{NAME}.state", journey=key, number=number, state=full)
        for full in opened.plan.journey.state_paths
    }


def _waiting(
    opened: OpenRelease, found: Sequence[ApprovalStatus], structure: Sequence[ApprovalStatus]
) -> list[tuple[str, str, str]]:
    """What of a release waits for who is signed in: where on which page, what it is called, in which language."""
    key, number, account = opened.stored.journey, opened.stored.number, session().account
    titles = [
        ("#structure", "Titles and words of the journey", language_of(one.subject.locale))
        for one in structure
        if may_sign(account, one)
    ]
    waiting = {
        (one.subject.key, one.version, one.subject.locale)
        for one in found
        if one.subject.kind == "piece" and may_sign(account, one)
    }
    pieces = [
        (
            url_for(f"{NAME}.piece", journey=key, number=number, key=piece.key, version=opened.numbers[piece.key])
            + f"#standing-{locale}",
            piece.texts[locale].title,
            language_of(locale),
        )
        for piece in opened.pieces.values()
        for locale in opened.plan.journey.locales
        if (piece.key, piece.version, locale) in waiting
    ]
    return [*titles, *pieces]


def _states(opened: OpenRelease) -> list[tuple[str, str, int, int]]:
    """Every state by its full path: its title, its depth, and how many pieces are shown there."""
    found = []
    locale = opened.plan.journey.locales[0]
    for full in opened.plan.journey.state_paths:
        track, _, path = full.partition(".")
        title = title_of(opened.plan, track, path, locale)
        found.append((full, title, path.count("."), len(opened.shown_in(full))))
    return found
