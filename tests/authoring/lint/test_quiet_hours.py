"""Quiet hours of a programme that leave out some of the night are pointed out."""

import pytest

from tests.authoring.lint.checking import ONE_STATE, SEEN, check


def programmes(messages):
    return f"programmes:\n  north:\n    title: {{en: North}}\n    messages:\n      apart: PT1H\n{messages}"


@pytest.mark.parametrize(
    "quiet",
    ['["22:00", "08:00"]', '["21:00", "07:59"]', '["08:00", "21:00"]', '["00:00", "08:00"]', '["23:00", "22:00"]'],
)
def test_hours_that_leave_out_some_of_the_night_are_pointed_out(quiet):
    expected = 6, "quiet-hours", "of the programme 'north' leaves out some of 21:00 to 08:00, when 47 CFR 64.1200(c)(1)"
    check(SEEN, expected, after=ONE_STATE, programmes=programmes(f"      quiet: {quiet}\n"))


@pytest.mark.parametrize(
    "quiet", ['["21:00", "08:00"]', '["20:30", "08:00"]', '["18:00", "12:00"]', '["21:00", "20:59"]']
)
def test_hours_around_the_night_are_fine(quiet):
    check(SEEN, after=ONE_STATE, programmes=programmes(f"      quiet: {quiet}\n"))


def test_who_sets_no_quiet_hours_has_those_of_the_night():
    check(SEEN, after=ONE_STATE, programmes=programmes(""))
