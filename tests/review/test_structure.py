"""Reviewers read and compare the limits of a programme's messages, and topics, on the page of the structure."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.definition.model import Titles
from journeys.definition.programmes import Programme, Programmes
from journeys.review import annotate_structure, compare_structures, to_json
from journeys.review.approval import without_words
from tests.samples.sample import plan

LIMITS = MessageLimits(
    quiet=(time(20, 30), time(8)),
    apart=timedelta(hours=4),
    caps=(
        Cap(purposes=frozenset({"education", "adherence"}), day=1, week=3),
        Cap(purposes=frozenset({"marketing"}), week=1),
    ),
)


def page(limits, locale="en"):
    north = Programme("north", Titles({"en": "North", "es": "Norte"}), {}, messages=limits)
    return annotate_structure(plan(), locale, Programmes("sample.programmes.yaml", {"north": north}))


def limits_on(shown):
    return [(word.name, word.text) for word in shown.words if word.name.startswith("programme north messages")]


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        (
            "en",
            [
                "no text message and no push from 20:30 to 08:00 of the patient’s day",
                "at least 4 hours between two messages to a patient",
                "keeping to treatment, education: at most 1 a day, 3 a week, over all journeys of a patient",
                "marketing: at most 1 a week, over all journeys of a patient",
            ],
        ),
        (
            "es",
            [
                "ningún mensaje de texto ni notificación de 20:30 a 08:00 del día del paciente",
                "al menos 4 horas entre dos mensajes a un paciente",
                "seguir el tratamiento, educación: como máximo 1 al día, 3 a la semana, "
                "en todos los recorridos de un paciente",
                "publicidad: como máximo 1 a la semana, en todos los recorridos de un paciente",
            ],
        ),
    ],
)
def test_the_limits_of_a_programme_are_read_in_words(locale, texts):
    names = [f"programme north messages {name}" for name in ("quiet", "apart", "caps", "caps")]
    assert limits_on(page(LIMITS, locale)) == list(zip(names, texts, strict=True))


def test_a_programme_without_limits_shows_none():
    assert limits_on(page(MessageLimits())) == []


def test_changed_limits_are_compared():
    change = compare_structures(to_json(page(MessageLimits())), to_json(page(LIMITS)))
    assert [difference.name for difference in change.differences] == [
        "programme north messages quiet",
        "programme north messages apart",
        "programme north messages caps",
        "programme north messages caps (2)",
    ]


@pytest.mark.parametrize(("locale", "name"), [("en", "Appointments"), ("es", "Citas")])
def test_the_names_of_topics_are_read_and_are_words_of_the_release(locale, name):
    release = plan()
    topics = {"appointments": Titles({"en": "Appointments", "es": "Citas"})}
    with_topics = replace(release, journey=replace(release.journey, topics=topics))
    (group,) = (group for group in annotate_structure(with_topics, locale).groups if group.kind == "topics")
    assert [(word.name, word.text) for word in group.words] == [("topic appointments", name)]
    assert set(without_words(with_topics).journey.topics["appointments"].values()) == {""}
    assert all(group.kind != "topics" for group in annotate_structure(release, locale).groups)
