"""A link ends the messages of a channel by one POST, and by nothing else."""

import pytest

from tests.service.public_pages.visits import (
    everything,
    link,
    prefer,
    revocations,
    with_waiting_message,
    words,
)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def waiting(reaching):
    return with_waiting_message(reaching)


def test_a_scanner_that_opens_the_link_100_times_changes_nothing(reaching, waiting):
    path = f"/u/{link(reaching, waiting)}"
    before = everything(reaching)
    pages = {reaching.clinic.call("GET", path).data for _ in range(100)}
    assert len(pages) == 1 and b"<form" in pages.pop()
    for method in ("HEAD", "OPTIONS"):
        assert reaching.clinic.call(method, path).status == 200
    assert reaching.clinic.call("PUT", path).status == reaching.clinic.call("DELETE", path).status == 405
    assert everything(reaching) == before


def test_one_post_without_cookies_ends_the_channel_and_clears_the_queue(reaching, waiting):
    answer = reaching.clinic.call("POST", f"/u/{link(reaching, waiting)}", data=ONE_CLICK)
    assert answer.status == 200 and "Set-Cookie" not in answer.headers
    (entry,) = revocations(reaching, waiting)
    assert (entry["channel"], entry["purpose"], entry["by"], entry["method"]) == ("email", None, "patient", "link")
    assert entry["sequence"] == 3  # after the grant and the attempt
    assert [(row.status, row.reason) for row in reaching.messages()] == [("suppressed", "no_permission")]
    tried = len(reaching.mail.got)
    reaching.clinic.clock.pass_by(hours=2)
    reaching.work()
    assert len(reaching.mail.got) == tried


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": b"", "content_type": "application/x-www-form-urlencoded"},
        {"data": ONE_CLICK, "content_type": "multipart/form-data"},
        {"json": {"List-Unsubscribe": "No"}},
        {"data": b"\xff\x00{", "content_type": "text/plain"},
        {"data": b"x" * 1_000_000, "content_type": "application/octet-stream"},
    ],
    ids=["none", "empty", "multipart", "json", "bytes", "large"],
)
def test_the_body_decides_nothing(reaching, body):
    enrollment = reaching.reachable_patient()
    assert reaching.clinic.call("POST", f"/u/{link(reaching, enrollment)}", **body).status == 200
    assert len(revocations(reaching, enrollment)) == 1


def test_a_repeat_records_nothing_until_something_is_granted_again(reaching):
    enrollment = reaching.reachable_patient()
    path = f"/u/{link(reaching, enrollment)}"
    first, second = (reaching.clinic.call("POST", path, data=ONE_CLICK) for _ in range(2))
    assert (first.status, first.data) == (second.status, second.data)
    assert len(revocations(reaching, enrollment)) == 1
    assert reaching.clinic.call("GET", path).data == first.data  # nothing is left to end
    reaching.clinic.clock.pass_by(minutes=1)
    reaching.record(enrollment, "grant")
    reaching.clinic.clock.pass_by(minutes=1)
    reaching.clinic.call("POST", path, data=ONE_CLICK)
    assert len(revocations(reaching, enrollment)) == 2


def test_a_link_ends_its_own_channel_of_its_own_person(reaching):
    mine, theirs = reaching.reachable_patient("p1"), reaching.reachable_patient("p2")
    reaching.clinic.call("POST", f"/u/{link(reaching, mine, 'sms')}")
    assert [entry["channel"] for entry in revocations(reaching, mine)] == ["sms"]
    assert revocations(reaching, theirs) == []


def test_a_token_that_is_not_ours_has_one_page_for_all(reaching):
    mine, theirs = reaching.reachable_patient("p1"), reaching.reachable_patient("p2")
    good, other = link(reaching, mine), link(reaching, theirs)
    person, channel, digest = good.split("-")
    before = everything(reaching)
    tokens = [
        good[:-1],
        good + "0",
        good + "/",
        good.upper(),
        f"{person}-sms-{digest}",
        f"{person}-fax-{digest}",
        f"{other.split('-')[0]}-{channel}-{digest}",
        f"{person}-{channel}-",
        f"nobody-{channel}-{digest}",
        "x",
        "%00",
        "é-email-ü",
        "%F0%9F%92%A9",
        "a" * 10_000,
    ]
    answers = [
        reaching.clinic.call(method, f"/{page}/{token}")
        for page in ("u", "preferences")
        for token in tokens
        for method in ("GET", "POST")
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert "does not work" in words(answers[0]) and "no funciona" in words(answers[0])
    assert everything(reaching) == before


@pytest.mark.parametrize(
    ("language", "attribute", "before", "after"),
    [
        ("en", 'lang="en"', "E-mail from your care guide", "This has ended: E-mail from your care guide"),
        ("es-MX", 'lang="es"', "Correos de su guía de cuidados", "Esto terminó: Correos de su guía de cuidados"),
        ("fr", 'lang="en"', "E-mail from your care guide", "This has ended: E-mail from your care guide"),
    ],
)
def test_the_page_is_in_the_language_of_the_person(reaching, language, attribute, before, after):
    enrollment = reaching.reachable_patient()
    prefer(reaching, enrollment, language=language)
    path = f"/u/{link(reaching, enrollment)}"
    shown = reaching.clinic.call("GET", path)
    ended = reaching.clinic.call("POST", path)
    assert attribute in shown.data.decode() and before in words(shown)
    assert attribute in ended.data.decode() and after in words(ended)


def test_nothing_of_the_person_is_on_the_page_or_in_the_log(reaching, logs):
    enrollment = reaching.reachable_patient("canary-reference")
    token = link(reaching, enrollment)
    del logs[:]
    pages = b""
    for method, path in (("GET", "u"), ("POST", "u"), ("GET", "preferences"), ("POST", "preferences")):
        pages += reaching.clinic.call(method, f"/{path}/{token}", data=ONE_CLICK if method == "POST" else None).data
    assert b"canary" not in pages and b"c\xe2\x80\xa6@example.org" in pages
    assert {line["route"] for line in logs if line["event"] == "request"} == {
        "/u/<path:token>",
        "/preferences/<path:token>",
    }
    person = reaching.person_of(enrollment)
    assert not any(secret in repr(line) for line in logs for secret in (token, "canary", person))
