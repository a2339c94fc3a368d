"""Signing in with Chromium on a phone's width, by keyboard alone, in both languages; the policy lets no script run."""

import re

import pytest
from werkzeug.utils import redirect
from werkzeug.wrappers import Request

from service.app import create_app
from service.platform.configuration import Configuration
from service.platform.server import Server
from service.sign_in.blueprint import EXTENSION, PROVIDERS
from service.sign_in.providers import PatientProvider
from tests.service.browsing import LAPTOP, SMALL_PHONE, Looking, window
from tests.service.reviewer_ui.providers import CLIENT, Crooked, running
from tests.service.sign_in.visitor import ADDRESS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


class Served(str):
    """The address of a served application."""

    app = None


class BrowsedProvider(Crooked):
    """A provider that recognises the browser at once, and sends it back."""

    def __call__(self, environ, start_response):
        request = Request(environ)
        if request.path == "/authorize":
            return redirect(self.authorize(request.url), 303)(environ, start_response)
        return super().__call__(environ, start_response)


@pytest.fixture
def address(clinic):
    """The address of a served clinic."""
    config = Configuration(database=clinic.config.database, port=0)
    options = {"clock": clinic.clock, "new_id": clinic.service.new_id}
    app = create_app(config, service=clinic.service, **options)
    server = Server(app, config)
    served = Served(f"http://localhost:{server.port}")
    served.app = app
    yield served
    server.stop()


@pytest.mark.parametrize("size", [SMALL_PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_patient_adds_a_passkey_and_signs_in_with_it(signing_in, address, browser, language, size):
    """With a device that Chromium itself plays."""
    address.app.extensions[EXTENSION] = Configuration(patient_passkeys=True)
    own = signing_in.clinic.token_of_patient("p1")
    signing_in.clinic.call("PUT", "/v1/me/preferences", own, json={"language": language})
    with window(browser, size, locale=language) as page:
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        abilities = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        device.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": abilities | {"isUserVerified": True, "automaticPresenceSimulation": True}},
        )
        looking = Looking(page, f"{language}-{size['width']}")
        page.goto(f"{address}/sign-in")
        page.fill("#contact", ADDRESS)
        looking.press("#contact")
        page.fill("#code", signing_in.code())
        looking.press("#code")
        looking.press("form[action='/account/passkeys'] button")
        looking.look("passkey-add")
        looking.press("#passkey button")
        assert "done=passkey" in page.url
        looking.look("passkey-added")
        looking.press("main > form:last-of-type button >> nth=-1")
        looking.look("sign-in-passkey")
        looking.press(".ways button")
        looking.look("passkey-use")
        looking.press("#passkey button")
        assert page.url == f"{address}/account"
        assert page.locator("main .tag").count() == 1
        assert looking.faults == []
        assert page.wrong == []


@pytest.mark.parametrize("size", [SMALL_PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_patient_connects_a_login_and_disconnects_it(signing_in, address, browser, language, size):
    own = signing_in.clinic.token_of_patient("p1")
    signing_in.clinic.call("PUT", "/v1/me/preferences", own, json={"language": language})
    with running(BrowsedProvider(signing_in.clinic.clock, f"{address}/sign-in/back")) as provider:
        provider.claims = {"nickname": "Ana"}
        configured = PatientProvider(
            key="acme",
            title="Acme Health",
            issuer=provider.address,
            client=CLIENT,
            secret="made-up",
            verifies=("*",),
            verifies_numbers=True,
        )
        address.app.extensions[PROVIDERS] = {"acme": configured}
        with window(browser, size, locale=language) as page:
            looking = Looking(page, f"{language}-{size['width']}")
            page.goto(f"{address}/sign-in")
            looking.look("providers")
            looking.press(".ways a")
            looking.look("provider")
            looking.press("main a.button")
            assert page.url == f"{address}/sign-in"
            looking.look("link")
            page.fill("#contact", ADDRESS)
            looking.press("#contact")
            looking.look("link-code")
            page.fill("#code", signing_in.code())
            looking.press("#code")
            looking.look("linked")
            looking.press("form[action='/account/logins/end'] button")
            looking.look("unlinked")
            assert "done=login" in page.url
            assert looking.faults == []
            assert page.wrong == []


@pytest.mark.parametrize("size", [SMALL_PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_patient_signs_in_looks_and_signs_out(signing_in, address, browser, language, size):
    own = signing_in.clinic.token_of_patient("p1")
    signing_in.clinic.call("PUT", "/v1/me/preferences", own, json={"language": language})
    other = signing_in.signed_in()
    assert other.call("POST", "/v1/me/tokens", json={"name": "My phone"}).status == 201
    with window(browser, size, locale=language) as page:
        looking = Looking(page, f"{language}-{size['width']}")
        page.goto(f"{address}/sign-in")
        assert page.get_attribute("html", "lang") == language
        looking.look("sign-in")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Tab")
        page.keyboard.type("p1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        looking.look("sign-in-problem")
        assert page.get_attribute("#contact", "aria-invalid") == "true"
        page.fill("#contact", ADDRESS)
        looking.press("main form button")
        looking.look("code")
        page.goto(f"{address}/sign-in/code/012345")
        looking.look("code-of-link")
        assert page.input_value("#code") == "012345"
        page.fill("#code", "12")
        looking.press("#code")
        looking.look("code-problem")
        page.fill("#code", signing_in.code())
        looking.press("#code")
        assert page.url == f"{address}/account"
        looking.look("account")
        assert page.locator("main li").count() == 3
        looking.press("main li form button >> nth=1")
        looking.look("account-done")
        assert other.get("/account").status == 303
        looking.press("main > form button")
        looking.look("signed-out")
        assert "said=everywhere" in page.url
        page.goto(f"{address}/sign-in/code")
        looking.look("no-code")
        page.context.clear_cookies()
        looking.press("main a.button")
        page.context.clear_cookies()
        page.fill("#contact", ADDRESS)
        looking.press("main form button")
        looking.look("refused")
        assert looking.faults == []
        assert [entry for entry in page.wrong if not re.search("40[03]|422", entry)] == []
        assert {url.partition(address)[0] for url in page.requested} <= {"", "data:,"}
