"""Finding a patient by reference, never in an address: a page for each room whose staff may look up patients."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from service.access.caller import Caller
from service.enrollments import read
from service.http.context import service
from service.staff_pages.room import Room

MOST = 50


def add_find_patient(room: Room, caller: Callable[[], Caller], opens: str) -> None:
    """Add the page to a room; `caller` reads for it, and `opens` is the page of the room that shows an enrollment."""

    @room.blueprint.route("/patients")
    def patients_page() -> Response:
        """Return the form to find a patient."""
        return room.common_page("staff/patients", enrollments=None, reference="", opens=opens)

    @room.blueprint.route("/patients", methods=["POST"])
    def find_patient() -> Response:
        """Return the enrollments of a patient."""
        reference = request.form.get("reference", "").strip()
        page = read.list_enrollments(service(), caller(), patient_ref=reference, after="", count=MOST)
        return room.common_page("staff/patients", enrollments=page.items, reference=reference, opens=opens)
