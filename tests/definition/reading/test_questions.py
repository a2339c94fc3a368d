"""Questions are read where the definition declares them; what cannot be a question is refused with its line."""

import pytest
from jsonschema import Draft202012Validator

from journeys.definition.model import Ask, Asking, Mark
from journeys.definition.reading import read_journey
from journeys.definition.reading.journey import JourneyForm

BEGINNING = """\
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
tracks:
  care: {initial: home, states: {home: {}, hospice: {ask: none, states: {bed: {}}, initial: bed}}}
"""
FACTS = """\
facts:
  smoking:
    type: boolean
    ask:
      question: {en: Do you smoke?, es: ¿Fuma usted?}
      why: {en: We then show help., es: Así mostramos ayuda.}
      help: {en: Pipes count too., es: La pipa también cuenta.}
      sensitive: true
      rest: P60D
  stage: {type: text, ask: {question: {en: Which?}}}
  edition: {type: text}
  basis: {type: text}
groups:
  staging:
    facts: [edition, basis]
    ask: {question: {en: How was it found?}}
  pair: [smoking, stage]
"""


def read(text):
    """The journey, and (line, message) of each problem; lines count from the first of `text`."""
    journey, problems = read_journey((BEGINNING + text).encode(), "sample.yaml")
    above = BEGINNING.count("\n")
    return journey, [(problem.line - above, problem.message) for problem in problems]


def messages(text):
    return [message for line, message in read(text)[1] if line == len(text.strip().split("\n"))]


def test_a_question_has_its_texts_and_settings():
    journey, problems = read(FACTS)
    assert problems == []
    ask = journey.facts["smoking"].ask
    assert ask == Ask(
        question={"en": "Do you smoke?", "es": "¿Fuma usted?"},
        why={"en": "We then show help.", "es": "Así mostramos ayuda."},
        help={"en": "Pipes count too.", "es": "La pipa también cuenta."},
        sensitive=True,
        rest="P60D",
        mark=Mark(10, 7),
    )
    assert ask.question.places["es"] == Mark(10, 37)
    assert journey.facts["edition"].ask is None


def test_what_is_not_written_has_its_default():
    journey, _ = read(FACTS)
    ask = journey.facts["stage"].ask
    assert (ask.why, ask.help, ask.sensitive, ask.rest) == ({}, {}, False, None)
    assert journey.asking == Asking(at_once=2, a_week=4, horizon=2, showings=3, rest="P30D")


def test_a_group_may_have_a_question_and_is_the_same_group():
    journey, _ = read(FACTS)
    assert {name: [text.text for text in texts] for name, texts in journey.groups.items()} == {
        "staging": ["edition", "basis"],
        "pair": ["smoking", "stage"],
    }
    assert {name: dict(ask.question) for name, ask in journey.group_asks.items()} == {
        "staging": {"en": "How was it found?"}
    }


def test_a_journey_says_how_much_it_asks():
    journey, problems = read("asking: {at_once: 1, a_week: 20, horizon: 0, showings: 10, rest: PT12H}\n")
    assert problems == []
    assert journey.asking == Asking(at_once=1, a_week=20, horizon=0, showings=10, rest="PT12H", mark=Mark(6, 9))


def test_a_state_may_ask_nothing():
    journey, _ = read("")
    silent = {path: state.asks_nothing for path, state in journey.tracks["care"].states.items()}
    assert silent == {"home": False, "hospice": True, "hospice.bed": False}


def ask(written):
    return f"facts:\n  smoking: {{type: boolean, ask: {written}}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ask("{qestion: {en: A}}"), "'qestion' is not a key of 'ask' of the fact 'smoking'. Did you mean 'question'?"),
        (ask("{question: {en: A}, reason: {en: B}}"), "'reason' is not a key of 'ask' of the fact 'smoking'."),
        (ask("{question: {en: A}, sensitve: true}"), "Did you mean 'sensitive'?"),
        ("asking: {at_onse: 2}", "'at_onse' is not a key of 'asking'. Did you mean 'at_once'?"),
        ("asking: {often: 2}", "'often' is not a key of 'asking'. Accepted: a_week, at_once, horizon, rest, showings."),
        ("asking: {showing: 2}", "Did you mean 'showings'?"),
        ("groups:\n  pair: {facts: [a, b], asks: {question: {en: A}}}", "Did you mean 'ask'?"),
        ("groups:\n  pair: {fact: [a, b]}", "'fact' is not a key of the group 'pair'. Did you mean 'facts'?"),
        ("groups:\n  pair: {facts: [a, b], question: {en: A}}", "Accepted: ask, facts."),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(text, message):
    assert any(message in refused for refused in messages(text))


@pytest.mark.parametrize(
    "text",
    [
        ask("{why: {en: A}}"),
        ask("{help: {en: A}, sensitive: true}"),
        ask(""),
        "groups:\n  pair: {facts: [a, b], ask: {why: {en: A}}}",
        "groups:\n  pair: {facts: [a, b], ask: {rest: P3D}}",
        "groups:\n  pair: {facts: [a, b], ask: {}}",
    ],
)
def test_an_ask_needs_its_question(text):
    assert [message for message in messages(text) if "'question'" in message]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Do you smoke?", "'ask' of the fact 'smoking' must be keys and values, not a text."),
        ("[{question: {en: A}}]", "'ask' of the fact 'smoking' must be keys and values, not a list."),
        ("none", "'ask' of the fact 'smoking' must be keys and values, not a text."),
        ("{question: Do you smoke?}", "'question' of 'ask' of the fact 'smoking' must be given by locale"),
        ("{question: {en: A}, why: Because}", "'why' of 'ask' of the fact 'smoking' must be given by locale"),
        ("{question: {en: A}, help: {en: }}", "'help' of 'ask' of the fact 'smoking' in 'en' is empty."),
        ("{question: {en: A}, sensitive: yes}", "is 'yes'; it must be true or false."),
        ("{question: {en: A}, sensitive: 1}", "is '1'; it must be true or false."),
        ("{question: {en: A}, sensitive: [true]}", "must be a text, not a list."),
    ],
)
def test_a_question_of_another_shape_is_refused(written, message):
    assert any(message in refused for refused in messages(ask(written)))


@pytest.mark.parametrize(
    ("key", "bounds", "wrong"),
    [
        ("at_once", "from 1 to 5", ("0", "6", "-1")),
        ("a_week", "from 1 to 20", ("0", "21", "100")),
        ("horizon", "from 0 to 4", ("-1", "5", "999999999")),
        ("showings", "from 1 to 10", ("0", "11", "-3")),
    ],
)
def test_numbers_have_bounds(key, bounds, wrong):
    for number in wrong:
        text = f"asking: {{{key}: {number}}}"
        assert messages(text) == [f"'{key}' of 'asking' must be {bounds}."], text
        assert getattr(read(text)[0].asking, key) == getattr(Asking(), key)
    for word in ("two", "1.5", "1e1"):
        assert messages(f"asking: {{{key}: {word}}}") == [
            f"'{key}' of 'asking' is '{word}'; it must be a whole number."
        ]


@pytest.mark.parametrize("rest", ["P0D", "-P30D", "PT0S"])
def test_a_rest_is_longer_than_nothing(rest):
    assert messages(f"asking: {{rest: {rest}}}") == [
        "'rest' of 'asking' must be a duration of more than zero, such as P30D."
    ]
    assert messages(ask(f"{{question: {{en: A}}, rest: {rest}}}")) == [
        "'rest' of 'ask' of the fact 'smoking' must be a duration of more than zero, such as P30D."
    ]


@pytest.mark.parametrize("rest", ["30", "P30", "a month"])
def test_a_rest_is_a_duration(rest):
    assert messages(f"asking: {{rest: {rest}}}") == [
        f"'rest' of 'asking': '{rest}' is not an ISO 8601 duration such as P6M, P14D, PT12H or -P3D."
    ]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("never", "'ask' of the state 'sad' is 'never'. Accepted: none."),
        ("nothing", "'ask' of the state 'sad' is 'nothing'."),
        ("true", "'ask' of the state 'sad' is 'true'. Accepted: none."),
        ("{question: {en: A}}", "'ask' of the state 'sad' must be 'none'; write a question at a fact or a group."),
        ("[none]", "'ask' of the state 'sad' must be a text, not a list."),
        ("", "'ask' of the state 'sad' is empty."),
    ],
)
def test_a_state_asks_nothing_or_has_no_ask(written, message):
    source = BEGINNING.replace("home: {}", f"home: {{}}, sad: {{ask: {written}}}")
    journey, problems = read_journey(source.encode(), "sample.yaml")
    (problem,) = problems
    assert (problem.line, problem.message[: len(message)]) == (5, message)
    assert not journey.tracks["care"].states["sad"].asks_nothing


@pytest.mark.parametrize("facts", ["", "[]"])
def test_a_group_with_a_question_names_its_facts(facts):
    text = f"groups:\n  pair: {{facts: {facts}, ask: {{question: {{en: A}}}}}}"
    assert messages(text) == ["'facts' of the group 'pair' is empty; name its facts."]


def test_a_group_without_facts_is_refused():
    assert messages("groups:\n  pair: {ask: {question: {en: A}}}") == ["The group 'pair' needs 'facts'."]


FRAME = {"journey": "sample", "title": {"en": "A"}, "locales": "en"}
HOME = {"care": {"initial": "home", "states": {"home": {}}}}


def is_valid(**parts):
    return Draft202012Validator(JourneyForm.file_schema()).is_valid({**FRAME, "tracks": HOME, **parts})


def test_the_schema_takes_what_is_read():
    question = {"question": {"en": "A"}, "why": {"en": "B"}, "sensitive": True, "rest": "P60D"}
    assert is_valid(facts={"smoking": {"type": "boolean", "ask": question}})
    assert is_valid(groups={"pair": {"facts": ["a", "b"], "ask": question}, "others": ["c", "d"]})
    assert is_valid(asking={"at_once": 5, "a_week": 1, "horizon": 0, "showings": 10, "rest": "P30D"})
    assert is_valid(tracks={"care": {"initial": "home", "states": {"home": {"ask": "none"}}}})


def test_the_schema_refuses_what_is_refused():
    assert not is_valid(facts={"smoking": {"type": "boolean", "ask": "Do you smoke?"}})
    assert not is_valid(facts={"smoking": {"type": "boolean", "ask": {"why": {"en": "B"}}}})
    assert not is_valid(groups={"pair": {"ask": {"question": {"en": "A"}}}})
    assert not is_valid(tracks={"care": {"initial": "home", "states": {"home": {"ask": "never"}}}})
    for wrong in ({"at_once": 6}, {"a_week": 0}, {"horizon": 5}, {"showings": 11}, {"rest": "-P3D"}, {"often": 1}):
        assert not is_valid(asking=wrong), wrong
