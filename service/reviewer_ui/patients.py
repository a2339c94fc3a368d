"""Pages about one patient: found by a reference that never stands in an address, and why they are where they are."""

from __future__ import annotations

from flask import Response, request

from service.access.caller import Caller
from service.enrollments import explain, read
from service.enrollments.content import ContentOptions
from service.http.context import service
from service.platform.logs import log
from service.reviewer_ui.blueprint import blueprint, page, session

MOST = 50


@blueprint.route("/patients")
def patients_page() -> Response:
    """The form to find somebody."""
    return page("patients", found=None, reference="")


@blueprint.route("/patients", methods=["POST"])
def find_patient() -> Response:
    """The enrollments of somebody."""
    reference = request.form.get("reference", "").strip()
    found = read.list_enrollments(service(), _caller(), patient_ref=reference, after="", count=MOST)
    return page("patients", found=found.items, reference=reference)


@blueprint.route("/enrollments/<id:enrollment>")
def explanation(enrollment: str) -> Response:
    """Why a patient is where they are, and why each piece is shown to them or not."""
    explained = explain.read_explanation(service(), _caller(), enrollment, ContentOptions())
    log().info("explanation read", account=session().account.id, enrollment=enrollment)
    return page("explanation", explained=explained, enrollment=enrollment)


def _caller() -> Caller:
    """Whoever is signed in, as one of the staff who look and change nothing."""
    account = session().account
    return Caller(account.id, f"room:{account.id}", frozenset({"read", "staff"}), "staff")
