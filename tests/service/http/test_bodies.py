"""Hostile bodies (I1): each a problem detail of the 4xx kind, never a 500, nothing stored."""

import gzip
import json

import pytest

from service.http.body import parse_json
from service.platform.errors import Malformed

GOOD = b'{"id":"x","type":"asked_for_help","occurred_at":"2026-07-01"'

MALFORMED = {
    "nothing": b"",
    "blank": b" \n ",
    "not json": b"{",
    "no value": GOOD + b',"facts":}',
    "trailing comma": GOOD + b",}",
    "two values": GOOD + b"}{}",
    "comment": b"/* */ " + GOOD + b"}",
    "single quotes": b"{'id':'x'}",
    "not utf-8": GOOD[:-1] + b'\xff"}',
    "overlong utf-8": b'{"id":"\xc0\x80"}',
    "utf-16": (GOOD + b"}").decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD + b"}",
    "raw nul": GOOD + b',"x":"\x00"}',
    "nul": GOOD + b',"facts":{"x":"a\\u0000b"}}',
    "nul in a key": GOOD + b',"facts":{"a\\u0000b":1}}',
    "half a surrogate": GOOD + b',"facts":{"x":"\\ud800"}}',
    "half a surrogate in a key": GOOD + b',"facts":{"\\udc00":1}}',
    "raw control": GOOD + b',"x":"\x01"}',
    "nan": GOOD + b',"sequence":NaN}',
    "infinity": GOOD + b',"sequence":Infinity}',
    "minus infinity": GOOD + b',"sequence":-Infinity}',
    "too large a float": GOOD + b',"sequence":1e999}',
    "5000 digits": GOOD + b',"sequence":' + b"9" * 5000 + b"}",
    "20 digits": GOOD + b',"sequence":' + b"9" * 20 + b"}",
    "a key twice": GOOD + b',"id":"y"}',
    "a key twice inside": GOOD + b',"facts":{"smokes":true,"smokes":false}}',
    "a key twice escaped": GOOD + b',"\\u0069d":"y"}',
    "100,000 deep lists": b"[" * 100_000,
    "100,000 deep closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 deep objects": b'{"a":' * 100_000,
    "33 deep": b"[" * 33 + b"]" * 33,
    "60,000 empty lists": GOOD + b',"facts":[' + b"[]," * 60_000 + b"[]]}",
    "60,000 empty objects": GOOD + b',"facts":[' + b"{}," * 60_000 + b"{}]}",
    "60,000 open brackets in a text": GOOD + b',"facts":{"x":"' + b"[" * 60_000 + b'"}}',
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"x"',
    "null": b"null",
    "true": b"true",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_acceptable_json_is_named_and_not_stored(clinic, data):
    enrollment = clinic.enroll()
    before = clinic.read(enrollment, clinic.staff)
    for path in (f"/v1/enrollments/{enrollment}/events", "/v1/enrollments", f"/v1/enrollments/{enrollment}/placement"):
        answer = clinic.call("POST", path, clinic.staff, data=data, content_type="application/json")
        assert (answer.status, answer.type, answer["code"]) == (400, "application/problem+json", "malformed")
        assert answer["detail"].endswith(".")
    assert clinic.read(enrollment, clinic.staff) == before


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_batch_is_as_strict(clinic, data):
    answer = clinic.call("POST", "/v1/events", clinic.phone, data=data, content_type="application/json")
    assert answer.status in (400, 422)
    assert answer.type == "application/problem+json"


def test_what_is_no_json_is_named_by_line_and_column(clinic):
    data = b'{"id": "x",\n  "type": asked}'
    answer = clinic.call("POST", "/v1/events", clinic.phone, data=data, content_type="application/json")
    assert answer["detail"] == "The body is not JSON (RFC 8259): error at line 2, column 11."


def test_brackets_in_texts_are_no_depth():
    assert parse_json(json.dumps({"a": "[" * 500 + '\\"' + "{" * 500}).encode())
    assert parse_json(b"[" * 32 + b"]" * 32)
    with pytest.raises(Malformed):
        parse_json(b'{"a":"\\\\",' + b'"b":[' * 40 + b"]" * 40 + b"}")


def test_a_whole_pair_of_surrogates_is_a_letter():
    assert parse_json(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    "value",
    ["x" * 999_990, {"facts": {f"f{number}": number for number in range(5000)}}, {"facts": {"x" * 5000: 1}}],
    ids=["one long text", "many facts", "a long name"],
)
def test_large_values_are_refused_by_field(clinic, value):
    enrollment = clinic.enroll()
    body = json.loads(GOOD + b"}") | (value if isinstance(value, dict) else {"type": value[:900_000]})
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, body)
    assert answer.status == 422
    assert len(answer.data) < 2000


def test_more_than_a_megabyte_is_refused(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    data = GOOD + b',"x":"' + b"x" * 1_000_000 + b'"}'
    answer = clinic.call("POST", path, clinic.phone, data=data, content_type="application/json")
    assert (answer.status, answer["code"]) == (413, "too-large")
    assert answer["detail"] == "At most 1000000 bytes are accepted."


def test_a_gigabyte_that_is_announced_is_refused_unread(clinic):
    enrollment = clinic.enroll()
    answer = clinic.call(
        "POST",
        f"/v1/enrollments/{enrollment}/events",
        clinic.phone,
        data=GOOD,
        content_type="application/json",
        headers={"Content-Length": "1000000000"},
    )
    assert answer.status in (400, 413)
    assert answer.type == "application/problem+json"


def test_an_encoded_body_is_refused(clinic):
    enrollment = clinic.enroll()
    answer = clinic.call(
        "POST",
        f"/v1/enrollments/{enrollment}/events",
        clinic.phone,
        data=gzip.compress(b" " * 10_000_000),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )
    assert (answer.status, answer["code"]) == (415, "media-type")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "application/json; charset=utf-16",
    ],
)
def test_another_media_type_is_refused(clinic, media_type):
    enrollment = clinic.enroll()
    answer = clinic.call(
        "POST", f"/v1/enrollments/{enrollment}/events", clinic.phone, data=GOOD + b"}", content_type=media_type
    )
    assert (answer.status, answer["code"]) == (415, "media-type")


def test_strange_routes_and_methods_are_problem_details(clinic):
    assert clinic.get("/v1/nothing", clinic.staff).type == "application/problem+json"
    answer = clinic.call("DELETE", "/v1/enrollments", clinic.staff)
    assert (answer.status, answer.type) == (405, "application/problem+json")
    assert "POST" in answer.headers["Allow"]
    assert answer["detail"] == "Use GET, HEAD, OPTIONS or POST."


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "patient_ref"),
        ("?patient_ref=", "patient_ref"),
        ("?patient_ref=%00", "patient_ref"),
        ("?patient_ref=a%0ab", "patient_ref"),
        ("?patient_ref=p1&limit=0", "limit"),
        ("?patient_ref=p1&limit=1000", "limit"),
        ("?patient_ref=p1&limit=x", "limit"),
        ("?patient_ref=p1&limit=1e9", "limit"),
        ("?patient_ref=p1&cursor=%27--", "cursor"),
    ],
)
def test_strange_queries_are_named_by_field(clinic, query, field):
    answer = clinic.get(f"/v1/enrollments{query}", clinic.staff)
    assert (answer.status, answer.type) == (422, "application/problem+json")
    assert field in answer["errors"]


@pytest.mark.parametrize(
    "query", ["locale=xx_", "locale=../../etc", "channel=fax", "format=pdf", "cursor=1.x", "cursor=a"]
)
def test_strange_wishes_are_named_by_field(clinic, query):
    enrollment = clinic.enroll()
    kind = "history" if "cursor" in query else "content"
    answer = clinic.get(f"/v1/enrollments/{enrollment}/{kind}?{query}", clinic.phone)
    assert answer.status == 422
    assert query.partition("=")[0] in answer["errors"]
