"""Reading the screen of a patient's app, the same for all but caregivers, and the pieces and pictures of its cards."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.content.catalogue import Picture, Selected, find
from service.access.caller import Caller
from service.enrollments.answers import (
    CallerView,
    DrawnScreen,
    draw_screen,
    new_disclosures,
    store_new_disclosures,
    told_view,
)
from service.enrollments.content import ContentOptions, DescribedPiece, describe
from service.enrollments.read import load
from service.enrollments.views import ChosenContent
from service.platform import errors
from service.publishing.service import Service

BOTH = frozenset({"html", "text"})


@dataclass(frozen=True, slots=True)
class PieceAnswer:
    """One piece in the patient's locale with its bodies, the piece itself for its picture and review, and the view."""

    selected: Selected
    described: DescribedPiece
    seen: CallerView


def read_view(service: Service, caller: Caller, enrollment: str, locale: str | None) -> DrawnScreen:
    """The screen of an enrollment; its cards are stored as disclosures.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        stored, now = load(service, connection, caller, enrollment)
        viewed = draw_screen(service, connection, caller, stored, locale, now)
    store_new_disclosures(service, enrollment, new_disclosures(service, caller, viewed.seen))
    return viewed


def read_piece(service: Service, caller: Caller, enrollment: str, key: str, locale: str | None) -> PieceAnswer:
    """One piece that the told view shows, with its bodies; it is stored as a disclosure.

    Raises:
        NotFound: the enrollment does not exist or is not the caller's, or the piece is not shown now.
    """
    with service.database.reading() as connection:
        stored, now = load(service, connection, caller, enrollment)
        seen = told_view(service, connection, caller, stored, locale, now)
        selected = _shown(seen, key)
    chosen = ChosenContent(seen.chosen.locale, seen.chosen.options, [selected])
    assert seen.view.shown is not None
    described = describe(
        seen.servable,
        selected,
        seen.view.shown,
        seen.view.at,
        locale=chosen.locale,
        options=ContentOptions(formats=BOTH),
    )
    store_new_disclosures(
        service, enrollment, new_disclosures(service, caller, CallerView(seen.view, seen.servable, chosen))
    )
    return PieceAnswer(selected, described, seen)


def read_picture(service: Service, caller: Caller, enrollment: str, key: str) -> Picture:
    """The picture of a piece that the told view shows.

    Raises:
        NotFound: as for the piece, or the piece has no picture.
    """
    with service.database.reading() as connection:
        stored, now = load(service, connection, caller, enrollment)
        selected = _shown(told_view(service, connection, caller, stored, None, now), key)
    if selected.piece.image is None:
        raise errors.NotFound
    return selected.piece.image


def _shown(seen: CallerView, key: str) -> Selected:
    view = seen.view
    selected = None
    if view.shown is not None and view.ended is None:
        selected = find(seen.servable.catalogue, view.shown, view.at, key)
    if selected is None or "web" not in selected.piece.channels:
        raise errors.NotFound("No piece with this key is shown now.")
    return selected
