"""Pages about one patient: search by reference, never in an address, and the explanation of the patient's state."""

from __future__ import annotations

from flask import Response, request

from service.access.caller import Caller
from service.enrollments import explain, read
from service.enrollments.content import ContentOptions
from service.http.context import service
from service.platform.logs import log
from service.reviewer_ui.blueprint import blueprint, page
from service.staff_pages import session

MOST = 50


@blueprint.route("/patients")
def patients_page() -> Response:
    """Return the form to find a patient."""
    return page("patients", found=None, reference="")


@blueprint.route("/patients", methods=["POST"])
def find_patient() -> Response:
    """Return the enrollments of a patient."""
    reference = request.form.get("reference", "").strip()
    enrollments = read.list_enrollments(service(), _caller(), patient_ref=reference, after="", count=MOST)
    return page("patients", found=enrollments.items, reference=reference)


@blueprint.route("/enrollments/<id:enrollment>")
def explanation(enrollment: str) -> Response:
    """Return the page that explains a patient's states, and why each piece is shown or not."""
    explained = explain.read_explanation(service(), _caller(), enrollment, ContentOptions())
    log().info("explanation read", account=session().account.id, enrollment=enrollment)
    return page("explanation", explained=explained, enrollment=enrollment)


def _caller() -> Caller:
    """Return the signed-in account as a member of staff who can only read."""
    account = session().account
    return Caller(account.id, f"room:{account.id}", frozenset({"read", "staff"}), "staff")
