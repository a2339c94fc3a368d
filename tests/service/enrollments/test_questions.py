"""Questions over HTTP: which are asked, what an answer changes, and answers that are declined, put off, or repeated."""

from datetime import timedelta
from random import Random

import pytest

STAGE = """
    facts: [stage_group, stage_edition]
    ask: {question: {en: Which stage is it?, es: ¿Qué estadio es?}, why: {en: For you., es: Para usted.}}
"""
LABELS = "labels: {I: {en: Stage I, es: Estadio I}, II: {en: Stage II, es: Estadio II}}"
RELAPSE = """  relapse:
    type: boolean
    hold_until: recurrence_discussed
    title: {en: Has it come back, es: Ha vuelto}
    ask: {question: {en: Has it come back?, es: ¿Ha vuelto?}, why: {en: For you., es: Para usted.}}
"""


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """The sample with a held fact and a group that patients are asked for, and a piece that reads them."""

    def ask_more(folder):
        file = folder / "definitions" / "follow_up.yaml"
        text = file.read_text().replace("groups:\n", f"{RELAPSE}groups:\n", 1)
        text = text.replace("  stage: [stage_group, stage_edition]\n", f"  stage:{STAGE}", 1)
        text = text.replace("[{I: [IA, IB]}, II],", f"[I, II], {LABELS},", 1)
        file.write_text(text.replace("locales: [en, es]\n", "locales: [en, es]\nasking: {at_once: 3, a_week: 4}\n", 1))
        pieces = (("staged", "stage_group == 'II'"), ("relapsed", "relapse"))
        for order, (name, when) in enumerate(pieces, start=61):
            piece = folder / "content" / "follow_up" / "support" / name
            piece.mkdir()
            (piece / "piece.yaml").write_text(f'purpose: education\nwhen: "{when}"\norder: {order}\n')
            for locale in ("en", "es"):
                (piece / f"{locale}.md").write_text(
                    f"---\ntitle: A {name}\nsummary: Words.\n---\nWords for you to read today.\n"
                )

    return publish_sample(ask_more)


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


def asked(clinic, enrollment, part="items"):
    answer = clinic.get(f"/v1/enrollments/{enrollment}/questions", clinic.token_of_patient("p1"))
    assert answer.status == 200, answer.data
    return [question["key"] for question in answer[part]]


def answer(clinic, enrollment, facts=None, *, query="", headers=None, **more):
    body = {"id": f"own-{next(clinic.events)}", "occurred_at": clinic.clock().isoformat()}
    body |= {"facts": facts} if facts is not None else {}
    clinic.clock.pass_by(minutes=1)
    path = f"/v1/enrollments/{enrollment}/answers{query}"
    return clinic.call("POST", path, clinic.token_of_patient("p1"), json=body | more, headers=headers or {})


def changed(sent):
    assert sent.status == 200, sent.data
    cards, dates = sent["decision"]["changed"]["cards"], sent["decision"]["changed"]["dates"]
    keys = {name: [card["key"] for card in cards[name]] for name in cards if cards[name]}
    return keys | {f"dates {name}": dates[name] for name in dates if dates[name]}


def test_the_questions_of_the_screen_are_those_of_their_own_route(clinic, enrollment):
    token = clinic.token_of_patient("p1")
    for query in ("", "?locale=es"):
        questions = clinic.get(f"/v1/enrollments/{enrollment}/questions{query}", token)
        view = clinic.get(f"/v1/enrollments/{enrollment}/view{query}", token)
        assert (questions["items"], questions["declined"]) == (view["questions"], view["declined"])
        assert [question["key"] for question in questions["items"]] == ["smokes", "stage"]
    stage = questions["items"][1]
    assert (stage["question"], stage["why"], stage["help"]) == ("¿Qué estadio es?", "Para usted.", None)
    assert [field["name"] for field in stage["fields"]] == ["stage_group", "stage_edition"]
    assert {field["group"] for field in stage["fields"]} == {"stage"}
    assert stage["offers"] == ["answer", "decline", "later"]


def test_staff_read_the_same_questions(clinic, enrollment):
    path = f"/v1/enrollments/{enrollment}/questions"
    assert clinic.get(path, clinic.staff).json == clinic.get(path, clinic.token_of_patient("p1")).json


def test_an_answer_says_what_it_changed(clinic, enrollment):
    assert changed(answer(clinic, enrollment, {"smokes": True})) == {"came": ["smoking"]}
    assert asked(clinic, enrollment) == ["stage"]
    assert changed(answer(clinic, enrollment, {"smokes": False})) == {"went": ["smoking"]}
    assert changed(answer(clinic, enrollment, {"pack_years": 3})) == {}
    moved = answer(clinic, enrollment, {"last_scan_on": "2026-03-15"}, query="?include=view")
    assert changed(moved) == {
        "rewritten": ["follow-up-plan"],
        "dates moved": [{"title": "Scan is due", "kind": "state", "from": "2026-07-15", "to": "2026-09-15"}],
    }
    assert moved["view"]["next"][0]["date"] == "2026-09-15"


def test_what_it_changed_is_said_in_the_language_of_the_request(clinic, enrollment):
    sent = answer(clinic, enrollment, {"smokes": True}, query="?locale=es")
    assert sent["decision"]["changed"]["cards"]["came"] == [{"key": "smoking", "title": "Ayuda para dejar de fumar"}]


def test_a_repeated_answer_gets_the_same_decision_and_another_under_its_id_is_refused(clinic, enrollment):
    first = answer(clinic, enrollment, {"smokes": True}, id="a-1", occurred_at="2026-07-01T09:00:00Z")
    again = answer(clinic, enrollment, {"smokes": True}, id="a-1", occurred_at="2026-07-01T09:00:00Z")
    assert (again.status, again.headers["Idempotent-Replay"]) == (200, "true")
    assert again["decision"] == first["decision"]
    assert changed(again) == {"came": ["smoking"]}
    other = answer(clinic, enrollment, {"smokes": False}, id="a-1", occurred_at="2026-07-01T09:00:00Z")
    assert other.status == 409
    path = f"/v1/enrollments/{enrollment}/events"
    event = {"id": "a-1", "type": "answered", "occurred_at": "2026-07-01T09:00:00Z", "facts": {"smokes": True}}
    assert clinic.post(path, clinic.token_of_patient("p1"), event).status == 409


def test_two_tabs_lose_no_answer(clinic, enrollment):
    read = clinic.get(f"/v1/enrollments/{enrollment}/questions", clinic.token_of_patient("p1"))
    matching = {"If-Match": read.headers["ETag"]}
    assert answer(clinic, enrollment, {"smokes": True}, headers=matching).status == 200
    stage = {"stage_group": "II", "stage_edition": 9}
    assert answer(clinic, enrollment, stage, headers=matching).status == 412
    assert changed(answer(clinic, enrollment, stage)) == {"came": ["staged"]}
    facts = clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.token_of_patient("p1"))["items"]
    assert {fact["name"] for fact in facts} == {"last_scan_on", "smokes", "stage_edition", "stage_group"}


def test_a_declined_question_is_not_asked_again_and_may_still_be_answered(clinic, enrollment):
    assert changed(answer(clinic, enrollment, {"smokes": {"declined": True}})) == {}
    for _ in range(20):
        clinic.clock.pass_by(days=37)
        assert "smokes" not in asked(clinic, enrollment)
    assert asked(clinic, enrollment, "declined") == ["smokes"]
    path = f"/v1/enrollments/{enrollment}/questions"
    (declined,) = clinic.get(path, clinic.token_of_patient("p1"))["declined"]
    assert declined["offers"] == ["answer"]
    assert changed(answer(clinic, enrollment, {"smokes": True})) == {"came": ["smoking"]}
    assert asked(clinic, enrollment, "declined") == []


def test_a_question_is_put_off_until_a_day(clinic, enrollment):
    sent = answer(clinic, enrollment, question="smokes", until="2026-07-08")
    assert (sent.status, changed(sent)) == (200, {})
    assert asked(clinic, enrollment) == ["stage"]
    clinic.clock.set("2026-07-08T00:00:01")
    assert asked(clinic, enrollment) == ["smokes", "stage"]


def test_a_question_that_was_shown_three_times_rests(clinic, enrollment):
    events = f"/v1/enrollments/{enrollment}/events"
    for number in range(3):
        assert "smokes" in asked(clinic, enrollment)
        seen = {"id": f"s-{number}", "type": "seen", "occurred_at": clinic.clock().isoformat(), "question": "smokes"}
        assert clinic.post(events, clinic.token_of_patient("p1"), seen).status == 200
        clinic.clock.pass_by(days=1)
    assert asked(clinic, enrollment) == ["stage"]
    clinic.clock.pass_by(days=30)
    assert asked(clinic, enrollment) == ["smokes", "stage"]


def test_a_held_fact_is_neither_asked_nor_accepted_before_its_telling(clinic, enrollment):
    refused = answer(clinic, enrollment, {"relapse": True})
    unknown = answer(clinic, enrollment, {"relapze": True})
    assert (refused.status, unknown.status) == (422, 422)
    assert refused["errors"]["facts.relapse"] == unknown["errors"]["facts.relapze"]
    assert "relapse" not in refused["errors"]["facts.relapse"][0]
    clinic.report(enrollment, clinic.staff, "answered", facts={"relapse": True})
    assert asked(clinic, enrollment) == ["smokes", "stage"]
    assert answer(clinic, enrollment, question="relapse", until="2026-07-08").status == 422


def test_wrong_answers_say_what_is_accepted(clinic, enrollment):
    half = answer(clinic, enrollment, {"stage_group": "II"})
    assert half["errors"] == {
        "facts.stage_edition": [
            "The facts of 'stage' must be reported together: stage_group, stage_edition; missing: stage_edition."
        ]
    }
    either = "Send either 'facts', or 'question' and 'until' for a question to be asked later."
    for more in ({}, {"facts": {"smokes": True}, "question": "smokes", "until": "2026-07-08"}):
        assert answer(clinic, enrollment, **more)["errors"] == {"facts": [either]}
    without_day = answer(clinic, enrollment, question="smokes")
    assert without_day["errors"] == {"until": ["This field is required with 'later': the day from which to ask again."]}
    assert list(answer(clinic, enrollment, {"smokes": True}, type="seen")["errors"]) == ["type"]


def test_after_the_end_nothing_is_asked(clinic, enrollment):
    clinic.report(enrollment, clinic.staff, "left")
    assert asked(clinic, enrollment) == asked(clinic, enrollment, "declined") == []


def test_an_answer_of_staff_for_the_patient_says_nothing_of_what_is_held(clinic, enrollment):
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    body = {"id": "for-p1", "occurred_at": clinic.clock().isoformat(), "facts": {"smokes": True}}
    sent = clinic.post(f"/v1/enrollments/{enrollment}/answers", clinic.staff, body)
    assert changed(sent) == {}


def test_budget_and_rest_hold_over_a_year_of_random_days(clinic, enrollment):
    """At most three questions at once and four a week; each rests for a month after three showings."""
    chance, shown = Random(7), {}
    end = clinic.clock() + timedelta(days=365)
    while clinic.clock() < end:
        now = clinic.clock()
        questions = asked(clinic, enrollment)
        assert len(questions) <= 3
        for name in questions:
            seen = {"id": f"s-{now:%F}-{name}", "type": "seen", "occurred_at": now.isoformat(), "question": name}
            path = f"/v1/enrollments/{enrollment}/events"
            assert clinic.post(path, clinic.token_of_patient("p1"), seen).status == 200
            shown.setdefault(name, []).append(now.date())
        week = [name for name, days in shown.items() if now.date() - days[-1] < timedelta(days=7)]
        assert len(week) <= 4
        clinic.clock.pass_by(days=chance.randint(1, 9), hours=chance.randint(0, 5))
    assert set(shown) == {"smokes", "stage"}
    for days in shown.values():
        rests = [later - earlier for earlier, later in zip(days[2::3], days[3::3], strict=False)]
        assert len(rests) > 3
        assert all(rest >= timedelta(days=29) for rest in rests)


def test_answers_change_no_decision_that_was_given(clinic, enrollment):
    token, path = clinic.token_of_patient("p1"), f"/v1/enrollments/{enrollment}/events"
    events = [
        {"id": "e-1", "type": "answers_given", "occurred_at": "2026-07-01T09:00:00Z", "facts": {"smokes": True}},
        {"id": "e-2", "type": "scan_done", "occurred_at": "2026-07-01T09:01:00Z"},
        {"id": "e-3", "type": "asked_for_help", "occurred_at": "2026-07-01T09:02:00Z"},
    ]
    clinic.clock.set("2026-07-01T10:00:00")
    given = [clinic.post(path, token, event).json["decision"] for event in events]
    assert [decision["outcome"] for decision in given] == ["waiting", "waiting", "advanced"]
    for facts in (
        {"pack_years": 12},
        {"last_scan_on": "2026-06-30"},
        {"smokes": {"declined": True}},
        {"stage_group": "II", "stage_edition": 9},
    ):
        assert answer(clinic, enrollment, facts).status == 200
        assert [clinic.post(path, token, event).json["decision"] for event in events] == given
    assert clinic.places(enrollment, token)["disease"] == "surveillance.waiting_for_result"


def test_an_answer_after_the_enrolling_was_taken_back_changes_nothing(clinic, enrollment):
    begun = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"][0]
    path = f"/v1/enrollments/{enrollment}/events/{begun['item']}/retraction"
    assert clinic.post(path, clinic.staff, {"reason": "entered_in_error"}).status == 200
    assert asked(clinic, enrollment) == []
    assert changed(answer(clinic, enrollment, {"smokes": True})) == {}
