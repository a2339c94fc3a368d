"""What a patient shares with a caregiver: nothing by default, topics by name, private pieces never."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.permission.caregivers import COURSE, PRIVATE, REMINDED_OF, CaregiverGrants, problems_of_grants
from journeys.primitives.words import MESSAGE_PURPOSES

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
TOPICS = ("appointments", "money")
WORDS = st.sampled_from([COURSE, *TOPICS])


@dataclass(frozen=True)
class Page:
    tags: tuple[str, ...] = ()
    topic: str | None = None
    purpose: str = "education"


GRANTS = st.builds(
    CaregiverGrants,
    sees=st.frozensets(WORDS),
    reminded=st.frozensets(st.sampled_from(REMINDED_OF)),
    may=st.frozensets(st.sampled_from(["deceased", "answered"])),
    until=st.sampled_from([None, NOW, NOW + timedelta(seconds=1)]),
)
PAGES = st.builds(
    Page,
    tags=st.sampled_from([(), (PRIVATE,), ("imaging",), ("imaging", PRIVATE)]),
    topic=st.sampled_from([None, *TOPICS]),
    purpose=st.sampled_from(MESSAGE_PURPOSES),
)


@given(PAGES)
def test_nothing_is_shared_by_default(page):
    assert not CaregiverGrants().shares(page)
    assert not CaregiverGrants().reminds_of(page)


@given(GRANTS, PAGES)
def test_a_page_is_shared_by_its_topic_or_with_the_course_and_a_private_one_never(grants, page):
    is_named = page.topic in grants.sees if page.topic is not None else grants.sees_course
    assert grants.shares(page) == (is_named and PRIVATE not in page.tags)
    assert grants.reminds_of(page) == (grants.shares(page) and page.purpose in grants.reminded)
    assert not (grants.reminds_of(page) and page.purpose == "marketing")


@given(GRANTS)
def test_grants_are_stored_and_read_again(grants):
    assert CaregiverGrants.from_stored(grants.to_stored()) == grants
    assert grants.is_in_force(NOW) == (grants.until is None or grants.until > NOW)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sees", {"money", "family"}, "'family' is not accepted. Accepted: course, appointments, money."),
        ("reminded", {"marketing"}, "'marketing' is not accepted. Accepted: education, treatment, adherence, support."),
        ("may", {"left"}, "'left' is not accepted. Accepted: answered, deceased."),
        ("until", NOW, "The end must be in the future."),
    ],
)
def test_what_cannot_be_granted_is_refused_with_what_can(field, value, words):
    grants = CaregiverGrants(**{field: value})
    problems = problems_of_grants(grants, topics=TOPICS, triggers=["deceased", "answered"], now=NOW)
    assert problems == {field: words}
