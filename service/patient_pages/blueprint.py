"""The blueprint of a patient's own pages: their frame, texts and admission, shared with sign-in. It has no page."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, redirect, url_for

from journeys.primitives.messages import package_translations
from service.enrollments.answers import EnrollmentAnswer
from service.enrollments.read import list_enrollments
from service.http.context import service
from service.patient_pages.access import PAGES
from service.platform import errors
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.page_refusals import use_refusals
from service.sign_in.blueprint import (
    LANGUAGES,
    admit,
    day_and_time,
    drawn_page,
    not_signed_in,
    patient_caller,
    refusal,
)

#: One script of this site guesses the time zone of who accepts an invitation; nothing is loaded from other sites.
POLICY = policy_of_pages("script-src 'self'; style-src 'self'; img-src data:", form_action="self")
#: The texts of these pages, after those that they share with other rooms.
DOMAINS = tuple(
    package_translations("service", domain) for domain in ("sign_in", "registration", "phone", "patient_pages")
)
#: No patient has more enrollments at a time.
MOST_ENROLLMENTS = 20

blueprint = Blueprint("patient_pages", __name__, template_folder="templates")
use_frame(blueprint, headers_of_pages(POLICY, referrer="same-origin"))
use_refusals(blueprint, refusal)
blueprint.register_error_handler(errors.NotSignedIn, not_signed_in)


def admit_page() -> None:
    """Admits a request for one of these pages; raises like `sign_in.blueprint.admit`."""
    admit(PAGES)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page as a response."""
    return drawn_page(f"patient_pages/{template}.html", texts(), status, address=address, time=day_and_time, **values)


def texts() -> dict[str, dict[str, str]]:
    """The texts of these pages by language."""
    return {
        language: {key: text for domain in DOMAINS for key, text in domain.for_locale(language).items()}
        for language in LANGUAGES
    }


def to(view: str, **values: Any) -> Response:
    """A redirect to another of these pages, which the browser opens with GET."""
    return cast(Response, redirect(address(view, **values), 303))


def address(view: str, **values: Any) -> str:
    """The address of one of these pages."""
    return url_for(f"patient_pages.{view}", **values)


def own_enrollments() -> list[EnrollmentAnswer]:
    """The signed-in patient's enrollments that have not ended."""
    caller = patient_caller()
    listed = list_enrollments(service(), caller, patient_ref=caller.patient_ref or "", after="", count=MOST_ENROLLMENTS)
    return [answer for answer in listed.items if answer.now.ended is None]
