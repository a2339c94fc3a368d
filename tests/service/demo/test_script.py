"""The demonstration in a browser, from a scan that falls due to a mistake in a file, as somebody would show it."""

import json
import re
import subprocess
from datetime import UTC, datetime

import pytest

from tests.service.browsing import LAPTOP, NARROW, PHONE, serious
from tests.service.demo.showing import Screen

pytestmark = [pytest.mark.browser, pytest.mark.long]

PIECE = "content/nsclc/disease/surveillance/scan-plan/es.md"


@pytest.fixture
def screen(browser, address):
    page = browser.new_page(viewport=LAPTOP)
    yield Screen(page, address)
    page.close()


def decision_of(answer: str) -> str:
    return answer[: answer.index(',"now":')]


def pasted(line: str) -> str:
    """What a shell prints for a line that the page shows."""
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=30).stdout


def two_years_back(screen) -> str:
    now = datetime.strptime(screen.text("#now"), "%a, %b %d, %Y").replace(tzinfo=UTC)
    return now.replace(year=now.year - 2, day=min(now.day, 28)).date().isoformat()


def test_the_script_of_the_demonstration(screen, files):
    """A scan falls due, a reminder; bad news is held until told, and taken back; late and double reports do no harm."""
    assert "Synthetic" in screen.text("header")
    a_card_is_read_and_another_put_away(screen)
    a_scan_falls_due(screen)
    told = screen.text("#phone")
    bad_news_is_held_until_told(screen, told)
    it_was_another_patient(screen, told)
    a_report_comes_two_years_late(screen, told)
    the_same_line_is_pasted_twice(screen)
    a_fact_is_misspelt(screen, files, told)
    assert screen.page.wrong == []
    assert {url for url in screen.page.requested if not url.startswith(screen.address)} == set()


def a_card_is_read_and_another_put_away(screen):
    cards = screen.page.locator("#phone .card")
    first, second = cards.nth(0).locator("h4"), cards.nth(1)
    assert "Nuevo" in first.inner_text()
    cards.nth(0).locator(".read").click()
    screen.page.wait_for_selector("#phone .sheet .text p")
    screen.wait()
    screen.page.click("#phone .back")
    assert "Nuevo" not in first.inner_text()
    put_away = second.locator("h4").inner_text().partition("\n")[0]
    second.get_by_text("Ocultar").click()
    screen.wait()
    assert put_away not in screen.text("#phone")


def a_scan_falls_due(screen):
    assert "Próximo estudio de imagen en seis meses" in screen.text("#phone")
    screen.pass_time("P6M")
    assert "Es hora del estudio de imagen" in screen.text("#phone")
    assert screen.states("lit") == {"disease.surveillance"}
    screen.choose_track("scans")
    assert screen.states("lit") == {"scans.due"}
    screen.choose_track("disease")
    assert screen.page.locator("#messages .sent").count() == 0
    screen.pass_time("P14D")
    screen.pass_time("P1D")
    assert "Sent by push" in screen.text("#messages .sent")
    the_reminder_is_a_banner(screen)


def the_reminder_is_a_banner(screen):
    """It says nothing of a scan on the lock screen, and opens what it is about."""
    banner = screen.page.locator("#lock .banner")
    assert "recordatorio" in banner.inner_text()
    assert "estudio" not in banner.inner_text()
    banner.click()
    screen.page.wait_for_selector("#phone .sheet .text p")
    assert "¿Ya pidió la fecha de su estudio?" in screen.text("#phone h3")
    screen.page.click("#phone .back")
    assert screen.page.evaluate("document.activeElement.className") == "banner"


def bad_news_is_held_until_told(screen, told):
    """The phone stays as it is, word for word, while a person is asked to tell."""
    screen.report("recurrence_confirmed", recurrence_kind="local")
    assert screen.text("#phone") == told
    assert "Tell the patient" in screen.text("#tasks")
    assert screen.states("lit") == {"disease.recurrence"}
    assert screen.states("told") == {"disease.surveillance"}
    assert "Not told yet" in screen.text("#held")
    screen.report("recurrence_discussed")
    assert screen.text("#phone") != told
    assert "None open" in screen.text("#tasks")
    assert screen.page.locator("#held").is_hidden()


def it_was_another_patient(screen, told):
    """Everything returns, and the pieces shown because of the event are listed."""
    screen.take_back("recurrence_confirmed")
    assert screen.text("#phone") == told
    assert screen.states("lit") == {"disease.surveillance"}
    assert "what-recurrence-is" in screen.text("#shown")
    assert "taken back: wrong patient" in screen.text("#history .gone")


def a_report_comes_two_years_late(screen, told):
    """What happened since then reads otherwise; where it led does not."""
    end = screen.text("#places")
    history = screen.page.locator("#history li").count()
    screen.report("scan_result_reported", happened=two_years_back(screen), scan_result="clear")
    assert screen.page.locator("#history li").count() > history
    assert (screen.text("#places"), screen.text("#phone")) == (end, told)


def the_same_line_is_pasted_twice(screen):
    """A shell gets the decision that the page got, byte for byte, and so does the page's own button."""
    end = screen.text("#places")
    line = screen.page.locator(".call.post .line").first.inner_text()
    first, second = pasted(line), pasted(line)
    assert decision_of(first) == decision_of(second)
    assert '"facts":{"scan_result":"clear"}' in line  # what nobody filled in is not told
    shown = json.loads(screen.page.locator(".call.post .answer").first.inner_text())
    assert json.loads(first)["decision"] == shown["decision"]
    screen.page.locator(".call.post .again").first.click()
    screen.page.wait_for_selector("#again .good")
    screen.wait()
    assert "identical bytes" in screen.text("#again")
    assert screen.text("#places") == end


def a_fact_is_misspelt(screen, files, told):
    """Its line and what would be accepted are shown, and the last good page stays until the file is right again."""
    file = files / PIECE
    good = file.read_text()
    number = 1 + good[: good.index("{{ last_scan_on")].count("\n")
    file.write_text(good.replace("{{ last_scan_on", "{{ last_scan_onn"))
    screen.page.wait_for_selector("#files.wrong :text('last_scan_onn')", timeout=90_000)
    message = screen.text("#files")
    assert re.search(rf"es\.md:{number}:\d+ error \S+ .*last_scan_onn.*Did you mean 'last_scan_on'\?", message), message
    assert screen.text("#phone") == told
    title = re.search(r'title: "(.*)"', good).group(1)
    file.write_text(good.replace(title, "El plan de sus estudios, puesto al día"))
    screen.page.wait_for_selector("#phone :text('puesto al día')", timeout=90_000)
    screen.page.wait_for_selector("#files :text('1 piece changed')", timeout=90_000)


def test_nothing_serious_for_who_sees_or_uses_it_otherwise(browser, address):
    """axe finds nothing serious or critical in any part, on a laptop and on a phone, in either colours."""
    for size, colours in ((LAPTOP, "light"), (PHONE, "dark")):
        # axe runs as a script of its own, which the page's policy would refuse.
        page = browser.new_page(viewport=size, color_scheme=colours, reduced_motion="reduce", bypass_csp=True)
        screen = Screen(page, address)
        page.check("input[value=demo-ben]", force=True)
        screen.wait()
        for part in ("phone", "journey", "wire"):
            if size is PHONE:
                page.click(f".tabs [data-part={part}]")
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], part
            if size is PHONE or part == "wire":
                assert serious(page) == [], (size, part)
        if size is PHONE:
            page.click(".tabs [data-part=journey]")
        screen.open_form("stage_reported" if size is LAPTOP else "left", "staff")
        assert serious(page) == []
        page.close()


def test_it_can_be_used_with_the_keyboard_alone(browser, address):
    """From the top: another patient, a month on, a report, and back where one was; the focus is always seen."""
    page = browser.new_page(viewport=LAPTOP)
    screen = Screen(page, address, patient=None)

    def focused() -> str:
        return page.evaluate("document.activeElement.dataset.pass || document.activeElement.dataset.type || ''")

    def go_to(name: str) -> None:
        for _ in range(page.locator("a, button, input, select, summary, [tabindex='0']").count()):
            if focused() == name:
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    screen.wait()
    assert "Cam" in screen.text("#phone-title + p")
    go_to("surgery_booked")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#form[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#form", state="hidden")
    assert focused() == "surgery_booked"
    page.close()


def test_the_diagram_zooms_folds_and_lights_the_way_between_two_states(browser, address):
    page = browser.new_page(viewport=LAPTOP)
    screen = Screen(page, address)

    def seen() -> str:
        return page.get_attribute("#diagram svg", "viewBox")

    page.click("[data-show=all]")
    page.wait_for_selector("#diagram:not([aria-busy]) [id='state:disease.treatment'].composite")
    fitted = seen()
    page.focus("#diagram")
    page.keyboard.press("+")
    assert seen() != fitted
    page.keyboard.press("0")
    assert seen() == fitted
    page.focus("[id='state:disease.treatment'] .fold-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#diagram:not([aria-busy]) [id='state:disease.treatment'].folded")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Unfold Treatment"
    page.click("text=Way between two states")
    page.select_option("#way-from", "disease.surveillance")
    page.select_option("#way-to", "disease.recurrence")
    page.wait_for_selector("[id='state:disease.recurrence'].chosen", state="attached")
    assert screen.text("#way-said") == ""
    screen.choose_track("other_cancer")
    page.select_option("#way-from", "other_cancer.second_primary")
    page.select_option("#way-to", "other_cancer.none_reported")
    page.wait_for_selector("#way-said:has-text('No way leads there.')")
    assert page.locator("#diagram .chosen").count() == 0
    assert page.wrong == []
    page.close()


def test_the_demonstration_opens_in_english(browser, address):
    page = browser.new_page(bypass_csp=True)
    screen = Screen(page, address, patient=None)
    assert page.locator("#phone [lang], #phone").first.get_attribute("lang") in ("en", None)
    assert page.locator("input[name=patient]:checked").get_attribute("value") == "demo-ben"
    assert "Your" in screen.text("#phone")
    page.close()


def test_an_email_is_a_line_of_the_inbox_on_a_narrow_phone(browser, address):
    """Its subject says nothing about health; it opens as it was written, with the words of its frame."""
    page = browser.new_page(viewport=NARROW, bypass_csp=True)
    screen = Screen(page, address)
    screen.choose_patient("demo-cam")
    page.click(".tabs [data-part=journey]")
    screen.report("answered", scan_result="clear")
    for _ in range(20):
        if page.locator("#lock .mail").count():
            break
        screen.pass_time("P14D")
    page.click(".tabs [data-part=phone]")
    assert "reminder" in screen.text("#lock .mail")
    assert "scan" not in screen.text("#lock .mail")
    assert serious(page) == []
    page.click("#lock .mail")
    assert "You get this e-mail because you said yes" in screen.text("#phone .plain-text")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert serious(page) == []
    page.close()


def test_questions_are_answered_declined_and_put_off_by_the_keyboard(browser, address):
    """In Spanish and English, at the width of a phone: what an answer changed, and what was declined can be opened."""
    for patient, size, because, fine in (
        ("demo-ana", LAPTOP, "Porque usted nos lo dijo", "No volveremos a preguntarle esto."),
        ("demo-ben", NARROW, "Because you told us this", "We will not ask you this again."),
    ):
        page = browser.new_page(viewport=size, reduced_motion="reduce", bypass_csp=True)
        screen = Screen(page, address, patient)
        smoking = page.locator("#phone .question").first
        assert smoking.locator(".because").inner_text()
        key = smoking.locator("[data-fact]").first.get_attribute("data-key")
        assert key == "ask-smoking"
        press(page, "answer-smoking", "Enter")
        assert smoking.locator(".problem:visible").inner_text()
        smoking.locator("select").select_option("current")
        press(page, "answer-smoking", "Enter")
        page.wait_for_selector("#phone .said")
        screen.wait()
        assert because in screen.text("#phone .said")
        assert page.evaluate("document.activeElement.dataset.key") == "said"
        press(page, "decline-has_caregiver", "Enter")
        page.wait_for_selector(f"#phone .said :text('{fine}')")
        screen.wait()
        press(page, "open-has_caregiver", "Enter")
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        press(page, "later-support_needs", "Enter")
        page.wait_for_selector("#phone [data-key=later-support_needs]", state="detached")
        screen.wait()
        press(page, "ask-has_caregiver-true", "Space")
        press(page, "answer-has_caregiver", "Enter")
        page.wait_for_selector("#phone .declined", state="detached")
        screen.wait()
        assert because in screen.text("#phone .said")
        assert page.wrong == []
        page.close()


def test_a_topic_is_asked_for_and_declined_by_the_keyboard(browser, address):
    """In both languages, at the width of a phone: the page comes and goes, and the button stays where it was."""
    for patient, size, title in (
        ("demo-ana", LAPTOP, "Lo que puede venir"),
        ("demo-ben", NARROW, "What may lie ahead"),
    ):
        page = browser.new_page(viewport=size, reduced_motion="reduce", bypass_csp=True)
        screen = Screen(page, address, patient)
        card = "#phone [data-key=read-what-lies-ahead]"
        assert title in screen.text("#phone .topics") and page.locator(card).count() == 0
        press(page, "choose-outlook", "Enter")
        page.wait_for_selector(card)
        screen.wait()
        assert page.evaluate("document.activeElement.dataset.key") == "choose-outlook"
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        press(page, "choose-outlook", "Space")
        page.wait_for_selector(card, state="detached")
        screen.wait()
        assert page.wrong == []
        page.close()


def test_a_patient_writes_to_the_care_team_and_reads_when_a_person_answers(browser, address):
    for patient, size, said, wrote in (
        ("demo-ana", LAPTOP, "Una persona lo leerá", "Estoy mareada."),
        ("demo-ben", NARROW, "A person reads this", "I feel dizzy."),
    ):
        page = browser.new_page(viewport=size, reduced_motion="reduce", bypass_csp=True)
        screen = Screen(page, address, patient)
        press(page, "open-words", "Enter")
        press(page, "say", "Enter")
        assert page.locator("#phone .words .problem:visible").inner_text()
        page.fill("#phone [data-key=words]", wrote)
        press(page, "say", "Enter")
        page.wait_for_selector(f"#phone .words .taken:has-text('{said}')")
        screen.wait()
        assert page.input_value("#phone [data-key=words]") == ""
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.wrong == []
        page.close()


def press(page, key: str, button: str) -> None:
    """Press a button of the keyboard on a part of the phone, which takes the focus."""
    page.focus(f"#phone [data-key={key}]")
    assert page.evaluate("document.activeElement.dataset.key") == key
    page.keyboard.press(button)
