"""S8: nothing personal and no secret in any log, whatever goes wrong."""

import json
import logging

import pytest

from service.platform.logs import configure_logs, log
from tests.service.clinic import joining

CANARIES = ("canaryref", "canarykey", "canaryfact", "canaryevent", "canaryreason", "canaryquery", "canaryname")


def everything(clinic):
    """Every kind of request with a canary wherever a caller can put one."""
    token = clinic.token("canaryname", "staff", "enroll")
    body = joining("canaryref", "canarykey")
    enrollment = clinic.post("/v1/enrollments", token, body)["id"]
    clinic.post("/v1/enrollments", token, body | {"canaryfact": 1})
    clinic.post("/v1/enrollments", token, body | {"facts": {"canaryfact": "canaryfact"}})
    patient = clinic.token_of_patient("canaryref")
    for entry in (token, patient):
        for path in ("", "/content", "/history", "/explain", "?locale=canaryquery"):
            clinic.get(f"/v1/enrollments/{enrollment}{path}", entry)
        clinic.report(enrollment, entry, "canaryevent")
        clinic.report(enrollment, entry, "answers_given", facts={"pack_years": "canaryfact"}, id="canaryevent")
        clinic.report(enrollment, entry, "asked_for_help", id="canaryevent-2")
    place = {"id": "canaryevent-3", "state": "disease.recurrence", "reason": "canaryreason"}
    clinic.post(f"/v1/enrollments/{enrollment}/placement", token, place)
    clinic.get("/v1/enrollments?patient_ref=canaryref", token)
    clinic.get("/v1/canaryquery?x=canaryquery", token, headers={"X-Request-Id": "canaryquery"})
    clinic.call("POST", "/v1/events", token, data=b'{"canaryfact', content_type="application/json")
    clinic.get("/v1/me/enrollments?token=canaryquery", token)
    clinic.get("/v1/tasks", token)
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    return enrollment, [token, patient]


def test_no_log_holds_what_a_patient_or_caller_said(clinic, logs, caplog, capsys):
    enrollment, secrets = everything(clinic)
    assert enrollment
    written = json.dumps(logs, default=str) + caplog.text + "".join(capsys.readouterr())
    for canary in (*CANARIES, *secrets, *(secret.split("_", 2)[2] for secret in secrets)):
        assert canary not in written
    routes = {line["route"] for line in logs if line["event"] == "request"}
    assert "/v1/enrollments/<id:enrollment>/events" in routes
    assert "none" in routes


def test_an_unexpected_error_is_logged_by_kind_and_place_and_answered_without_detail(clinic, logs, monkeypatch, capsys):
    def broken(*_, **__):
        raise RuntimeError("canaryfact")

    enrollment = clinic.enroll()
    monkeypatch.setattr("service.enrollments.change.pass_time", broken)
    answer = clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert (answer.status, answer.type) == (500, "application/problem+json")
    line = next(line for line in logs if line["event"] == "unexpected")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["error"] == "RuntimeError"
    assert line["route"] == "/v1/enrollments/<id:enrollment>/events"
    assert any("report.py" in place for place in line["at"])
    assert "canaryfact" not in json.dumps(logs, default=str) + answer.data.decode() + "".join(capsys.readouterr())
    monkeypatch.undo()
    assert clinic.report(enrollment, clinic.phone, "asked_for_help").status == 200


def test_logs_are_lines_of_json_and_libraries_say_only_that_they_warned(capsys):
    import structlog

    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs("info")
        log().info("request", route="/x")
        log().debug("too much")
        logging.getLogger("sqlalchemy").warning("value canaryfact")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        structlog.configure(**before)
        root.handlers[:], root.level = handlers, level
    assert [line["event"] for line in lines] == ["request", "library"]
    assert lines[0]["route"] == "/x"
    assert lines[1]["logger"] == "sqlalchemy"
    assert "canaryfact" not in json.dumps(lines)


@pytest.mark.postgres
def test_a_lost_connection_is_503_and_the_next_request_is_served(clinic, logs):
    """C6: PostgreSQL ends every connection; callers are told to come again, and can."""
    if clinic.service.database.is_sqlite:
        pytest.skip("SQLite has no connection to lose")
    from sqlalchemy import text

    enrollment = clinic.enroll()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(3):
        with clinic.service.database.writing() as connection:
            connection.execute(text(kill))
        answers = [clinic.report(enrollment, clinic.phone, "asked_for_help") for _ in range(4)]
        assert {answer.status for answer in answers} <= {200, 503}
        assert answers[-1].status == 200
        for answer in answers:
            if answer.status == 503:
                assert (answer["code"], answer.headers["Retry-After"]) == ("unavailable", "1")
