"""PATCH of an enrollment: language, time zone and programme from now on, each change a line of the history."""

import pytest

from service.operations.verify import verify_all
from tests.service.clinic import joining


def change(clinic, enrollment: str, token: str | None = None, headers=None, **body):
    path = f"/v1/enrollments/{enrollment}"
    return clinic.call("PATCH", path, token or clinic.phone, json=body, headers=headers or {})


def settings_lines(clinic, enrollment: str) -> list[dict]:
    history = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]
    return [line for line in history if line["kind"] == "settings"]


def test_the_language_is_that_of_all_that_follows(clinic):
    enrollment = clinic.enroll()
    own = clinic.token_of_patient("p1")
    view = clinic.get(f"/v1/enrollments/{enrollment}/view", own)
    etag = view.headers["ETag"]
    changed = change(clinic, enrollment, locale="es")
    assert (changed.status, changed["patient"]["locale"], changed["now"]["locale"]) == (200, "es", "es")
    after = clinic.get(f"/v1/enrollments/{enrollment}/view", own, headers={"If-None-Match": etag})
    assert (after.status, after["locale"]) == (200, "es")
    assert clinic.get("/v1/me/preferences", own)["language"] == "es"
    (line,) = settings_lines(clinic, enrollment)
    assert (line["item"], line["at"]) == ("app", "2026-07-01T09:00:00Z")
    assert line["data"] == {"from": {"locale": "en"}, "to": {"locale": "es"}, "by": "patient"}


def test_the_time_zone_counts_for_days_from_now_on(clinic):
    """It is 9 o'clock UTC on 1 July: still the evening before in Honolulu."""
    enrollment = clinic.enroll()
    assert change(clinic, enrollment, clinic.staff, time_zone="Pacific/Honolulu").status == 200
    assert clinic.read(enrollment, clinic.staff)["patient"]["time_zone"] == "Pacific/Honolulu"
    refused = clinic.report(enrollment, clinic.phone, "scan_done", "2026-07-02", facts={"last_scan_on": "2026-07-02"})
    assert refused.status == 422
    assert change(clinic, enrollment, clinic.staff, time_zone="Pacific/Kiritimati").status == 200
    clinic.clock.set("2026-07-01T11:00:00")
    taken = clinic.report(enrollment, clinic.phone, "scan_done", "2026-07-02", facts={"last_scan_on": "2026-07-02"})
    assert taken.status == 200
    assert [line["data"]["to"] for line in settings_lines(clinic, enrollment)] == [
        {"time_zone": "Pacific/Honolulu"},
        {"time_zone": "Pacific/Kiritimati"},
    ]


def test_what_is_so_already_changes_nothing(clinic):
    enrollment = clinic.enroll()
    before = clinic.read(enrollment, clinic.staff)
    for _ in range(2):
        assert change(clinic, enrollment, locale="en", time_zone="Europe/Madrid").status == 200
    assert clinic.read(enrollment, clinic.staff) == before
    assert settings_lines(clinic, enrollment) == []


def test_the_persons_own_word_counts_more(clinic):
    enrollment = clinic.enroll()
    own = clinic.token_of_patient("p1")
    assert (
        clinic.call("PUT", "/v1/me/preferences", own, json={"language": "en", "time_zone": "Asia/Tokyo"}).status == 200
    )
    assert change(clinic, enrollment, clinic.staff, locale="es", time_zone="Europe/Paris").status == 200
    preferences = clinic.get("/v1/me/preferences", own)
    assert (preferences["language"], preferences["time_zone"]) == ("en", "Asia/Tokyo")
    assert clinic.read(enrollment, own)["patient"]["locale"] == "es"


def test_one_of_several_enrollments_changes_alone_and_the_person_with_it(clinic):
    first, second = clinic.enroll(), clinic.enroll(key="k2")
    assert change(clinic, first, locale="es").status == 200
    assert clinic.read(second, clinic.phone)["patient"]["locale"] == "en"
    assert clinic.get("/v1/me/preferences", clinic.token_of_patient("p1"))["language"] == "es"


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "body", "Send at least one of"),
        ({"locale": "xx-"}, "locale", "language tag"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "time zone"),
        ({"locale": None}, "locale", ""),
        ({"programme": "riverside"}, "programme", "has no programmes"),
        ({"state": "disease.recurrence"}, "state", ""),
        ({"locale": "es", "programme": "x" * 65}, "programme", "64"),
    ],
)
def test_a_refused_change_names_the_field_and_changes_nothing(clinic, body, field, said):
    enrollment = clinic.enroll()
    before = clinic.read(enrollment, clinic.staff)
    answer = change(clinic, enrollment, **body)
    assert answer.status == 422, answer.data
    assert said in " ".join(answer["errors"][field])
    assert clinic.read(enrollment, clinic.staff) == before


def test_only_apps_that_enroll_and_staff_may_change_it(clinic):
    enrollment = clinic.enroll()
    own = clinic.token_of_patient("p1")
    reader = clinic.token("reader", "read", "report")
    aunt = clinic.token_of_family(enrollment)
    assert [change(clinic, enrollment, token, locale="es").status for token in (own, reader, aunt)] == [403] * 3
    assert clinic.call("PATCH", f"/v1/enrollments/{enrollment}", json={"locale": "es"}).status == 401
    assert change(clinic, "nobody", locale="es").status == 404


def test_a_condition_on_an_earlier_state_changes_nothing(clinic):
    enrollment = clinic.enroll()
    etag = clinic.get(f"/v1/enrollments/{enrollment}", clinic.phone).headers["ETag"]
    assert change(clinic, enrollment, headers={"If-Match": etag}, locale="es").status == 200
    stale = change(clinic, enrollment, headers={"If-Match": etag}, locale="en")
    assert (stale.status, stale["code"]) == (412, "stale")
    assert clinic.read(enrollment, clinic.phone)["patient"]["locale"] == "es"


def test_timers_that_were_due_fire_before(clinic):
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    changed = change(clinic, enrollment, clinic.staff, locale="es")
    assert changed["now"]["state"]["disease"]["state"] == "surveillance.scan_due"
    kinds = [line["kind"] for line in clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]]
    assert kinds[-1] == "settings"


def test_what_is_stored_agrees_with_the_log(clinic):
    enrollment = clinic.enroll()
    change(clinic, enrollment, locale="es")
    clinic.report(enrollment, clinic.phone, "scan_done", "2026-06-20", facts={"last_scan_on": "2026-06-20"})
    change(clinic, enrollment, time_zone="Asia/Tokyo")
    assert [line["data"]["to"] for line in settings_lines(clinic, enrollment)] == [
        {"locale": "es"},
        {"time_zone": "Asia/Tokyo"},
    ]
    assert list(verify_all(clinic.service)) == []


def test_a_replay_of_the_enrollment_still_finds_it(clinic):
    enrollment = clinic.enroll()
    change(clinic, enrollment, locale="es")
    again = clinic.post("/v1/enrollments", clinic.phone, joining())
    assert (again.status, again["id"], again["patient"]["locale"]) == (201, enrollment, "es")
    assert again.headers["Idempotent-Replay"] == "true"


def test_an_app_learns_nothing_of_what_is_held(clinic):
    """Two patients, of whom one has news that nobody has told them; the same answers but for the ids."""
    answers = []
    for patient in ("p1", "p2"):
        enrollment = clinic.enroll(patient)
        if patient == "p1":
            clinic.report(enrollment, clinic.staff, "recurrence_confirmed", "2026-06-20")
        first = change(clinic, enrollment, locale="es")
        again = change(clinic, enrollment, headers={"If-Match": first.headers["ETag"]}, time_zone="Asia/Tokyo")
        answers.append([(answer.status, answer["now"], answer["release"]) for answer in (first, again)])
        view = clinic.get(f"/v1/enrollments/{enrollment}/view", clinic.phone).json
        answers[-1].append({name: part for name, part in view.items() if name not in ("enrollment", "cards")})
    assert answers[0] == answers[1]
