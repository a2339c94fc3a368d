"""One answer draws the screen, and its tag changes only when the person would see a change."""

import pytest

from service.platform.database import Database
from service.publishing import servable

NOTHING = {"choices": [], "min": None, "max": None, "max_length": None, "group": None}
LAST_SCAN_ON = {"name": "last_scan_on", "label": "Date of your last scan", "type": "date", "required": True} | NOTHING
SMOKES = {"name": "smokes", "label": "Do you smoke", "type": "boolean", "required": False} | NOTHING
PACK_YEARS = {"name": "pack_years", "label": "Pack years", "type": "integer", "required": False} | NOTHING
PACK_YEARS |= {"min": 0, "max": 200}
SMOKING_QUESTION = {
    "key": "smokes",
    "question": "Do you smoke?",
    "why": "People who smoke see help to stop.",
    "help": None,
    "sensitive": True,
    "fields": [SMOKES],
    "offers": ["answer", "decline", "later"],
    "survey": None,
}


def view(clinic, enrollment, token=None, query=""):
    answer = clinic.get(f"/v1/enrollments/{enrollment}/view{query}", token or clinic.token_of_patient("p1"))
    assert answer.status == 200, answer.data
    return answer


def keys(answer):
    return [card["key"] for card in answer["cards"]]


def mark(clinic, enrollment, type_, piece, token=None, **more):
    body = {"id": f"mark-{next(clinic.events)}", "type": type_, "occurred_at": clinic.clock().isoformat()}
    token = token or clinic.token_of_patient("p1")
    return clinic.post(f"/v1/enrollments/{enrollment}/events", token, body | {"piece": piece} | more)


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


def test_the_whole_screen(clinic, enrollment):
    clinic.clock.set("2026-07-20T09:00:00")
    assert view(clinic, enrollment).json == {
        "enrollment": enrollment,
        "journey": "follow_up",
        "title": "Follow-up after treatment",
        "locale": "en",
        "where": {
            "disease": {"title": "Scan is due", "since": "2026-07-15T00:00:00Z", "precision": "instant"},
            "support": {"title": "Managing", "since": "2026-06-01T00:00:00Z", "precision": "day"},
        },
        "next": [{"title": "Your scan is still due", "date": "2026-07-29", "kind": "reminder"}],
        "cards": [
            {
                "key": "scan-due",
                "version": 1,
                "title": "Your follow-up scan is due",
                "summary": "Please book it.",
                "image": None,
                "action": {"label": "I had my scan", "kind": "report", "target": "scan_done"},
                "why": "For this step: Scan is due",
                "since": "2026-07-15T00:00:00Z",
                "precision": "instant",
                "seen": False,
                "reviewed": None,
                "body": f"/v1/enrollments/{enrollment}/content/scan-due?locale=en",
            },
            {
                "key": "follow-up-plan",
                "version": 1,
                "title": "Your follow-up plan",
                "summary": "When the next scan is, and why.",
                "image": None,
                "action": None,
                "why": "For this step: Follow-up after treatment",
                "since": "2026-06-01T00:00:00Z",
                "precision": "day",
                "seen": False,
                "reviewed": None,
                "body": f"/v1/enrollments/{enrollment}/content/follow-up-plan?locale=en",
            },
            {
                "key": "where-to-ask",
                "version": 1,
                "title": "Where to ask",
                "summary": "Who answers your questions.",
                "image": {
                    "url": f"/v1/enrollments/{enrollment}/content/where-to-ask/image",
                    "alt": "A sign that says where to ask.",
                },
                "action": {"label": "Ask us", "kind": "link", "target": "https://example.org/ask"},
                "why": "So that you know whom to ask.",
                "since": "2026-06-01T00:00:00Z",
                "precision": "day",
                "seen": False,
                "reviewed": {"by": "A nurse", "on": "2026-01-15"},
                "body": f"/v1/enrollments/{enrollment}/content/where-to-ask?locale=en",
            },
        ],
        "can_report": [
            {"type": "scan_done", "label": "Scan done", "fields": [LAST_SCAN_ON]},
            {"type": "answers_given", "label": "Answers given", "fields": [SMOKES, PACK_YEARS]},
            {"type": "asked_for_help", "label": "Asked for help", "fields": []},
            {
                "type": "answered",
                "label": "Questions were answered",
                "fields": [LAST_SCAN_ON | {"required": False}, SMOKES],
            },
            {"type": "left", "label": "Left", "fields": []},
        ],
        "questions": [SMOKING_QUESTION],
        "declined": [],
        "topics": [],
        "contacts": {},
        "ended": None,
    }


def test_possible_reports_are_worked_out_once_for_the_same_states(clinic, monkeypatch):
    worked_out = []
    reportable = servable.reportable

    def counted(*args, **more):
        worked_out.append(args[-1])
        return reportable(*args, **more)

    monkeypatch.setattr(servable, "reportable", counted)
    first, second = clinic.enroll(patient="p1"), clinic.enroll(patient="p2")
    answers = [view(clinic, enrollment, clinic.staff)["can_report"] for enrollment in (first, second, first)]
    assert answers[0] == answers[1] == answers[2]
    assert worked_out == ["en"]
    assert view(clinic, first, clinic.staff, "?locale=es")["can_report"] != answers[0]
    clinic.clock.set("2026-07-20T09:00:00")
    assert [reported["type"] for reported in view(clinic, first, clinic.staff)["can_report"]]
    assert worked_out == ["en", "es", "en"]


def test_the_tag_is_of_what_is_seen_only(clinic, enrollment):
    """Time alone, a fact that nobody sees, and a reading change nothing; a fired timer, a mark, another language do."""
    first = view(clinic, enrollment)
    tag = first.headers["ETag"]
    clinic.clock.pass_by(days=3)
    clinic.report(enrollment, clinic.staff, "answers_given", facts={"pack_years": 3})
    answer = clinic.get(
        f"/v1/enrollments/{enrollment}/view", clinic.token_of_patient("p1"), headers={"If-None-Match": tag}
    )
    assert (answer.status, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert view(clinic, enrollment, query="?locale=es").headers["ETag"] != tag
    assert mark(clinic, enrollment, "seen", "follow-up-plan").status == 200
    marked = view(clinic, enrollment).headers["ETag"]
    clinic.clock.set("2026-07-15T00:00:00")
    assert len({tag, marked, view(clinic, enrollment).headers["ETag"]}) == 3


def test_staff_get_what_the_patient_was_told(clinic, enrollment):
    token = clinic.token_of_patient("p1")
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    for reader in (clinic.staff, clinic.phone):
        answer = view(clinic, enrollment, reader)
        assert (answer.data, answer.headers) == (view(clinic, enrollment, token).data, answer.headers)
        assert "what-recurrence-is" not in keys(answer)
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert "what-recurrence-is" in keys(view(clinic, enrollment, clinic.staff))


def test_a_state_that_is_held_is_not_announced(clinic, enrollment):
    """After six weeks without a result somebody looks again, and the patient hears that from a person."""
    clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-06-30"})
    assert clinic.read(enrollment, clinic.staff)["now"]["timers"][0]["name"] == "to under_review P6W"
    assert view(clinic, enrollment)["next"] == []


def test_after_the_end_the_screen_shows_the_end(clinic, enrollment):
    clinic.report(enrollment, clinic.phone, "left", on="2026-07-01")
    answer = view(clinic, enrollment)
    assert (answer["cards"], answer["next"], answer["can_report"]) == ([], [], [])
    assert answer["ended"] == {"title": "Left", "at": "2026-07-01T00:00:00Z", "precision": "day"}
    assert clinic.get(f"/v1/enrollments/{enrollment}/content/where-to-ask", clinic.phone).status == 404


def test_the_answer_to_an_event_has_the_same_view(clinic, enrollment):
    answer = clinic.report(enrollment, clinic.phone, "asked_for_help", query="?include=view&locale=es")
    assert list(answer.json) == ["decision", "now", "view"]
    assert answer["view"] == view(clinic, enrollment, query="?locale=es").json
    assert "view" not in clinic.report(enrollment, clinic.phone, "asked_for_help").json
    path = f"/v1/enrollments/{enrollment}/events?include=view"
    body = {"id": "again", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    first = clinic.post(path, clinic.phone, body)
    again = clinic.post(path, clinic.phone, body)
    assert again["view"] == first["view"]


def test_a_card_leads_to_its_body_and_its_picture(clinic, enrollment):
    token = clinic.token_of_patient("p1")
    card = next(card for card in view(clinic, enrollment, token)["cards"] if card["key"] == "where-to-ask")
    body = clinic.get(card["body"], token)
    assert body.json == {
        "key": "where-to-ask",
        "version": 1,
        "title": "Where to ask",
        "summary": "Who answers your questions.",
        "locale": "en",
        "html": "<p>Call your care team when you are not sure.</p>\n",
        "text": "Where to ask\n\nCall your care team when you are not sure.\n",
        "image": card["image"],
        "reviewed": {"by": "A nurse", "on": "2026-01-15"},
    }
    picture = clinic.get(card["image"]["url"], token)
    assert (picture.status, picture.type) == (200, "image/svg+xml")
    assert picture.data.startswith(b"<svg")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert clinic.get(card["image"]["url"], token, headers={"If-None-Match": picture.headers["ETag"]}).status == 304


@pytest.mark.parametrize("key", ["what-recurrence-is", "scan-due", "scan-reminder", "no-such-piece"])
def test_only_a_piece_that_is_shown_can_be_read(clinic, enrollment, key):
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    for path in (f"/v1/enrollments/{enrollment}/content/{key}", f"/v1/enrollments/{enrollment}/content/{key}/image"):
        answers = [clinic.get(path, token) for token in (clinic.token_of_patient("p1"), clinic.staff)]
        assert [answer.status for answer in answers] == [404, 404]


def test_a_reminder_can_be_read_once_it_was_sent(clinic, enrollment):
    path = f"/v1/enrollments/{enrollment}/content/scan-reminder"
    clinic.clock.set("2026-07-28T00:00:00")
    assert clinic.get(path, clinic.phone).status == 404
    clinic.clock.set("2026-07-29T00:00:00")
    assert clinic.get(path, clinic.phone)["title"] == "Your scan is still due"
    assert "scan-reminder" not in keys(view(clinic, enrollment))


def test_cards_are_noted_as_given_out_once(clinic, enrollment):
    """A retraction names them; what staff look at is not given out."""
    clinic.clock.set("2026-07-20T00:00:00")
    done = clinic.report(enrollment, clinic.staff, "scan_done", facts={"last_scan_on": "2026-07-20"})
    view(clinic, enrollment, clinic.staff)
    view(clinic, enrollment, query="?locale=es")
    view(clinic, enrollment, query="?locale=es")
    path = f"/v1/enrollments/{enrollment}/events/{done['decision']['event']}/retraction"
    shown = clinic.post(path, clinic.staff, {"reason": "wrong_patient"})["decision"]["shown"]
    assert [(piece["piece"], piece["locale"], piece["channel"]) for piece in shown] == [("while-you-wait", "es", "web")]


# --- marks -------------------------------------------------------------------------------------------------


def test_what_another_process_gave_out_needs_no_transaction(clinic, enrollment, monkeypatch):
    first = view(clinic, enrollment).data
    clinic.service.shown.__init__()  # as a process that has just started
    assert clinic.service.shown.missing(["any"]) == {"any"}

    def refuse(_database):
        raise AssertionError("a transaction to write in")

    token = clinic.token_of_patient("p1")
    monkeypatch.setattr(Database, "writing", refuse)
    assert view(clinic, enrollment, token).data == first


def test_what_was_seen_is_marked_and_what_was_put_away_is_gone(clinic, enrollment):
    answer = mark(clinic, enrollment, "seen", "follow-up-plan")
    assert answer["decision"]["outcome"] == "stayed"
    assert set(answer["decision"]["by_track"].values()) == {"stayed"}
    assert mark(clinic, enrollment, "dismissed", "where-to-ask").status == 200
    assert [(card["key"], card["seen"]) for card in view(clinic, enrollment)["cards"]] == [("follow-up-plan", True)]
    assert "where-to-ask" in clinic.seen(enrollment, clinic.phone)  # it is put away on the screen, not withdrawn


def test_a_mark_counts_for_the_current_stay_only(clinic, enrollment):
    clinic.clock.set("2026-07-20T00:00:00")
    mark(clinic, enrollment, "dismissed", "scan-due")
    mark(clinic, enrollment, "dismissed", "follow-up-plan")
    assert keys(view(clinic, enrollment)) == ["where-to-ask"]
    clinic.report(enrollment, clinic.staff, "scan_done", facts={"last_scan_on": "2026-07-20"})
    clinic.report(enrollment, clinic.staff, "scan_result_reported", facts={"scan_result": "clear"})
    clinic.clock.set("2027-01-21T00:00:00")
    assert keys(view(clinic, enrollment)) == [
        "scan-due",
        "where-to-ask",
    ]  # the one is due again; the other's stay lasts


def test_a_mark_is_an_event_like_others(clinic, enrollment):
    """The same twice is one; it is in the history; it can be taken back; in any order the last one counts."""
    token = clinic.token_of_patient("p1")
    body = {"id": "m", "type": "dismissed", "occurred_at": "2026-07-01T08:00:00Z", "piece": "where-to-ask"}
    path = f"/v1/enrollments/{enrollment}/events"
    first, again = clinic.post(path, token, body), clinic.post(path, token, body)
    assert (again.status, again.decision_bytes) == (200, first.decision_bytes)
    assert "where-to-ask" not in keys(view(clinic, enrollment))
    lines = clinic.pages(f"/v1/enrollments/{enrollment}/history?limit=50", token)
    assert ("dismissed", "Put away") in [(line.get("type"), line.get("title")) for line in lines]
    event = first["decision"]["event"]
    clinic.post(f"{path}/{event}/retraction", token, {"reason": "entered_in_error"})
    assert "where-to-ask" in keys(view(clinic, enrollment))


def test_while_something_is_held_marks_count_and_nothing_else_changes(clinic, enrollment):
    before = view(clinic, enrollment)
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    assert view(clinic, enrollment).data == before.data
    answer = mark(clinic, enrollment, "dismissed", "where-to-ask")
    assert answer["decision"]["outcome"] == "stayed"
    after = view(clinic, enrollment)
    assert keys(after) == [key for key in keys(before) if key != "where-to-ask"]
    assert {**after.json, "cards": []} == {**before.json, "cards": []}


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        (
            {"piece": "where-to-aks"},
            "piece",
            "Unknown piece 'where-to-aks'. Did you mean 'where-to-ask'?",
        ),
        ({}, "piece", "This field is required with 'seen'"),
        ({"piece": "where-to-ask", "facts": {"smokes": True}}, "facts", "'seen' accepts no facts."),
        (
            {"piece": "where-to-ask", "type": "asked_for_help"},
            "piece",
            "This field is accepted only with seen, dismissed and helpful.",
        ),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(clinic, enrollment, more, field, words):
    answer = clinic.report(enrollment, clinic.phone, "seen", **more)
    assert answer.status == 422
    assert words in answer["errors"][field][0]


@pytest.mark.parametrize("who", ["staff", "family"])
def test_nobody_marks_for_the_patient(clinic, enrollment, who):
    token = clinic.staff if who == "staff" else clinic.token_of_family(enrollment)
    answer = mark(clinic, enrollment, "seen", "where-to-ask", token)
    assert answer.status == 422
    assert answer["errors"]["type"] == [f"'seen' may be reported by patient, not by {who}."]


def test_after_the_end_a_mark_is_ignored(clinic, enrollment):
    clinic.report(enrollment, clinic.phone, "left")
    clinic.clock.pass_by(hours=1)
    assert mark(clinic, enrollment, "seen", "where-to-ask")["decision"]["outcome"] == "ignored"
