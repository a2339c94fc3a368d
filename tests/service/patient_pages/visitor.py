"""Signed-in patients who open their pages and send the forms of these, as they are written there."""

from __future__ import annotations

import re
from html import unescape

from service.platform.database.payload import unseal
from service.platform.database.tables import events
from tests.service.reviewer_ui.visitor import Page
from tests.service.sign_in.visitor import ADDRESS, SigningIn

QUESTIONS, PERMISSIONS, CAREGIVERS, ACCEPT = (
    "/account/questions",
    "/account/permissions",
    "/account/caregivers",
    "/caregiver",
)
INVITE = f"{CAREGIVERS}/invite/1"


class Patients(SigningIn):
    """A clinic whose patient p1 has confirmed an address, and has told nothing."""

    def patient(self, patient: str) -> str:
        return self.clinic.enroll(patient, facts={})

    def own(self) -> str:
        """A token of p1."""
        return self.clinic.token_of_patient("p1")

    def speak(self, language: str) -> None:
        """Lets p1 read in a language."""
        assert self.clinic.call("PUT", "/v1/me/preferences", self.own(), json={"language": language}).status == 200

    def asked(self) -> list[str]:
        """The questions that the API has for p1."""
        return [item["key"] for item in self.clinic.get(self.at("questions"), self.own())["items"]]

    def reported(self) -> list[str | None]:
        """The types of all events, in the order in which they arrived."""
        return [unseal(row.payload).get("type") for row in self.rows(events)]

    def at(self, rest: str) -> str:
        return f"/v1/enrollments/{self.enrollment}/{rest}"

    def signed_in_and(self, path: str, address: str = ADDRESS):
        """A browser of p1, and the page at a path."""
        browser = self.signed_in(address)
        return browser, browser.get(path)


def hidden(page: Page, form: int = 0) -> dict[str, str | list[str]]:
    """The hidden fields of a form of a page, but the proof of its origin; those of one name as a list."""
    part = re.findall(r"<form.*?</form>", page.source, re.DOTALL)[form]
    values: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', part):
        values.setdefault(name, []).append(unescape(value))
    return {name: each[0] if len(each) == 1 else each for name, each in values.items() if name != "from_here"}


def send(browser, path: str, page: Page, **fields) -> Page:
    """The answer to the first form of a page, with more fields."""
    return browser.post(path, hidden(page) | fields)
