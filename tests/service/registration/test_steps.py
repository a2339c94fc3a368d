"""The steps of a registration work without JavaScript, keep answers, and name each problem with its field."""

import pytest

from service.platform.database.tables import enrollments, persons, registration_drafts
from service.registration.drafts import forget_old_drafts
from tests.service.public_pages.visits import everything
from tests.service.registration.visitor import ADDRESS, ANSWERS, AT, STEPS, Joiners


def test_what_people_get_is_said_before_anything_is_asked(joiners):
    page = joiners.browser().get()
    assert page.status == 200
    assert "Join North" in page.text and "Short pages in plain words." in page.text
    assert "We ask 6 things" in page.text
    assert "Unirse: Norte" in joiners.browser(**{"Accept-Language": "es"}).get().text


@pytest.mark.parametrize("path", ["/join/nowhere", "/join/south", "/join/nowhere/done"])
def test_a_programme_that_nobody_can_join_is_one_clear_page(joiners, path):
    page = joiners.browser().get(path)
    assert (page.status, "This page does not exist" in page.text) == (404, True)


def test_every_step_has_an_address_and_follows_the_one_before(joiners):
    browser = joiners.browser()
    assert browser.begin().location == f"{AT}/step/language"
    for step, following in zip(STEPS, [*STEPS[1:], "check"], strict=True):
        page = browser.get(f"/step/{step}")
        assert (page.status, f'action="{AT}/step/{step}"' in page.source) == (200, True), page.text
        assert browser.answer(step).location == f"{AT}/step/{following}"
    check = browser.get("/step/check").text
    assert ADDRESS in check and "My treatment is over" in check and "Things to read, by e-mail" in check


def test_the_back_button_and_the_button_back_keep_answers(joiners):
    browser = joiners.browser()
    browser.begin()
    browser.answer("language")
    browser.answer("entry")
    assert 'value="in_follow_up" checked' in browser.get("/step/entry").source
    back = browser.post("/step/contact", {"contact": ADDRESS, "go": "back"})
    assert back.location == f"{AT}/step/entry"
    assert f'value="{ADDRESS}"' in browser.get("/step/contact").source


def test_a_problem_comes_first_in_a_summary_and_links_to_its_field(joiners):
    browser = joiners.browser()
    browser.begin()
    for step, typed, text in [
        ("entry", "", "Choose what fits you now"),
        ("contact", "me at home", "Write an e-mail address such as name@example.org, or a mobile number"),
        ("time-zone", "", "Choose a time zone"),
    ]:
        page = browser.answer(step, typed)
        assert page.status == 422
        assert page.source.index('class="problem"') < page.source.index("<h1")
        assert f'href="#{step}"' in page.source and f'id="{step}"' in page.source
        assert 'aria-invalid="true"' in page.source and page.text.count(text) == 2
        assert "Problem: " in page.source[page.source.index("<title>") :][:80]
    assert 'value="me at home"' in browser.answer("contact", "me at home").source


def test_one_page_names_every_problem_at_once(joiners):
    browser = joiners.browser()
    assert browser.begin("?style=one-page").location == f"{AT}/step/questions?style=one-page"
    page = browser.post("/step/questions", {"language": "en", "entry": "nothing"})
    assert page.status == 422
    assert [f'href="#{name}"' in page.source for name in ("entry", "contact", "time-zone")] == [True] * 3
    assert browser.post("/step/questions", ANSWERS).location == f"{AT}/step/check"


def test_a_dialogue_shows_the_answers_above_the_question(joiners):
    browser = joiners.browser()
    browser.begin("?style=dialogue")
    browser.answer("language")
    browser.answer("entry")
    page = browser.get("/step/contact")
    assert page.text.index("My treatment is over") < page.text.index("What is your e-mail address")


def test_consent_texts_are_whole_nothing_is_ticked_and_a_no_blocks_nothing(joiners):
    browser = joiners.browser()
    browser.begin()
    for step in STEPS[:4]:
        browser.answer(step)
    page = browser.get(f"/step/{STEPS[4]}")
    assert "May we send you messages about your care?" in page.text
    assert page.source.count('type="checkbox"') == 4 and "checked" not in page.source
    assert browser.answer(STEPS[4], []).status == browser.answer(STEPS[5], []).status == 303
    assert "Nothing" in browser.get("/step/check").text


def test_ticks_of_an_older_text_are_not_taken(joiners):
    browser = joiners.browser()
    browser.begin()
    page = browser.answer(STEPS[4], ["2 en education email"])
    assert (page.status, "This text has changed" in page.text) == (422, True)


def test_the_language_chosen_is_that_of_every_page_after_it(joiners):
    browser = joiners.browser()
    browser.begin()
    browser.answer("language", "es")
    assert "¿Cuál es su caso ahora?" in browser.get("/step/entry").text


def test_nothing_is_an_enrollment_before_the_last_step_and_the_draft_cannot_be_read(joiners):
    before = [len(joiners.rows(table)) for table in (enrollments, persons)]
    browser = joiners.browser()
    browser.answer_all()
    browser.post("/step/check")
    assert [len(joiners.rows(table)) for table in (enrollments, persons)] == before
    rows = str(everything(joiners))
    assert all(word not in rows for word in (ADDRESS, "in_follow_up", browser.cookie, joiners.code()))
    assert len(joiners.rows(registration_drafts)) == 1


def test_a_draft_is_gone_after_seven_days(joiners):
    browser = joiners.browser()
    browser.answer_all()
    joiners.clinic.clock.pass_by(days=7)
    assert browser.get("/step/check").location == AT
    other = joiners.browser()
    other.begin()
    assert len(joiners.rows(registration_drafts)) == 1


def test_the_worker_deletes_what_is_older_than_seven_days_and_nothing_else(joiners):
    joiners.browser().answer_all()
    joiners.clinic.clock.pass_by(days=6, hours=23)
    assert forget_old_drafts(joiners.clinic.service) == 0
    joiners.browser().begin()
    joiners.clinic.clock.pass_by(hours=1)
    assert [forget_old_drafts(joiners.clinic.service) for _ in range(2)] == [1, 0]
    assert len(joiners.rows(registration_drafts)) == 1


def test_a_row_that_somebody_changed_is_no_draft(joiners):
    browser = joiners.browser()
    browser.answer_all()
    with joiners.clinic.service.database.writing() as connection:
        connection.execute(registration_drafts.update().values(payload=b"0" * 80))
    assert browser.get("/step/check").location == AT


def test_what_was_written_can_be_deleted(joiners):
    browser = joiners.browser()
    browser.answer_all()
    assert "Deleted" in browser.post("/forget").text
    assert (joiners.rows(registration_drafts), browser.cookie) == ([], None)


def test_no_cookie_but_the_drafts_own_before_the_end(joiners):
    browser = joiners.browser()
    browser.answer_all()
    assert browser.cookies() == {"journeys_registration"}


def test_two_tabs_keep_the_answers_of_both(joiners):
    browser = joiners.browser()
    browser.begin()
    browser.answer("entry", "after_a_scan")
    browser.answer("contact")
    browser.answer("entry", "in_follow_up")
    page = browser.get("/step/contact")
    assert f'value="{ADDRESS}"' in page.source
    assert 'value="in_follow_up" checked' in browser.get("/step/entry").source


def test_a_form_of_another_site_is_refused(joiners):
    browser = joiners.browser()
    browser.begin()
    assert browser.post("/step/entry", {"entry": "in_follow_up"}, with_proof=False).status == 403
    assert browser.answer("entry").status == 303
    assert browser.post("/step/entry", {"entry": "in_follow_up"}, Origin="https://evil.example").status == 403


def test_a_flood_of_drafts_from_one_address_is_bounded(clinic):
    joiners = Joiners(clinic, registrations_per_minute=20)
    answers = [joiners.browser().begin() for _ in range(300)]
    refused = [page for page in answers if page.status == 429]
    assert len(joiners.rows(registration_drafts)) <= 25
    assert len(refused) >= 275
    assert "Please wait" in refused[0].text and int(refused[0].headers["Retry-After"]) <= 60


def test_a_browser_that_refuses_measurement_is_not_asked_for_it(joiners):
    browser = joiners.browser(**{"Sec-GPC": "1"})
    assert "We ask 5 things" in browser.get().text
    browser.begin()
    assert "Your browser asks us not to measure" in browser.get("/step/entry").text
    assert browser.get(f"/step/{STEPS[5]}").status == 404


def test_configured_sites_may_embed_the_pages_and_no_others(clinic):
    joiners = Joiners(clinic, registration_origins="https://clinic.example.org https://north.example.org")
    policy = joiners.browser().get().headers["Content-Security-Policy"]
    assert "frame-ancestors https://clinic.example.org https://north.example.org" in policy
    assert "frame-ancestors 'none'" in Joiners(clinic).browser().get().headers["Content-Security-Policy"]


def test_an_embedded_page_has_a_cookie_of_its_own_over_tls(clinic):
    joiners = Joiners(clinic, registration_origins="https://clinic.example.org", https=True)
    cookie = joiners.browser().get().headers["Set-Cookie"]
    assert cookie.startswith("__Host-journeys_registration=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned"))
    assert "SameSite=Lax" in Joiners(clinic, https=True).browser().get().headers["Set-Cookie"]
