"""Pages of journeys: the list, a release with its diagram and pieces, a state, and the review pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Response, request, url_for

from journeys.authoring.diagram import DiagramView
from journeys.content.screen import journey_title, title_of
from journeys.primitives.state_path import StatePath, depth_of
from journeys.review.naming import Naming
from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.publishing import approvals, review
from service.publishing.approvals import ApprovalStatus, functions_to_sign, may_reject
from service.publishing.inbox import read_inbox
from service.publishing.review import OpenRelease
from service.reviewer_ui.blueprint import NAME, blueprint, packs, page, page_with_diagram, to
from service.reviewer_ui.diagram_page import diagram_page
from service.reviewer_ui.preview_page import exits_of, language_of, linked_diagram, review_pack
from service.reviewer_ui.signatures import MEANINGS, statuses_of
from service.staff_pages import session

_RELEASE = "/journeys/<id:journey>/releases/<int(max=1000000):number>"


@blueprint.route("/")
def start() -> Response:
    """Redirect to the list of journeys."""
    return to("journeys")


@blueprint.route("/journeys")
def journeys() -> Response:
    """Return the page of all journeys with their releases."""
    published_journeys = review.list_journeys(service())
    words = {
        status.release: status.word
        for journey in published_journeys
        for status in approvals.list_release_statuses(service(), journey.key)
    }
    own = read_inbox(service(), now=service().clock()).of(session().account)
    to_sign = [item.status for item in own.waiting] + [item.status for item in own.ending]
    texts = {(status.subject, status.digest) for status in to_sign}
    return page(
        "journeys",
        journeys=published_journeys,
        words=words,
        waiting=Counter(subject.journey for subject, _ in texts),
        journey_title=journey_title,
        inbox=own,
    )


@blueprint.route(_RELEASE)
def release(journey: str, number: int) -> Response:
    """Return the page of a release: its diagram, states and pieces."""
    opened = review.open_release(service(), journey, number)
    links = _links(opened)
    locale = opened.plan.journey.locales[0]
    statuses = statuses_of(journey)
    current = {status.release: status for status in approvals.list_release_statuses(service(), journey)}
    return page(
        "release",
        release=opened,
        waiting=_waiting(opened, statuses, current[opened.stored.id].structure),
        standing={
            (status.subject.key, status.version, status.subject.locale): status
            for status in statuses
            if status.subject.kind == "piece"
        },
        structure=current[opened.stored.id].structure,
        word=current[opened.stored.id].word,
        may_sign=lambda status: functions_to_sign(session().account, status),
        may_reject=lambda status: may_reject(session().account, status),
        meanings=MEANINGS,
        signing=session(),
        is_confirmed=accounts.is_confirmed(service(), session()),
        title=journey_title(opened.plan, locale),
        diagrams={
            track: linked_diagram(opened.plan, links, view=DiagramView(tracks=frozenset([track])))
            for track in opened.plan.journey.tracks
        },
        states=states_of(opened),
        languages={locale: language_of(locale) for locale in opened.plan.journey.locales},
    )


@blueprint.route(f"{_RELEASE}/diagram")
def diagram(journey: str, number: int) -> Response:
    """Return the page with the diagram of the journey; states fold, and the way between two states is highlighted."""
    opened = review.open_release(service(), journey, number)
    shown = diagram_page(opened.plan, request.args, _links(opened))
    return page_with_diagram("diagram", release=opened, title=journey_title(opened.plan, shown.locale), shown=shown)


@blueprint.route(f"{_RELEASE}/states/<state>")
def state(journey: str, number: int, state: str) -> Response:
    """Return the page of a state: its position, its exits, and the pieces shown in it."""
    opened = review.open_release(service(), journey, number)
    if state not in opened.plan.journey.state_paths:
        raise errors.NotFound
    state_path = StatePath.parse(state)
    track, path = state_path.track, state_path.path
    locale = opened.plan.journey.locales[0]
    declared = opened.plan.journey.tracks[track].states[path]
    return page_with_diagram(
        "state",
        release=opened,
        state=state,
        declared=declared,
        title=title_of(opened.plan, track, path, locale),
        titles={language: declared.title.get(language, "") for language in opened.plan.journey.locales},
        diagram=linked_diagram(opened.plan, _links(opened), around=[state], view=DiagramView(lit=frozenset([state]))),
        ways=exits_of(opened.plan, track, path, locale),
        pieces=opened.shown_in(state),
        rule=Naming(opened.plan, locale).rule,
        locale=locale,
    )


@blueprint.route(f"{_RELEASE}/pack")
def pack(journey: str, number: int) -> Response:
    """Return the review pack of a release, to print: every piece in every language and channel."""
    opened = review.open_release(service(), journey, number)
    title = journey_title(opened.plan, opened.plan.journey.locales[0])
    rendered = packs().get(opened.identity, lambda: review_pack(opened))
    return page("pack", release=opened, title=title, pack=rendered, printed_at=service().clock())


def _links(opened: OpenRelease) -> dict[str, str]:
    key, number = opened.stored.journey, opened.stored.number
    return {
        full: url_for(f"{NAME}.state", journey=key, number=number, state=full)
        for full in opened.plan.journey.state_paths
    }


def _waiting(
    opened: OpenRelease, statuses: Sequence[ApprovalStatus], structure: Sequence[ApprovalStatus]
) -> list[tuple[str, str, str]]:
    """Return what waits for the signature of the signed-in account: address, title and language."""
    key, number, account = opened.stored.journey, opened.stored.number, session().account
    titles = [
        ("#structure", "Titles and words of the journey", language_of(status.subject.locale))
        for status in structure
        if functions_to_sign(account, status)
    ]
    waiting = {
        (status.subject.key, status.version, status.subject.locale)
        for status in statuses
        if status.subject.kind == "piece" and functions_to_sign(account, status)
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


def states_of(opened: OpenRelease) -> list[tuple[str, str, int, int]]:
    """Return each state: its full path, title, depth, and the number of pieces shown in it."""
    rows = []
    locale = opened.plan.journey.locales[0]
    for full in opened.plan.journey.state_paths:
        state = StatePath.parse(full)
        title = title_of(opened.plan, state.track, state.path, locale)
        rows.append((full, title, depth_of(state.path) - 1, len(opened.shown_in(full))))
    return rows
