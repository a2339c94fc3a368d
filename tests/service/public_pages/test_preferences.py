"""The page of preferences asks for less: it ends, narrows and reorders, and never grants or adds."""

import pytest

from tests.service.public_pages.visits import everything, link, prefer, revocations, with_waiting_message, words

SMS = {"channel": "sms", "address": "+15055550178"}


@pytest.fixture
def person(reaching):
    """An enrollment of a patient with e-mail and a mobile number; text messages come first."""
    enrollment = reaching.reachable_patient()
    assert reaching.clinic.post("/v1/me/contacts", reaching.clinic.token_of_patient("p1"), SMS).status == 200
    return enrollment


@pytest.fixture
def send(reaching, person):
    """Sends the form of the page."""
    path = f"/preferences/{link(reaching, person)}"
    return lambda form=None, **options: reaching.clinic.call("POST", path, data=form, **options)


def preferences(reaching) -> dict:
    return reaching.clinic.get("/v1/me/preferences", reaching.clinic.token_of_patient("p1")).json


def test_opening_the_page_changes_nothing_and_shows_masked_addresses(reaching, person):
    path = f"/preferences/{link(reaching, person)}"
    before = everything(reaching)
    shown = reaching.clinic.call("GET", path)
    assert [reaching.clinic.call(method, path).status for method in ("GET", "HEAD", "OPTIONS")] == [200] * 3
    assert everything(reaching) == before
    text = words(shown)
    assert text.index("Text messages +1…78") < text.index("E-mail p…@example.org")
    assert b"p1@example.org" not in shown.data and b"5550178" not in shown.data


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"place-sms": "1", "place-email": "2"}, []),
        ({"place-sms": "1", "place-email": "1"}, ["email", "sms"]),
        ({"place-sms": "2", "place-email": "2"}, ["email", "sms"]),
        ({"place-sms": "2", "place-email": "1"}, ["email", "sms"]),
    ],
    ids=["as it is", "one moved up", "one moved down", "both"],
)
def test_the_order_of_channels_is_set(reaching, send, places, order):
    assert send(places).status == 200
    assert preferences(reaching)["channels"] == order


def test_quiet_hours_are_set_and_only_made_longer(reaching, send):
    assert "Saved." in words(send({"quiet-start": "21:00", "quiet-end": "08:00"}))
    assert send({"quiet-start": "20:30", "quiet-end": "08:00"}).status == 200
    shorter = send({"quiet-start": "22:00", "quiet-end": "08:00"})
    assert shorter.status == 422 and "Nothing was saved" in words(shorter)
    assert send({"quiet-start": "", "quiet-end": ""}).status == 200
    assert preferences(reaching)["quiet"] == {"start": "20:30", "end": "08:00"}


def test_a_pause_is_set_and_only_made_longer(reaching, send):
    assert "until July 31, 2026" in words(send({"pause": "30"}))
    assert send({"pause": "7"}).status == 200
    assert send({"pause": ""}).status == 200
    assert preferences(reaching)["paused_until"] == "2026-07-31T09:00:00Z"


def test_channels_are_ended_one_by_one(reaching, person, send):
    assert "To get these messages again" in words(send({"end": "email"}))
    assert [(entry["channel"], entry["method"]) for entry in revocations(reaching, person)] == [("email", "link")]
    send({"end": ["email", "sms"]})
    assert [entry["channel"] for entry in revocations(reaching, person)] == ["email", "sms"]


def test_ending_a_channel_clears_its_queue(reaching):
    enrollment = with_waiting_message(reaching)
    path = f"/preferences/{link(reaching, enrollment)}"
    assert reaching.clinic.call("POST", path, data={"end": "email"}).status == 200
    assert [row.status for row in reaching.messages()] == ["suppressed"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"quiet-start": "21:00"}, 422),
        ({"quiet-start": "21:00", "quiet-end": "21:00"}, 422),
        ({"quiet-start": "25:00", "quiet-end": "08:00"}, 422),
        ({"quiet-start": "21:00:30", "quiet-end": "08:00"}, 422),
        ({"pause": "-7"}, 422),
        ({"pause": "x"}, 422),
        ({"place-email": "3"}, 422),
        ({"place-email": "0"}, 422),
        ({"end": "post"}, 422),
        ({"end": "fax"}, 422),
        ({"end": "e\0"}, 400),
        ({f"field{number}": "1" for number in range(101)}, 413),
        ({"end": "x" * 1_000_001}, 413),
    ],
)
def test_what_the_page_does_not_offer_changes_nothing(reaching, send, form, status):
    before = everything(reaching)
    answer = send(form)
    assert (answer.status, answer.type) == (status, "text/html")
    assert everything(reaching) == before


@pytest.mark.parametrize("body", [{"json": {"end": "email"}}, {"data": b"end=email", "content_type": "text/plain"}])
def test_a_body_of_another_type_is_refused(reaching, person, body):
    answer = reaching.clinic.call("POST", f"/preferences/{link(reaching, person)}", **body)
    assert (answer.status, answer.type) == (415, "text/html")
    assert revocations(reaching, person) == []


def test_nothing_can_be_granted_and_no_address_added(reaching, person, send):
    send({"end": "email"})
    before = preferences(reaching)
    send(
        {
            "grant": "email",
            "kind": "grant",
            "status-email": "granted",
            "channel": "email",
            "address": "other@example.org",
            "language": "es",
            "time_zone": "UTC",
        }
    )
    assert preferences(reaching) == before
    assert len(revocations(reaching, person)) == 1


def test_a_channel_that_was_never_allowed_is_not_offered_to_be_ended(reaching):
    enrollment = reaching.reachable_patient(grants=False)
    text = words(reaching.clinic.call("GET", f"/preferences/{link(reaching, enrollment)}"))
    assert "You have not allowed these messages" in text and "Stop these messages" not in text


def test_the_page_is_in_spanish_for_who_reads_spanish(reaching, person):
    prefer(reaching, person, language="es", quiet={"start": "21:00", "end": "08:00"})
    shown = reaching.clinic.call("GET", f"/preferences/{link(reaching, person)}")
    assert b'lang="es"' in shown.data and b'value="21:00"' in shown.data
    assert "Horas de silencio" in words(shown)
    paused = reaching.clinic.call("POST", f"/preferences/{link(reaching, person)}", data={"pause": "7"})
    assert "hasta el 8 de julio de 2026" in words(paused)


def test_channels_without_an_address_stay_as_they_were(reaching, person, send):
    prefer(reaching, person, channels=["push", "email", "sms"])
    assert send({"place-sms": "1"}).status == 200
    assert preferences(reaching)["channels"] == ["sms", "email", "push"]
