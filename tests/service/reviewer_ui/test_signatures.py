"""Signing in the room (RA2, RB6, RB8, RB9): the shown bytes, once, by permitted accounts, with effect at once."""

import re
from dataclasses import replace

import pytest

from journeys.review.approval import Requirements
from journeys.review.checklist import checklist
from service.access import accounts, passwords
from service.demo.reviewers import reviewers
from service.http.context import EXTENSION
from service.publishing import approvals, publish
from service.publishing.library import Library, Rules
from service.publishing.trail import read_trail
from service.staff_pages.room import COOKIE
from tests.folders import copy_samples
from tests.service.people import PASSWORD, add
from tests.service.reviewer_ui.visitor import Visitor

RELEASE = "/room/journeys/follow_up/releases/1"
PIECE = f"{RELEASE}/pieces/scan-due/versions/2"
EVERY = sorted(approvals.every_question())


@pytest.fixture
def files(tmp_path):
    return copy_samples(tmp_path)


def write(clinic, files, words):
    """Publishes another version of the piece in English; nobody signs it."""
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text().rstrip("\n") + f"\n\n{words}\n")
    clinic.publish(files / "definitions", files / "content", signed=False)


@pytest.fixture
def _second(clinic, files):
    write(clinic, files, "Bring a list of your medicines.")


def digest(page, locale="en"):
    return re.search(rf'id="standing-{locale}".*?class="digest">([0-9a-f]+)', page.source, re.DOTALL)[1]


def sign(visitor, path=PIECE, **fields):
    arguments = {
        "locale": "en",
        "function": "medical",
        "name": "kim",
        "password": PASSWORD,
        "confirmed": EVERY,
    } | fields
    if "digest" not in arguments:
        arguments["digest"] = digest(visitor.get(path))
    return visitor.post(f"{path}/sign", arguments)


def credentials(name):
    return {"name": name, "password": PASSWORD}


def standing(clinic, locale="en"):
    result = approvals.list_statuses(clinic.service, "follow_up")
    return next(entry for entry in result if (entry.subject.key, entry.subject.locale) == ("scan-due", locale))


@pytest.fixture
def app_of_patient(clinic):
    """What a patient's app is given of the piece: its HTML."""
    enrollment = clinic.enroll("p1")
    clinic.clock.set("2026-07-20T09:00:00")
    token = clinic.token_of_patient("p1")

    def read():
        result = clinic.get(f"/v1/enrollments/{enrollment}/content?format=html", token)["items"]
        return next(entry["html"] for entry in result if entry["key"] == "scan-due")

    return read


@pytest.fixture
def reviewer(clinic, app_of_patient):
    add(clinic, "kim")
    result = Visitor(clinic.app)
    result.sign_in("kim")
    return result


@pytest.mark.usefixtures("_second")
def test_what_is_signed_is_given_at_once_and_is_exactly_what_was_shown(clinic, reviewer, app_of_patient):
    before = app_of_patient()
    assert "medicines" not in before
    shown = reviewer.get(f"{PIECE}/as-sent/en?channel=web").data
    assert "in review" in reviewer.get(PIECE).text and "Sign as medical" in reviewer.get(PIECE).text
    answer = sign(reviewer)
    assert (answer.status, answer.location) == (303, f"{PIECE}#standing-en")
    assert app_of_patient().encode() == shown and b"medicines" in shown
    page = reviewer.get(PIECE).text
    assert "active: patients see it" in page and "Dr Kim , medical" in page
    assert "fit for patients" in page and "2026" in page


@pytest.mark.usefixtures("_second")
def test_the_first_signature_takes_name_and_password_the_next_the_password(clinic, reviewer):
    assert sign(reviewer, name="").status == 403
    assert sign(reviewer, password="wrong").status == 403
    assert standing(clinic).word == "in_review"
    assert 'name="name"' in reviewer.get(PIECE).source
    assert sign(reviewer).status == 303
    structure = re.search(r'class="digest">([0-9a-f]+)', reviewer.get(RELEASE).source)
    assert structure and 'name="name"' not in reviewer.get(PIECE).source


@pytest.mark.usefixtures("_second")
def test_each_question_of_the_checklist_is_a_box_to_tick_and_none_may_be_left_out(clinic, reviewer):
    """Questions are in the language of the text; confirmed ones are listed with the signature and in the record.

    The piece has no picture, so nothing is asked about one.
    """
    asked_questions = [entry for entry in EVERY if entry != "picture"]
    boxes = [values for tag, values in reviewer.get(PIECE).tags() if values.get("name") == "confirmed"]
    assert sorted(box["value"] for box in boxes) == asked_questions
    assert all(box["type"] == "checkbox" and "required" in box and "checked" not in box for box in boxes)
    question = next(question.text for question in checklist("en").questions if question.id == "numbers")
    assert question in reviewer.get(PIECE).text and 'name="confirmed"' not in reviewer.get(RELEASE).source
    answer = sign(reviewer, confirmed=[entry for entry in EVERY if entry != "numbers"])
    assert answer.status == 422 and question in answer.text and "says yes to each question" in answer.text
    assert sign(reviewer, checklist="another").status == 412
    assert standing(clinic).word == "in_review"
    assert sign(reviewer, checklist=checklist("en").version).status == 303
    for page in (reviewer.get(PIECE), reviewer.get("/room/signatures")):
        assert f"{len(asked_questions)} questions answered with yes" in page.text and question in page.text


@pytest.mark.usefixtures("_second")
def test_a_double_click_signs_once(clinic, reviewer):
    shown = digest(reviewer.get(PIECE))
    assert [sign(reviewer, digest=shown).status for _ in range(3)] == [303, 303, 303]
    assert len(standing(clinic).signatures) == 1


@pytest.mark.usefixtures("_second")
def test_what_ends_soon_waits_to_be_signed_anew_and_a_double_click_does_so_once(clinic, reviewer):
    for_a_year = replace(clinic.service, library=Library(Rules(Requirements(expires_after="P1Y"))))
    clinic.service = clinic.app.extensions[EXTENSION] = for_a_year
    assert sign(reviewer).status == 303
    assert "Sign as medical" not in reviewer.get(PIECE).text
    clinic.clock.pass_by(days=310)
    reviewer.sign_in("kim")
    page = reviewer.get(PIECE)
    assert "active: patients see it" in page.text and "Sign as medical" in page.text
    assert "Waiting for you: 1" in reviewer.get(RELEASE).text
    assert [sign(reviewer, digest=digest(page)).status for _ in range(2)] == [303, 303]
    assert len(standing(clinic).signatures) == 2
    assert "Sign as medical" not in reviewer.get(PIECE).text
    clinic.clock.pass_by(days=100)
    assert standing(clinic).word == "active"


@pytest.mark.usefixtures("_second")
def test_what_changed_since_it_was_shown_is_not_signed(clinic, reviewer, files):
    """A stale form."""
    shown = digest(reviewer.get(PIECE))
    write(clinic, files, "And another sentence.")
    answer = sign(reviewer, digest=shown)
    assert answer.status == 412 and "This has changed since you opened the page" in answer.text
    assert "Nothing was signed." in answer.text and PIECE in answer.links
    assert standing(clinic).word == "in_review"


@pytest.mark.usefixtures("_second")
def test_a_rejection_needs_a_comment_and_makes_it_a_draft(clinic, reviewer, app_of_patient):
    before = app_of_patient()
    shown = {"locale": "en", "function": "medical", "digest": digest(reviewer.get(PIECE)), **credentials("kim")}
    assert reviewer.post(f"{PIECE}/reject", {**shown, "comment": " "}).status == 422
    assert standing(clinic).word == "in_review"
    answer = reviewer.post(f"{PIECE}/reject", {**shown, "comment": "<b>Too</b> soon."})
    assert answer.status == 303
    page = reviewer.get(PIECE)
    assert "draft: it was rejected" in page.text and "<b>Too</b> soon." in page.text and "<b>Too" not in page.source
    answer = sign(reviewer)
    assert answer.status == 422 and "it is a draft and not in review" in answer.text
    assert app_of_patient() == before


@pytest.mark.usefixtures("_second")
def test_what_was_rejected_is_submitted_again_with_a_word_on_why_and_all_sign_anew(clinic, reviewer):
    """By an author or a publisher, who alone see the form; a double click submits once, and a stale form nothing."""
    shown = {"locale": "en", "function": "medical", "digest": digest(reviewer.get(PIECE)), **credentials("kim")}
    add(clinic, "ada", roles=["author"], functions=(), locales=())
    author = Visitor(clinic.app)
    author.sign_in("ada")
    assert "Submit again" not in author.get(PIECE).text
    assert reviewer.post(f"{PIECE}/reject", {**shown, "comment": "Which list?"}).status == 303
    assert "Submit again" in author.get(PIECE).text and "Submit again" not in reviewer.get(PIECE).text
    shown |= credentials("ada")
    assert author.post(f"{PIECE}/submit", {**shown, "comment": " "}).status == 422
    assert author.post(f"{PIECE}/submit", {**shown, "digest": "0" * 64, "comment": "The usual one."}).status == 412
    assert reviewer.post(f"{PIECE}/submit", {**shown, "comment": "The usual one."}).status == 403
    assert standing(clinic).word == "draft"
    again = {**shown, "comment": "The usual one."}
    assert [author.post(f"{PIECE}/submit", again).status for _ in range(2)] == [303, 303]
    assert (standing(clinic).word, standing(clinic).signatures) == ("in_review", ())
    assert [step.kind for step in read_trail(clinic.service)].count("submitted") == 1
    assert "The usual one." in reviewer.get("/room/signatures").text
    assert sign(reviewer).status == 303
    assert "Reject" not in reviewer.get(PIECE).source.partition('id="standing-en"')[2].partition("</section>")[0]


@pytest.mark.usefixtures("_second")
def test_what_waits_for_somebody_is_named_first_with_the_way_to_sign_it(clinic, reviewer):
    page = reviewer.get(RELEASE)
    assert "Waiting for you: 1" in page.text and f"{PIECE}#standing-en" in page.links
    sign(reviewer)
    assert "Waiting for you" not in reviewer.get(RELEASE).text


@pytest.mark.usefixtures("_second")
def test_nobody_signs_in_a_language_or_a_function_that_is_not_theirs(clinic, reviewer):
    assert sign(reviewer, locale="es", digest=digest(reviewer.get(PIECE), "es")).status == 403
    assert sign(reviewer, locale="fr").status == 404
    assert [sign(reviewer, function=function).status for function in ("legal", "")] == [403, 403]
    assert standing(clinic).word == "in_review"
    assert "Sign as legal" not in reviewer.get(PIECE).text


def test_nobody_signs_what_they_wrote(clinic, reviewer, files):
    """RB9: four eyes."""

    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text() + "\nMine.\n")
    publish.publish_from_files(clinic.service, files / "definitions", files / "content", author="kim")
    answer = sign(reviewer)
    assert answer.status == 403 and "their own work" in answer.text
    assert standing(clinic).word == "in_review"


def test_a_piece_that_is_recalled_while_it_is_read_is_a_clear_page(clinic, reviewer):
    path = f"{RELEASE}/pieces/scan-due/versions/1"
    shown = digest(reviewer.get(path))
    add(clinic, "pia", roles=["publisher"], functions=(), locales=())
    publisher = Visitor(clinic.app)
    publisher.sign_in("pia")
    assert publisher.post(f"{path}/recall", {"comment": "", **credentials("pia")}).status == 422
    assert publisher.post(f"{path}/recall", {"comment": "Out of date.", **credentials("pia")}).status == 303
    assert publisher.post(f"{path}/recall", {"comment": "Out of date."}).status == 303
    answer = sign(reviewer, path, digest=shown)
    assert (answer.status, "It was recalled, which is for good" in answer.text) == (422, True)
    assert "recalled for good" in reviewer.get(path).text and "Out of date." in reviewer.get(path).text
    assert "Sign as" not in reviewer.get(path).text


@pytest.mark.usefixtures("_second")
def test_who_signed_what_and_when_is_a_page_and_so_is_what_was_refused(clinic, reviewer):
    sign(reviewer, function="legal")
    sign(reviewer)
    page = reviewer.get("/room/signatures").text
    assert "Dr Kim" in page and "scan-due (en), version 2" in page and "refused" in page
    assert "The record is intact" in page


@pytest.mark.usefixtures("_second")
def test_who_signs_in_with_the_provider_is_asked_by_it_first(clinic):
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    signed_in = accounts.sign_in_as(clinic.service, "lee@clinic.example")
    visitor = Visitor(clinic.app)
    visitor.client.set_cookie(COOKIE.name, signed_in.text)
    page = visitor.get(PIECE)
    assert "Confirm who I am" in page.text and 'type="password"' not in page.source
    assert sign(visitor).status == 403
    accounts.confirm(clinic.service, signed_in.session, "lee@clinic.example")
    assert "Confirm who I am" not in visitor.get(PIECE).text
    assert [sign(visitor, digest=digest(visitor.get(PIECE))).status for _ in range(2)] == [303, 303]
    assert standing(clinic).signatures[-1].printed_name == "Dr Lee"


def test_a_release_is_made_active_by_a_publisher_once_its_words_are_signed(clinic, reviewer, files):
    definition = files / "definitions" / "follow_up.yaml"
    definition.write_text(definition.read_text() + "\n# Another release.\n")
    clinic.publish(files / "definitions", files / "content", signed=False)
    add(clinic, "pia", roles=["publisher"], functions=(), locales=())
    publisher = Visitor(clinic.app)
    publisher.sign_in("pia")
    path = "/room/journeys/follow_up/releases/2"
    assert publisher.post(f"{path}/activate", credentials("pia")).status == 422
    assert "Make this the release" not in publisher.get(path).text
    results = {
        entry.subject.locale: entry
        for entry in approvals.list_release_statuses(clinic.service, "follow_up")[0].structure
    }
    add(clinic, "eva", locales=sorted(results))
    eva = Visitor(clinic.app)
    eva.sign_in("eva")
    entry = results["en"]
    fields = {"locale": "en", "function": "medical", "digest": entry.digest, "comment": "As it is."}
    assert eva.post(f"{path}/reject", fields | credentials("eva")).status == 303
    assert "Submit again" in publisher.get(path).text
    assert publisher.post(f"{path}/submit", fields | credentials("pia")).status == 303
    for locale, entry in results.items():
        fields = {"locale": locale, "function": "medical", "digest": entry.digest, "name": "eva", "password": PASSWORD}
        assert eva.post(f"{path}/sign", fields).status == 303
    assert "Make this the release" in publisher.get(path).text
    assert publisher.post(f"{path}/activate", credentials("pia")).status == 303
    assert publisher.post(f"{path}/activate").status == 303
    assert approvals.list_release_statuses(clinic.service, "follow_up")[0].word == "active"


@pytest.mark.usefixtures("_second")
@pytest.mark.parametrize(
    "act", ["reject", *(pytest.param(act, marks=pytest.mark.long) for act in ("sign", "submit", "recall", "activate"))]
)
def test_each_step_asks_for_the_password_again_and_a_wrong_one_changes_nothing(clinic, reviewer, files, act):
    """Of a person with every right, who is signed in."""
    shown = {"locale": "en", "function": "medical", "digest": digest(reviewer.get(PIECE)), "confirmed": EVERY}
    if act == "submit":
        assert reviewer.post(f"{PIECE}/reject", shown | credentials("kim") | {"comment": "No."}).status == 303
    add(clinic, "eva", roles=["author", "reviewer", "publisher"])
    eva = Visitor(clinic.app)
    eva.sign_in("eva")
    path = "/room/journeys/follow_up/releases/2" if act == "activate" else PIECE
    if act == "activate":
        publish_another_release(clinic, files)
    before, trail = approvals.list_statuses(clinic.service, "follow_up"), read_trail(clinic.service)
    assert re.search(rf'action="[^"]*/{act}".*?type="password"', eva.get(path).source, re.DOTALL)
    for wrong in ({}, {"name": "eva"}, {"name": "eva", "password": "wrong"}, credentials("kim")):
        answer = eva.post(f"{path}/{act}", shown | {"comment": "Because."} | wrong)
        assert answer.status == 403 and "Nothing was changed" in answer.text, wrong
    assert "Because." in answer.text or act == "activate"
    assert approvals.list_statuses(clinic.service, "follow_up") == before
    assert read_trail(clinic.service) == trail
    assert eva.post(f"{path}/{act}", shown | {"comment": "Because."} | credentials("eva")).status == 303
    assert read_trail(clinic.service)[-1].account == "eva"


def publish_another_release(clinic, files):
    """A second release, signed and not yet active."""
    definition = files / "definitions" / "follow_up.yaml"
    definition.write_text(definition.read_text() + "\n# Another release.\n")
    clinic.publish(files / "definitions", files / "content", signed=False)
    (medical, *_), now = reviewers(frozenset({"en", "es"})), clinic.clock()
    approvals.sign_all(clinic.service, medical, "follow_up", meaning="Signed.", confirmed=EVERY, now=now)


@pytest.mark.usefixtures("_second")
@pytest.mark.parametrize("act", ["reject", pytest.param("recall", marks=pytest.mark.long)])
def test_who_signs_in_with_the_provider_is_asked_by_it_before_each_step(clinic, act):
    add(clinic, "lee", password=None, subject="lee@clinic.example")
    signed_in = accounts.sign_in_as(clinic.service, "lee@clinic.example")
    visitor = Visitor(clinic.app)
    visitor.client.set_cookie(COOKIE.name, signed_in.text)
    shown = {"locale": "en", "function": "medical", "digest": digest(visitor.get(PIECE)), "comment": "No."}
    assert f'/{act}"' not in visitor.get(PIECE).source
    assert visitor.post(f"{PIECE}/{act}", shown).status == 403
    accounts.confirm(clinic.service, signed_in.session, "lee@clinic.example")
    assert [visitor.post(f"{PIECE}/{act}", shown).status for _ in range(2)] == [303, 303]
    assert [step.account for step in read_trail(clinic.service)][-1] == "lee"


@pytest.mark.long
@pytest.mark.usefixtures("_second")
def test_wrong_passwords_in_every_form_are_counted_with_those_of_the_sign_in(clinic, reviewer):
    """Who finds an open browser has ten guesses in all, and the right password is not tried after them."""
    shown = {"locale": "en", "function": "medical", "digest": digest(reviewer.get(PIECE)), "comment": "No."}
    wrong = shown | {"name": "kim", "password": "a wrong password"}
    for number in range(passwords.FAILURES):
        path, fields = [
            (f"{PIECE}/sign", wrong | {"confirmed": EVERY}),
            (f"{PIECE}/reject", wrong),
            (f"{PIECE}/recall", wrong),
            (
                "/room/password",
                {"old": "a wrong password", "new": "another long password", "again": "another long password"},
            ),
        ][number % 4]
        assert reviewer.post(path, fields).status == 403
    for path, fields in ((f"{PIECE}/reject", shown | credentials("kim")), ("/room/sign-in", credentials("kim"))):
        answer = reviewer.post(path, fields)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "900")
    assert standing(clinic).word == "in_review"


def test_who_signed_in_one_function_is_not_offered_the_next_and_the_page_says_why(clinic, files):
    shared = next(path for path in files.rglob("scan-due/piece.yaml"))
    shared.write_text(re.sub("purpose: .*", "purpose: marketing", shared.read_text()))
    clinic.publish(files / "definitions", files / "content", signed=False)
    add(clinic, "kim", functions=["medical", "legal"])
    reviewer = Visitor(clinic.app)
    reviewer.sign_in("kim")
    assert "Sign as legal" in reviewer.get(PIECE).text and "Sign as medical" in reviewer.get(PIECE).text
    assert sign(reviewer).status == 303
    page = reviewer.get(PIECE)
    assert "Sign as" not in page.text
    assert "You have signed as medical. Somebody else signs as legal, regulatory." in page.text
    assert sign(reviewer, function="legal", digest=digest(page)).status == 403
    assert standing(clinic).missing == ("legal", "regulatory")
