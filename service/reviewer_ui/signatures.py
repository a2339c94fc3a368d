"""The forms to sign, reject, submit, recall and activate, and the page of the audit trail.

Each form identifies its sender once more, by password or by the provider.
"""

from __future__ import annotations

from flask import Response, redirect, request, url_for

from journeys.review.approval import Subject
from journeys.review.checklist import checklist
from service.access import accounts
from service.http.context import service
from service.platform import errors
from service.publishing import approvals, review
from service.publishing.approvals import ApprovalStatus, RecallScope, SignatureRequest, Signer
from service.publishing.trail import read_trail, verify_trails
from service.reviewer_ui.blueprint import NAME, blueprint, page
from service.staff_pages import session

_RELEASE = "/journeys/<id:journey>/releases/<int(max=1000000):number>"
_PIECE = f"{_RELEASE}/pieces/<id:key>/versions/<int(max=1000000):version>"
#: The number of steps on a page of the audit trail.
STEPS = 100
#: The meaning of a signature, by function.
MEANINGS = {
    "medical": "I have read this and approve it as medically correct and fit for patients.",
    "legal": "I have read this and approve it as lawful.",
    "regulatory": "I have read this and approve it as in line with regulation.",
}


def statuses_of(journey: str) -> list[ApprovalStatus]:
    """Return the approval status of everything in a journey, earlier versions too."""
    return approvals.list_statuses(service(), journey, history=True)


@blueprint.route(f"{_PIECE}/sign", methods=["POST"])
def sign(journey: str, number: int, key: str, version: int) -> Response:
    """Sign a piece in one language."""
    locale = _sign("piece", journey, key)
    return _see("piece", f"standing-{locale}", journey=journey, number=number, key=key, version=version)


@blueprint.route(f"{_PIECE}/reject", methods=["POST"])
def reject(journey: str, number: int, key: str, version: int) -> Response:
    """Reject a piece in one language, with a comment."""
    locale = _reject("piece", journey, key)
    return _see("piece", f"standing-{locale}", journey=journey, number=number, key=key, version=version)


@blueprint.route(f"{_PIECE}/submit", methods=["POST"])
def submit(journey: str, number: int, key: str, version: int) -> Response:
    """Put a rejected piece back into review unchanged, in one language, with a reason."""
    locale = _submit("piece", journey, key)
    return _see("piece", f"standing-{locale}", journey=journey, number=number, key=key, version=version)


@blueprint.route(f"{_PIECE}/recall", methods=["POST"])
def recall(journey: str, number: int, key: str, version: int) -> Response:
    """Recall a piece, in one language or in all; a double click recalls once."""
    locale = request.form.get("locale", "")
    scope = RecallScope(journey, key, locales=[locale] if locale else None)
    comment = request.form.get("comment", "")
    statuses = [
        status for status in statuses_of(journey) if (status.subject.kind, status.subject.key) == ("piece", key)
    ]
    concerned = [status for status in statuses if status.subject.locale == locale or not locale]
    if not concerned or any(status.recalled is None for status in concerned):
        _identify()
        approvals.recall(service(), _signer(), scope, comment=comment, now=service().clock())
    return _see("piece", "main", journey=journey, number=number, key=key, version=version)


@blueprint.route(f"{_RELEASE}/sign", methods=["POST"])
def sign_structure(journey: str, number: int) -> Response:
    """Sign the structure of a release in one language: all its titles, labels and words."""
    _sign("structure", journey, review.open_release(service(), journey, number).stored.id)
    return _see("release", "structure", journey=journey, number=number)


@blueprint.route(f"{_RELEASE}/reject", methods=["POST"])
def reject_structure(journey: str, number: int) -> Response:
    """Reject the structure of a release in one language."""
    _reject("structure", journey, review.open_release(service(), journey, number).stored.id)
    return _see("release", "structure", journey=journey, number=number)


@blueprint.route(f"{_RELEASE}/submit", methods=["POST"])
def submit_structure(journey: str, number: int) -> Response:
    """Put the rejected structure of a release back into review unchanged, in one language."""
    _submit("structure", journey, review.open_release(service(), journey, number).stored.id)
    return _see("release", "structure", journey=journey, number=number)


@blueprint.route(f"{_RELEASE}/activate", methods=["POST"])
def activate(journey: str, number: int) -> Response:
    """Make a release the one that new enrollments get; a double click does it once."""
    release = review.open_release(service(), journey, number).stored.id
    statuses = approvals.list_release_statuses(service(), journey)
    if (release, "active") not in [(status.release, status.word) for status in statuses]:
        _identify()
        approvals.activate(service(), _signer(), journey, release, now=service().clock())
    return _see("release", "main", journey=journey, number=number)


@blueprint.route("/signatures")
def signatures() -> Response:
    """Return the page of the audit trail, the last step first; refusals too."""
    steps = read_trail(service())[::-1]
    number = request.args.get("page", 1, type=int)
    pages = max(1, -(-len(steps) // STEPS))
    if not 1 <= number <= pages:
        raise errors.NotFound
    shown = steps[(number - 1) * STEPS : number * STEPS]
    broken = verify_trails(service(), service().library.rules.key)
    return page("signatures", steps=shown, number=number, pages=pages, broken=broken)


def _sign(kind: str, journey: str, key: str) -> str:
    """Sign the subject of a form after identifying the sender; a double click signs once."""
    form, account = request.form, session().account
    subject, now = _subject(kind, journey, key), service().clock()
    digest, function = form.get("digest", ""), form.get("function", "")
    is_done = any(
        (step.account, step.function) == (account.name, function)
        for status in statuses_of(journey)
        if (status.subject, status.digest) == (subject, digest)
        for step in status.signatures
        if not approvals.is_renewable(step, now)
    )
    if not is_done:
        _identify()
        if subject.kind == "piece" and form.get("checklist") not in (None, checklist(subject.locale).version):
            raise errors.Stale(
                "The checklist has changed since you opened the page. Read it again. Nothing was signed."
            )
        signature = SignatureRequest(function, MEANINGS.get(function, ""), form.getlist("confirmed"))
        approvals.sign(service(), _signer(), subject, digest, signature, now=now)
    return subject.locale


def _reject(kind: str, journey: str, key: str) -> str:
    """Reject the subject of a form after identifying the sender; a double click rejects once."""
    form, account = request.form, session().account
    subject, digest, comment = _subject(kind, journey, key), form.get("digest", ""), form.get("comment", "")
    is_done = any(
        (status.rejection.account, status.rejection.comment) == (account.name, comment.strip())
        for status in statuses_of(journey)
        if (status.subject, status.digest) == (subject, digest) and status.rejection is not None
    )
    if not is_done:
        _identify()
        approvals.reject(
            service(),
            _signer(),
            subject,
            digest,
            function=form.get("function", ""),
            comment=comment,
            now=service().clock(),
        )
    return subject.locale


def _submit(kind: str, journey: str, key: str) -> str:
    """Submit the subject of a form again after identifying the sender; a double click submits once."""
    form = request.form
    subject, digest = _subject(kind, journey, key), form.get("digest", "")
    is_done = any(
        (status.subject, status.digest, status.word) == (subject, digest, "in_review")
        for status in statuses_of(journey)
    )
    if not is_done:
        _identify()
        comment = form.get("comment", "")
        approvals.submit(service(), _signer(), subject, digest, comment=comment, now=service().clock())
    return subject.locale


def _identify() -> None:
    """Confirm by the form's password, or by the provider, that the sender is the person who signed in."""
    accounts.identify(service(), session(), request.form.get("name", ""), request.form.get("password", ""))


def _subject(kind: str, journey: str, key: str) -> Subject:
    return Subject(journey, "piece" if kind == "piece" else "structure", key, request.form.get("locale", ""))


def _signer() -> Signer:
    return approvals.signer_of(session().account)


def _see(name: str, anchor: str, **values: object) -> Response:
    response: Response = redirect(url_for(f"{NAME}.{name}", _anchor=anchor, **values), 303)  # type: ignore[assignment, arg-type]
    return response
