"""Browsers without a script that join the programme north, and what is sent to them."""

from __future__ import annotations

import re

from service.app import create_app
from service.outreach.outbox import ChannelSetup, Outbox
from service.platform.browser import FIELD, proof
from service.platform.configuration import Configuration
from service.registration.blueprint import COOKIE
from tests.service.outreach.people_reached import Provider
from tests.service.reviewer_ui.visitor import Page

PROGRAMMES = """\
programmes:
  north:
    title: {en: North, es: Norte}
    registration:
      gives: [{en: Short pages in plain words., es: Páginas cortas y claras.}]
      next: {en: Your guide is ready., es: Su guía está lista.}
      why:
        entry: {en: You see what fits you., es: Usted ve lo que le sirve.}
        contact: {en: We send a code there., es: Enviamos allí un código.}
        time_zone: {en: We do not write at night., es: No escribimos de noche.}
        permission: {en: You choose., es: Usted decide.}
      styles: [one-question-a-page, one-page, dialogue]
      channels: [email, sms]
      consents: [consent-to-messages, consent-to-measurement]
  south:
    title: {en: South, es: Sur}
"""
AT = "/join/north"
ADDRESS, ZONE = "new@example.org", "America/Denver"
STEPS = [
    *("language", "entry", "contact", "time-zone"),
    *("permission-consent-to-messages", "permission-consent-to-measurement"),
]
ANSWERS = {
    "language": "en",
    "entry": "in_follow_up",
    "contact": ADDRESS,
    "time-zone": ZONE,
    "permission-consent-to-messages": ["1 en education email"],
    "permission-consent-to-measurement": [],
}


class Joiners:
    """A clinic with a programme to join, and its channels, which keep what they get."""

    def __init__(self, clinic, **settings) -> None:
        self.clinic = clinic
        self.mail = Provider()
        channels = {"email": ChannelSetup(self.mail), "sms": ChannelSetup(self.mail)}
        outbox = Outbox(service=clinic.service, channels=channels, public_url="https://guide.example.org")
        config = Configuration(database=clinic.config.database, **{"registrations_per_minute": 0} | settings)
        options = {"clock": clinic.clock, "new_id": clinic.service.new_id, "service": clinic.service}
        self.app = create_app(config, outbox=outbox, **options)

    def browser(self, **headers: str) -> Joiner:
        return Joiner(self, headers)

    @property
    def sent(self) -> list:
        return [envelope for _, envelope in self.mail.got]

    def code(self) -> str:
        return re.search(r"\b\d{6}\b", self.sent[-1].text).group()

    def rows(self, table) -> list:
        return self.clinic.rows(table)


class Joiner:
    """Opens pages and sends their forms, and remembers its cookies."""

    def __init__(self, joiners: Joiners, headers: dict[str, str]) -> None:
        self.joiners = joiners
        self.client = joiners.app.test_client()
        self.headers = {"Host": "localhost", "Accept-Language": "en"} | headers

    def get(self, path: str = "", **headers: str) -> Page:
        return Page(self.client.get(self._at(path), headers=self.headers | headers))

    def post(self, path: str = "", data=None, *, with_proof: bool = True, **headers: str) -> Page:
        fields = dict(data or {})
        if with_proof:
            fields.setdefault(FIELD, proof(self.cookie or ""))
        return Page(self.client.post(self._at(path), data=fields, headers=self.headers | headers))

    def _at(self, path: str) -> str:
        return path if path.startswith(("/join", "/account")) else AT + path

    def begin(self, query: str = "") -> Page:
        self.get(query)
        return self.post(query)

    def answer(self, step: str, value=None, **more) -> Page:
        return self.post(f"/step/{step}", {step: ANSWERS[step] if value is None else value, **more})

    def answer_all(self, **other) -> Page:
        """Answers every question, one a page; returns the last answer."""
        self.begin()
        for step in STEPS:
            page = self.answer(step, other.get(step))
            assert page.status == 303, page.text
        return page

    def registered(self, **other) -> Page:
        """Goes all the way; returns the page at the end."""
        self.answer_all(**other)
        assert self.post("/step/check").location == f"{AT}/code"
        done = self.post("/code", {"code": self.joiners.code()})
        assert done.location == f"{AT}/done", done.text
        return self.get("/done")

    @property
    def cookie(self) -> str | None:
        cookie = self.client.get_cookie(COOKIE.name)
        return cookie.value if cookie is not None else None

    def cookies(self) -> set[str]:
        return {name for _, _, name in self.client._cookies}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"
