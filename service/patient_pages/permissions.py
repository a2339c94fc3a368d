"""What a signed-in patient allows: for each consent text its purposes and channels, each changed with one act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, request

from journeys.permission import PERSON_CHANNELS, PURPOSES, PermissionEntry, is_allowed
from journeys.permission import Request as PermissionRequest
from journeys.registration.fields import cells_offered
from service.http.context import service
from service.outreach.permit import record_permission
from service.patient_pages.blueprint import blueprint, own_enrollments, page, to
from service.permission.record import SpokenEntry, read_ledger
from service.permission.texts import ServedConsent, list_consents
from service.platform import errors
from service.platform.browser import purposes_refused
from service.publishing.approvals import NamedText
from service.sign_in.blueprint import patient, patient_caller

METHOD = "web"
DONE = frozenset({"grant", "revoke", "all"})


@dataclass(frozen=True, slots=True)
class PermissionCell:
    """A purpose and a channel (None: the purpose has no channel), and whether the patient allows it now."""

    purpose: str
    channel: str | None
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class ConsentGrid:
    """A consent text of a journey with the cells that it can grant."""

    journey: str
    text: ServedConsent
    cells: Sequence[PermissionCell]


@blueprint.route("/account/permissions")
def permissions_page() -> Response:
    """Shows each consent text whole, what the patient allows by it, and all other permissions."""
    entries = [recorded.entry for recorded in read_ledger(service(), patient_caller(), None).entries]
    grids = [_grid(journey, text, entries) for journey, text in _consents()]
    shown = {(cell.purpose, cell.channel) for grid in grids for cell in grid.cells}
    done = request.args.get("done", "")
    return page(
        "permissions",
        grids=grids,
        others=[cell for cell in _allowed(entries) if (cell.purpose, cell.channel) not in shown],
        is_refused=bool(purposes_refused(request)),
        done=done if done in DONE else None,
    )


@blueprint.route("/account/permissions", methods=["POST"])
def change_permission() -> Response:
    """Records a grant by the text that the page showed, or a revocation."""
    form = request.form
    purpose, channel = form.get("purpose") or None, form.get("channel") or None
    if form.get("kind") != "grant":
        return _record(SpokenEntry(kind="revoke", method=METHOD, purpose=purpose, channel=channel), "revoke")
    version = form.get("version", "")
    if not version.isdecimal() or len(version) > 6 or purpose in purposes_refused(request):
        raise errors.NotFound
    text = NamedText(form.get("journey", ""), form.get("text", ""), int(version), form.get("locale", ""))
    spoken = SpokenEntry(kind="grant", method=METHOD, text=text, purpose=purpose, channel=channel)
    return _record(spoken, "grant")


@blueprint.route("/account/permissions/stop", methods=["POST"])
def stop_all() -> Response:
    """Revokes everything."""
    return _record(SpokenEntry(kind="revoke", method=METHOD), "all")


def _record(spoken: SpokenEntry, done: str) -> Response:
    record_permission(service(), patient_caller(), None, spoken)
    return to("permissions_page", done=done)


def _consents() -> list[tuple[str, ServedConsent]]:
    """The consent texts of the patient's journeys in their programmes, each once."""
    texts: dict[tuple[str, str], tuple[str, ServedConsent]] = {}
    for journey, programme in dict.fromkeys((each.stored.journey, each.stored.programme) for each in own_enrollments()):
        try:
            served = list_consents(service(), journey, programme, patient().person.language)
        except errors.NotFound:  # the journey accepts no patients now, so that nothing new is allowed by its texts
            continue
        texts |= {(journey, text.key): (journey, text) for text in served}
    return list(texts.values())


def _grid(journey: str, text: ServedConsent, entries: Iterable[PermissionEntry]) -> ConsentGrid:
    refused = purposes_refused(request)
    purposes, channels = cells_offered(text.grants.purposes, text.grants.channels, PERSON_CHANNELS, refused)
    cells = [_cell(entries, purpose, channel) for purpose in purposes for channel in channels]
    return ConsentGrid(journey, text, cells)


def _allowed(entries: Sequence[PermissionEntry]) -> list[PermissionCell]:
    """Every cell that is allowed; a purpose without a channel only where it has none."""
    purposes = dict.fromkeys((*PURPOSES, *(entry.purpose for entry in entries if entry.purpose is not None)))
    cells = [_cell(entries, purpose, channel) for purpose in purposes for channel in _channels(purpose)]
    return [cell for cell in cells if cell.is_allowed]


def _channels(purpose: str) -> tuple[str | None, ...]:
    has_none = purpose == "measurement" or purpose not in PURPOSES
    return (None,) if has_none else PERSON_CHANNELS


def _cell(entries: Iterable[PermissionEntry], purpose: str, channel: str | None) -> PermissionCell:
    return PermissionCell(purpose, channel, is_allowed(entries, PermissionRequest(purpose, channel), service().clock()))
