"""Who may call what (S1, S2, S3): the routes come from the application itself, so that none is forgotten."""

import re

import pytest
from sqlalchemy import select

from journeys.primitives.errors import Refused
from service.access import tokens
from service.access.tokens import recognise
from service.access.words import SCOPES
from service.http.access import PUBLIC, ROUTES
from service.operations import databases
from service.platform import errors
from service.platform.database.tables import tokens as tokens_table
from tests.service.clinic import joining

ABSENT = "id999999"


def routes(clinic):
    """The routes of the interface; those of pages have tables and tests of their own."""
    return [
        rule
        for rule in clinic.app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in ("static", "room", "care", "sign_in", "registration", "patient_pages")
    ]


def address(rule, **values) -> str:
    path = rule.rule
    for name in rule.arguments:
        path = re.sub(rf"<(?:id:|path:|reported:)?{name}>", values.get(name, ABSENT), path)
    return path


#: What each route takes, where it takes a body.
BODIES = {
    "enrollments.enroll": joining("p9", "k9"),
    "events.report": {"id": "x", "type": "asked_for_help", "occurred_at": "2026-07-01"},
    "events.report_many": {
        "events": [{"enrollment": ABSENT, "id": "x", "type": "asked_for_help", "occurred_at": "2026-07-01"}]
    },
    "events.retract": {"reason": "entered_in_error"},
    "messages.say": {"id": "z", "text": "I have a question."},
    "questions.answer": {"id": "y", "occurred_at": "2026-07-01", "facts": {"last_scan_on": "2026-06-30"}},
    "events.place": {"id": "x", "state": "disease.recurrence", "reason": "test"},
    "tokens.mint_for_patient": {"patient_ref": "p9", "expires_in": 600},
    "tasks.close": {},
}
QUERIES = {"enrollments.list_of_patient": "?patient_ref=p9"}


def calls(clinic):
    for rule in routes(clinic):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method


def send(clinic, rule, method, token, **values):
    path = address(rule, **values) + QUERIES.get(rule.endpoint, "")
    body = BODIES.get(rule.endpoint, {}) if method == "POST" else None
    return clinic.call(method, path, token, **({"json": body} if body is not None else {}))


def test_every_route_is_in_the_table_and_the_table_names_no_other(clinic):
    assert {rule.endpoint for rule in routes(clinic)} == set(ROUTES)


def test_what_is_not_public_needs_a_token(clinic):
    for rule, method in calls(clinic):
        for token in (None, "jt_nobody_x", "", "x" * 500, "jt_é_x"):
            answer = send(clinic, rule, method, token)
            if rule.endpoint == "caregivers.accept":
                assert (answer.status, list(answer["errors"])) == (422, ["code", "language"])
            elif ROUTES[rule.endpoint] is PUBLIC:
                assert answer.status in (200, 302, 404), rule
            else:
                assert (answer.status, answer["code"]) == (401, "unauthenticated"), rule
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_each_scope_opens_its_own_routes_only(clinic):
    for scope in SCOPES:
        token = clinic.token(f"only-{scope}", scope)
        for rule, method in calls(clinic):
            access = ROUTES[rule.endpoint]
            answer = send(clinic, rule, method, token)
            refused = answer.status == 403
            assert refused == (access is not PUBLIC and scope not in access.scopes), (scope, rule, answer.data)
            if refused:
                assert answer["code"] == "forbidden"


def test_a_patients_token_opens_what_the_table_says(clinic):
    token = clinic.token_of_patient("p1")
    for rule, method in calls(clinic):
        access = ROUTES[rule.endpoint]
        refused = send(clinic, rule, method, token).status == 403
        assert refused == (access is not PUBLIC and not access.patients), rule


def test_what_is_another_patients_is_answered_like_what_does_not_exist(clinic):
    """S1: for every route that names something: other and absent give the same status, headers and bytes."""
    mine, theirs = clinic.enroll("p1"), clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    event = clinic.report(theirs, clinic.staff, "scan_done", facts={"last_scan_on": "2026-06-30"})["decision"]["event"]
    of_staff = clinic.report(mine, clinic.staff, "scan_done", facts={"last_scan_on": "2026-06-30"})["decision"]["event"]
    tried = 0
    for rule, method in calls(clinic):
        if "enrollment" not in rule.arguments or not ROUTES[rule.endpoint].patients:
            continue
        names = {"key": "where-to-ask"}
        absent = send(clinic, rule, method, token, enrollment=ABSENT, event=event, **names)
        other = send(clinic, rule, method, token, enrollment=theirs, event=event, **names)
        own = send(clinic, rule, method, token, enrollment=mine, event=of_staff, **names)
        assert absent.status == 404
        assert (other.status, other.headers, other.data) == (absent.status, absent.headers, absent.data), rule
        if rule.endpoint == "events.retract":  # what others reported is not theirs to know of
            assert (own.status, own.headers, own.data) == (absent.status, absent.headers, absent.data)
        else:
            assert own.status == 200, (rule, own.data)
        tried += 1
    assert tried >= 6


def test_what_is_of_another_journey_is_answered_like_what_does_not_exist(clinic):
    """S1, the other way in which something is not the caller's: their own, in a journey the token is not for."""
    mine = clinic.enroll("p1")
    token = clinic.token_of_patient("p1", "nsclc")
    event = clinic.report(mine, clinic.staff, "asked_for_help")["decision"]["event"]
    for rule, method in calls(clinic):
        if "enrollment" in rule.arguments and ROUTES[rule.endpoint].patients:
            absent = send(clinic, rule, method, token, enrollment=ABSENT, event=event)
            other = send(clinic, rule, method, token, enrollment=mine, event=event)
            assert absent.status == 404
            assert (other.status, other.headers, other.data) == (absent.status, absent.headers, absent.data), rule


def test_another_patient_is_listed_like_one_who_does_not_exist(clinic):
    clinic.enroll("p1"), clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    other, absent = (clinic.get(f"/v1/enrollments?patient_ref={ref}", token) for ref in ("p2", "nobody"))
    assert (other.status, other.headers, other.data) == (absent.status, absent.headers, absent.data)
    assert other["items"] == []


def test_lists_hold_what_is_the_callers_only(clinic):
    clinic.enroll("p1"), clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    own = clinic.get("/v1/me/enrollments", token)
    assert {item["patient"]["ref"] for item in own["items"]} == {"p1"}
    other = clinic.get("/v1/enrollments?patient_ref=p2", token)
    absent = clinic.get("/v1/enrollments?patient_ref=nobody", token)
    assert (other.data, other.headers) == (absent.data, absent.headers)


def test_a_batch_treats_others_like_absent_ones(clinic):
    clinic.enroll("p1")
    theirs = clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    event = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    places = [
        {"enrollment": theirs},
        {"enrollment": ABSENT},
        {"patient_ref": "p2", "journey": "follow_up"},
        {"patient_ref": "nobody", "journey": "follow_up"},
        {"patient_ref": "p1", "journey": "nothing"},
    ]
    answer = clinic.post("/v1/events", token, {"events": [event | address for address in places]})
    members = {"code", "detail", "status", "title", "type"}
    assert all(item["problem"].keys() == members for item in answer["items"])
    assert len({str(item) for item in answer["items"]}) == 1
    assert answer["items"][0]["status"] == 404


def test_a_token_for_one_journey_knows_of_no_other(clinic):
    enrollment = clinic.enroll("p1")
    other = clinic.token_of_patient("p1", journey="nsclc")
    assert clinic.get(f"/v1/enrollments/{enrollment}", other).status == 404
    assert clinic.get("/v1/me/enrollments", other)["items"] == []
    assert clinic.get("/v1/me/enrollments", clinic.token_of_patient("p1", "follow_up"))["items"] != []


def test_ids_that_none_could_be_are_not_found(clinic):
    for text in ("%00", "a%0Ab", "..", "x" * 65, "%F0%9F%92%A3", "a'b"):
        for token in (clinic.staff, clinic.token_of_patient("p1")):
            assert clinic.get(f"/v1/enrollments/{text}", token).status == 404


def test_a_revoked_token_is_dead_at_once(clinic):
    minted = tokens.create_token(clinic.service, name="lost", scopes=["read"])
    assert clinic.get("/v1/journeys", minted.text).status == 200
    assert tokens.revoke_token(clinic.service, minted.token.id)
    assert clinic.get("/v1/journeys", minted.text).status == 401
    assert not tokens.revoke_token(clinic.service, minted.token.id)


def test_an_expired_token_is_dead(clinic):
    clinic.enroll("p1")
    answer = clinic.post("/v1/patient-tokens", clinic.phone, {"patient_ref": "p1", "expires_in": 600})
    assert (answer.status, answer["expires_at"]) == (201, "2026-07-01T09:10:00Z")
    clinic.clock.pass_by(seconds=599)
    assert clinic.get("/v1/me/enrollments", answer["token"]).status == 200
    clinic.clock.pass_by(seconds=1)
    dead = clinic.get("/v1/me/enrollments", answer["token"])
    unknown = clinic.get("/v1/me/enrollments", "jt_id999999_" + "x" * 43)
    assert (dead.status, dead.data) == (401, unknown.data)


def test_a_token_in_the_address_is_refused(clinic):
    for name in ("token", "access_token", "api_key", "ACCESS_TOKEN"):
        answer = clinic.call("GET", f"/v1/journeys?{name}={clinic.staff}")
        assert (answer.status, answer["code"]) == (401, "unauthenticated")
        assert clinic.staff.encode() not in answer.data
        assert clinic.get(f"/v1/journeys?{name}=x", clinic.staff).status == 401


def test_the_database_has_only_hashes(clinic):
    texts = [clinic.staff, clinic.phone, clinic.token_of_patient("p1")]
    with clinic.service.database.reading() as connection:
        rows = connection.execute(select(tokens_table)).all()
    stored = " ".join(str(value) for row in rows for value in row)
    for text in texts:
        assert text not in stored
        assert text.split("_", 2)[2] not in stored


def test_a_patients_reports_keep_their_name_over_tokens(clinic):
    """A phone that sends again with a fresh token gets the decision of before."""
    enrollment = clinic.enroll("p1")
    body = {"id": "x", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.token_of_patient("p1"), body)
    again = clinic.post(path, clinic.token_of_patient("p1"), body)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.decision_bytes == first.decision_bytes


def test_a_token_speaks_as_its_kind(clinic):
    enrollment = clinic.enroll()
    family = clinic.token_of_family(enrollment)
    assert clinic.report(enrollment, family, "left").status == 422
    assert clinic.report(enrollment, family, "deceased")["decision"]["outcome"] == "advanced"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"scopes": ["reed"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"name": "patient:p1"}, "name"),
        ({"name": "account:01J0EXAMPLE"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"reports_as": "staff"}, "reports_as"),
        ({"scopes": ["staff"], "reports_as": "patient"}, "reports_as"),
        ({"reports_as": "robot"}, "reports_as"),
        ({"reports_as": "family"}, "reports_as"),
        ({"name": "caregiver:01J0EXAMPLE"}, "name"),
        ({"name": "clinic"}, "name"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(clinic, options, field):
    assert clinic.staff
    with pytest.raises(Refused) as refusal:
        tokens.create_token(clinic.service, **({"name": "new", "scopes": ["read"]} | options))
    assert field in refusal.value.fields


NOT_ASSIGNED = frozenset(
    [
        "state",
        "version",
        "release",
        "revision",
        "reporter",
        "reviewed_by",
        "approved",
        "by",
        "uid",
        "arrived_at",
        "tenant",
        "scopes",
        "now",
        "decision",
        "outcome",
        "patient_ref",
        "patient",
        "enrollment",
        "retracted_at",
        "shown",
    ]
)


def test_nothing_can_be_assigned_that_is_not_a_field(clinic):
    """S2: state, version, who reviewed it, another's patient ref and the like are not fields of a request: refused."""
    enrollment = clinic.enroll()
    event = clinic.report(enrollment, clinic.staff, "asked_for_help")["decision"]["event"]
    before = clinic.read(enrollment, clinic.staff)
    tried = 0
    for endpoint, body in BODIES.items():
        rule = next(rule for rule in routes(clinic) if rule.endpoint == endpoint)
        if endpoint in ("events.report_many", "tasks.close"):
            continue
        token = clinic.staff if "staff" in ROUTES[endpoint].scopes else clinic.phone
        for name in sorted(NOT_ASSIGNED - body.keys()):
            answer = clinic.post(address(rule, enrollment=enrollment, event=event), token, body | {name: "p2"})
            assert answer.status == 422, endpoint
            assert answer["errors"][name][0].startswith("Unknown field. Accepted: "), endpoint
            tried += 1
    item = BODIES["events.report"] | {"enrollment": enrollment}
    for name in sorted(NOT_ASSIGNED - {"enrollment", "patient_ref"}):
        answer = clinic.post("/v1/events", clinic.staff, {"events": [item | {name: "p2"}]})["items"][0]
        assert answer["status"] == 422
        assert answer["problem"]["errors"][name][0].startswith("Unknown field. Accepted: ")
    for spoiled in ({"patient": joining()["patient"] | {"scopes": "staff"}}, {"at": {"state": "disease.recurrence"}}):
        assert clinic.post("/v1/enrollments", clinic.staff, joining("p5", "k5") | spoiled).status == 422
    assert tried > 80
    assert clinic.read(enrollment, clinic.staff) == before


def test_another_patient_cannot_be_named_in_a_body(clinic):
    """S2: a patient's token with somebody else's ref or enrollment in the body, alone or beside their own."""
    mine, theirs = clinic.enroll("p1"), clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    event = BODIES["events.report"]
    before = clinic.read(theirs, clinic.staff)
    for path in (
        {"enrollment": theirs},
        {"enrollment": theirs, "patient_ref": "p1", "journey": "follow_up"},
        {"patient_ref": "p2", "journey": "follow_up"},
        {"patient_ref": "p2", "journey": "follow_up", "key": "k1"},
    ):
        assert clinic.post("/v1/events", token, {"events": [event | path]})["items"][0]["status"] == 404
    assert clinic.post(f"/v1/enrollments/{mine}/events", token, event | {"patient_ref": "p2"}).status == 422
    assert clinic.post("/v1/patient-tokens", token, {"patient_ref": "p2", "expires_in": 600}).status == 403
    assert clinic.read(theirs, clinic.staff) == before


def test_a_token_revoked_in_one_process_is_dead_at_once_in_another(clinic, database_url):
    """S3: nothing is kept of a token between requests."""
    minted = tokens.create_token(clinic.service, name="lost", scopes=["read"])
    with databases.open_service(database_url) as other:
        assert recognise(other, minted.text).name == "lost"
        assert tokens.revoke_token(clinic.service, minted.token.id)
        with pytest.raises(errors.Unauthenticated):
            recognise(other, minted.text)
