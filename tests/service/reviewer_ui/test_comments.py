"""Comments: answered, resolved and opened again; what a later version says of them; the signer sees the open ones."""

import re

import pytest
from sqlalchemy import select

from service.platform.database.tables import comment_steps
from service.publishing import approvals, review
from tests.folders import copy_samples
from tests.service.people import add, add_author
from tests.service.reviewer_ui.visitor import Visitor

RELEASE = "/room/journeys/follow_up/releases/1"
PIECE = f"{RELEASE}/pieces/scan-due/versions"
QUEUE = "/room/journeys/follow_up/queue"
SENTENCE = "It is time for your follow-up scan."
NEW = "Bring a list of your medicines."


@pytest.fixture
def files(tmp_path):
    return copy_samples(tmp_path)


@pytest.fixture
def author(clinic):
    add_author(clinic.service)
    visitor = Visitor(clinic.app)
    assert visitor.sign_in("ada").status == 303
    return visitor


def publish_change(clinic, files, change):
    """Publish another version of the piece in English, signed by nobody."""
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(change(file.read_text()))
    clinic.publish(files / "definitions", files / "content", signed=False)


def with_new_words(text):
    return f"{text.rstrip()}\n\n{NEW}\n"


def write(visitor, text, sentence=SENTENCE, version=1, **more):
    """Write a comment, and return its id."""
    answer = visitor.post(f"{PIECE}/{version}/comments", {"locale": "en", "sentence": sentence, "text": text, **more})
    assert answer.status == 303, answer.text
    return answer.location.partition("#comment-")[2]


def step(visitor, comment, kind, text="", version=1):
    return visitor.post(f"{PIECE}/{version}/comments/{comment}", {"step": kind, "text": text})


def opened(clinic):
    return review.open_piece(clinic.service, "follow_up", 1, "scan-due", 1)


def test_an_answer_stands_under_its_comment_with_its_author_and_its_time(clinic, reviewer, author):
    comment = write(reviewer, "Which scan?")
    clinic.clock.pass_by(minutes=5)
    answer = step(author, comment, "answered", "The CT.\r\nIn May.")
    assert answer.status == 303 and answer.location.endswith(f"/versions/1#comment-{comment}")
    text = reviewer.get(f"{PIECE}/1").text
    asked, answered = text.index("Which scan? Dr Kim, 1 July 2026, 09:00"), text.index("The CT. In May. Dr Ada")
    assert asked < answered and "Dr Ada, 1 July 2026, 09:05 UTC" in text
    assert [kept.text for kept in opened(clinic).comments[0].steps] == ["The CT.\nIn May."]


def test_a_resolved_comment_is_folded_away_with_who_and_when_and_can_be_opened_again(clinic, reviewer, author):
    comment = write(reviewer, "Which scan?")
    assert f'href="#comment-{comment}" lang="en"' in reviewer.get(f"{PIECE}/1").source
    assert step(author, comment, "resolved", "As in the guideline.").status == 303
    page = reviewer.get(f"{PIECE}/1")
    folded = page.source.partition('<details class="resolved">')[2].partition("</details>")[0]
    assert "Which scan?" in folded and "As in the guideline." in folded and "Resolved by Dr Ada" in folded
    assert "Resolved comments: 1" in page.text and "No open comments." in page.text
    assert f'href="#comment-{comment}" lang="en"' not in page.source
    step(reviewer, comment, "reopened")
    page = reviewer.get(f"{PIECE}/1")
    assert "Opened again by Dr Kim" in page.text and "Resolved comments" not in page.text
    with clinic.service.database.reading() as connection:
        rows = connection.execute(select(comment_steps).order_by(comment_steps.c.sequence)).all()
    assert [(row.sequence, row.step, row.text) for row in rows] == [
        (1, "resolved", "As in the guideline."),
        (2, "reopened", ""),
    ]


def test_what_is_done_is_not_done_again(clinic, reviewer):
    """A double click."""
    comment = write(reviewer, "Which scan?")
    for kind, text in (("reopened", ""), ("answered", "The CT."), ("answered", "The CT."), *[("resolved", "")] * 2):
        assert step(reviewer, comment, kind, text).status == 303
    assert [kept.kind for kept in opened(clinic).comments[0].steps] == ["answered", "resolved"]


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        ("answered", " ", 422),
        ("answered", "x" * 4_001, 422),
        ("answered", "a\u200bb", 422),
        ("resolved", "x" * 4_001, 422),
        ("deleted", "x", 422),
        ("", "x", 422),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_stores_nothing(clinic, reviewer, kind, text, status):
    comment = write(reviewer, "Which scan?")
    assert step(reviewer, comment, kind, text).status == status
    assert opened(clinic).comments[0].steps == ()


def test_a_comment_is_answered_only_on_its_own_text(clinic, reviewer):
    comment = write(reviewer, "Which scan?")
    other = f"{RELEASE}/pieces/where-to-ask/versions/1/comments/{comment}"
    assert reviewer.post(other, {"step": "resolved"}).status == 404
    assert step(reviewer, "absent", "resolved").status == 404
    assert opened(clinic).comments[0].is_open


def test_a_later_version_says_whether_the_sentence_or_the_text_has_changed(clinic, files, reviewer):
    write(reviewer, "On a sentence.")
    write(reviewer, "On the whole.", sentence="")
    publish_change(clinic, files, with_new_words)
    text = reviewer.get(f"{PIECE}/2").text
    assert "On a sentence. Dr Kim, 1 July 2026, 09:00 UTC Written on version 1; the sentence is unchanged." in text
    assert "On the whole. Dr Kim, 1 July 2026, 09:00 UTC Written on version 1; the text has changed." in text
    publish_change(clinic, files, lambda text: text.replace("It is time for your", "Please book your"))
    assert "Written on version 1; the sentence has changed." in reviewer.get(f"{PIECE}/3").text
    assert "Written on" not in reviewer.get(f"{PIECE}/1").text


def test_a_text_that_changed_in_another_language_alone_is_unchanged(clinic, files, reviewer):
    answer = reviewer.post(f"{PIECE}/1/comments", {"locale": "es", "sentence": "", "text": "On the whole."})
    assert answer.status == 303
    publish_change(clinic, files, with_new_words)
    assert "Written on version 1; the text is unchanged." in reviewer.get(f"{PIECE}/2").text


def test_open_comments_are_counted_in_the_queue_and_on_the_page_of_the_release(clinic, files, reviewer):
    publish_change(clinic, files, with_new_words)
    first, _ = write(reviewer, "First."), write(reviewer, "Second.", version=2)
    cell = r'data-label="Open comments">(\d+)<'
    assert re.findall(cell, reviewer.get(RELEASE).source) == ["2"]
    assert re.findall(cell, reviewer.get(QUEUE).source) == ["2"]
    step(reviewer, first, "resolved")
    assert re.findall(cell, reviewer.get(RELEASE).source) == ["1"]
    assert re.findall(cell, reviewer.get(QUEUE).source) == ["1"]


def test_the_signer_sees_open_comments_beside_the_verdict_and_can_sign_all_the_same(clinic, files, reviewer):
    publish_change(clinic, files, with_new_words)
    write(reviewer, "Which medicines?", sentence=NEW, version=2)
    item = reviewer.get(f"{QUEUE}/piece/scan-due")
    bar = item.source.partition('class="verdict-bar"')[2]
    assert "1 open comment<" in bar and "English: Which medicines?" in bar
    assert "1 open comment " in reviewer.get(f"{PIECE}/2").text.partition("Sign as medical")[0]
    status = next(
        status
        for status in approvals.list_statuses(clinic.service, "follow_up")
        if (status.subject.key, status.subject.locale) == ("scan-due", "en")
    )
    signer = approvals.signer_of(add(clinic, "lou"))
    request = approvals.SignatureRequest("medical", "I have read this.", approvals.every_question())
    approvals.sign(clinic.service, signer, status.subject, status.digest, request, now=clinic.clock())
    assert "patients see it" in reviewer.get(f"{PIECE}/2").text


def test_an_answer_from_the_queue_leads_back_to_the_queue(clinic, files, reviewer):
    publish_change(clinic, files, with_new_words)
    comment = write(reviewer, "Which medicines?", sentence=NEW, version=2)
    page = f"{QUEUE}/piece/scan-due?function=medical"
    answer = reviewer.post(f"{PIECE}/2/comments/{comment}", {"step": "answered", "text": "All.", "back": page})
    assert answer.location == f"{page}#comment-{comment}"


def test_the_markup_of_an_answer_is_text(reviewer):
    comment = write(reviewer, "Which scan?")
    step(reviewer, comment, "answered", "<script>alert(1)</script>")
    page = reviewer.get(f"{PIECE}/1")
    assert "<script" not in page.source and "&lt;script&gt;alert(1)" in page.source
