"""Signing in by a code: to a confirmed contact alone, good in one browser, and nobody learns who is a patient."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from journeys.primitives.errors import Refused
from service.access.passwords import digest_of
from service.platform.database.tables import contacts, messages, patient_sessions, sign_in_requests
from service.sign_in.codes import MOST_OF_ADDRESS, MOST_OF_BROWSER, confirm_code
from service.sign_in.devices import Device
from service.sign_in.sessions import Attempt
from tests.service.public_pages.visits import everything
from tests.service.sign_in.visitor import ADDRESS, NUMBER, wrong


def bare(page) -> str:
    """A page without the proof of its form, which is another in each browser."""
    return re.sub(r'value="[0-9a-f]{64}"', "", page.source)


def test_a_code_signs_in_once(signing_in):
    browser = signing_in.browser()
    asked = browser.ask()
    assert (asked.status, asked.location) == (303, "/sign-in/code")
    before, code = browser.cookie, signing_in.code()
    signed_in = browser.name_code(code)
    assert (signed_in.status, signed_in.location) == (303, "/account")
    assert browser.cookie != before, "a session has a new cookie"
    assert "Firefox, Linux" in browser.get("/account").text
    assert browser.name_code(code).status == 422


@pytest.mark.parametrize("written", ["+1 505 555 0178", " +15055550178 ", "+1 (505) 555-0178"])
def test_a_code_comes_as_a_text_message_to_a_confirmed_number(signing_in, written):
    signing_in.confirm("p1", "sms", NUMBER)
    browser = signing_in.browser()
    browser.ask(written)
    assert signing_in.work()[-1].address == NUMBER
    assert browser.name_code(signing_in.code()).status == 303


def test_case_does_not_count_in_an_address_and_blanks_do_not_in_a_code(signing_in):
    browser = signing_in.browser()
    browser.ask(ADDRESS.upper())
    code = signing_in.code()
    assert browser.name_code(f" {code[:3]} {code[3:]}").status == 303


def test_the_code_is_stored_as_a_digest_and_no_address_is(signing_in, logs):
    browser = signing_in.browser()
    browser.ask()
    browser.ask("nobody@example.org")
    code = signing_in.code()
    stored = json.dumps([list(map(str, row)) for row in signing_in.rows(sign_in_requests)])
    assert code not in stored and "example.org" not in stored
    browser.name_code(wrong(code))
    assert code not in str(logs) and "example.org" not in str(logs)


def confirm_as_caregiver(signing_in, address: str) -> None:
    caregiver = signing_in.clinic.token_of_family(signing_in.enrollment)
    signing_in.clinic.post("/v1/me/contacts", caregiver, {"channel": "email", "address": address})
    with signing_in.clinic.service.database.writing() as connection:
        connection.execute(contacts.update().values(verified_by="code"))


def test_a_caregiver_with_the_same_address_keeps_no_patient_out(signing_in):
    confirm_as_caregiver(signing_in, ADDRESS)
    assert signing_in.signed_in().get("/account").status == 200


# --- nobody learns who is a patient ---------------------------------------------------------------------------------


def of_nobody(signing_in):
    return "nobody@example.org"


def of_unconfirmed(signing_in):
    signing_in.patient("p2")
    signing_in.confirm("p2", "email", "p2@example.org", by="word")
    return "p2@example.org"


def of_caregiver(signing_in):
    confirm_as_caregiver(signing_in, "aunt@example.org")
    return "aunt@example.org"


def of_two(signing_in):
    for patient in ("p2", "p3"):
        signing_in.patient(patient)
        signing_in.confirm(patient, "email", "both@example.org")
    return "both@example.org"


def of_bad(signing_in):
    signing_in.patient("p2")
    contact = signing_in.confirm("p2", "email", "p2@example.org")
    with signing_in.clinic.service.database.writing() as connection:
        connection.execute(contacts.update().where(contacts.c.id == contact).values(status="bad"))
    return "p2@example.org"


@pytest.mark.parametrize("address_of", [of_nobody, of_unconfirmed, of_caregiver, of_two, of_bad])
def test_who_gets_no_code_sees_the_same_pages(signing_in, address_of):
    """The same status, headers and bytes when the code is asked for, shown, and named wrong until it is used up."""
    unknown, known = signing_in.browser(), signing_in.browser()
    pages = []
    for browser, address in ((unknown, address_of(signing_in)), (known, ADDRESS)):
        seen = [browser.ask(address), browser.get("/sign-in/code")]
        sent = len(signing_in.work())
        seen += [browser.name_code("000000") for _ in range(7)]
        pages.append([(page.status, page.location, bare(page)) for page in seen])
        assert (sent > 0) == (browser is known)
    assert pages[0] == pages[1]
    assert signing_in.rows(patient_sessions) == []


def test_pages_run_the_same_statements_for_every_address(signing_in):
    """The address is looked up afterwards, by the sender: no page can take longer for an address that is known."""
    from sqlalchemy import event

    engine, statements = signing_in.clinic.service.database.engine, list[str]()

    def note(connection, cursor, statement, *_) -> None:
        statements.append(statement)

    signing_in.browser().ask("before@example.org")
    event.listen(engine, "before_cursor_execute", note)
    runs = []
    for address in (ADDRESS, "nobody@example.org"):
        browser = signing_in.browser()
        browser.get("/sign-in")
        statements.clear()
        browser.ask(address)
        asked = list(statements)
        signing_in.work()
        statements.clear()
        browser.name_code("000000")
        runs.append((asked, list(statements)))
    event.remove(engine, "before_cursor_execute", note)
    assert runs[0] == runs[1] and all(runs[0])
    assert not any("contacts" in statement or "persons" in statement for statement in runs[0][0])


# --- what a code is good for ----------------------------------------------------------------------------------------


def test_a_code_is_good_in_the_browser_that_asked_for_it_alone(signing_in):
    browser, other = signing_in.browser(), signing_in.browser()
    browser.ask()
    other.ask("nobody@example.org")
    code = signing_in.code()
    assert other.name_code(code).status == 422
    stranger = signing_in.browser()
    stranger.get("/sign-in")
    assert "Ask for a code first" in stranger.name_code(code).text
    assert browser.name_code(code).status == 303


def test_a_code_is_good_for_five_tries(signing_in):
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    answers = [browser.name_code(wrong(code)) for _ in range(5)]
    assert ["not the code" in answer.text for answer in answers] == [True] * 4 + [False]
    assert browser.name_code(code).status == 422
    assert signing_in.rows(patient_sessions) == []


@pytest.mark.parametrize("written", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_what_is_not_six_digits_is_not_a_try(signing_in, written):
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    for _ in range(6):
        assert "Write the 6 digits" in browser.name_code(written).text
    assert browser.name_code(code).status == 303


@pytest.mark.parametrize(("minutes", "status"), [(14.9, 303), (15, 422)])
def test_a_code_is_good_for_fifteen_minutes(signing_in, minutes, status):
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    signing_in.clinic.clock.pass_by(minutes=minutes)
    assert browser.name_code(code).status == status


def test_the_code_that_was_asked_for_last_counts(signing_in):
    browser = signing_in.browser()
    browser.ask()
    first = signing_in.code()
    signing_in.clinic.clock.pass_by(seconds=30)
    browser.ask()
    second = signing_in.code()
    assert first != second
    assert browser.name_code(first).status == 422
    assert browser.name_code(second).status == 303


def test_a_code_to_sign_in_confirms_no_contact_and_the_other_way_round(signing_in):
    signing_in.confirm("p1", "sms", NUMBER, by="word")
    own = signing_in.clinic.token_of_patient("p1")
    (number,) = (each for each in signing_in.rows(contacts) if each.channel == "sms")
    path = f"/v1/me/contacts/{number.id}/verification"
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    assert signing_in.clinic.post(f"{path}/confirmation", own, {"code": code}).status == 422
    assert signing_in.clinic.post(path, own).status == 202
    other = signing_in.code()
    assert browser.name_code(other).status == 422
    assert signing_in.clinic.post(f"{path}/confirmation", own, {"code": other}).status == 200
    assert browser.name_code(code).status == 303


def test_an_address_that_was_removed_meanwhile_signs_nobody_in(signing_in):
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    (contact,) = signing_in.rows(contacts)
    own = signing_in.clinic.token_of_patient("p1")
    assert signing_in.clinic.call("DELETE", f"/v1/me/contacts/{contact.id}", own).status == 200
    assert browser.name_code(code).status == 422


def test_where_no_text_is_approved_no_code_is_sent(signing_in, logs):
    signing_in.clinic.publish()
    browser = signing_in.browser()
    assert browser.ask().status == 303
    assert signing_in.work() == []
    assert [line["why"] for line in logs if line["event"] == "no code to sign in"] == ["no text"]


# --- scanners and limits --------------------------------------------------------------------------------------------


def test_opening_pages_signs_nobody_in_and_consumes_nothing(signing_in):
    """A mail scanner opens every link, with and without the cookie of the browser."""
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    before = everything(signing_in.reaching)
    for opener in (browser, signing_in.browser()):
        for method in ("GET", "HEAD", "OPTIONS"):
            for path in ("/sign-in", "/sign-in/code", f"/sign-in/code?code={code}", "/account", "/sign-out"):
                assert opener.call(method, path).status in (200, 303, 405)
    assert everything(signing_in.reaching) == before
    assert browser.name_code(code).status == 303


def test_an_address_can_be_asked_for_five_times_an_hour_whoever_has_it(signing_in):
    for address in (ADDRESS, "nobody@example.org"):
        statuses = [signing_in.browser().ask(address).status for _ in range(MOST_OF_ADDRESS + 1)]
        assert statuses == [303] * MOST_OF_ADDRESS + [429]
    refused = signing_in.browser().ask(ADDRESS)
    assert refused.headers["Retry-After"] == "3600" and "Try again in 60 minutes" in refused.text
    signing_in.clinic.clock.pass_by(hours=1)
    assert signing_in.browser().ask(ADDRESS).status == 303


def test_a_browser_asks_ten_times_an_hour(signing_in):
    browser = signing_in.browser()
    statuses = [browser.ask(f"nobody{number}@example.org").status for number in range(MOST_OF_BROWSER + 1)]
    assert statuses == [303] * MOST_OF_BROWSER + [429]


def test_requests_are_deleted_after_a_day(signing_in):
    signing_in.browser().ask("nobody@example.org")
    signing_in.clinic.clock.pass_by(days=1, seconds=1)
    signing_in.browser().ask("other@example.org")
    assert len(signing_in.rows(sign_in_requests)) == 1


def test_requests_wait_for_the_sender_twenty_at_a_time(signing_in):
    for number in range(25):
        signing_in.browser().ask(f"nobody{number}@example.org")
    signing_in.browser().ask()
    assert len(signing_in.work()) == 1
    assert all(row.looked_up_at is not None for row in signing_in.rows(sign_in_requests))
    assert len(signing_in.rows(messages)) == 1


@pytest.mark.parametrize(
    "written",
    ["", "x", "p1@", "p1@example", "5055550178", "+1", "'; --", "@" * 300, "é@example.org"],
)
def test_what_is_no_address_is_explained_beside_the_field(signing_in, written):
    browser = signing_in.browser()
    answer = browser.ask(written)
    assert answer.status == 422
    assert "such as name@example.org" in answer.text
    assert signing_in.rows(sign_in_requests) == []


def at_once(count: int, act) -> list:
    """What a function returns for each number, called by as many threads at the same time."""
    with ThreadPoolExecutor(count) as pool:
        barrier = threading.Barrier(count)
        return list(pool.map(lambda number: (barrier.wait(), act(number))[1], range(count)))


def test_a_code_named_eight_times_at_once_signs_in_once(signing_in):
    browser = signing_in.browser()
    browser.ask()
    code, service = signing_in.code(), signing_in.clinic.service
    attempt = Attempt(digest_of(browser.cookie), Device("other", "other"))

    def name_code(_: int) -> bool:
        try:
            confirm_code(service, attempt, code)
        except Refused:
            return False
        return True

    assert sorted(at_once(8, name_code)) == [False] * 7 + [True]
    assert len(signing_in.rows(patient_sessions)) == 1


def test_tries_at_the_same_time_do_not_exceed_the_limit(signing_in):
    browser = signing_in.browser()
    browser.ask()
    code = signing_in.code()
    attempt = Attempt(digest_of(browser.cookie), Device("other", "other"))

    def guess(number: int) -> None:
        with pytest.raises(Refused):
            confirm_code(signing_in.clinic.service, attempt, f"{(int(code) + 1 + number) % 10**6:06}")

    at_once(10, guess)
    assert [row.tries for row in signing_in.rows(sign_in_requests)] == [5]
    assert browser.name_code(code).status == 422
