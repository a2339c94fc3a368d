"""Who may open each page of a patient's own care, in one table; an unlisted page is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from service.sign_in.access import Opener

PAGES: Mapping[str, Opener] = {
    "patient_pages.questions_page": "patient",
    "patient_pages.answer": "patient",
    "patient_pages.permissions_page": "patient",
    "patient_pages.change_permission": "patient",
    "patient_pages.stop_all": "patient",
    "patient_pages.caregivers_page": "patient",
    "patient_pages.invite_page": "patient",
    "patient_pages.invite": "patient",
    "patient_pages.end": "patient",
    "patient_pages.accept_page": "anybody",  # who has the code
    "patient_pages.accept": "anybody",
}
