"""The queue and the binder: texts read to their end one after another, and signed as one act."""

import html
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.access import accounts
from service.demo.reviewers import sign_journey
from service.platform.browser import FIELD
from service.publishing import approvals
from service.publishing.trail import read_trail, verify_trails
from service.reviewer_ui.blueprint import POLICY_OF_KEYS
from service.staff_pages.room import COOKIE, POLICY
from tests.folders import copy_samples
from tests.service.people import PASSWORD, add
from tests.service.published import stored_rows
from tests.service.reviewer_ui.visitor import Visitor

QUEUE = "/room/journeys/follow_up/queue"
BINDER = "/room/journeys/follow_up/binder"
CREDENTIALS = {"name": "kim", "password": PASSWORD}


@pytest.fixture(scope="module")
def published_rows(empty_sqlite, tmp_path_factory):
    """What publishing the sample journey stores before anybody signs it."""
    return stored_rows(empty_sqlite, tmp_path_factory.mktemp("unsigned"), lambda clinic: clinic.publish(signed=False))


@pytest.fixture
def bilingual(clinic):
    """A reviewer of both languages, signed in."""
    return signed_in(clinic, "kim")


def signed_in(clinic, name, **fields):
    add(clinic, name, **({"locales": ["en", "es"]} | fields))
    visitor = Visitor(clinic.app)
    assert visitor.sign_in(name).status == 303
    return visitor


def items_of(visitor, choices=""):
    """Return the addresses of the items of the queue, in order."""
    first = re.compile(r"/queue/(piece|structure)/")
    table = visitor.get(f"{QUEUE}{choices}").source.partition('id="texts"')[2]
    return [html.unescape(link) for link in re.findall(r'<a class="go" href="([^"]+)"', table) if first.search(link)]


def texts_of(page):
    """Return the texts that the approval of a page covers."""
    form = re.search(r'id="approve">.*?</form>', page.source, re.DOTALL)[0]
    return re.findall(r'name="text" value="([^"]*)"', form)


def decide(visitor, address, verdict="approved", **fields):
    path, _, choices = address.partition("?")
    form = {"text": texts_of(visitor.get(address)), "verdict": verdict, "end": "reached"} | fields
    return visitor.post(f"{path}/decide?{choices}", form)


def decide_all(visitor):
    """Approve everything that waits, following the redirects from item to item; return the number of pages."""
    address, pages = items_of(visitor)[0], 0
    while "/queue/" in address:
        answer = decide(visitor, address)
        assert answer.status == 303, answer.text
        address, pages = answer.location, pages + 1
    assert address == BINDER
    return pages


def sign(visitor, **fields):
    return visitor.post(f"{BINDER}/sign", CREDENTIALS | fields)


def statuses(clinic):
    return approvals.list_statuses(clinic.service, "follow_up")


def signatures(clinic):
    return [step for step in read_trail(clinic.service) if step.kind == "approved"]


def write(clinic, files, words, key="scan-due", locale="en"):
    """Publish another version of a piece in one language."""
    file = next(path for path in files.rglob(f"{key}/{locale}.md"))
    file.write_text(file.read_text().rstrip("\n") + f"\n\n{words}\n")
    clinic.publish(files / "definitions", files / "content", signed=False)


def test_everything_that_waits_is_one_queue_and_one_signature_of_it_takes_one_password(clinic, bilingual):
    waiting = len(statuses(clinic))
    pages = decide_all(bilingual)
    assert pages == len(items_of(bilingual)) == waiting / 2
    assert not signatures(clinic)
    assert sign(bilingual).location == BINDER
    signed = signatures(clinic)
    assert len(signed) == waiting and len({step.at for step in signed}) == 1
    assert {status.word for status in statuses(clinic)} == {"approved"}
    assert f"You last signed {waiting} texts" in bilingual.get(BINDER).text
    assert items_of(bilingual) == []


def test_the_greatest_risk_comes_first_and_the_titles_last(bilingual):
    items = items_of(bilingual)
    assert "/piece/what-recurrence-is" in items[0]  # its state is held
    assert "/structure/" in items[-1]
    page = bilingual.get(items[0])
    assert f"1 of {len(items)}" in page.text and "Held news" in page.text
    assert items[1] in page.links and not [link for link in page.links if link in items[2:]]


def test_the_queue_is_narrowed_by_state_and_language_also_from_text_to_text(bilingual):
    narrowed = items_of(bilingual, "?state=disease.surveillance.scan_due")
    assert narrowed and all("scan" in address for address in narrowed)
    spanish = items_of(bilingual, "?locale=es")
    (text,) = texts_of(bilingual.get(spanish[0]))
    assert text.startswith("es:")
    following = decide(bilingual, spanish[0]).location
    assert following == spanish[1] and "locale=es" in following
    assert bilingual.get(f"{QUEUE}?due=2020-01-01").text.count("Nothing waits for your signature in this part") == 1
    assert bilingual.get(f"{QUEUE}?due=tomorrow").status == 200


def test_a_reviewer_of_one_language_decides_on_that_language_and_reads_both(clinic):
    visitor = signed_in(clinic, "kim", locales=["es"])
    page = visitor.get(items_of(visitor)[0])
    assert [text.partition(":")[0] for text in texts_of(page)] == ["es"]
    assert 'id="in-en"' in page.source and 'id="in-es"' in page.source


def test_what_was_not_read_to_its_end_is_not_approved(clinic, bilingual):
    address = items_of(bilingual)[0]
    answer = decide(bilingual, address, end="")
    assert answer.status == 422 and "Read the text to its end" in answer.text
    assert address.partition("?")[0] in answer.links
    assert "Your binder is empty" in bilingual.get(BINDER).text
    assert decide(bilingual, address, text=[]).status == 422


def test_progress_lasts_beyond_a_session(clinic, bilingual):
    decide(bilingual, items_of(bilingual)[0])
    bilingual.post("/room/sign-out")
    assert bilingual.sign_in("kim").status == 303
    assert "in your binder: 2" in bilingual.get(QUEUE).text
    assert "Sign 2 texts" in bilingual.get(BINDER).text


def test_a_text_that_changes_before_the_binder_is_signed_is_left_out_and_the_others_stand(clinic, bilingual, tmp_path):
    waiting = len(statuses(clinic))
    decide_all(bilingual)
    write(clinic, copy_samples(tmp_path), "Bring a list of your medicines.")
    assert sign(bilingual).location == BINDER
    assert len(signatures(clinic)) == waiting - 1
    assert ("scan-due", "en") not in [(step.subject.key, step.subject.locale) for step in signatures(clinic)]
    page = bilingual.get(BINDER)
    assert "Left out 1" in page.text and "It has changed since you read it." in page.text
    (refusal,) = (step for step in read_trail(clinic.service) if step.kind == "refused")
    assert (refusal.subject.key, refusal.comment) == ("scan-due", "It has changed since you read it. Read it again.")
    (address,) = items_of(bilingual)
    assert "It has changed since you read it." in bilingual.get(address).text
    assert decide(bilingual, address).location == BINDER
    sign(bilingual)
    assert items_of(bilingual) == [] and "Left out" not in bilingual.get(BINDER).text


def test_a_piece_that_is_published_no_more_is_left_out_and_can_be_taken_out(clinic, bilingual, tmp_path):
    address = next(item for item in items_of(bilingual) if "smoking" in item)
    decide(bilingual, address)
    files = copy_samples(tmp_path)
    shutil.rmtree(next(files.rglob("smoking")))
    clinic.publish(files / "definitions", files / "content", signed=False)
    page = bilingual.get(BINDER)
    assert "Left out 2" in page.text and "smoking" in page.text
    for locale in ("en", "es"):
        form = {"text": locale, "verdict": "none"}
        bilingual.post(f"{address.partition('?')[0]}/decide", form)
    assert "Your binder is empty" in bilingual.get(BINDER).text


def test_bytes_that_were_not_shown_do_not_get_into_the_binder(clinic, bilingual):
    address = items_of(bilingual)[0]
    texts = texts_of(bilingual.get(address))
    assert decide(bilingual, address, text=[re.sub(":[0-9a-f]{64}:", f":{'0' * 64}:", texts[0])]).status == 412
    version = texts[0].rpartition(":")[2]
    assert decide(bilingual, address, text=[texts[0].replace(version, "1" * 64)]).status == 422
    assert "Your binder is empty" in bilingual.get(BINDER).text


def test_a_wrong_password_signs_nothing_and_keeps_the_binder(clinic, bilingual):
    decide(bilingual, items_of(bilingual)[0])
    assert sign(bilingual, password="another made-up password").status == 403
    assert not signatures(clinic)
    assert "Sign 2 texts" in bilingual.get(BINDER).text


def test_the_first_signature_of_a_session_takes_name_and_password_the_next_the_password(clinic, bilingual):
    decide(bilingual, items_of(bilingual)[0])
    assert sign(bilingual, name="").status == 403
    sign(bilingual)
    decide(bilingual, items_of(bilingual)[0])
    assert 'name="name"' not in bilingual.get(BINDER).source
    sign(bilingual, name="")
    assert len(signatures(clinic)) == 4


def test_a_double_click_signs_once(clinic, bilingual):
    decide(bilingual, items_of(bilingual)[0])
    assert sign(bilingual).location == sign(bilingual).location == BINDER
    assert len(signatures(clinic)) == 2


def test_of_two_reviewers_at_once_the_second_is_told_what_the_first_has_signed(clinic, bilingual):
    other = signed_in(clinic, "lou")
    address = items_of(bilingual)[0]
    decide(bilingual, address)
    decide(other, address)
    decide(other, items_of(other)[1])
    assert "Sign 4 texts" in other.get(BINDER).text and "Sign 2 texts" in bilingual.get(BINDER).text
    sign(bilingual)
    sign(other, name="lou")
    assert {step.account for step in signatures(clinic)} == {"kim", "lou"} and len(signatures(clinic)) == 4
    page = other.get(BINDER)
    assert page.text.count("Somebody else has signed it in this function.") == 2


def test_a_rejection_is_part_of_the_binder_and_needs_a_comment(clinic, bilingual):
    address = items_of(bilingual)[0]
    english, spanish = texts_of(bilingual.get(address))
    assert decide(bilingual, address, "rejected", text=[spanish], comment=" ").status == 422
    answer = decide(bilingual, address, "rejected", text=[spanish], comment="The number is wrong.", end="")
    assert answer.location == address  # the English text is not decided
    assert texts_of(bilingual.get(address)) == [english]
    decide(bilingual, address)
    sign(bilingual)
    assert "You last signed 2 texts" in bilingual.get(BINDER).text
    by_locale = {status.subject.locale: status for status in statuses(clinic) if status.subject.key in address}
    assert by_locale["en"].signatures and by_locale["es"].rejection.comment == "The number is wrong."


def test_a_decision_can_be_taken_back(clinic, bilingual):
    address = items_of(bilingual)[0]
    decide(bilingual, address)
    assert decide(bilingual, address, "none").location == address
    assert "Your binder is empty" in bilingual.get(BINDER).text


def test_nobody_puts_their_own_work_or_another_language_into_a_binder(clinic, bilingual):
    visitor = signed_in(clinic, "lou", locales=["en"])
    address = items_of(visitor)[0]
    texts = texts_of(bilingual.get(address))
    answer = decide(visitor, address, text=texts)
    assert answer.status == 403 and "They may sign in these languages: en." in answer.text
    assert "Your binder is empty" in visitor.get(BINDER).text


def test_a_comment_in_the_queue_leads_back_to_the_text(bilingual):
    address = items_of(bilingual)[0]
    page = bilingual.get(address)
    form = next(values["action"] for tag, values in page.tags() if tag == "form" and "comments" in values["action"])
    back = next(values["value"] for tag, values in page.tags() if values.get("name") == "back")
    answer = bilingual.post(form, {"locale": "en", "sentence": "", "text": "Say more.", "back": back})
    assert answer.location.startswith(f"{address}#comment-")
    assert "Say more." in bilingual.get(address).text
    answer = bilingual.post(form, {"locale": "en", "sentence": "", "text": "No.", "back": "https://evil.example/"})
    assert answer.location.startswith("/room/#comment-")


def test_a_changed_text_shows_its_change_against_what_patients_read_now(clinic, bilingual, tmp_path):
    files = copy_samples(tmp_path)
    sign_journey(clinic.service, "follow_up")
    write(clinic, files, "Bring a list of your medicines.")
    write(clinic, files, "Come with a friend.")
    (address,) = items_of(bilingual)
    text = bilingual.get(address).text
    assert "Version 1, which patients read now, signed 1 July 2026, 09:00 UTC" in text
    changes = re.search(r'class="annotated changes">(.*?)</details>', bilingual.get(address).source, re.DOTALL)[1]
    assert "medicines" in changes and "friend" in changes  # two versions ahead of what patients read


def test_what_patients_never_read_has_no_change(bilingual):
    assert "which patients read now" not in bilingual.get(items_of(bilingual)[0]).text


def test_the_keys_can_be_turned_off_and_the_page_says_which_there_are(bilingual):
    """WCAG 2.1.4: single letters of the keyboard."""
    page = bilingual.get(items_of(bilingual)[0])
    assert {values["data-key"] for _, values in page.tags() if "data-key" in values} == set("acjr")
    address = items_of(bilingual, "?keys=off")[0]
    assert "data-key" not in bilingual.get(address).source
    assert "keys=off" in decide(bilingual, address).location


def test_only_the_page_of_a_text_runs_a_script_and_no_password_is_entered_on_it(bilingual):
    item = bilingual.get(items_of(bilingual)[0])
    assert item.headers["Content-Security-Policy"] == POLICY_OF_KEYS
    assert [values["src"] for tag, values in item.tags() if tag == "script"] == ["/room/assets/queue.js"]
    assert "password" not in [values.get("type") for _, values in item.tags()]
    decide(bilingual, items_of(bilingual)[0])
    binder = bilingual.get(BINDER)
    assert "password" in [values.get("type") for _, values in binder.tags()]
    assert binder.headers["Content-Security-Policy"] == POLICY
    assert "script" not in [tag for tag, _ in binder.tags()]


def test_the_queue_opens_in_the_function_for_which_something_waits(clinic):
    visitor = signed_in(clinic, "kim", functions=["legal", "medical"])
    page = visitor.get(QUEUE)
    assert "Waiting for you as medical" in page.text and "?function=medical" in items_of(visitor)[0]
    assert "Nothing waits for your signature" in visitor.get(f"{QUEUE}?function=legal").text
    assert "Waiting for you as medical" in visitor.get(f"{QUEUE}?function=regulatory").text


def test_who_signs_in_with_the_provider_is_asked_by_it_once_for_the_whole_binder(clinic):
    add(clinic, "lee", password=None, subject="lee@clinic.example", locales=["en", "es"])
    session = accounts.sign_in_as(clinic.service, "lee@clinic.example")
    visitor = Visitor(clinic.app)
    visitor.client.set_cookie(COOKIE.name, session.text)
    decide_all(visitor)
    page = visitor.get(BINDER)
    assert "Confirm who I am" in page.text and 'type="password"' not in page.source
    assert sign(visitor).status == 403 and not signatures(clinic)
    accounts.confirm(clinic.service, session.session, "lee@clinic.example")
    assert sign(visitor).status == 303
    assert {status.word for status in statuses(clinic)} == {"approved"}


def test_a_binder_that_is_signed_in_two_windows_at_once_is_signed_once(clinic, bilingual):
    waiting = len(statuses(clinic))
    decide_all(bilingual)
    form = CREDENTIALS | {FIELD: bilingual.proof()}

    def sign_in_window(_):
        client = clinic.app.test_client()
        client.set_cookie(COOKIE.name, bilingual.kept)
        return client.post(f"{BINDER}/sign", data=form, headers={"Host": "localhost"}).status_code

    with ThreadPoolExecutor(2) as windows:
        assert list(windows.map(sign_in_window, range(2))) == [303, 303]
    assert len(signatures(clinic)) == waiting
    assert verify_trails(clinic.service, clinic.service.library.rules.key) == []


def test_two_reviewers_who_sign_at_once_sign_each_text_once(clinic, bilingual):
    waiting = len(statuses(clinic))
    visitors = {"kim": bilingual, "lou": signed_in(clinic, "lou")}
    for visitor in visitors.values():
        decide_all(visitor)
    with ThreadPoolExecutor(2) as reviewers:
        answers = [reviewers.submit(sign, visitor, name=name) for name, visitor in visitors.items()]
        assert [answer.result().status for answer in answers] == [303, 303]
    assert len(signatures(clinic)) == waiting and len({step.account for step in signatures(clinic)}) == 1
    assert verify_trails(clinic.service, clinic.service.library.rules.key) == []
