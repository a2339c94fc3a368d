"""Reviewers read and compare the limits of messages, topics and questions on the page of the structure."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.definition.model import Ask, Asking, Text, Titles
from journeys.definition.programmes import Programme, Programmes
from journeys.definition.questions import declared_questions
from journeys.definition.registration import Registration
from journeys.review.changes import compare_structures
from journeys.review.digests import without_words
from journeys.review.stored import to_json
from journeys.review.structure import annotate_structure
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


ASKED = Ask(
    question=Titles({"en": "When was your last scan?", "es": "¿Cuándo fue su último estudio?"}),
    why=Titles({"en": "The next one counts from it.", "es": "El próximo se cuenta desde ese día."}),
    help=Titles({"en": "The month is enough."}),
    sensitive=True,
    rest="P60D",
)


def asking(release=None, **changed):
    """The sample release, whose questions are those that are named by keyword."""
    release = release or plan()
    return replace(release, journey=replace(release.journey, **changed))


def with_question(ask=ASKED, **changed):
    facts = plan().journey.facts
    return asking(facts={**facts, "last_scan_on": replace(facts["last_scan_on"], ask=ask)}, **changed)


def questions_on(release, locale="en"):
    groups = annotate_structure(release, locale).groups
    return [(word.name, word.text) for group in groups if group.kind == "questions" for word in group.words]


LIMITS_OF_ASKING = [
    ("asking at_once", "questions at once: at most 2"),
    ("asking a_week", "questions in seven days: at most 4"),
    ("asking horizon", "steps ahead for which an answer may matter: at most 2"),
    ("asking showings", "showings without an answer before a question rests: 3"),
    ("asking rest", "rest of a question without an answer: 30 days"),
]


def test_reviewers_read_every_text_and_setting_of_a_question():
    assert questions_on(with_question()) == [
        ("question last_scan_on", "When was your last scan?"),
        ("why last_scan_on", "The next one counts from it."),
        ("help last_scan_on", "The month is enough."),
        ("sensitive last_scan_on", "a sensitive question, which apps ask with care"),
        ("rest last_scan_on", "comes again at the earliest 60 days after it was shown without an answer"),
        *LIMITS_OF_ASKING,
    ]


def test_in_their_language():
    words = dict(questions_on(with_question(), "es"))
    assert words["question last_scan_on"] == "¿Cuándo fue su último estudio?"
    assert words["sensitive last_scan_on"] == "una pregunta delicada, que las aplicaciones hacen con cuidado"
    assert words["asking rest"] == "pausa de una pregunta sin respuesta: 30 días"
    titles = {group.kind: group.title for group in annotate_structure(with_question(), "es").groups}
    assert titles["questions"] == "Preguntas a los pacientes"


def test_the_question_of_a_group_shows_its_facts():
    group = {"dates": (Text("last_scan_on"), Text("pack_years"))}
    shown = dict(questions_on(asking(groups=group, group_asks={"dates": replace(ASKED, sensitive=False, rest=None)})))
    assert shown["facts dates"] == "“last scan on”, “pack years”"
    assert shown["question dates"] == "When was your last scan?"
    assert "sensitive dates" not in shown


def test_what_a_journey_asks_at_most_is_read_without_questions_too():
    shown = questions_on(asking(asking=Asking(at_once=1, a_week=3, horizon=0, showings=2, rest="P2M")))
    assert [text.rpartition(": ")[2] for _, text in shown] == ["at most 1", "at most 3", "at most 0", "2", "2 months"]


def test_a_state_that_asks_nothing_is_shown():
    release = plan()
    (name, track), *_ = release.journey.tracks.items()
    path = next(iter(track.states))
    states = {**track.states, path: replace(track.states[path], asks_nothing=True)}
    silent = asking(release, tracks={**release.journey.tracks, name: replace(track, states=states)})
    assert questions_on(silent) == [(f"ask {name}.{path}", "patients are asked nothing here")]


def test_a_journey_without_questions_has_the_page_that_it_had():
    assert questions_on(plan()) == []
    assert to_json(annotate_structure(plan(), "en")) == to_json(annotate_structure(asking(group_asks={}), "en"))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"question": Titles({"en": "On which day was your last scan?"})}, "question last_scan_on"),
        ({"why": Titles({"en": "The next date counts from it."})}, "why last_scan_on"),
        ({"help": Titles()}, "help last_scan_on"),
        ({"sensitive": False}, "sensitive last_scan_on"),
        ({"rest": "P90D"}, "rest last_scan_on"),
    ],
)
def test_a_changed_question_is_compared(changed, name):
    before, after = with_question(), with_question(replace(ASKED, **changed))
    change = compare_structures(*(to_json(annotate_structure(release, "en")) for release in (before, after)))
    assert [difference.name for difference in change.differences] == [name]


def test_a_changed_limit_of_asking_is_compared():
    before, after = with_question(), with_question(asking=Asking(at_once=1, rest="P60D"))
    change = compare_structures(*(to_json(annotate_structure(release, "en")) for release in (before, after)))
    assert [difference.name for difference in change.differences] == ["asking at_once", "asking rest"]


def test_a_release_without_words_asks_nothing():
    group = {"dates": (Text("last_scan_on"), Text("pack_years"))}
    silent = without_words(with_question(groups=group, group_asks={"dates": ASKED}))
    assert declared_questions(silent.journey) == ()


def test_every_word_of_a_registration_is_on_the_page():
    registration = Registration(
        gives=(Titles({"en": "A guide", "es": "Una guía"}),),
        next=Titles({"en": "It is ready.", "es": "Está lista."}),
        why={"contact": Titles({"en": "We send a code.", "es": "Enviamos un código."})},
        consents=(Text("messages"),),
    )
    north = Programme("north", Titles({"en": "North", "es": "Norte"}), {}, registration=registration)
    shown = annotate_structure(plan(), "es", Programmes("sample.programmes.yaml", {"north": north}))
    start = "programme north registration "
    assert {word.name.removeprefix(start): word.text for word in shown.words if word.name.startswith(start)} == {
        "gives 1": "Una guía",
        "why contact": "Enviamos un código.",
        "next": "Está lista.",
        "styles": "one-question-a-page",
        "channels": "email",
        "languages": "en, es",
        "consents": "messages",
    }
