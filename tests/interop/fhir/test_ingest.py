"""What a bundle says: the events, their order, when the patient joins, and what is counted how."""

import copy
import random
from datetime import UTC, datetime

import pytest

from journeys.definition.facts import DECLINED
from tests.interop.fhir.sample import (
    DIAGNOSED,
    JOURNEY,
    MAPPING,
    NOW,
    SESSION,
    STAGED,
    SUSPECTED,
    Journey,
    Log,
    Reading,
    bundle,
    concept,
    condition,
    course,
    drug,
    made,
    mapping,
    observation,
    patient,
    procedure,
    read,
    release,
)


def reported(sent: dict) -> list[tuple[str, str]]:
    return [(report.type, report.at.isoformat()) for report in read(sent).reports]


def test_a_course_is_told_in_the_order_in_which_it_happened():
    assert reported(course(deceasedDateTime="2021-05-05T01:02:03-05:00")) == [
        ("suspected", "2020-01-01T08:00:00+00:00"),
        ("diagnosed", "2020-02-01T08:00:00+00:00"),
        ("staged", "2020-02-10T00:00:00+00:00"),
        ("treated", "2020-03-01T07:00:00+00:00"),
        ("deceased", "2021-05-05T06:02:03+00:00"),
    ]


def test_the_patient_joins_with_the_earliest_enrolling_event():
    joins = read(course()).enrolling
    assert joins is not None
    assert (joins.key, joins.entry, joins.at.isoformat()) == ("fhir", "checking", "2020-01-01T08:00:00+00:00")
    later = read(bundle(DIAGNOSED, STAGED)).enrolling
    assert later is not None
    assert later.entry == "diagnosed"


def test_of_two_enrolling_events_at_one_instant_the_first_declared_decides():
    joins = read(bundle(DIAGNOSED, SUSPECTED | {"onsetDateTime": DIAGNOSED["onsetDateTime"]})).enrolling
    assert joins is not None
    assert joins.entry == "checking"


def test_nobody_joins_without_an_enrolling_event():
    ingested = read(bundle(STAGED))
    assert ingested.enrolling is None
    assert len(ingested.reports) == 1


def test_facts_come_from_codes_dates_values_and_constants():
    sent = bundle(
        STAGED,
        procedure("o", "500", "2020-04-01T23:00:00Z", "2020-04-02T05:00:00Z"),
        observation("w", "2020-01-01", "702"),
    )
    facts = {report.type: dict(report.facts) for report in read(sent).reports}
    assert facts == {
        "asked": {"smoking": "current"},
        "staged": {"stage": "I", "edition": DECLINED},
        "operated": {"operated_on": "2020-04-01", "sites": ["bone", "brain"]},
    }


def test_the_date_that_a_rule_names_counts():
    sent = bundle(procedure("o", "500", "2020-04-01T23:00:00Z", "2020-04-02T05:00:00Z"))
    assert reported(sent) == [("operated", "2020-04-02T05:00:00+00:00")]


def test_a_day_stays_a_day():
    assert [report.day for report in read(bundle(STAGED, SUSPECTED)).reports] == [False, True]


def test_eleven_facts_at_one_instant_come_in_the_order_of_the_definition():
    at = "2020-05-05T05:05:05Z"
    parts = [procedure(f"c{number}", "400", at) for number in range(3)]
    parts += [drug(f"m{number}", at) for number in range(2)]
    parts += [condition("d", "200", at), condition("st", "301", at), condition("s", "100", at)]
    parts += [observation("w", at, "701"), procedure("o", "500", at, at), observation("w2", at, "702")]
    first = read(bundle(*parts))
    assert [report.type for report in first.reports] == [
        "suspected",
        "diagnosed",
        "staged",
        "treated",
        "treated",
        "operated",
        "asked",
        "asked",
    ]
    assert first.counted == (12, 8, 1, 3)
    chance = random.Random(1)
    for _ in range(10):
        chance.shuffle(parts)
        again = read(bundle(*parts))
        assert (again.reports, again.counted) == (first.reports, first.counted)


# --- what counts, and what does not ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["not-done", "preparation", "unknown", "", None, 5, ["completed"]])
def test_another_status_is_not_mapped(status: object):
    assert read(bundle(DIAGNOSED, SESSION | {"status": status})).counts.mapped == 1


@pytest.mark.parametrize("verification", ["refuted", "unconfirmed", "provisional"])
def test_a_diagnosis_that_is_not_confirmed_is_none(verification: str):
    doubted = DIAGNOSED | {"verificationStatus": {"coding": [{"code": verification}]}}
    assert read(bundle(doubted)).counts.mapped == 0


def test_a_condition_may_leave_its_statuses_out():
    bare = {key: value for key, value in DIAGNOSED.items() if key not in ("clinicalStatus", "verificationStatus")}
    assert read(bundle(bare)).counts.mapped == 1


def test_a_treatment_for_another_reason_is_not_mapped():
    other = condition("other", "999", "2019-01-01")
    for reason in ([{"reference": "Condition/other"}], [{"reference": "Condition/nowhere"}], [], None, 5):
        assert read(bundle(DIAGNOSED, other, SESSION | {"reasonReference": reason})).counts.mapped == 1
    coded = SESSION | {"reasonReference": None, "reasonCode": [concept("200")]}
    assert read(bundle(DIAGNOSED, coded)).counts.mapped == 2


def test_another_category_is_not_mapped():
    assert read(bundle(drug("m", "2020-03-01", category=[concept("611")]))).counts.mapped == 0


def test_a_code_counts_only_in_its_system_and_among_several():
    foreign = {"coding": [{"system": "http://loinc.org", "code": "200"}]}
    assert read(bundle(DIAGNOSED | {"code": foreign})).counts.mapped == 0
    assert read(bundle(DIAGNOSED | {"code": concept("999", "200")})).counts.mapped == 1


def test_what_lies_in_the_future_has_not_happened():
    assert read(bundle(SUSPECTED | {"onsetDateTime": "2026-01-01T00:00:01Z"})).counts.mapped == 0
    assert read(bundle(whose=patient(deceasedDateTime="2030-01-01"))).counts.mapped == 0


@pytest.mark.parametrize(
    "date",
    ["2020", "2020-13-01", "2020-02-30", "2020-01-01T08:00:00", "2020-01-01T08:00Z", "2020-01-01T25:00:00Z",
     "0000-01-01", "0001-01-01T00:00:00+14:00", "٢٠٢٠-٠١-٠١", "now", "", 5, 5.5, None, {}, [], True],
)  # fmt: skip
def test_a_date_that_cannot_be_read_is_unmapped_never_a_crash(date: object):
    ingested = read(bundle(SUSPECTED | {"onsetDateTime": date}))
    assert ingested.counted == (2, 0, 2, 0)


PLACEHOLDERS = ("0001-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "1900-01-01T00:00:00-08:00", "9999-12-31",
                "9999-12-31T23:59:59Z", "0001", "1753-01", "9999", "0001-01-01T00:00:00",
                "1899-12-30T00:00:00.000")  # fmt: skip


@pytest.mark.parametrize("date", PLACEHOLDERS)
def test_a_placeholder_is_a_missing_date(date: str):
    assert read(bundle(SUSPECTED | {"onsetDateTime": date})).codes["Condition/s"] == "date_unreadable"
    onset = {"onsetDateTime": date, "onsetPeriod": {"start": "2020-01-05", "end": "9999-12-31"}}
    assert reported(bundle(SUSPECTED | onset)) == [("suspected", "2020-01-05T00:00:00+00:00")]
    assert (
        read(bundle(DIAGNOSED | {"recordedDate": date}), now=datetime(2020, 2, 2, tzinfo=UTC)).reports[0].told is False
    )
    assert reported(bundle(whose=patient(deceasedDateTime=date))) == []


@pytest.mark.parametrize("date", ["9999-12-31", "1900-01-01T00:00:00Z", None])
def test_a_period_that_is_open_has_no_end(date: str | None):
    first = MAPPING.replace("    at: end\n", "    at: [end, start]\n")
    sent = bundle(procedure("o", "500", "2020-04-01", date))
    reports = Reading(sent, journey=Journey(release(), mapping(first))).reports
    assert [report.at.isoformat()[:10] for report in reports] == ["2020-04-01"]
    assert reported(sent) == []


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2020-04-01T23:30:00-05:00", "2020-04-01"),
        ("2020-04-02T00:30:00+14:00", "2020-04-02"),
        ("2020-04-01T23:59:59.999Z", "2020-04-01"),
        ("2020-02-29", "2020-02-29"),
    ],
)
def test_a_date_fact_is_the_day_that_the_record_says_in_any_zone(start: str, day: str):
    (report,) = read(bundle(procedure("o", "500", start, "2020-04-09"))).reports
    assert report.facts["operated_on"] == day


@pytest.mark.parametrize("start", ["2020", "2020-04", "2020-04-01T10:00:00", "2020-04-01T10:00Z", None, ""])
def test_a_date_fact_without_a_readable_day_is_not_made_up(start: str | None):
    ingested = read(bundle(procedure("o", "500", start or "", "2020-04-09")))
    assert (ingested.reports, ingested.codes["Procedure/o"]) == ((), "date_unreadable")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2026-01-01", "reported"),
        ("2026-01-02", "in_the_future"),
        ("2026-01-02T00:30:00+14:00", "in_the_future"),
        ("2026-02-01", "in_the_future"),
    ],
)
def test_a_fact_of_tomorrow_waits_instead_of_being_refused(end: str, code: str):
    journey = JOURNEY.decode().replace("operated_on: {type: date}", "operated_on: {type: date, past: true}")
    by_start = MAPPING.replace("    at: end\n", "").replace("{date: start}", "{date: end}")
    sent, of_journey = bundle(SUSPECTED, procedure("o", "500", "2025-12-01", end)), made(journey, by_start)
    for hour in (0, 13, 23):  # at 13:00 the day has begun in the Pacific, though not for this patient
        now = datetime(2026, 1, 1, hour, tzinfo=UTC)
        assert Reading(sent, now=now, journey=of_journey).codes["Procedure/o"] == code
        log = Log(of_journey)
        log.ingest(sent, now=now)
        assert len(log.events) == (2 if code == "reported" else 1)
    log.ingest(bundle(SUSPECTED), now=datetime(2026, 3, 1, tzinfo=UTC))
    assert len(log.events) == 2


MODIFIED: list[dict[str, object]] = [
    {"doNotPerform": True},
    {"modifierExtension": [{"url": "urn:clinic:refused", "valueBoolean": True}]},
]


@pytest.mark.parametrize("modifier", MODIFIED)
def test_an_element_that_changes_the_meaning_of_a_resource_is_not_passed_over(modifier: dict[str, object]):
    order = drug("m", "2020-03-01")
    assert read(bundle(order | modifier)).codes["MedicationRequest/m"] == "meaning_changed"
    log = Log()
    log.ingest(bundle(SUSPECTED, order))
    assert log.ingest(bundle(order | modifier)) == (0, 1, 1)


@pytest.mark.parametrize("nothing", [{"doNotPerform": False}, {"modifierExtension": []}, {"doNotPerform": "no"}])
def test_an_element_that_changes_nothing_is_passed_over(nothing: dict[str, object]):
    assert len(read(bundle(drug("m", "2020-03-01") | nothing)).reports) == 1


def test_a_value_outside_the_table_is_unmapped():
    assert read(bundle(observation("w", "2020-01-01", "999"))).counts.mapped == 0


HOSTILE: list[object] = [
    *(None, 5, -1.5, True, "", "text", "\ud800", "a" * 10_000),
    *([], [[]], [None], [{"coding": [{"system": 1, "code": 2}]}]),
    *({}, {"coding": None}, {"coding": 5}, {"coding": [None, {}, 5]}, {"reference": []}, {"start": {"start": 1}}),
]


def test_no_shape_of_any_element_raises():
    """Every element of every resource, replaced by every hostile value, and dropped."""
    resources = [
        patient(deceasedDateTime="2021-01-01"),
        SUSPECTED,
        STAGED,
        SESSION,
        procedure("o", "500", "2020-04-01", "2020-04-02"),
        drug("m", "2020-03-01"),
        observation("w", "2020-01-01", "701"),
    ]
    for resource in resources:
        for element in [key for key in resource if key not in ("resourceType", "id")] + [
            "meta",
            "contained",
            "text",
            "communication",
        ]:
            for value in HOSTILE:
                changed = copy.deepcopy(resource) | {element: value}
                is_patient = resource["resourceType"] == "Patient"
                sent = bundle(whose=changed) if is_patient else bundle(DIAGNOSED, changed)
                ingested = read(sent)
                assert ingested.counted[0] == sum(ingested.counted[1:])


@pytest.mark.parametrize("value", HOSTILE)
def test_no_entry_raises(value: object):
    sent = course()
    sent["entry"] += [value, {"resource": value}, {"fullUrl": value, "resource": {"resourceType": value, "id": value}}]
    ingested = read(sent)
    assert ingested.counts.mapped == 4
    assert ingested.counted[0] == sum(ingested.counted[1:])


@pytest.mark.parametrize("id", [5, "", "a b", "x" * 65, "a/b", ["s"], "\ud800"])
def test_a_resource_whose_id_is_none_is_named_by_what_it_says(id: object):
    sent = bundle()
    sent["entry"] += [{"resource": SUSPECTED | {"id": id}}, {"resource": SUSPECTED | {"id": id}}]
    first = read(sent)
    assert first.counted[1::2] == (1, 1)
    assert read(sent).reports == first.reports
    assert len(first.reports[0].sources[0]) < 100


# --- counting --------------------------------------------------------------------------------------------------


def test_repeated_entries_and_the_same_of_another_id_are_duplicates():
    sent = course()
    sent["entry"] += [copy.deepcopy(sent["entry"][2]), {"resource": DIAGNOSED | {"id": "d2"}}]
    ingested = read(sent)
    assert ingested.counted == (7, 4, 1, 2)
    assert [report.sources for report in ingested.reports] == [
        ("Condition/s",),
        ("Condition/d", "Condition/d2"),
        ("Condition/st",),
        ("Procedure/c1",),
    ]


def test_duplicates_count_where_nothing_is_mapped_too():
    goal = {"resourceType": "Goal", "id": "g1", "description": {"text": "made up"}}
    assert read(bundle(goal, goal | {"id": "g2"}, goal | {"id": "g3", "note": []})).counts.duplicates == 1


def test_another_time_or_value_is_no_duplicate():
    sent = bundle(DIAGNOSED, DIAGNOSED | {"id": "d2", "onsetDateTime": "2020-02-02"}, STAGED, STAGED | {"id": "x"})
    ingested = read(sent)
    assert (ingested.counts.mapped, ingested.counts.duplicates) == (3, 1)


def test_two_drugs_at_one_time_are_two_events_only_if_their_codes_differ():
    sent = bundle(drug("m1", "2020-03-01"), drug("m2", "2020-03-01"))
    assert len(read(sent).reports) == 1


def test_of_several_versions_the_newest_counts():
    old = DIAGNOSED | {"onsetDateTime": "2020-01-15", "meta": {"lastUpdated": "2020-03-01T00:00:00Z"}}
    new = DIAGNOSED | {"onsetDateTime": "2020-01-16", "meta": {"lastUpdated": "2020-03-02T00:00:00+00:00"}}
    for sent in (bundle(old, new), bundle(new, old), bundle(DIAGNOSED, new, old)):
        assert reported(sent) == [("diagnosed", "2020-01-16T00:00:00+00:00")]
    numbered = [DIAGNOSED | {"onsetDateTime": f"2020-01-0{n}", "meta": {"versionId": str(n)}} for n in (1, 3, 2)]
    assert reported(bundle(*numbered)) == [("diagnosed", "2020-01-03T00:00:00+00:00")]


def test_entered_in_error_says_nothing_and_counts_as_mapped():
    wrong = DIAGNOSED | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    ingested = read(bundle(wrong, SESSION | {"status": "entered-in-error"}))
    assert ingested.reports == ()
    assert ingested.counts.mapped == 2


def test_what_happened_long_ago_counts_as_told():
    recent = condition("d", "200", "2025-12-24")
    assert [report.told for report in read(bundle(SUSPECTED, recent)).reports] == [True, False]
    assert NOW.year == 2026
