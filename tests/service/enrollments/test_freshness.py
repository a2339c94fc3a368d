"""Conditional reads: decided before anything is drawn, and never with an answer that is no longer true."""

import pytest

from service.demo.reviewers import PUBLISHER
from service.enrollments import answers, content, read, screen
from service.publishing import approvals
from service.publishing.approvals import RecallScope
from service.publishing.library import Library

PATHS = ("/view", "/view?locale=es", "", "/content", "/content/scan-due")


class Drawn(Exception):
    """Something was folded, read or drawn although it was not needed."""


@pytest.fixture
def enrollment(clinic):
    enrolled = clinic.enroll()
    clinic.clock.set("2026-07-20T09:00:00")
    clinic.worker().fire_all()
    return enrolled


@pytest.fixture
def refuse_drawing(monkeypatch):
    """From the call on, folding, selecting and drawing raise an error."""

    def refuse(*_args, **_kwargs):
        raise Drawn

    def begin():
        monkeypatch.setattr(answers, "draw", refuse)
        monkeypatch.setattr(answers, "choose_content", refuse)
        monkeypatch.setattr(content, "select", refuse)
        monkeypatch.setattr(screen, "find", refuse)
        monkeypatch.setattr(read, "pass_time", refuse)
        monkeypatch.setattr(Library, "servable_content", refuse)

    return begin


def poll(clinic, enrollment, path, tag, token=None):
    return clinic.get(f"/v1/enrollments/{enrollment}{path}", token or clinic.phone, headers={"If-None-Match": tag})


def tag_of(clinic, enrollment, path, token=None):
    return clinic.get(f"/v1/enrollments/{enrollment}{path}", token or clinic.phone).headers["ETag"]


@pytest.mark.parametrize("path", PATHS)
def test_a_poll_is_answered_before_anything_is_drawn(clinic, enrollment, path, refuse_drawing):
    tag = tag_of(clinic, enrollment, path)
    refuse_drawing()
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = poll(clinic, enrollment, path, sent)
        assert (answer.status, answer.headers["ETag"], answer.data) == (304, tag, b"")
    assert poll(clinic, enrollment, path, '"other"').status == 500  # the spy refuses every drawing


@pytest.mark.parametrize("path", ["/view", "", "/content"])
def test_a_report_a_mark_and_a_timer_end_a_tag(clinic, enrollment, path):
    tags = [tag_of(clinic, enrollment, path)]
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    clinic.clock.pass_by(minutes=1)
    assert poll(clinic, enrollment, path, tags[0]).status == 200
    tags.append(tag_of(clinic, enrollment, path))
    clinic.clock.set("2026-08-20T09:00:00")  # timers are due, and nobody has fired them
    assert poll(clinic, enrollment, path, tags[1]).status == 200
    tags.append(tag_of(clinic, enrollment, path))
    clinic.worker().fire_all()
    assert poll(clinic, enrollment, path, tags[2]).status == 304
    assert len(set(tags)) == 3


def test_a_recalled_piece_ends_a_tag(clinic, enrollment):
    tag = tag_of(clinic, enrollment, "/view")
    assert poll(clinic, enrollment, "/view", tag).status == 304
    scope = RecallScope("follow_up", "scan-due")
    approvals.recall(clinic.service, PUBLISHER, scope, comment="Wrong.", now=clinic.clock())
    answer = poll(clinic, enrollment, "/view", tag)
    assert answer.status == 200
    assert "scan-due" not in [card["key"] for card in answer["cards"]]


def test_the_end_of_an_approval_ends_a_tag(clinic, enrollment):
    """The content of these tests is signed the day before for 99 years, at nine; around nine nothing else ends."""
    clinic.clock.set("2125-06-30T08:00:00")
    clinic.worker().fire_all()
    tag = tag_of(clinic, enrollment, "/view")
    clinic.clock.pass_by(minutes=30)
    assert poll(clinic, enrollment, "/view", tag).status == 304
    clinic.clock.pass_by(minutes=90)
    answer = poll(clinic, enrollment, "/view", tag)
    assert (answer.status, answer["cards"]) == (200, [])


def test_a_new_day_is_drawn_again_and_keeps_its_tag_where_nothing_changed(clinic, enrollment, refuse_drawing):
    tag = tag_of(clinic, enrollment, "/view")
    clinic.clock.pass_by(days=1)
    assert poll(clinic, enrollment, "/view", tag).status == 304  # drawn, compared by its bytes
    refuse_drawing()
    assert poll(clinic, enrollment, "/view", tag).status == 304


def test_a_tag_counts_for_its_own_request_and_reader_only(clinic, enrollment):
    """Staff's and a patient's answer may be equal; only what a patient was given is a disclosure."""
    of_staff = tag_of(clinic, enrollment, "/view", clinic.staff)
    patient = clinic.token_of_patient("p1")
    assert poll(clinic, enrollment, "/view", of_staff, patient).status == 304
    assert poll(clinic, enrollment, "/content", of_staff, patient).status == 200
    other = clinic.token_of_patient("p2")
    assert poll(clinic, enrollment, "/view", of_staff, other).status == 404


def test_open_tasks_of_staff_are_read_again(clinic, enrollment, refuse_drawing):
    tag = tag_of(clinic, enrollment, "", clinic.staff)
    refuse_drawing()
    assert poll(clinic, enrollment, "", tag, clinic.staff).status == 500
