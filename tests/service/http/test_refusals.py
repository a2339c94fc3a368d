"""A refusal names the culprit as its sender knows it, and says what would be accepted."""

import pytest

from service.http.body import parse_json
from service.platform.errors import Malformed

CLOUDEVENT = {
    "specversion": "1.0",
    "id": "c1",
    "source": "/lab",
    "type": "asked_for_help",
    "time": "2026-07-01T08:00:00Z",
}
REPORT = {"id": "r1", "type": "asked_for_help", "occurred_at": "2026-07-01"}
AS_CLOUDEVENT = {"Content-Type": "application/cloudevents+json"}


@pytest.fixture
def events(clinic):
    return f"/v1/enrollments/{clinic.enroll()}/events"


def test_options_of_an_enrollment_names_the_methods(clinic, events):
    answer = clinic.call("OPTIONS", events, clinic.phone)
    assert (answer.status, sorted(answer.headers["Allow"].split(", "))) == (200, ["OPTIONS", "POST"])


def test_a_wrong_method_is_answered_with_the_right_ones_as_a_choice(clinic, events):
    assert clinic.call("PUT", events, clinic.phone)["detail"] == "Use OPTIONS or POST."
    assert clinic.call("DELETE", "/v1/enrollments", clinic.phone)["detail"] == "Use GET, HEAD, OPTIONS or POST."


def test_an_address_without_a_route_is_told_from_an_unknown_enrollment(clinic):
    for address in ("/v1/enrolments", "/v1/enrollments/"):
        assert clinic.get(address, clinic.phone)["detail"].startswith("No route has this address. '/openapi.json'")
    assert clinic.get("/v1/enrollments/" + "0" * 32, clinic.phone)["detail"] == "No such enrollment."


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b'\xef\xbb\xbf{"id": "r1"}', "The body begins with a byte order mark. Send UTF-8 without it."),
        (b'{"id": "caf\xe9"}', "The body is not UTF-8. Send it in UTF-8."),
        (b'{"sequence": NaN}', "The body is not JSON (RFC 8259): 'NaN' is not a number."),
        (b'{"sequence": 12345678901234567890}', "A number in the body is too large. Whole numbers may have 19 digits"),
    ],
)
def test_a_malformed_body_is_described(data, detail):
    with pytest.raises(Malformed) as refusal:
        parse_json(data)
    assert refusal.value.detail.startswith(detail)


def test_unknown_fields_come_in_one_order_with_the_accepted_fields(clinic, events):
    unknown = {f"field_{number:03}": 1 for number in range(40)}
    answer = clinic.post(events, clinic.phone, REPORT | dict(reversed(unknown.items())))
    assert list(answer["errors"]) == list(unknown)
    accepted = (
        "Unknown field. Accepted: id, type, occurred_at, sequence, facts, told, replaces, piece, question, until, "
        "topic."
    )
    assert answer["errors"]["field_000"] == [accepted]


def test_null_in_an_optional_field_may_be_left_out(clinic, events):
    errors = clinic.post(events, clinic.phone, REPORT | {"facts": None, "id": None})["errors"]
    assert errors["facts"] == ["Null is not accepted. Send a value, or leave the field out."]
    assert errors["id"] == ["This field is required."]


def test_a_time_ahead_is_answered_with_the_latest_that_is_accepted(clinic, events):
    answer = clinic.post(events, clinic.phone, REPORT | {"occurred_at": "2999-01-01"})
    assert "a day that has begun in the patient's time zone" in answer["errors"]["occurred_at"][0]


def test_the_problems_of_a_cloudevent_have_the_names_of_its_attributes(clinic, events):
    changes = [
        ({"time": "2026-07-01T08:00:00"}, ["time"]),
        ({"time": "2999-01-01"}, ["time"]),
        ({"data": {"facts": {"unheard_of": 1}}}, ["data.facts.unheard_of"]),
        ({"data": {"sequence": -1, "colour": "red"}}, ["data.colour", "data.sequence"]),
        ({"type": "unheard_of"}, ["type"]),
    ]
    for change, names in changes:
        event = CLOUDEVENT | change
        alone = clinic.post(events, clinic.phone, event, headers=AS_CLOUDEVENT)
        assert (alone.status, sorted(alone["errors"])) == (422, names)
        (batched,) = clinic.post("/v1/events", clinic.phone, [event | {"subject": events.split("/")[3]}])["items"]
        assert sorted(batched["problem"]["errors"]) == names


def test_a_cloudevent_without_its_version_is_asked_for_it(clinic, events):
    event = {name: value for name, value in CLOUDEVENT.items() if name != "specversion"}
    answer = clinic.post(events, clinic.phone, event, headers=AS_CLOUDEVENT)
    assert answer["errors"] == {"specversion": ["This must be '1.0'."]}
    assert clinic.post(events, clinic.phone, REPORT, headers=AS_CLOUDEVENT).status == 200
