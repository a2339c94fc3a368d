"""What values lead to, how they read in a locale, and whom a patient can turn to."""

import pytest

from journeys.definition.programmes import contacts_of, link_to, text_of, to_stored, values_of
from journeys.definition.reading import read_journey, read_programmes

JOURNEY = b"""
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
programme:
  team: {type: text, title: {en: Team, es: Equipo}}
  phone: {type: phone, title: {en: Telephone, es: Telefono}}
  mail: {type: email, title: {en: Mail, es: Correo}}
contacts:
  care_team: {title: {en: Your care team, es: Su equipo}, name: team, phone: phone}
  emergency: {title: {en: In an emergency, es: En una emergencia}, phone: phone}
  sender: {name: team, email: mail}
tracks:
  care: {initial: here, states: {here: {title: {en: Here, es: Ahi}}}}
"""
PROGRAMMES = b"""
programmes:
  north:
    title: {en: North, es: Norte}
    values: {team: {en: The ward, es: La sala}, phone: 555 0100, mail: ward@example.org}
"""


@pytest.fixture
def journey():
    journey, problems = read_journey(JOURNEY, "sample.yaml")
    assert problems == []
    return journey


@pytest.fixture
def values():
    programmes, problems = read_programmes(PROGRAMMES, "sample.programmes.yaml")
    assert problems == []
    return values_of(programmes.by_key["north"])


def test_contacts_have_every_part_in_the_locale(journey, values):
    assert contacts_of(journey, values, "es") == {
        "care_team": {"title": "Su equipo", "name": "La sala", "phone": "555 0100", "email": None, "hours": None},
        "emergency": {"title": "En una emergencia", "phone": "555 0100"},
    }


def test_a_value_that_was_never_set_is_no_mistake(journey):
    assert contacts_of(journey, {}, "en")["care_team"]["phone"] is None


@pytest.mark.parametrize(
    ("locale", "text"), [("es", "La sala"), ("es-US", "La sala"), ("spa", "La sala"), ("fr", "The ward")]
)
def test_a_text_reads_in_the_nearest_locale(values, locale, text):
    assert text_of(values, "team", locale) == text


def test_what_is_stored_gives_the_same_values(values):
    programmes, _ = read_programmes(PROGRAMMES, "f")
    stored = to_stored(programmes.by_key["north"])
    assert stored == {"title": {"en": "North", "es": "Norte"}, "values": values}


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("911", "tel:911"),
        ("+34 (900) 00-00 01", "tel:+34900000001"),
        ("555 0100 ext. 12", "tel:5550100;ext=12"),
        ("555 0100 ext12", "tel:5550100;ext=12"),
    ],
)
def test_a_number_is_dialled_by_its_digits(text, link):
    assert link_to("phone", text) == link
