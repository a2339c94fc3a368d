"""The last step: a code proves the contact, everything is stored together, and nobody learns who is a patient."""

import re

import pytest
from sqlalchemy import event

from service.outreach.port import Reason, Transient
from service.platform.database.tables import contacts, enrollments, permission_entries, persons, registration_drafts
from tests.service.public_pages.visits import everything
from tests.service.registration.visitor import ADDRESS, AT, STEPS, ZONE, wrong


def bare(page) -> str:
    """A page without the proof of its form, which is another in each browser."""
    return re.sub(r'value="[0-9a-f]{64}"', "", page.source)


def test_a_code_finishes_and_stores_person_contact_permission_and_enrollment(joiners):
    browser = joiners.browser()
    done = browser.registered(language="es", **{STEPS[4]: ["1 es education email", "1 es adherence sms"]})
    assert "Ya se unió" in done.text and "Su guía está lista." in done.text
    assert joiners.sent[-1].address == ADDRESS and joiners.sent[-1].locale == "es"
    (person,) = joiners.rows(persons)
    assert (person.language, person.time_zone, person.language_from) == ("es", ZONE, "person")
    (contact,) = joiners.rows(contacts)
    assert (contact.person, contact.channel, contact.verified_by) == (person.id, "email", "code")
    (enrollment,) = joiners.rows(enrollments)
    assert (enrollment.person, enrollment.programme, enrollment.locale) == (person.id, "north", "es")
    entries = joiners.clinic.get(f"/v1/me/permissions?person={person.id}", joiners.clinic.staff)["entries"]
    assert sorted((entry["purpose"], entry["channel"], entry["method"]) for entry in entries) == [
        ("adherence", "sms", "web"),
        ("education", "email", "web"),
    ]
    assert {entry["text"]["locale"] for entry in entries} == {"es"}


def test_the_patient_is_signed_in_at_the_end(joiners):
    browser = joiners.browser()
    browser.registered()
    assert browser.get("/account").status == 200


def test_after_the_end_every_way_back_leads_to_one_page(joiners):
    browser = joiners.browser()
    browser.registered()
    before = everything(joiners)
    for path in ("", "/step/entry", "/step/check", "/code", "/later"):
        assert browser.get(path).location == f"{AT}/done", path
    for path in ("/step/entry", "/step/check", "/code", "/later"):
        assert browser.post(path, {"entry": "in_follow_up", "code": "123456"}).location == f"{AT}/done", path
    assert everything(joiners) == before
    assert "You have finished" in browser.get(f"/resume/{browser.cookie}").text


def test_a_wrong_code_is_counted_and_after_five_none_is_taken(joiners):
    browser = joiners.browser()
    browser.answer_all()
    browser.post("/step/check")
    code = joiners.code()
    assert "Write the 6 digits" in browser.post("/code", {"code": "12"}).text
    for _ in range(5):
        page = browser.post("/code", {"code": wrong(code)})
        assert (page.status, "not the code that we sent last" in page.text) == (422, True)
    page = browser.post("/code", {"code": code})
    assert (page.status, "cannot be used any more" in page.text) == (422, True)
    assert joiners.rows(enrollments) == []


def test_a_code_ends_after_ten_minutes(joiners):
    browser = joiners.browser()
    browser.answer_all()
    browser.post("/step/check")
    joiners.clinic.clock.pass_by(minutes=10)
    assert "cannot be used any more" in browser.get("/code").text
    assert browser.post("/code", {"code": joiners.code()}).status == 422
    assert joiners.rows(enrollments) == []


def test_a_code_is_good_for_the_contact_to_which_it_was_sent_alone(joiners):
    browser = joiners.browser()
    browser.answer_all()
    browser.post("/step/check")
    code = joiners.code()
    browser.answer("contact", "other@example.org")
    assert browser.get("/code").location == f"{AT}/step/check"
    assert browser.post("/code", {"code": code}).status in (303, 422)
    assert joiners.rows(enrollments) == []


def test_a_known_contact_sees_the_same_pages_and_gets_a_note(joiners):
    first = joiners.browser()
    first.registered()
    before = [len(joiners.rows(table)) for table in (enrollments, persons, contacts, permission_entries)]
    again, other = joiners.browser(), joiners.browser()
    pages = []
    for browser, address in ((again, ADDRESS), (other, "fresh@example.org")):
        browser.answer_all(contact=address)
        sent = browser.post("/step/check")
        pages.append((sent.status, sent.location, bare(browser.get("/code")).replace(address[0] + "…", "")))
    assert pages[0] == pages[1]
    note, code = joiners.sent[-2:]
    assert (note.address, code.address) == (ADDRESS, "fresh@example.org")
    assert "you have joined before" in note.text and not re.search(r"\b\d{6}\b", note.text)
    assert "https://guide.example.org/sign-in" in note.text
    tried = [bare(browser.post("/code", {"code": wrong(joiners.code())})) for browser in (again, other)]
    assert tried[0].replace("n…", "") == tried[1].replace("f…", "")
    assert [len(joiners.rows(table)) for table in (enrollments, persons, contacts, permission_entries)] == before


def test_a_known_contact_takes_the_same_work(joiners):
    """The same statements and as many messages: neither the time nor the load tells who is a patient."""
    joiners.browser().registered()
    engine, statements = joiners.clinic.service.database.engine, list[str]()

    def note(connection, cursor, statement, *_) -> None:
        statements.append(statement)

    runs = []
    event.listen(engine, "before_cursor_execute", note)
    for address in (ADDRESS, "fresh@example.org"):
        browser, before = joiners.browser(), len(joiners.sent)
        browser.answer_all(contact=address)
        run = []
        for send in (
            lambda browser=browser: browser.post("/step/check"),
            lambda browser=browser: browser.get("/code"),
            lambda browser=browser: browser.post("/code", {"code": "000000"}),
            lambda browser=browser: browser.post("/step/check"),
        ):
            statements.clear()
            status = send().status
            run.append((status, list(statements)))
        runs.append((run, len(joiners.sent) - before))
    event.remove(engine, "before_cursor_execute", note)
    assert runs[0] == runs[1]
    assert runs[0][1] == 2 and all(statements for _, statements in runs[0][0])


def test_an_address_gets_three_messages_an_hour(joiners):
    browser = joiners.browser()
    browser.answer_all()
    assert [browser.post("/step/check").status for _ in range(4)] == [303, 303, 303, 429]
    assert len(joiners.sent) == 3
    joiners.clinic.clock.pass_by(hours=1)
    assert browser.post("/step/check").status == 303


def test_where_the_provider_fails_the_answers_are_kept(joiners):
    joiners.mail.answers = [Transient(Reason.BUSY)]
    browser = joiners.browser()
    browser.answer_all()
    page = browser.post("/step/check")
    assert (page.status, "We could not send it" in page.text) == (503, True)
    assert ADDRESS in browser.get("/step/check").text


# --- going on later -------------------------------------------------------------------------------------------------


def linked(joiners) -> str:
    """A link to go on, as it was sent."""
    browser = joiners.browser()
    browser.begin()
    browser.answer("language")
    browser.answer("entry")
    assert "The link is on its way" in browser.post("/later", {"contact": ADDRESS}).text
    assert joiners.sent[-1].address == ADDRESS
    return re.search(r"https://guide.example.org(/join/north/resume/\S+)", joiners.sent[-1].text).group(1)


def test_a_link_opens_a_page_with_a_button_and_goes_on_elsewhere(joiners):
    link = linked(joiners)
    before = everything(joiners)
    scanner = joiners.browser()
    assert [scanner.get(link).status for _ in range(3)] == [200] * 3
    assert everything(joiners) == before
    other = joiners.browser()
    assert "Press the button" in other.get(link).text
    assert other.post(link).location == f"{AT}/step/contact"
    assert 'value="in_follow_up" checked' in other.get("/step/entry").source


def test_after_the_button_neither_the_link_nor_the_first_browser_reads_the_draft(joiners):
    first, other = joiners.browser(), joiners.browser()
    first.begin()
    first.answer("entry")
    first.post("/later", {"contact": ADDRESS})
    link = f"/resume/{first.cookie}"
    other.get(link)
    assert other.post(link).status == 303
    assert other.cookie != first.cookie
    assert (first.get("/step/entry").location, first.get(link).status) == (AT, 404)
    joiners.clinic.clock.pass_by(days=7)
    assert other.get("/step/entry").location == AT, "seven days count from its beginning"


def test_a_link_goes_only_to_an_address_that_can_be_one(joiners):
    browser = joiners.browser()
    browser.begin()
    page = browser.post("/later", {"contact": "nobody"})
    assert (page.status, joiners.sent) == (422, [])
    assert 'value="nobody"' in page.source


@pytest.mark.parametrize("link", ["short", "a" * 43, "a" * 400])
def test_a_wrong_link_is_one_clear_page(joiners, link):
    page = joiners.browser().get(f"/resume/{link}")
    assert (page.status, "This page does not exist" in page.text) == (404, True)


def test_an_old_link_is_like_a_wrong_one(joiners):
    link = linked(joiners)
    joiners.clinic.clock.pass_by(days=7)
    assert joiners.browser().get(link).status == 404
    assert len(joiners.rows(registration_drafts)) == 1  # until the next draft, or the worker
