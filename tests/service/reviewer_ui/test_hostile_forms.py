"""Hostile forms: each is refused as a page of the 4xx kind on both databases, and nothing is stored."""

import pytest
from sqlalchemy import select

from service.platform.database.tables import approvals
from tests.service.reviewer_ui.test_access import rows
from tests.service.reviewer_ui.test_signatures import sign


def parts(number: int) -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n'
    return part * number + b"--x--\r\n"


PATHS = (
    "/room/sign-in",
    "/room/password",
    "/room/patients",
    "/room/journeys/follow_up/releases/1/pieces/scan-due/versions/1/comments",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_form_of_many_parts_is_too_large(clinic, reviewer, path):
    before = rows(clinic)
    for number in (101, 1_000, 1_001, 10_000):
        answer = reviewer.client.post(path, data=parts(number), content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 413, answer.text
    assert rows(clinic) == before


@pytest.mark.parametrize("path", PATHS)
def test_a_form_of_many_fields_is_too_large(reviewer, path):
    assert reviewer.post(path, {"text": ["a"] * 1_000}).status == 413


def test_a_comment_with_a_nul_is_not_lost(reviewer):
    answer = reviewer.post(PATHS[-1], {"locale": "en", "text": "A long\0 thought."})
    assert answer.status == 400 and "A long thought." in answer.text


def test_the_audit_trail_keeps_a_bounded_part_of_a_refused_act(clinic, reviewer):
    sign(reviewer, function="f" * 100_000, digest="d" * 100_000)
    sign(reviewer, locale="l" * 100_000, digest="d")
    sign(reviewer, confirmed=["c" * 100_000], digest="d")
    with clinic.service.database.reading() as connection:
        refused = connection.execute(select(approvals).where(approvals.c.step == "refused")).mappings().all()
    assert refused
    assert max(len(str(value)) for step in refused for value in step.values()) <= 1_000


@pytest.mark.parametrize("path", PATHS)
def test_a_nul_in_a_form_is_refused(clinic, reviewer, path):
    before = rows(clinic)
    for field in ("name", "password", "text", "reference", "back", "new", "locale", "a\0b"):
        answer = reviewer.post(path, {"text": "x", field: "a\0b"})
        assert answer.status == 400, answer.text
        assert "The form is not acceptable." in answer.text and "JSON" not in answer.text
        assert "NUL character" in answer.text and "\0" not in answer.text
    assert rows(clinic) == before


@pytest.mark.parametrize(
    "path",
    [
        "/room/journeys/%00",
        "/room/journeys/follow_up?locale=%00",
        "/room/journeys/follow_up/releases/1/pieces/%00/versions/1",
        "/room/sign-in?back=%00",
        "/room/%00",
    ],
)
def test_a_nul_in_an_address_is_refused(reviewer, path):
    assert reviewer.get(path).status in (400, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/enrollments/%00",
        "/v1/enrollments/a%00b/history",
        "/v1/enrollments?reference=%00",
        "/v1/journeys?locale=%00",
        "/v1/journeys/%00/releases/x",
    ],
)
def test_a_nul_in_an_address_of_the_api_is_refused(clinic, path):
    assert clinic.get(path, clinic.staff).status in (400, 404, 422)


def test_problems_named_in_an_answer_are_bounded(clinic):
    enrollment = clinic.enroll()
    body = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-06-20", **{f"more{n}": 1 for n in range(5_000)}}
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, body)
    assert answer.status == 422
    assert sum(map(len, answer["errors"].values())) == 100
    assert answer["errors_left_out"] == 4_900
    facts = {f"fact{n}": n for n in range(250)}
    body = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-06-20", "facts": facts}
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, body)
    assert answer.status == 422 and sum(map(len, answer["errors"].values())) <= 100
