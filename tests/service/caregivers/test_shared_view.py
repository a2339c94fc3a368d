"""What a caregiver reads and reports: what the patient shares, and nothing of what is private."""

import pytest

from service.platform.database.tables import caregiver_shown, shown

DUE = "2026-07-20T10:00:00"  # six months after the last scan
COURSE, SCANS = ["course"], ["scans"]
BOTH = [*COURSE, *SCANS]


@pytest.fixture
def enrollment(clinic):
    made = clinic.enroll()
    clinic.report(made, clinic.phone, "answered", facts={"smokes": True})
    clinic.clock.set(DUE)
    clinic.worker().fire_all()
    return made


def cards(clinic, enrollment, token) -> list[str]:
    view = clinic.get(f"/v1/enrollments/{enrollment}/view", token)
    assert view.status == 200, view.data
    return [card["key"] for card in view["cards"]]


def rows(clinic, table) -> list:
    with clinic.service.database.reading() as connection:
        return connection.execute(table.select()).all()


@pytest.mark.parametrize(
    ("sees", "shared"),
    [
        (BOTH, ["scan-due", "follow-up-plan", "where-to-ask"]),
        (COURSE, ["follow-up-plan", "where-to-ask"]),
        (SCANS, ["scan-due"]),
        ([], []),
    ],
)
def test_pieces_are_shared_by_topic_and_private_ones_never(clinic, enrollment, sees, shared):
    everything = ["scan-due", "follow-up-plan", "smoking", "where-to-ask"]
    assert cards(clinic, enrollment, clinic.token_of_patient("p1")) == everything
    caregiver = clinic.token_of_family(enrollment, sees=sees)
    assert cards(clinic, enrollment, caregiver) == shared
    assert clinic.seen(enrollment, caregiver) == shared
    listed = clinic.get(f"/v1/enrollments/{enrollment}/content", caregiver)
    assert [piece["key"] for piece in listed["items"]] == shared
    explained = clinic.get(f"/v1/enrollments/{enrollment}/explain", caregiver)
    assert [piece["key"] for piece in explained["content"]] == shared
    for key in everything:
        answer = clinic.get(f"/v1/enrollments/{enrollment}/content/{key}", caregiver)
        absent = clinic.get(f"/v1/enrollments/{enrollment}/content/no-such-piece", caregiver)
        assert answer.status == 200 if key in shared else answer.data == absent.data, key


def test_without_the_course_nothing_names_a_state(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=SCANS, may=["asked_for_help"])
    told = clinic.report(enrollment, caregiver, "asked_for_help")
    assert (told["decision"]["outcome"], told["decision"]["transitions"], told["decision"]["by_track"]) == (
        "advanced",
        [],
        {},
    )
    clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-07-19"})
    base = f"/v1/enrollments/{enrollment}"
    assert clinic.read(enrollment, caregiver)["now"]["state"] == {}
    view = clinic.get(f"{base}/view", caregiver)
    assert (view["where"], view["next"]) == ({}, [])
    assert [line["type"] for line in clinic.get(f"{base}/history", caregiver)["items"]] == ["asked_for_help"]
    explained = clinic.get(f"{base}/explain", caregiver)
    assert (explained["state"], [step["type"] for step in explained["steps"]]) == ({}, ["asked_for_help"])
    titles = ("Needs help", "Managing", "Scan is due", "Waiting for the result")
    for path in ("", "/view", "/history", "/explain", "/content?format=html", "/facts", "/messages"):
        answer = clinic.get(base + path, caregiver)
        assert not [title for title in titles if title.encode() in answer.data], path


def test_facts_are_those_that_the_caregiver_may_tell_and_no_sensitive_ones(clinic, enrollment):
    clinic.report(enrollment, clinic.phone, "answered", facts={"pack_years": 3})

    def names(**grants):
        token = clinic.token_of_family(enrollment, **grants)
        return [fact["name"] for fact in clinic.get(f"/v1/enrollments/{enrollment}/facts", token)["items"]]

    assert names() == ["last_scan_on", "pack_years"]
    assert names(may=["scan_done"]) == ["last_scan_on"]
    assert names(may=["asked_for_help"]) == []


def test_a_caregiver_reports_what_the_patient_allows(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, may=["scan_done"])
    for trigger, facts in (("asked_for_help", {}), ("answered", {"pack_years": 3}), ("nonsense", {})):
        refused = clinic.report(enrollment, caregiver, trigger, facts=facts)
        assert refused.status == 422
        assert refused["errors"] == {
            "type": ["The patient does not let this caregiver report this. Allowed: scan_done."]
        }
    more = {"last_scan_on": "2026-07-19", "pack_years": 3}
    refused = clinic.report(enrollment, caregiver, "scan_done", facts=more)
    assert list(refused["errors"]) == ["facts.pack_years"]
    assert "Allowed: last_scan_on." in refused["errors"]["facts.pack_years"][0]
    done = clinic.report(enrollment, caregiver, "scan_done", facts={"last_scan_on": "2026-07-19"})
    assert done["decision"]["outcome"] == "advanced"
    later = clinic.report(enrollment, caregiver, "later", question="pack_years", until="2026-08-01")
    assert later.status == 422
    assert clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"][0]["by"] == "family"


def test_a_form_has_only_what_the_caregiver_may_report(clinic, enrollment):
    def forms(**grants):
        token = clinic.token_of_family(enrollment, **grants)
        view = clinic.get(f"/v1/enrollments/{enrollment}/view", token)
        return {form["type"]: [field["name"] for field in form["fields"]] for form in view["can_report"]}

    assert forms(may=["asked_for_help"]) == {"asked_for_help": []}
    assert forms(may=["deceased", "scan_done"]) == {"scan_done": ["last_scan_on"], "deceased": []}
    assert "smokes" in forms()["answered"]


def test_what_a_caregiver_reads_is_recorded_as_shown_to_the_caregiver(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=SCANS)
    before = rows(clinic, shown)
    for _ in range(2):
        cards(clinic, enrollment, caregiver)
    assert rows(clinic, shown) == before
    assert [row.piece for row in rows(clinic, caregiver_shown)] == ["scan-due"]
    patient = clinic.token_of_patient("p1")
    listed = clinic.get("/v1/me/disclosures", patient)["items"]
    (caregiver_id,) = {row.caregiver for row in rows(clinic, caregiver_shown)}
    assert [(item["recipient"], item["caregiver"], item["piece"]) for item in listed if item["caregiver"]] == [
        ("caregiver", caregiver_id, "scan-due")
    ]
    assert clinic.get("/v1/me/disclosures", caregiver).status == 403


def test_what_the_patient_read_and_dismissed_is_not_shared(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment)
    for kind, piece in (("seen", "follow-up-plan"), ("dismissed", "where-to-ask")):
        assert clinic.report(enrollment, clinic.phone, kind, piece=piece).status == 200
    view = clinic.get(f"/v1/enrollments/{enrollment}/view", caregiver)
    assert [(card["key"], card["seen"]) for card in view["cards"]] == [("scan-due", False), ("follow-up-plan", False)]
    types = [line.get("type") for line in clinic.get(f"/v1/enrollments/{enrollment}/history", caregiver)["items"]]
    assert not {"seen", "dismissed"} & set(types)


def test_a_tag_of_a_view_follows_what_the_caregiver_sees(clinic, enrollment):
    """Neither the tag of an answer nor that of If-Match tells of what is not shared."""
    caregiver = clinic.token_of_family(enrollment, sees=SCANS, may=["asked_for_help"])
    path = f"/v1/enrollments/{enrollment}"
    before = clinic.get(path, caregiver).headers["ETag"]
    clinic.report(enrollment, clinic.phone, "answered", facts={"pack_years": 3})
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert clinic.get(path, caregiver).headers["ETag"] == before
    told = clinic.report(enrollment, caregiver, "asked_for_help", headers={"If-Match": before})
    assert told.status == 200


def test_a_replay_of_a_caregiver_has_the_stored_decision(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=[], may=["asked_for_help"])
    body = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-07-20"}
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, caregiver, body)
    again = clinic.post(path, caregiver, body)
    assert (again.headers["Idempotent-Replay"], again.decision_bytes) == ("true", first.decision_bytes)
    assert again["now"]["revised"] is False
    taken_back = clinic.post(f"{path}/x/retraction", caregiver, {"reason": "entered_in_error"})
    assert (taken_back.status, taken_back["decision"]["shown"]) == (200, [])


def test_held_news_changes_nothing_for_a_caregiver_until_it_is_told(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment)
    paths = [f"/v1/enrollments/{enrollment}{part}" for part in ("", "/view", "/history", "/explain", "/facts")]

    def read():
        return [(answer.headers, answer.data) for answer in (clinic.get(path, caregiver) for path in paths)]

    before = read()
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    assert clinic.places(enrollment)["disease"] == "recurrence"
    assert read() == before
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert clinic.places(enrollment, caregiver)["disease"] == "recurrence"
