"""Joining in the demonstration: from its page, with the code out of its inbox."""

import re
from html import unescape

import pytest
from werkzeug.test import Client

from service.demo import beside
from service.platform.browser import FIELD, proof
from service.registration.blueprint import COOKIE
from service.sign_in.blueprint import COOKIE as SESSION

HOST = "127.0.0.1:8000"
AT = "/join/riverside"
ANSWERS = {
    "language": "es",
    "entry": "in_follow_up",
    "contact": "ana.new@example.org",
    "time-zone": "America/Denver",
}


@pytest.fixture
def client(demonstration) -> Client:
    return Client(beside(demonstration.app, demonstration))


def get(client, path: str) -> str:
    answer = client.get(path, headers={"Host": HOST}, buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def post(client, path: str, *, cookie=COOKIE, leads: bool = True, **fields) -> str:
    """Sends a form; returns where it leads, or else the page."""
    secret = client.get_cookie(cookie.name, domain="127.0.0.1").value
    answer = client.post(path, data={FIELD: proof(secret)} | fields, headers={"Host": HOST}, buffered=True)
    assert answer.status_code == (303 if leads else 200), answer.get_data(as_text=True)
    return answer.headers["Location"] if leads else unescape(answer.get_data(as_text=True))


def newest_code(client) -> str:
    return re.search(r"\b\d{6}\b", get(client, "/demo/inbox")).group()


def join(client, contact: str) -> str:
    get(client, AT)
    following = post(client, AT)
    while not following.endswith("/check"):
        step = re.search(r"/step/([a-z-]+)", following).group(1)
        answers = ANSWERS | {"contact": contact}
        following = post(client, following, **({step: answers[step]} if step in answers else {}))
    return post(client, following)


def test_the_page_leads_to_a_form_whose_code_is_in_the_inbox(client):
    assert f'href="{AT}"' in get(client, "/demo") and 'href="/demo/inbox"' in get(client, "/demo")
    asked = join(client, ANSWERS["contact"])
    assert "E-mail to ana.new@example.org" in get(client, "/demo/inbox")
    assert post(client, asked, code=newest_code(client)).endswith("/done")
    assert "/account/questions" in get(client, f"{AT}/done")
    assert "<h1>" in get(client, "/account/questions")


def test_the_code_to_sign_in_arrives_there_too(demonstration, client):
    address = "ben.new@example.org"
    asked = join(client, address)
    assert post(client, asked, code=newest_code(client)).endswith("/done")
    browser = Client(beside(demonstration.app, demonstration))
    get(browser, "/sign-in")
    post(browser, "/sign-in", cookie=SESSION, contact=address)
    assert post(browser, "/sign-in/code", cookie=SESSION, code=newest_code(browser)) == "/account"


def test_the_link_to_go_on_arrives_there_too(client, demonstration):
    get(client, AT)
    post(client, AT)
    post(client, f"{AT}/later", leads=False, contact="later@example.org")
    link = re.search(rf'href="http://{HOST}({AT}/resume/[^"]+)"', get(client, "/demo/inbox")).group(1)
    assert "<button>" in get(Client(beside(demonstration.app, demonstration)), link)


def test_the_inbox_shows_the_last_messages_and_no_more(client, demonstration):
    handset = demonstration.handset
    assert len(handset.newest(1)) == 1
    assert handset.newest(1)[0] is list(handset.arrived.values())[-1]
    assert get(client, "/demo/inbox").count("<article") <= 30
