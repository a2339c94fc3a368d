"""Times of FHIR resources: the day that is written, and dates that only fill a field."""

import pytest

from journeys.interop.fhir.resources import day_of, time_of
from tests.interop.fhir.sample import STAGED, bundle, course, read

#: What record systems write for a date that nobody knows.
PLACEHOLDERS = ["1753-01-01", "1800-01-01", "1899-12-30", "0001-01-01", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-07-01T23:30:00-05:00", "2026-07-01"),
        ("2026-07-02T00:30:00+02:00", "2026-07-02"),
        ("2026-01-01T00:30:00+14:00", "2026-01-01"),
        ("2026-12-31T23:59:59.999-11:00", "2026-12-31"),
        ("2026-07-01", "2026-07-01"),
        ("2026-07-01T12:00:00Z", "2026-07-01"),
        ("2026-07", None),
        ("yesterday", None),
    ],
)
def test_the_day_of_a_time_is_the_day_that_is_written(written, day):
    """A date fact is the day in the record's own offset: the patient had the scan on that day."""
    assert day_of({"performedPeriod": {"end": written}}, ("performedDateTime", "performedPeriod.end")) == day


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_a_placeholder_is_no_date(placeholder):
    assert time_of({"onsetDateTime": placeholder}, ("onsetDateTime",)) is None
    assert day_of({"onsetDateTime": placeholder}, ("onsetDateTime",)) is None


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_a_placeholder_stops_nothing_of_what_follows(placeholder):
    staged = {name: placeholder if name.endswith("DateTime") else value for name, value in STAGED.items()}
    assert staged != STAGED
    ingested = read(bundle(staged))
    assert (ingested.counts.mapped, ingested.counts.unmapped) == (0, 2)  # the Patient and the stage
    alive = read(course())
    dead = read(course(deceasedDateTime=placeholder))
    assert [report.type for report in dead.reports] == [report.type for report in alive.reports]
