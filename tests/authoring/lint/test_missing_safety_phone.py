"""Patients in treatment find a number for the night, and patients in hospice the number of their hospice."""

from dataclasses import replace

import pytest

from journeys.content.catalogue import Action
from tests.authoring.lint.checking import SEEN, check, piece

TRACKS = """\
tracks:
  care:
    initial: here
    states:
      here: {{title: {{en: Here}}, tags: [{}], on: {{came: stay}}}}
"""
TAGS = [("in_treatment", "after_hours_phone"), ("hospice", "hospice_phone")]
LINE = 5


@pytest.mark.parametrize(("tag", "phone"), TAGS)
def test_a_tagged_state_needs_the_number(tag, phone):
    check(TRACKS.format(tag), (LINE, "missing-safety-phone", f"'programme' needs '{phone}' of type phone"), before=SEEN)


@pytest.mark.parametrize(("tag", "phone"), TAGS)
def test_the_number_is_a_phone(tag, phone):
    declared = f"programme:\n  {phone}: {{type: text, title: {{en: Telephone}}}}\n"
    expected = (LINE, "missing-safety-phone", f"'programme' needs '{phone}' of type phone")
    check(TRACKS.format(tag), expected, before=SEEN + declared)


@pytest.mark.parametrize(("tag", "phone"), TAGS)
@pytest.mark.parametrize("place", ["care.here", "care"])
def test_a_piece_that_calls_the_number_is_enough(tag, phone, place):
    declared = f"programme:\n  {phone}: {{type: phone, title: {{en: Telephone}}}}\n"
    calls = replace(piece("call-us", place), action=Action("call", phone))
    check(TRACKS.format(tag), before=SEEN + declared, pieces=[calls])


@pytest.mark.parametrize(("tag", "phone"), TAGS)
def test_a_number_that_no_piece_shows_is_refused(tag, phone):
    declared = (
        f"programme:\n  {phone}: {{type: phone, title: {{en: Telephone}}}}\n"
        "  other_phone: {type: phone, title: {en: Telephone}}\n"
    )
    other = replace(piece("call-us", "care.here"), action=Action("call", "other_phone"))
    reminder = replace(piece("call-soon", "care.here", is_reminder=True), action=Action("call", phone))
    expected = (LINE, "missing-safety-phone", f"no piece in it always shows 'programme.{phone}'")
    check(TRACKS.format(tag), expected, before=SEEN + declared, pieces=[other, reminder])


def test_other_tags_need_no_number():
    check(TRACKS.format("after_treatment"), before=SEEN)
