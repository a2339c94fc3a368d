"""Topics over HTTP: the patient asks for them and declines them; nobody else does, and no decision changes."""

import json

import pytest

from tests.service.outreach.people_reached import Reaching

TOPICS = """topics:
  scans: {en: Tests, es: Pruebas}
  outlook: {title: {en: What may lie ahead, es: Lo que puede venir}, on_request: true}
"""
BEFORE = ["scan-due", "follow-up-plan", "where-to-ask"]
AHEAD = "ahead"
DUE = "2026-07-20T10:00:00"
REMINDED = "2026-07-29T10:00:00"


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    def with_topics(folder):
        definition = folder / "definitions" / "follow_up.yaml"
        definition.write_text(definition.read_text() + TOPICS)
        for key in ("scan-due", "scan-reminder"):
            piece = next(folder.glob(f"content/follow_up/**/{key}/piece.yaml"))
            piece.write_text(piece.read_text() + "topic: scans\n")
        piece = folder / "content" / "follow_up" / "support" / AHEAD
        piece.mkdir()
        (piece / "piece.yaml").write_text("purpose: education\ntopic: outlook\norder: 95\n")
        for locale in ("en", "es"):
            (piece / f"{locale}.md").write_text("---\ntitle: Ahead\nsummary: Words.\n---\nWords for you to read.\n")

    return publish_sample(with_topics)


@pytest.fixture
def enrollment(clinic):
    made = clinic.enroll()
    clinic.clock.set(DUE)
    clinic.worker().fire_all()
    return made


def choose(clinic, enrollment, mark, topic, token=None, **more):
    token = token or clinic.token_of_patient("p1")
    return clinic.report(enrollment, token, f"topic_{mark}", clinic.clock().isoformat(), topic=topic, **more)


def view(clinic, enrollment, token=None, locale="en"):
    answer = clinic.get(f"/v1/enrollments/{enrollment}/view?locale={locale}", token or clinic.token_of_patient("p1"))
    assert answer.status == 200, answer.data
    return answer


def cards(clinic, enrollment, token=None):
    return [card["key"] for card in view(clinic, enrollment, token)["cards"]]


def test_a_view_says_which_topics_may_be_asked_for_and_declined_in_plain_words(clinic, enrollment):
    scans = {"key": "scans", "title": "Tests", "shown": True, "on_request": False, "report": "topic_declined"}
    ahead = {"key": "outlook", "title": "What may lie ahead", "shown": False, "on_request": True}
    assert view(clinic, enrollment)["topics"] == [scans, ahead | {"report": "topic_asked"}]
    titles = [topic["title"] for topic in view(clinic, enrollment, locale="es")["topics"]]
    assert titles == ["Pruebas", "Lo que puede venir"]
    choose(clinic, enrollment, "asked", "outlook")
    choose(clinic, enrollment, "declined", "scans")
    assert view(clinic, enrollment)["topics"] == [
        scans | {"shown": False, "report": "topic_asked"},
        ahead | {"shown": True, "report": "topic_declined"},
    ]


def test_pages_come_and_go_in_every_answer_and_decisions_stay(clinic, enrollment):
    patient, base = clinic.token_of_patient("p1"), f"/v1/enrollments/{enrollment}"
    first = clinic.report(enrollment, patient, "asked_for_help", "2026-07-20", id="help")
    tag = clinic.get(base, patient).headers["ETag"]

    def check(shown):
        assert cards(clinic, enrollment) == shown == clinic.seen(enrollment, patient)
        for key in (*BEFORE, AHEAD):
            status = clinic.get(f"{base}/content/{key}", patient).status
            assert status == (200 if key in shown else 404), key

    check(BEFORE)
    answer = choose(clinic, enrollment, "asked", "outlook")
    assert answer["decision"]["outcome"] == "stayed" and answer["decision"]["transitions"] == []
    assert AHEAD in [piece["key"] for piece in answer["now"]["content"]]
    check([*BEFORE, AHEAD])
    assert clinic.get(base, patient).headers["ETag"] != tag
    choose(clinic, enrollment, "declined", "scans")
    check([*BEFORE[1:], AHEAD])
    choose(clinic, enrollment, "declined", "outlook")
    check(BEFORE[1:])
    choose(clinic, enrollment, "asked", "scans")
    check(BEFORE)
    again = clinic.report(enrollment, patient, "asked_for_help", "2026-07-20", id="help")
    assert again.decision_bytes == first.decision_bytes and not again["now"]["revised"]


def test_an_explanation_says_that_the_topic_hides_a_page(clinic, enrollment):
    def reasons(token):
        explained = clinic.get(f"/v1/enrollments/{enrollment}/explain", token)["content"]
        return {reason["key"]: reason["why"] for reason in explained if not reason["shown"]}

    unasked = "Its topic 'outlook' is on request, and the patient did not ask for it."
    for token in (clinic.token_of_patient("p1"), clinic.staff):
        assert reasons(token)[AHEAD] == unasked
    choose(clinic, enrollment, "declined", "scans")
    for token in (clinic.token_of_patient("p1"), clinic.staff):
        assert reasons(token)["scan-due"] == "The patient declined its topic 'scans'."
        assert reasons(token)[AHEAD] == unasked
    assert set(reasons(clinic.token_of_patient("p1"))) == {"scan-due", AHEAD}


@pytest.mark.parametrize("mark", ["asked", "declined"])
def test_only_the_patient_asks_and_declines(clinic, enrollment, mark):
    caregiver = clinic.token_of_family(enrollment, sees=["course", "scans", "outlook"], may=["answered"])
    for token, by in ((caregiver, "family"), (clinic.staff, "staff")):
        refused = choose(clinic, enrollment, mark, "outlook", token)
        assert refused.status == 422
        assert refused["errors"] == {"type": [f"'topic_{mark}' may be reported by patient, not by {by}."]}
    assert cards(clinic, enrollment) == BEFORE


def test_a_caregiver_sees_at_most_what_the_patient_sees_and_no_topics(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=["course", "scans", "outlook"])
    explain = f"/v1/enrollments/{enrollment}/explain"
    for acts, shown in (
        ((), BEFORE),
        ((("asked", "outlook"),), [*BEFORE, AHEAD]),
        ((("declined", "scans"), ("declined", "outlook")), BEFORE[1:]),
    ):
        for act in acts:
            choose(clinic, enrollment, *act)
        answer = view(clinic, enrollment, caregiver)
        assert [card["key"] for card in answer["cards"]] == cards(clinic, enrollment) == shown
        assert answer["topics"] == []
        assert [reason["key"] for reason in clinic.get(explain, caregiver)["content"]] == shown
        steps = [step["type"] for step in clinic.get(explain, caregiver)["steps"]]
        assert not [step for step in steps if step.startswith("topic")]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"topic": "outlok"}, "topic", "Did you mean 'outlook'?"),
        ({}, "topic", "This field is required with 'topic_asked'"),
        ({"topic": "outlook", "piece": "scan-due"}, "piece", "accepted only with seen, dismissed and helpful"),
        ({"topic": "x" * 65}, "topic", "64"),
        ({"topic": ["outlook"]}, "topic", ""),
        ({"topic": "outlook", "facts": {"smokes": True}}, "facts", "accepts no facts"),
    ],
)
def test_a_wrong_act_is_refused_by_its_field(clinic, enrollment, body, field, words):
    refused = clinic.report(enrollment, clinic.token_of_patient("p1"), "topic_asked", **body)
    assert refused.status == 422
    assert words in refused["errors"][field][0]


def test_a_word_that_was_taken_back_counts_no_more(clinic, enrollment):
    event = choose(clinic, enrollment, "declined", "scans")["decision"]["event"]
    assert cards(clinic, enrollment) == BEFORE[1:]
    patient = clinic.token_of_patient("p1")
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    assert clinic.post(path, patient, {"reason": "entered_in_error"}).status == 200
    assert cards(clinic, enrollment) == BEFORE


def test_what_was_said_is_in_the_history_of_the_patient(clinic, enrollment):
    choose(clinic, enrollment, "asked", "outlook")
    lines = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.token_of_patient("p1"))["items"]
    assert [(line["type"], line["title"]) for line in lines if line.get("type") == "topic_asked"] == [
        ("topic_asked", "A topic was asked for")
    ]


def test_a_message_of_a_declined_topic_is_not_sent_and_others_are(clinic):
    reaching = Reaching(clinic)
    ann, ben = reaching.reachable_patient("p1"), reaching.reachable_patient("p2")
    assert choose(clinic, ann, "declined", "scans").status == 200
    clinic.clock.set(REMINDED)
    reaching.work()
    fates = {}
    for enrollment in (ann, ben):
        (message,) = clinic.get(f"/v1/enrollments/{enrollment}/messages", clinic.staff)["items"]
        fates[enrollment] = message["piece"], message["status"], message["reason"]
    assert fates == {ann: ("scan-reminder", "cleared", "declined"), ben: ("scan-reminder", "sent", None)}


def test_a_topic_on_request_is_no_topic_of_messages(clinic, enrollment):
    patient = clinic.token_of_patient("p1")
    listed = clinic.get("/v1/me/preferences", patient)["topics"]
    assert [topic["key"] for topic in listed] == ["scans"]
    assert "lead" not in json.dumps(listed)
