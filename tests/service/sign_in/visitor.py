"""A clinic whose patients confirm their addresses, and browsers without a script that sign in."""

from __future__ import annotations

import re

from service.outreach.outbox import ChannelSetup
from service.platform.browser import FIELD, proof
from service.platform.database.tables import contacts
from service.sign_in.blueprint import COOKIE
from service.sign_in.codes import make_codes
from tests.service.outreach.people_reached import Reaching
from tests.service.reviewer_ui.visitor import Page

ADDRESS, NUMBER = "p1@example.org", "+15055550178"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class SigningIn:
    """A clinic, what its sender sends, and the patient p1, who has confirmed an e-mail address."""

    def __init__(self, clinic) -> None:
        self.clinic = clinic
        self.reaching = Reaching(clinic)
        self.reaching.outbox.channels["sms"] = ChannelSetup(self.reaching.mail)
        self.enrollment = self.patient("p1")
        self.confirm("p1", "email", ADDRESS)

    def patient(self, patient: str) -> str:
        return self.clinic.enroll(patient)

    def confirm(self, patient: str, channel: str, address: str, by: str = "code") -> str:
        """Gives a patient an address that counts as confirmed by a code; returns the id of the contact."""
        own = self.clinic.token_of_patient(patient)
        added = self.clinic.post("/v1/me/contacts", own, {"channel": channel, "address": address})["contacts"]
        newest = max(each["id"] for each in added if each["channel"] == channel)
        with self.clinic.service.database.writing() as connection:
            connection.execute(contacts.update().where(contacts.c.id == newest).values(verified_by=by))
        return newest

    def browser(self, **options) -> Browser:
        return Browser(self, **options)

    def work(self) -> list:
        """Lets the sender work; returns every envelope so far."""
        while make_codes(self.clinic.service):
            pass
        self.reaching.work()
        return [envelope for _, envelope in self.reaching.mail.got]

    def code(self) -> str:
        """Lets the sender work; returns the code of the last message."""
        return re.search(r"\b\d{6}\b", self.work()[-1].text).group()

    def signed_in(self, address: str = ADDRESS, **options) -> Browser:
        """A browser in which a patient has signed in."""
        browser = self.browser(**options)
        browser.ask(address)
        answer = browser.name_code(self.code())
        assert (answer.status, answer.location) == (303, "/account"), answer.text
        return browser

    def rows(self, table) -> list:
        return self.clinic.rows(table)


class Browser:
    """Opens pages and sends their forms, and remembers its cookie."""

    def __init__(self, signing_in: SigningIn, agent: str = FIREFOX, language: str = "en") -> None:
        self.client = signing_in.clinic.app.test_client()
        self.headers = {"Host": "localhost", "User-Agent": agent, "Accept-Language": language}

    def get(self, path: str, **headers: str) -> Page:
        return Page(self.client.get(path, headers=self.headers | headers))

    def post(self, path: str, data=None, *, with_proof: bool = True, **headers: str) -> Page:
        fields = dict(data or {})
        if with_proof:
            fields.setdefault(FIELD, proof(self.cookie or ""))
        return Page(self.client.post(path, data=fields, headers=self.headers | headers))

    def call(self, method: str, path: str, **options):
        """A call of the API with the cookie of this browser."""
        headers = self.headers | options.pop("headers", {})
        return Page(self.client.open(path, method=method, headers=headers, **options))

    def ask(self, address: str = ADDRESS) -> Page:
        if self.cookie is None:
            self.get("/sign-in")
        return self.post("/sign-in", {"contact": address})

    def name_code(self, code: str) -> Page:
        return self.post("/sign-in/code", {"code": code})

    @property
    def cookie(self) -> str | None:
        cookie = self.client.get_cookie(COOKIE.name)
        return cookie.value if cookie is not None else None


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"
