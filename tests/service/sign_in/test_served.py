"""A whole service: it serves the pages, looks the address up, and sends the code by a real mail server."""

import re
import threading
import time
from email import message_from_bytes, policy

import pytest
import requests

from service.platform.browser import FIELD
from service.platform.configuration import Configuration
from service.processes import run_server
from tests.service.outreach.mail_servers import Inbox, mail_server
from tests.service.sign_in.visitor import ADDRESS

pytestmark = [pytest.mark.long, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


def until(is_true, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(0.05)
    return False


def fields_of(page: requests.Response, **fields: str) -> dict[str, str]:
    """The fields of the form of a page."""
    return {FIELD: re.search(f'name="{FIELD}" value="([0-9a-f]+)"', page.text)[1]} | fields


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def address(signing_in, inbox):
    """The address of a service that sends mail."""
    with mail_server(inbox) as port:
        config = Configuration(
            database=signing_in.clinic.config.database,
            port=0,
            worker_interval=0.05,
            public_url="https://guide.example.org",
            mail_server=f"127.0.0.1:{port}",
            mail_security="none",
            mail_from="Care <care@guide.example.org>",
            mail_bounces="bounce@guide.example.org",
            mail_unsubscribe="unsubscribe@guide.example.org",
            postal_address="1 Main St",
        )
        stop, ports = threading.Event(), []
        options = {"stop": stop, "ready": ports.append, "clock": signing_in.clinic.clock}
        thread = threading.Thread(target=run_server, args=(config,), kwargs=options)
        thread.start()
        assert until(lambda: ports)
        yield f"http://127.0.0.1:{ports[0]}"
        stop.set()
        thread.join()


def test_a_patient_signs_in_by_a_mailed_code(signing_in, address, inbox):
    browser = requests.Session()
    page = browser.get(f"{address}/sign-in", timeout=10)
    for wanted in ("nobody@example.org", ADDRESS):
        page = browser.post(f"{address}/sign-in", fields_of(page, contact=wanted), timeout=10)
        assert page.url == f"{address}/sign-in/code"
    assert until(lambda: inbox.mails)
    ((_, recipients, content),) = inbox.mails
    assert recipients == [ADDRESS]
    mail = message_from_bytes(content, policy=policy.default)
    code = re.search(r"\b\d{6}\b", mail.get_body(("plain",)).get_content())[0]
    assert "http" not in mail.get_body(("plain",)).get_content(), "a mail scanner has no link to open"
    page = browser.post(f"{address}/sign-in/code", fields_of(page, code=code), timeout=10)
    assert page.url == f"{address}/account" and "Where you are signed in" in page.text
    made = browser.post(f"{address}/v1/me/tokens", json={"name": "My phone"}, timeout=10)
    assert made.status_code == 201
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    own = requests.get(f"{address}/v1/me/enrollments", headers=bearer, timeout=10).json()
    assert [item["id"] for item in own["items"]] == [signing_in.enrollment]
