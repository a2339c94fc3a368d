"""A death without its day ends the journey on the day of knowing; only an explicit denial takes an end back."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from service.interop.deaths import TITLE
from tests.interop.fhir.place import DIAGNOSIS, Place, bundle, condition
from tests.interop.fhir.sample import Log, course, read

TODAY = datetime(2026, 8, 5, 12, tzinfo=UTC)
DATED = {"deceasedDateTime": "2026-07-20"}
MASKED = {"_deceasedDateTime": {"extension": [{"url": "…/data-absent-reason", "valueCode": "masked"}]}}
SUBSETTED = {"meta": {"tag": [{"code": "SUBSETTED"}], "lastUpdated": "2026-08-05T00:00:00Z"}}
WITHOUT_DAY: list[dict[str, Any]] = [
    {"deceasedBoolean": True},
    {"deceasedDateTime": "2026"},
    {"deceasedDateTime": "2026-07"},
    {"deceasedBoolean": True, "deceasedDateTime": "1800-01-01"},
    {"deceasedDateTime": "2026-06-31"},
    {"deceasedDateTime": "2025-02-29"},
    {"deceasedDateTime": "20260720"},
    {"deceasedDateTime": "20/07/2026"},
]
DIAGNOSED = condition("c1", DIAGNOSIS, "2026-05-01")


@pytest.fixture(autouse=True)
def today(clinic: Place) -> None:
    clinic.when = TODAY


def ended(log: Log) -> list[tuple[str, str]]:
    return [event for event in log.reported() if event[1] == "deceased"]


@pytest.mark.parametrize("later", [{"deceasedBoolean": True}, {}, MASKED, SUBSETTED, *WITHOUT_DAY])
def test_a_known_death_is_not_taken_back_by_less_knowledge(clinic: Place, later: dict[str, Any]):
    first = clinic.ingest(bundle(DIAGNOSED, **DATED))
    after = clinic.ingest(bundle(**later))
    assert after.passed[-1] == first.passed[-1] == ("deceased", "2026-07-20")
    assert clinic.open_tasks(str(first.enrollment)) == []


@pytest.mark.parametrize("death", WITHOUT_DAY)
def test_a_death_without_its_day_ends_it_on_the_day_of_knowing_and_opens_a_task(clinic: Place, death: dict[str, Any]):
    report = clinic.ingest(bundle(DIAGNOSED, **death))
    assert report.passed[-1] == ("deceased", "2026-08-05")
    assert clinic.open_tasks(str(report.enrollment)) == [("task", TITLE)]
    clinic.when = datetime(2026, 9, 1, tzinfo=UTC)
    assert clinic.ingest(bundle(**death)).passed[-1] == ("deceased", "2026-08-05")
    known = clinic.ingest(bundle(**DATED))
    assert known.passed[-1] == ("deceased", "2026-07-20")
    assert clinic.open_tasks(str(report.enrollment)) == []


def test_a_death_without_an_offset_has_a_day(clinic: Place):
    report = clinic.ingest(bundle(DIAGNOSED, deceasedDateTime="2026-07-20T23:00:00"))
    assert report.passed[-1] == ("deceased", "2026-07-20")


@pytest.mark.parametrize(
    "alive",
    [
        {"deceasedDateTime": "2030"},
        {"deceasedDateTime": "2026-09"},
        {"deceasedDateTime": "2026-12-31T00:00:00"},
        {"deceasedDateTime": "20270101"},
        {"deceasedDateTime": "0001-01-01T00:00:00"},
        {"deceasedDateTime": "19000101"},
        {"deceasedDateTime": "unknown"},
        {"deceasedBoolean": False},
        MASKED,
    ],
)
def test_a_death_that_has_not_happened_ends_nothing(clinic: Place, alive: dict[str, Any]):
    report = clinic.ingest(bundle(DIAGNOSED, **alive))
    assert not clinic.is_ended(str(report.enrollment))
    assert TITLE not in [title for _, title in clinic.open_tasks(str(report.enrollment))]


@pytest.mark.parametrize("death", [DATED, *WITHOUT_DAY])
def test_an_explicit_denial_takes_it_back(clinic: Place, death: dict[str, Any]):
    report = clinic.ingest(bundle(DIAGNOSED, **death))
    assert clinic.is_ended(str(report.enrollment))
    clinic.ingest(bundle(deceasedBoolean=False))
    assert not clinic.is_ended(str(report.enrollment))
    assert TITLE not in [title for _, title in clinic.open_tasks(str(report.enrollment))]


def test_an_end_that_staff_reported_is_not_reported_again_without_its_day():
    log = Log()
    log.ingest(course())
    log.report("deceased", datetime(2020, 6, 1, tzinfo=UTC))
    log.ingest(course(deceasedBoolean=True))
    assert ended(log) == [("2020-06-01", "deceased")]


def test_the_order_of_deaths_with_and_without_a_day_does_not_matter():
    versions = [{"deceasedBoolean": True}, {"deceasedDateTime": "2021"}, {"deceasedDateTime": "2021-01-01"}, {}]
    for seed in range(8):
        random.Random(seed).shuffle(versions)
        log = Log()
        for version in [*versions, {"communication": []}, {"deceasedBoolean": True}, {}, {"deceasedBoolean": True}]:
            log.ingest(course(**version))
        assert ended(log) == [("2021-01-01", "deceased")]


ALIVE, DEAD = {"deceasedBoolean": False}, {"deceasedBoolean": True}


@pytest.mark.parametrize(
    ("versions", "is_dead"),
    [
        ([ALIVE, DEAD, {}], True),
        ([DEAD, ALIVE, {}], False),
        ([DEAD, {}, ALIVE], False),
        ([DATED, ALIVE, {}, {"deceasedDateTime": "2026-07"}], True),
        ([{"deceasedDateTime": "2026"}, MASKED, ALIVE, MASKED], False),
        ([DATED, *([{}, {"communication": []}] * 12), SUBSETTED], True),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_the_last_that_says_anything_of_a_death_decides(versions: list[dict[str, Any]], is_dead: bool, seed: int):
    numbered = [
        course(**version | {"meta": version.get("meta", {}) | {"versionId": str(number), "lastUpdated": None}})
        for number, version in enumerate(versions)
    ]
    random.Random(seed).shuffle(numbered)
    log = Log()
    for sent in numbered:
        log.ingest(sent, now=TODAY)
    assert bool(ended(log)) == is_dead


@pytest.mark.parametrize(
    "day",
    ["2026-08-05", "2026-08-05T23:30:00+14:00", "2026-08-04T23:30:00-12:00", "2026-08-05T11:59:59.999Z"],
)
def test_a_death_of_today_in_any_zone_ends_it(day: str):
    log = Log()
    log.ingest(course(deceasedDateTime=day), now=TODAY)
    assert len(ended(log)) == 1


def test_a_death_of_a_day_comes_after_what_happened_at_an_hour_of_that_day():
    """A session at eight in the morning is none after the end."""
    log = Log()
    log.ingest(course(deceasedDateTime="2020-03-01"))
    assert log.leaf() == "treatment"
    assert ended(log) == [("2020-03-01", "deceased")]


@pytest.mark.parametrize(
    ("death", "code"),
    [
        (DATED, "reported"),
        ({"deceasedBoolean": True}, "death_without_day"),
        ({"deceasedDateTime": "1800-01-01"}, "date_unreadable"),
        ({"deceasedDateTime": "unknown"}, "date_unreadable"),
        ({"deceasedDateTime": "2999"}, "in_the_future"),
        ({"deceasedDateTime": "2999-01-01"}, "in_the_future"),
        ({"deceasedDateTime": "9999-12-31"}, "date_unreadable"),
        ({"deceasedDateTime": "1900"}, "date_unreadable"),
        ({"deceasedBoolean": False}, "no_death"),
        ({"deceasedBoolean": False, "deceasedDateTime": "2026-07-20"}, "no_death"),
        ({}, "no_death"),
    ],
)
def test_what_becomes_of_a_death_is_explained(death: dict[str, Any], code: str):
    assert read(course(**death), now=TODAY).codes["Patient/p-1"] == code
