"""A care team in Chromium, on a laptop and on a phone: it tells, closes, puts right; and what an app shows then."""

import pytest

from service.platform import clock
from tests.service.browsing import LAPTOP, NARROW, follow, serious, window
from tests.service.people import PASSWORD, add
from tests.service.reviewer_ui.test_browser import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PHONE = {"width": 360, "height": 740}
#: What of a page can be touched and is less than 24 pixels high (WCAG 2.2, 2.5.8).
SMALL = """[...document.querySelectorAll('main a, main button, main summary, main select, main input, header a')]
    .filter(one => one.type !== 'hidden' && one.getClientRects().length && one.getBoundingClientRect().height < 24)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def enrollment(clinic):
    """A patient whose recurrence nobody has told, and who asked for help, on the real clock."""
    clinic.clock.now = clock.present()
    result = clinic.enroll("patient-17")
    clinic.clock.pass_by(hours=-72)
    clinic.report(result, clinic.staff, "recurrence_confirmed")
    clinic.report(result, clinic.phone, "asked_for_help")
    clinic.clock.pass_by(hours=72)
    add(clinic, "noor", roles=["staff"], functions=(), locales=())
    return result


def sign_in(page, address):
    page.goto(f"{address}/care/")
    page.fill("#name", "noor")
    page.fill("#password", PASSWORD)
    follow(page, "button.main")
    assert page.url == f"{address}/care/"


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_care_team_tells_a_recurrence_and_the_patients_phone_follows(browser, clinic, enrollment, size):
    """Without any script: the pages need none."""
    patient = clinic.token_of_patient("patient-17")

    def phone():
        view = clinic.get(f"/v1/enrollments/{enrollment}/view", patient).json
        return view["where"]["disease"]["title"], [card["key"] for card in view["cards"]]

    with served(clinic) as address, window(browser, size, java_script_enabled=False) as page:
        sign_in(page, address)
        follow(page, page.get_by_role("link", name="Tell the patient"))
        assert "The cancer has come back" in page.inner_text("#held ~ ul")
        before = phone()
        assert before[0] != "The cancer has come back" and "what-recurrence-is" not in before[1]

        follow(page, page.locator("#held ~ form button"))
        assert "reported that the patient has been told" in page.inner_text("[role=status]")
        assert phone()[0] == "The cancer has come back" and "what-recurrence-is" in phone()[1]

        follow(page, page.get_by_role("button", name="Close Call the patient"))
        assert "No task is open." in page.inner_text("main")

        told = page.locator(".steps li", has_text="Recurrence discussed")
        told.locator("summary").click()
        told.locator("select").select_option("entered_in_error")
        follow(page, told.get_by_role("button", name="Retract"))
        assert "Entered in error: Dr Noor" in page.inner_text("main")
        assert phone() == before
        assert page.wrong == [] and all(url.startswith(address) for url in page.requested)


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_wrong_report_is_corrected_in_one_step_and_a_form_outlives_its_session(browser, clinic, enrollment, size):
    uid = clinic.report(enrollment, clinic.phone, "answers_given", facts={"pack_years": 3})["decision"]["event"]
    with served(clinic) as address, window(browser, size, java_script_enabled=False) as page:
        sign_in(page, address)
        follow(page, page.get_by_role("button", name="Take Call the patient"))
        assert "You have taken the task on." in page.inner_text("[role=status]")
        follow(page, page.get_by_role("link", name="Mine"))
        follow(page, page.get_by_role("link", name="Call the patient"))
        wrong = page.locator(".steps li", has_text="Answers given").first
        wrong.locator("summary").click()
        field = wrong.get_by_label("Pack years")
        assert field.input_value() == "3"
        field.fill("30")
        clinic.clock.pass_by(minutes=20)
        wrong.get_by_role("button", name="Correct").click()
        assert "What you filled in is kept" in page.inner_text("main")
        follow(page, page.get_by_role("link", name="Sign in again"))
        page.fill("#name", "noor")
        page.fill("#password", PASSWORD)
        follow(page, "button.main")
        assert "This is the form as you filled it in" in page.inner_text("[role=alert]")
        again = page.locator(".put-right[open]")
        assert again.get_by_label("Pack years").input_value() == "30"
        follow(page, again.get_by_role("button", name="Correct"))
        assert "The event is corrected." in page.inner_text("[role=status]")
        assert "Corrected by a later report: Dr Noor" in page.inner_text("main")
        assert [entry for entry in page.wrong if "401" not in entry] == []
    facts = clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"]
    assert [fact["value"] for fact in facts if fact["name"] == "pack_years"] == [30]
    assert uid not in {fact["event"] for fact in facts}


def test_axe_finds_nothing_serious_on_any_page_and_none_is_wider_than_its_screen(browser, clinic, enrollment):
    """With everything unfolded, also a form that was not accepted; at 320 pixels too."""
    results = []
    with served(clinic) as address, window(browser, PHONE) as page:

        def look(name):
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            results.extend((name, *fault) for fault in serious(page))
            results.extend((name, "small", one) for one in page.evaluate(SMALL))
            for size in (LAPTOP, NARROW, PHONE):
                page.set_viewport_size(size)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    results.append((name, "wide", size))

        page.goto(f"{address}/care/")
        look("sign-in")
        sign_in(page, address)
        for path in (
            "",
            "?due=overdue",
            "?whose=nobody",
            "patients",
            "password",
            "nothing",
            f"enrollments/{enrollment}",
        ):
            page.goto(f"{address}/care/{path}")
            look(path)
        page.goto(f"{address}/room/")
        look("refused")
        page.goto(f"{address}/care/enrollments/{enrollment}")
        page.locator(".reports > details > summary").click()
        form = page.locator(".reports details details", has_text="Death")
        form.locator("summary").click()
        form.locator("input[name=occurred_at]").evaluate("one => { one.type = 'text'; one.value = 'tomorrow'; }")
        follow(page, form.locator("button"))
        assert "Nothing was changed." in page.inner_text("[role=alert]")
        look("problem")
        assert [entry for entry in page.wrong if all(code not in entry for code in ("403", "404", "422"))] == []
    assert results == []


def test_everything_can_be_reached_by_the_keyboard(browser, clinic, enrollment):
    with served(clinic) as address, window(browser, PHONE) as page:
        sign_in(page, address)
        page.goto(f"{address}/care/enrollments/{enrollment}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.locator("#held ~ form button").focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "said=told" in page.url
