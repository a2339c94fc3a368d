"""The link in a mail with a code: it leads to a button, and opening it signs nobody in and consumes nothing."""

import re
import shutil

import pytest

from tests.folders import ROOT
from tests.service.public_pages.visits import everything
from tests.service.sign_in.visitor import NUMBER

TEXTS = ROOT / "content" / "nsclc" / "_texts"


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with the shipped texts of codes."""

    def add_texts(folder) -> None:
        for name in ("verification-code", "sign-in-code"):
            shutil.copytree(TEXTS / name, folder / "content" / "follow_up" / "_texts" / name)

    return publish_sample(add_texts)


def mailed(signing_in):
    """A browser that asked for a code, and the mail."""
    browser = signing_in.browser()
    browser.ask()
    return browser, signing_in.work()[-1]


def link_of(envelope) -> str:
    (address,) = re.findall(r'href="(https://[^"]+)"', envelope.html)
    assert address in envelope.text
    return address.removeprefix("https://guide.example.org")


def test_the_mail_is_the_approved_sign_in_text_with_the_code_and_a_link(signing_in):
    _, envelope = mailed(signing_in)
    (code,) = set(re.findall(r"\b\d{6}\b", envelope.text))
    assert "It works for 15 minutes" in envelope.text and 'example.org/sign-in"' not in envelope.html
    assert link_of(envelope) == f"/sign-in/code/{code}"
    assert code not in envelope.subject


def test_the_button_behind_the_link_signs_in(signing_in):
    browser, envelope = mailed(signing_in)
    page = browser.get(link_of(envelope))
    assert page.status == 200 and "Press the button to sign in." in page.text
    code = re.search('name="code" value="([0-9]{6})"', page.source)[1]
    assert browser.name_code(code).location == "/account"


def test_a_scanner_that_opens_the_link_signs_nobody_in_and_consumes_nothing(signing_in):
    browser, envelope = mailed(signing_in)
    before = everything(signing_in.reaching)
    for opener in (browser, signing_in.browser()):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert opener.call(method, link_of(envelope)).status == 200
    assert everything(signing_in.reaching) == before
    assert browser.name_code(link_of(envelope)[-6:]).location == "/account"


def test_in_another_browser_the_link_says_where_to_open_it(signing_in):
    _, envelope = mailed(signing_in)
    page = signing_in.browser().get(link_of(envelope))
    assert "A code works only in the browser in which you asked for it." in page.text
    assert 'name="code"' not in page.source


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "%22%3E%3Cscript%3E", "１２３４５６"])
def test_what_is_no_code_is_not_filled_in(signing_in, code):
    browser, _ = mailed(signing_in)
    page = browser.get(f"/sign-in/code/{code}")
    assert 'name="code" value=""' in page.source and "<script" not in page.source


def test_a_text_message_has_the_code_and_no_link(signing_in):
    signing_in.confirm("p1", "sms", NUMBER)
    browser = signing_in.browser()
    browser.ask(NUMBER)
    text = signing_in.work()[-1].text
    assert "http" not in text and "Your code to sign in is" in text
    assert browser.name_code(re.search(r"\d{6}", text)[0]).location == "/account"


def test_a_code_that_confirms_an_address_has_its_own_text(signing_in):
    signing_in.confirm("p1", "sms", NUMBER, by="word")
    own = signing_in.clinic.token_of_patient("p1")
    contacts = signing_in.clinic.get("/v1/me/preferences", own)["contacts"]
    (number,) = (each["id"] for each in contacts if each["channel"] == "sms")
    assert signing_in.clinic.post(f"/v1/me/contacts/{number}/verification", own).status == 202
    assert "It works for 10 minutes" in signing_in.work()[-1].text
