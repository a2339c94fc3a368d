"""Passkeys: added shortly after a code, sign in alone, and a wrong answer of a device ends in one page."""

import hashlib
import html
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from struct import pack

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from soft_webauthn import SoftWebauthnDevice

from service.platform.database.tables import passkeys, patient_sessions
from service.sign_in.blueprint import EXTENSION
from service.sign_in.passkeys import MOST_PASSKEYS

ORIGIN = "http://localhost"
PRESENT, IDENTIFIED, ATTESTED = 1, 4, 64


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


class Device(SoftWebauthnDevice):
    """A device that identifies its user, which the library's own does not; `flags` says what it claims."""

    flags = PRESENT | IDENTIFIED

    def make(self, options: dict, origin: str = ORIGIN) -> dict:
        """A new passkey, as a browser's script sends it."""
        known = {
            **options,
            "challenge": data(options["challenge"]),
            "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
        }
        made = self.create({"publicKey": known}, origin)
        statement = cbor.decode(made["response"]["attestationObject"])
        authenticator = bytearray(statement["authData"])
        authenticator[32] = self.flags | ATTESTED
        statement["authData"] = bytes(authenticator)
        response = {
            "clientDataJSON": text(made["response"]["clientDataJSON"]),
            "attestationObject": text(cbor.encode(statement)),
        }
        return {"id": text(made["rawId"]), "rawId": text(made["rawId"]), "type": "public-key", "response": response}

    def use(self, options: dict, origin: str = ORIGIN, **changes) -> dict:
        """The answer to a challenge, as a browser's script sends it."""
        self.sign_count += 1
        client = {"type": "webauthn.get", "challenge": options["challenge"], "origin": origin} | changes
        client_data = json.dumps(client).encode()
        host = hashlib.sha256(options["rpId"].encode()).digest()
        authenticator = host + bytes([self.flags]) + pack(">I", self.sign_count)
        signed = authenticator + hashlib.sha256(client_data).digest()
        signature = self.private_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(client_data),
            "authenticatorData": text(authenticator),
            "signature": text(signature),
            "userHandle": self.user_handle,
        }
        id_text = text(self.credential_id)
        return {"id": id_text, "rawId": id_text, "type": "public-key", "response": response}


@pytest.fixture
def signing_in(signing_in):
    """A clinic whose patients can use passkeys."""
    app = signing_in.clinic.app
    before = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(before, patient_passkeys=True)
    yield signing_in
    app.extensions[EXTENSION] = before


def options_of(page) -> dict:
    return json.loads(html.unescape(re.search('data-options="([^"]*)"', page.source)[1]))


def add(browser, device: Device, **options):
    """Adds a passkey; returns where the browser ends."""
    begun = browser.post("/account/passkeys")
    assert begun.status == 200
    answer = device.make(options_of(begun), **options)
    return browser.post("/account/passkeys/answer", {"credential": json.dumps(answer)})


def use(browser, device: Device, change=lambda answer: answer, **options):
    """Signs in by a passkey; returns where the browser ends."""
    if browser.cookie is None:
        browser.get("/sign-in")
    asked = browser.post("/sign-in/passkey")
    assert asked.status == 200
    answer = change(device.use(options_of(asked), **options))
    return browser.post("/sign-in/passkey/answer", {"credential": json.dumps(answer)})


@pytest.fixture
def device(signing_in) -> Device:
    """A device with a passkey of the patient p1."""
    made = Device()
    assert add(signing_in.signed_in(), made).location == "/account?done=passkey"
    return made


def test_a_passkey_signs_in_alone(signing_in, device):
    browser = signing_in.browser()
    assert "Sign in with a passkey" in browser.get("/sign-in").text
    assert use(browser, device).location == "/account"
    account = browser.get("/account").text
    assert "Signed in with a passkey" in account and "Passkeys" in account
    assert use(signing_in.browser(), device).location == "/account"


def test_the_device_is_asked_to_identify_its_user_and_told_no_name_of_the_patient(signing_in):
    options = options_of(signing_in.signed_in().post("/account/passkeys"))
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["rp"] == {"id": "localhost", "name": "localhost"} and options["user"]["name"] == "My care guide"
    assert "p1" not in json.dumps(options)
    browser = signing_in.browser()
    browser.get("/sign-in")
    asked = options_of(browser.post("/sign-in/passkey"))
    assert asked["userVerification"] == "required" and asked.get("allowCredentials", []) == []


def test_the_credential_and_its_key_are_sealed_and_not_logged(signing_in, device, logs):
    (row,) = signing_in.rows(passkeys)
    assert len(row.credential_digest) == 64
    assert text(device.credential_id) not in str([row.id, row.credential_digest, logs])


def test_a_passkey_is_added_shortly_after_a_code_alone(signing_in, device):
    browser = signing_in.browser()
    use(browser, device)
    assert browser.post("/account/passkeys").location == "/sign-in?said=again"
    late = signing_in.signed_in()
    signing_in.clinic.clock.pass_by(minutes=15)
    assert late.post("/account/passkeys").location == "/sign-in?said=again"
    assert "sign in with a code first" in late.get("/sign-in?said=again").text


def test_a_passkey_that_was_removed_signs_nobody_in(signing_in, device):
    browser = signing_in.signed_in()
    (row,) = signing_in.rows(passkeys)
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    assert signing_in.signed_in("p2@example.org").post("/account/passkeys/end", {"passkey": row.id}).status == 404
    assert browser.post("/account/passkeys/end", {"passkey": row.id}).location == "/account?done=passkey-ended"
    assert use(signing_in.browser(), device).location == "/sign-in?said=passkey"


def test_a_patient_has_ten_passkeys_at_most(signing_in):
    browser = signing_in.signed_in()
    for _ in range(MOST_PASSKEYS):
        assert add(browser, Device()).location == "/account?done=passkey"
    assert browser.post("/account/passkeys").location == "/account?done=no-passkey"


def test_a_credential_is_of_one_patient(signing_in, device):
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org")
    other = signing_in.signed_in("p2@example.org")
    twin = Device()
    begun = options_of(other.post("/account/passkeys"))
    answer = twin.make(begun)
    twin.credential_id, known = device.credential_id, twin.credential_id
    copied = json.loads(json.dumps(answer).replace(text(known), text(twin.credential_id)))
    copied["response"]["attestationObject"] = text(
        data(answer["response"]["attestationObject"]).replace(known, twin.credential_id)
    )
    answered = other.post("/account/passkeys/answer", {"credential": json.dumps(copied)})
    assert answered.location == "/account?done=no-passkey"
    assert len(signing_in.rows(passkeys)) == 1


# --- wrong answers --------------------------------------------------------------------------------------------------


def with_signature(answer: dict) -> dict:
    answer["response"]["signature"] = text(b"x" * 70)
    return answer


def of_another_person(answer: dict) -> dict:
    answer["response"]["userHandle"] = text(b"somebody else")
    return answer


def of_unknown_credential(answer: dict) -> dict:
    return answer | {"id": text(b"unknown"), "rawId": text(b"unknown")}


def with_two_ids(answer: dict) -> dict:
    return answer | {"rawId": text(b"another")}


WRONG = [
    (with_signature, {}),
    (of_another_person, {}),
    (of_unknown_credential, {}),
    (with_two_ids, {}),
    (lambda answer: {}, {}),
    (lambda answer: answer | {"response": {}}, {}),
    (lambda answer: answer | {"id": 7}, {}),
    (lambda answer: answer | {"id": "x" * 10_000}, {}),
    (lambda answer: answer | {"more": "x" * 30_000}, {}),
    (lambda answer: answer, {"origin": "https://evil.example"}),
    (lambda answer: answer, {"challenge": text(b"another")}),
    (lambda answer: answer, {"type": "webauthn.create"}),
]


@pytest.mark.parametrize(("change", "options"), WRONG)
def test_a_wrong_answer_leads_back_to_sign_in(signing_in, device, change, options):
    before = signing_in.rows(patient_sessions)
    browser = signing_in.browser()
    answered = use(browser, device, change, **options)
    assert (answered.status, answered.location) == (303, "/sign-in?said=passkey")
    assert "That passkey was not accepted." in browser.get(answered.location).text
    assert signing_in.rows(patient_sessions) == before


def test_a_device_that_did_not_identify_its_user_is_refused(signing_in, device):
    device.flags = PRESENT
    assert use(signing_in.browser(), device).location == "/sign-in?said=passkey"
    other = Device()
    other.flags = PRESENT
    assert add(signing_in.signed_in(), other).location == "/account?done=no-passkey"


def test_a_copied_device_is_noticed_by_its_count(signing_in, device):
    for _ in range(3):
        assert use(signing_in.browser(), device).location == "/account"
    device.sign_count = 1
    assert use(signing_in.browser(), device).location == "/sign-in?said=passkey"


def test_a_challenge_is_good_once_in_one_browser_and_for_one_act(signing_in, device):
    browser, other = signing_in.browser(), signing_in.browser()
    for each in (browser, other):
        each.get("/sign-in")
    answer = {"credential": json.dumps(device.use(options_of(browser.post("/sign-in/passkey"))))}
    assert other.post("/sign-in/passkey/answer", answer).location == "/sign-in?said=passkey"
    assert browser.post("/sign-in/passkey/answer", answer).location == "/account"
    assert browser.post("/sign-in/passkey/answer", answer).location == "/sign-in?said=passkey"
    signed_in = signing_in.signed_in()
    begun = options_of(signed_in.post("/account/passkeys"))
    as_sign_in = {"credential": json.dumps(device.use(begun | {"rpId": "localhost"}))}
    assert signed_in.post("/sign-in/passkey/answer", as_sign_in).location == "/sign-in?said=passkey"


def test_a_challenge_is_good_for_ten_minutes(signing_in, device):
    browser = signing_in.browser()
    browser.get("/sign-in")
    answer = {"credential": json.dumps(device.use(options_of(browser.post("/sign-in/passkey"))))}
    signing_in.clinic.clock.pass_by(minutes=10)
    assert browser.post("/sign-in/passkey/answer", answer).location == "/sign-in?said=passkey"


@pytest.mark.parametrize("sent", ["", "{", "[]", "{" * 100, "\ud800", "x" * 30_000])
def test_what_no_script_of_ours_sends_is_refused(signing_in, sent):
    browser = signing_in.browser()
    browser.get("/sign-in")
    browser.post("/sign-in/passkey")
    answer = browser.post("/sign-in/passkey/answer", {"credential": sent.encode(errors="surrogatepass")})
    assert answer.location == "/sign-in?said=passkey" or answer.status == 400


def test_only_the_pages_of_passkeys_run_a_script(signing_in):
    browser = signing_in.signed_in()
    page = browser.post("/account/passkeys")
    assert "This needs JavaScript" in page.text, "until the script takes it away"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "script-src" not in browser.get("/account").headers["Content-Security-Policy"]


def test_where_passkeys_are_off_none_is_offered(signing_in):
    app = signing_in.clinic.app
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], patient_passkeys=False)
    browser = signing_in.signed_in()
    assert "asskey" not in browser.get("/account").text + browser.get("/sign-in").text
    for path in ("/sign-in/passkey", "/sign-in/passkey/answer", "/account/passkeys", "/account/passkeys/answer"):
        assert browser.post(path).status == 404
