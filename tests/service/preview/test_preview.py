"""The authors' bench in Chromium: an edit is seen without a reload, a mistake with its line; axe finds nothing."""

import html
import re
import shutil
from contextlib import closing

import pytest
from werkzeug.test import Client

from service.preview import Workspace
from tests.folders import ROOT, SAMPLES
from tests.service.browsing import LAPTOP, serious, window
from tests.service.preview.desks import preview_of, previewing

PERSONA = """\
persona: Ana, whose scan is due
journey: follow_up
locale: es
entry: in_follow_up
joined: 2026-01-15
facts: {last_scan_on: 2026-01-10}
today: 2026-08-01
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    for name in ("definitions", "content"):
        shutil.copytree(SAMPLES / name, folder / name)
    (folder / "definitions" / "personas").mkdir()
    (folder / "definitions" / "personas" / "ana.yaml").write_text(PERSONA)
    return folder


@pytest.fixture(scope="module")
def address(files):
    with previewing(files, "follow_up") as results:
        yield results


@pytest.fixture
def page(browser):
    with window(browser, LAPTOP, bypass_csp=True) as opened:
        opened.set_default_timeout(20_000)
        yield opened


@pytest.mark.long
@pytest.mark.browser
def test_an_edit_is_seen_without_a_reload_and_a_mistake_with_its_line_and_hint(files, address, page):
    page.goto(f"{address}/journeys/follow_up?persona=ana")
    page.evaluate("window.isTheSame = true")
    assert "DRAFTS" in page.inner_text("header")
    page.click("article a:text-is('scan-due')")
    page.wait_for_selector("section.look")
    page.evaluate("window.isTheSame = true")
    assert page.locator("section.look").count() == 2
    file = files / "content/follow_up/disease/surveillance/scan_due/scan-due/en.md"
    good = file.read_text()

    file.write_text(f"{good}\nA sentence that was just written.\n")
    page.wait_for_selector("section.look >> text=A sentence that was just written.")

    file.write_text(f"{good}\n{{{{ last_scan_om }}}}\n")
    page.wait_for_selector("aside li.error >> text=Did you mean 'last_scan_on'?")
    assert "A sentence that was just written." in page.inner_text("main")  # the last good page stays
    assert "This piece has a mistake" in page.inner_text("main")
    assert serious(page) == []
    assert page.evaluate("window.isTheSame")
    page.click("aside li.error a")
    page.wait_for_selector(".source .wrong")
    assert "last_scan_om" in page.inner_text(".source .wrong")
    assert serious(page) == []

    file.write_text(good)
    page.wait_for_selector("text=Nothing is wrong with this file any more.")
    assert page.wrong == []
    assert all(url.startswith(address) for url in page.requested)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_target_of_a_link_stays_in_its_column(files, address, page, width):
    file = files / "content/follow_up/disease/surveillance/scan_due/scan-due/en.md"
    good = file.read_text()
    file.write_text(f"{good}\nRead [the guide](https://example.org/{'guide' * 40}).\n")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/journeys/follow_up?persona=ana")
    page.click("article a:text-is('scan-due')")
    target = page.locator(".look .target").last
    target.wait_for()
    overlap = "node => node.getBoundingClientRect().right - node.closest('.look').getBoundingClientRect().right"
    assert target.evaluate(overlap) <= 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    file.write_text(good)


@pytest.mark.long
@pytest.mark.browser
def test_a_mistake_in_the_definition_leaves_the_journey_as_it_was(files, address, page):
    file = files / "definitions/follow_up.yaml"
    good = file.read_text()
    page.goto(f"{address}/journeys/follow_up")
    file.write_text(good.replace("tracks:", "trakcs:", 1))
    page.wait_for_selector("aside li.error >> text=Did you mean 'tracks'?")
    page.wait_for_selector("main >> text=The definition has a mistake.")
    assert page.locator(".states .piece").count() > 3
    assert serious(page) == []
    file.write_text(good)
    page.wait_for_selector("aside >> text=No mistakes")


@pytest.mark.long
@pytest.mark.browser
def test_every_piece_has_a_page_and_axe_finds_it_fine(address, page):
    page.goto(f"{address}/journeys/follow_up")
    assert serious(page) == []
    links = page.locator(".states .piece a").evaluate_all("all => all.map(one => one.href)")
    for number, link in enumerate(dict.fromkeys(links)):
        assert page.goto(link).status == 200
        if number < 2:
            assert serious(page) == []


@pytest.fixture(scope="module")
def shipped():
    """The bench of the shipped NSCLC; checking it takes seconds."""
    bench = Workspace(ROOT / "definitions", ROOT / "content", only=ROOT / "definitions/nsclc.yaml")
    bench.check()
    return bench


@pytest.mark.long
def test_the_values_of_each_programme_can_be_seen(shipped):
    """Links carry the choice along; the first is shown unasked."""
    shown = shipped.checked.journeys["nsclc"]
    first, second = shown.programmes
    client = Client(preview_of(shipped))

    def read(path):
        return client.get(path, headers={"Host": "127.0.0.1"})

    page = "/journeys/nsclc/pieces/when-to-call"
    numbers = {programme: shown.programmes[programme].values["care_team_phone"].text for programme in shown.programmes}
    assert numbers[first] in read(page).text and numbers[second] not in read(page).text
    chosen = read(f"{page}?programme={second}").text
    assert numbers[second] in chosen and numbers[first] not in chosen
    assert f'value="{second}" selected' in chosen and f"programme={second}" in chosen
    mail = read(f"{page}/mail/es?programme={second}").text
    assert numbers[second] in mail and numbers[first] not in mail
    assert "Unknown programme" in read(f"{page}?programme=nowhere").text


@pytest.mark.long
def test_messages_are_seen_in_the_frame_of_their_channel(shipped):
    client = Client(preview_of(shipped))
    page = client.get("/journeys/nsclc/pieces/scan-reminder", headers={"Host": "127.0.0.1"}).text
    assert "Open your app to see it. Reply STOP to end." in page
    mail = client.get("/journeys/nsclc/pieces/scan-reminder/mail/en", headers={"Host": "127.0.0.1"}).text
    assert "You get this e-mail because you said yes" in mail


def test_a_persona_shows_the_messages_until_their_day(files):
    bench = Workspace(files / "definitions", files / "content", only=files / "definitions/follow_up.yaml")
    bench.check()
    client = Client(preview_of(bench))
    page = client.get("/journeys/follow_up?persona=ana", headers={"Host": "127.0.0.1"}).text
    _, _, messages = page.partition("Messages until this day")
    assert "scan-reminder" in messages
    assert "Sent by e-mail on 2026-07-24 at 00:00." in messages
    assert "Hay algo nuevo para leer" in messages
    assert "Messages until" not in client.get("/journeys/follow_up", headers={"Host": "127.0.0.1"}).text


def test_every_page_that_a_link_leads_to_is_drawn(files):
    """Without a browser: from the list of journeys to each piece, in each language and channel."""
    bench = Workspace(files / "definitions", files / "content", only=files / "definitions/follow_up.yaml")
    bench.check()
    client = Client(preview_of(bench))
    seen, waiting = set(), ["/", "/journeys/follow_up?persona=ana"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        with closing(client.get(address, headers={"Host": "127.0.0.1"}, follow_redirects=True)) as answer:
            assert answer.status_code == 200, address
            waiting += [html.unescape(found) for found in re.findall(r'(?:href|src)="(/[^"#]*)"', answer.text)]
    assert any("/pieces/scan-due" in address for address in seen)
    assert len(seen) > 20


def test_the_diagram_folds_and_shows_the_way_and_its_states_lead_to_their_pieces(files):
    bench = Workspace(files / "definitions", files / "content", only=files / "definitions/follow_up.yaml")
    bench.check()
    client = Client(preview_of(bench))

    def read(query):
        return client.get(f"/journeys/follow_up/diagram{query}", headers={"Host": "127.0.0.1"})

    assert 'href="/journeys/follow_up?state=disease.surveillance.scan_due"' in read("").text
    assert 'id="state:disease.surveillance.scan_due"' not in read("?folded=disease.surveillance").text
    assert ' chosen"' in read("?from=disease.surveillance.scan_due&to=disease.recurrence").text
    for query in ("?folded=disease.nowhere", "?from=nowhere", "?to=nowhere", "?track=nowhere"):
        assert read(query).status_code == 404, query


def test_it_answers_this_machine_alone_and_opens_no_file_without_a_mistake(files):
    bench = Workspace(files / "definitions", files / "content", only=files / "definitions/follow_up.yaml")
    bench.check()
    client = Client(preview_of(bench))
    assert client.get("/", headers={"Host": "example.org"}).status_code == 403
    secret = files / "secret.txt"
    secret.write_text("not to be shown")
    answer = client.get(f"/mistake?file={secret}&line=1", headers={"Host": "127.0.0.1"})
    assert answer.status_code == 200
    assert "not to be shown" not in answer.text
