"""One way through everything on a phone, with real mail: joining, the first mail, an answer, a caregiver, the end."""

import re
import time
from email import message_from_bytes, policy

import pytest

from service.app import create_app
from service.operations.sender import send_due
from service.outreach.setup import make_outbox
from service.platform.configuration import Configuration
from service.platform.server import Server
from service.sign_in.codes import make_codes
from tests.service.browsing import SMALL_PHONE, Looking, window
from tests.service.outreach.mail_servers import Inbox, mail_server
from tests.service.patient_pages.visitor import ACCEPT, CAREGIVERS, INVITE, QUESTIONS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AT = "/join/riverside"
ADDRESS = "rosa@example.org"
SPANISH = {"locale": "es", "timezone_id": "America/Denver"}


@pytest.fixture(scope="session")
def published_rows(shipped_rows):
    return shipped_rows


class Guide:
    """The shipped journeys, served, with a sender whose mail goes to a real server."""

    def __init__(self, clinic, port: int) -> None:
        clinic.clock.set("2026-07-01T16:00:00")
        settings = {"mail_server": f"127.0.0.1:{port}", "mail_security": "none", "postal_address": "120 River Street"}
        addresses = {"mail_from": "Guide <guide@example.org>", "mail_bounces": "bounce@example.org"}
        addresses |= {"mail_unsubscribe": "stop@example.org", "public_url": "https://guide.example.org"}
        self.clinic, self.inbox = clinic, Inbox()
        config = Configuration(database=clinic.config.database, port=0, **settings, **addresses)
        self.outbox = make_outbox(clinic.service, config)
        options = {"clock": clinic.clock, "new_id": clinic.service.new_id, "service": clinic.service}
        self.server = Server(create_app(config, outbox=self.outbox, **options), config)
        self.address = f"http://localhost:{self.server.port}"

    def pass_days(self, days: int) -> None:
        """Lets time pass a day at a time, with all that falls due."""
        for _ in range(days):
            self.clinic.clock.pass_by(days=1)
            self.clinic.worker().fire_all()
            self.send()

    def send(self) -> None:
        while make_codes(self.clinic.service):
            pass
        send_due(self.outbox)

    def stop(self) -> None:
        self.server.stop()
        for setup in self.outbox.channels.values():
            setup.close()


@pytest.fixture
def guide(clinic):
    inbox = Inbox()
    with mail_server(inbox) as port:
        running = Guide(clinic, port)
        running.inbox = inbox
        yield running
        running.stop()


def last_mail(guide) -> tuple[str, str]:
    """The subject and the text of the last mail, which went to the patient."""
    _, recipients, content = guide.inbox.mails[-1]
    assert recipients == [ADDRESS]
    mail = message_from_bytes(content, policy=policy.default)
    return mail["Subject"], mail.get_body(("plain",)).get_content()


def code_of(guide) -> str:
    return re.search(r"\b\d{6}\b", last_mail(guide)[1]).group()


def begin_and_leave(looking, guide) -> str:
    """Joins in Spanish, one question a page, refuses what is measured, and leaves; returns the path of the link."""
    page = looking.page
    page.goto(f"{guide.address}{AT}?style=one-question-a-page")
    looking.look("01-start")
    looking.press("main form button")
    for number, step in enumerate(("language", "entry", "contact", "time-zone"), start=2):
        assert f"/step/{step}" in page.url
        if step == "entry":
            looking.choose("input[value=in_follow_up]")
        if step == "contact":
            looking.write("#contact", ADDRESS)
        if step == "time-zone":
            assert page.input_value("#time-zone") == "America/Denver"
        looking.look(f"{number:02}-{step}")
        looking.press("main form button")
    for box in page.locator("input[type=checkbox][value$=' email']").all():
        assert not box.is_checked()
        box.focus()
        page.keyboard.press("Space")
    looking.look("06-messages")
    looking.press("main form button")
    looking.look("07-measurement")
    looking.press("main form button")  # nothing is ticked: a no
    looking.look("08-check")
    looking.press("a[href*='/later']")
    looking.look("09-later")
    looking.press("main form button")
    looking.look("10-link-sent")
    return re.search(rf"https://guide.example.org({AT}/resume/\S+)", last_mail(guide)[1]).group(1)


def resume_and_finish(looking, guide, link: str) -> None:
    page = looking.page
    page.goto(f"{guide.address}{link}")
    looking.look("11-resume")
    looking.press("main form button")
    assert "/step/check" in page.url and "Nada" in page.inner_text("#answers")
    looking.press("main form button")
    looking.look("12-code")
    looking.write("#code", code_of(guide))
    looking.press("main form button")
    looking.look("13-done")
    assert page.url.endswith(f"{AT}/done")


def sign_in(looking, guide) -> None:
    page = looking.page
    page.goto(f"{guide.address}/sign-in")
    looking.write("#contact", ADDRESS)
    looking.press("main form button")
    guide.send()
    looking.write("#code", code_of(guide))
    looking.press("main form button")
    looking.look("14-account")


def answer_and_decline(looking) -> list[str]:
    """Answers the first question and declines the second; returns what the answer changed."""
    page = looking.page
    looking.press(f"a[href='{QUESTIONS}']")
    looking.look("15-question")
    page.locator("main form input[type=radio]").first.focus()
    page.keyboard.press("Space")
    looking.press("main form button")
    looking.look("16-because")
    assert "Porque usted nos lo dijo" in page.inner_text("h1")
    changed = page.locator("main li").all_inner_texts()
    looking.press("main a.button")
    looking.look("17-next-question")
    looking.press("main button[value=decline]")
    looking.look("18-declined")
    return changed


def invite(looking, guide) -> str:
    page = looking.page
    page.goto(f"{guide.address}{INVITE}")
    looking.write("#name", "mi hija")
    looking.choose("#sees")  # where the patient is, and no topic
    looking.look("19-invite")
    assert "hospicio" not in page.inner_text("main"), "nobody has spoken of it"
    looking.press("main form button")
    looking.look("20-invited")
    return page.inner_text("#code")


def accept(looking, guide, code: str) -> str:
    page = looking.page
    page.goto(f"{guide.address}{ACCEPT}")
    looking.write("#code", code)
    looking.look("21-accept")
    looking.press("main form button")
    looking.look("22-accepted")
    return page.inner_text("#key")


def test_from_the_first_page_to_the_end_of_a_caregiver(guide, browser):
    with window(browser, SMALL_PHONE, **SPANISH) as page:
        leaving = Looking(page, "way")
        link = begin_and_leave(leaving, guide)
    with window(browser, SMALL_PHONE, **SPANISH) as page, window(browser, SMALL_PHONE, **SPANISH) as other:
        looking, hers = Looking(page, "way"), Looking(other, "way")
        resume_and_finish(looking, guide, link)
        before = len(guide.inbox.mails)
        guide.pass_days(2)
        (_,) = guide.inbox.mails[before:]
        assert last_mail(guide)[0] == "Algo nuevo para leer en su guía"
        sign_in(looking, guide)
        assert answer_and_decline(looking)
        key = accept(hers, guide, invite(looking, guide))

        def cards(request, token: str) -> set[str]:
            headers = {"Authorization": f"Bearer {token}"}
            (enrollment,) = request.get(f"{guide.address}/v1/me/enrollments", headers=headers).json()["items"]
            view = request.get(f"{guide.address}/v1/enrollments/{enrollment['id']}/view", headers=headers)
            return {card["key"] for card in view.json()["cards"]}

        app = page.request.post(f"{guide.address}/v1/me/tokens", data={"name": "Mi teléfono"}).json()["token"]
        assert cards(other.request, key) < cards(page.request, app), "she sees less"
        page.goto(f"{guide.address}{CAREGIVERS}")
        looking.look("23-caregivers")
        looking.press("main .rows form button")
        started = time.monotonic()
        answer = other.request.get(f"{guide.address}/v1/me/enrollments", headers={"Authorization": f"Bearer {key}"})
        assert (answer.status, time.monotonic() - started < 1) == (401, True)
        looking.look("24-ended")
        assert leaving.faults + looking.faults + hers.faults == []
        assert page.wrong + other.wrong == []
