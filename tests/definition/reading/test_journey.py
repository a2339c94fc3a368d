"""The shape of a definition: its declarations are read, and every other key or value is refused."""

import hashlib

import pytest

from journeys.definition.model import Mark
from journeys.definition.reading import read_journey

WHOLE = """\
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
facts:
  operable: {type: boolean, title: {en: Operable}}
  result:
    type: choice
    by: [staff]
    hold_until: {trigger: told, within: P1D, for: nurses}
    values: [clear, unclear]
    labels: {clear: {en: Clear}}
  stage:
    type: choice
    values: ["0", {I: [{IA: [IA1, IA2]}, IB]}, II]
  sites: {type: set, values: [brain, bone]}
  pack_years: {type: integer, min: 0, max: 200}
  scanned_on: {type: date, lasting: true}
  goes_by: {type: text, max_length: 40}
groups:
  staging: [stage, sites]
conditions:
  fit: operable and pack_years < 20
triggers:
  came: {by: [patient, staff], requires: [result], resets: [operable], title: {en: Seen}}
  told:
ends:
  died: {by: staff}
entry:
  later: {title: {en: Later}, state: [care.home], asks: [operable]}
tracks:
  care:
    title: {en: Care}
    initial: home
    states:
      home:
        title: {en: Home}
        tags: [start]
        forget: [result]
        on:
          came: ward
          told: stay
        task: {for: nurses, within: P2D, title: Call, closed_by: [came]}
      ward:
        hold_until: told
        initial: bed
        on:
          came:
            - {when: fit, to: home, order: 1}
            - {otherwise: stay}
          told: {to: bed, reenter: true}
        after:
          - {delay: P1M, to: home}
          - {delay: -P3D, from: scanned_on, remind: come-back, when: fit}
          - {delay: P2W, task: {for: nurses, within: P1D, title: Ask}, name: asking}
        states:
          bed: {}
"""


@pytest.fixture(scope="module")
def journey():
    journey, problems = read_journey(WHOLE.encode(), "sample.yaml")
    assert problems == []
    return journey


def test_the_digest_names_the_bytes(journey):
    assert journey.digest == hashlib.sha256(WHOLE.encode()).hexdigest()
    assert journey.key == "sample"
    assert journey.locales == ("en", "es")
    assert journey.title == {"en": "A sample", "es": "Una muestra"}


@pytest.mark.parametrize("locale", ["es-419", "ca-valencia", "de-CH-1901", "en-x-easy", "zh-Hant-TW", "es-u-co-trad"])
def test_a_locale_may_have_every_part_of_a_language_tag(locale):
    text = WHOLE.replace("[en, es]", f"[en, {locale}]").replace("es: Una muestra", f"{locale}: Una muestra")
    read, problems = read_journey(text.encode(), "sample.yaml")
    assert problems == []
    assert (read.locales, read.title[locale]) == (("en", locale), "Una muestra")


def test_facts_have_their_types(journey):
    kinds = journey.fact_types
    assert {name: kind.kind for name, kind in kinds.items()} == {
        "operable": "boolean",
        "result": "choice",
        "stage": "choice",
        "sites": "set",
        "pack_years": "integer",
        "scanned_on": "date",
        "goes_by": "text",
    }
    assert (kinds["pack_years"].minimum, kinds["pack_years"].maximum) == (0, 200)
    assert kinds["goes_by"].max_length == 40
    assert kinds["stage"].values == ("0", "I", "IA", "IA1", "IA2", "IB", "II")
    assert kinds["stage"].leaves == ("0", "IA1", "IA2", "IB", "II")
    assert kinds["stage"].ancestors["IA1"] == {"I", "IA", "IA1"}
    result = journey.facts["result"]
    assert result.by == {"staff"}
    assert (result.hold.trigger, result.hold.within, result.hold.assignee) == ("told", "P1D", "nurses")
    assert result.labels == {"clear": {"en": "Clear"}}
    assert journey.facts["operable"].by == {"patient", "family", "staff"}
    assert journey.facts["scanned_on"].lasting


def test_triggers_ends_and_entries_are_read(journey):
    assert journey.triggers["came"].by == {"patient", "staff"}
    assert [require.text for require in journey.triggers["came"].requires] == ["result"]
    assert [fact.text for fact in journey.triggers["came"].resets] == ["operable"]
    assert journey.triggers["told"].by == {"patient", "family", "staff"}
    assert journey.ends["died"].by == {"staff"}
    assert [state.text for state in journey.entries["later"].states] == ["care.home"]
    assert [entry.text for entry in journey.groups["staging"]] == ["stage", "sites"]


def test_states_are_read_with_their_paths(journey):
    states = journey.tracks["care"].states
    assert list(states) == ["home", "ward", "ward.bed"]
    assert journey.state_paths == ("care.home", "care.ward", "care.ward.bed")
    assert states["ward"].children == ("ward.bed",)
    assert states["ward.bed"].parent == "ward"
    assert states["ward"].hold.trigger == "told"
    assert (states["home"].task.within, states["home"].task.assignee) == ("P2D", "nurses")
    assert states["home"].tags == ("start",)


def test_short_and_long_forms_are_the_same(journey):
    on = journey.tracks["care"].states["ward"].on
    assert [(entry.trigger, entry.to, entry.otherwise, entry.order, entry.reenter) for entry in on] == [
        ("came", "home", False, 1, False),
        ("came", "stay", True, None, False),
        ("told", "bed", False, None, True),
    ]
    short = journey.tracks["care"].states["home"].on
    assert [(entry.trigger, entry.to) for entry in short] == [("came", "ward"), ("told", "stay")]


def test_a_timer_is_called_by_what_it_does(journey):
    after = journey.tracks["care"].states["ward"].after
    assert [entry.name for entry in after] == ["to home P1M", "remind come-back -P3D from scanned_on", "asking"]


def test_elements_and_their_parts_have_places(journey):
    ward = journey.tracks["care"].states["ward"]
    lines = WHOLE.splitlines()

    def at(mark):
        return lines[mark.line - 1][mark.column - 1 :]

    assert at(ward.mark).startswith("ward:")
    assert at(ward.on[0].mark).startswith("{when: fit")
    assert at(ward.on[0].at("trigger")).startswith("came:")
    assert at(ward.on[0].at("to")).startswith("home,")
    assert at(ward.on[0].when.mark).startswith("fit,")
    assert at(ward.on[1].at("otherwise")).startswith("stay}")
    assert at(ward.after[1].at("from")).startswith("scanned_on,")
    assert at(journey.facts["result"].hold.mark).startswith("{trigger: told")
    assert at(journey.title.places["es"]).startswith("es: Una")
    assert ward.title.mark is None
    assert ward.on[0].at("reenter") == ward.on[0].mark == Mark(48, 15)


#: What to replace in the whole, by what, what stands where the one problem is reported, and a part of it.
MISTAKES = {
    "unknown key": (
        "conditions:",
        "condtions:",
        "condtions:",
        "'condtions' is not a key of a journey. Did you mean 'condit",
    ),
    "key of nothing": (
        "journey: sample",
        "journey: sample\nversion: 3",
        "version: 3",
        "Accepted: asking, conditions, contacts, ends, entry, facts",
    ),
    "journey's name": (
        "journey: sample",
        "journey: Sample 1",
        "Sample 1",
        "The key 'Sample 1' must be lower case letters",
    ),
    "journey's name a list": (
        "journey: sample",
        "journey: [sample]",
        "[sample]",
        "'journey' must be a text, not a list.",
    ),
    "no journey": ("journey: sample\n", "", "title: {en: A sample,", "A journey needs 'journey'."),
    "title without locale": (
        "title: {en: A sample, es: Una muestra}",
        "title: A",
        "A",
        "must be given by locale, as in",
    ),
    "empty title": ("{en: Later}", "{en: ''}", "''}, state:", "'title' of the entry 'later' in 'en' is empty."),
    "comma in a title": (
        "{en: Later}",
        "{en: Later, then}",
        "then}, state:",
        "Inside braces, a text with a comma must be in qu",
    ),
    "hash in a title": (
        "  told:\n",
        "  told:\n    title:\n      en: Visit #1\n",
        "Visit #1",
        "ends at ' #': the rest c",
    ),
    "locale": ("[en, es]", "[en, english]", "english]", "'english' is not a locale such as en or es-US."),
    "spelling of a locale": ("[en, es]", "[en, zh_hant]", "zh_hant]", "such as en or es-US. Write 'zh-Hant'."),
    "locale twice": ("[en, es]", "[en, en]", "en]", "The locale 'en' is listed twice."),
    "fact's name": (
        "  operable:",
        "  Operable:",
        "Operable: {type:",
        "The name of a fact is 'Operable'; it must begin with a lower case",
    ),
    "fact's name a word": (
        "  sites: {",
        "  visits: {",
        "visits: {type: set,",
        "The name of a fact is 'visits', a word of the language itself",
    ),
    "unknown type": (
        "type: date",
        "type: dat",
        "dat, lasting: true}",
        "'type' of the fact 'scanned_on' is 'dat'. Did you mean 'date'?",
    ),
    "no type": (
        "{type: date, lasting: true}",
        "{lasting: true}",
        "{lasting: true}",
        "The fact 'scanned_on' needs 'type'.",
    ),
    "values of a date": (
        "type: date",
        "type: date, values: [a]",
        "values: [a], lasting:",
        "'values' has no meaning for a fact of type date.",
    ),
    "no values": ("values: [brain, bone]", "values: []", "values: []}", "needs 'values', a list, one at least."),
    "values a text": (
        "values: [brain, bone]",
        "values: brain",
        "brain}",
        "The values of the fact 'sites' must be a list.",
    ),
    "nothing under a value": (
        "values: [clear, unclear]",
        "values: [{clear: []}, unclear]",
        "clear: []",
        "'clear' in the fact 'result' has an empty list; write it alone.",
    ),
    "value twice": (
        "[brain, bone]",
        "[brain, brain]",
        "brain]}",
        "The value 'brain' of the fact 'sites' is listed twice.",
    ),
    "set as a tree": (
        "[brain, bone]",
        "[{brain: [left]}]",
        "values: [{brain:",
        "is a set; its values cannot be a tree.",
    ),
    "no max": (
        "min: 0, max: 200",
        "min: 0",
        "pack_years: {type:",
        "An integer needs 'min' and 'max'; the fact 'pack_years' lacks one.",
    ),
    "max a word": (
        "max: 200",
        "max: many",
        "many}",
        "'max' of the fact 'pack_years' is 'many'; it must be a whole number.",
    ),
    "kept": (
        "max_length: 40",
        "kept: true, max_length: 40",
        "true, max_length",
        "'kept' of the fact 'goes_by' is 'true'; write the purpose in words, as in 'for the cancer registry'.",
    ),
    "min above max": ("min: 0", "min: 300", "min: 300, max: 200}", "'min' is above 'max' in the fact 'pack_years'."),
    "max_length": (
        "max_length: 40",
        "max_length: 5000",
        "5000}",
        "'max_length' of the fact 'goes_by' must be from 1 to 2000",
    ),
    "reporter": (
        "by: [staff]",
        "by: [doctor]",
        "doctor]",
        "'doctor' in 'by' of the fact 'result' is not a reporter. Accepted: family",
    ),
    "within": (
        "within: P1D, for",
        "within: 1 day, for",
        "1 day, for: nurses}",
        "'within' of 'hold_until' of the fact 'result': '1 day' is not an ISO 8601 duration such as P6M",
    ),
    "key of a hold": (
        "within: P1D, for",
        "withn: P1D, for",
        "withn: P1D, for:",
        "'withn' is not a key of 'hold_until' of the fact 'result'. Did yo",
    ),
    "key of a trigger": ("requires: [result]", "require: [result]", "require: [result],", "Did you mean 'requires'?"),
    "mark as a trigger": (
        "  told:\n",
        "  told:\n  helpful:\n",
        "helpful:",
        "The name of a trigger is 'helpful', a word of the language",
    ),
    "reserved trigger": (
        "  told:\n",
        "  told:\n  placed:\n",
        "placed:",
        "The name of a trigger is 'placed', a word of the language",
    ),
    "empty condition": ("fit: operable and pack_years < 20", "fit: ''", "''", "The condition 'fit' is empty."),
    "entry without state": ("state: [care.home], ", "", "{title: {en: Later},", "The entry 'later' needs 'state'."),
    "track without states": (
        "tracks:\n",
        "tracks:\n  mood: {initial: calm, states: {}}\n",
        "mood: {initial: calm,",
        "'mood' has no states.",
    ),
    "state's name": ("      ward:", "      Ward 1:", "Ward 1:", "The name of a state is 'Ward 1'"),
    "state called stay": (
        "          bed: {}",
        "          stay: {}",
        "stay: {}",
        "The name of a state is 'stay', a word of the lang",
    ),
    "key of a state": (
        "        forget: [result]",
        "        forgets: [result]",
        "forgets: [result]",
        "Did you mean 'forget'?",
    ),
    "on a list": (
        "        on:\n          came: ward\n          told: stay\n",
        "        on: [came]\n",
        "[came]",
        "'on' of the state 'ho",
    ),
    "empty list": ("          came: ward", "          came: []", "came: []", "is empty; name a state, or 'stay'."),
    "empty target": (
        "          came: ward",
        "          came:",
        "came:",
        "'came' in 'on' of the state 'home' is empty.",
    ),
    "neither to nor otherwise": (
        "{when: fit, to: home, order: 1}",
        "{when: fit}",
        "{when: fit}",
        "needs either 'to' or 'otherwise', an",
    ),
    "to and otherwise": (
        "{otherwise: stay}",
        "{otherwise: stay, to: bed}",
        "{otherwise: stay, to:",
        "needs either 'to' or 'otherwise', and one o",
    ),
    "otherwise with when": (
        "{otherwise: stay}",
        "{otherwise: stay, when: fit}",
        "when: fit}",
        "'otherwise' in 'came' in 'on'",
    ),
    "order a word": ("order: 1", "order: first", "first}", "is 'first'; it must be a whole number."),
    "reenter a word": ("reenter: true", "reenter: yes", "yes}", "is 'yes'; it must be true or false."),
    "no delay": ("{delay: P1M, to: home}", "{to: home}", "{to: home}", "A timer in the state 'ward' needs 'delay'."),
    "bad delay": (
        "{delay: P1M, to: home}",
        "{delay: 1M, to: home}",
        "1M, to: home}",
        "'delay' of a timer in the state 'ward': '1M' is not",
    ),
    "timer does nothing": (
        "{delay: P1M, to: home}",
        "{delay: P1M}",
        "{delay: P1M}",
        "A timer in the state 'ward' needs one of 'to', 'remind'",
    ),
    "timer does two": (
        "{delay: P1M, to: home}",
        "{delay: P1M, to: home, remind: a}",
        "{delay: P1M, to:",
        "needs one of 'to', 'remind', 'task'.",
    ),
    "key of a task": (
        "for: nurses, within: P2D",
        "who: nurses, for: n, within: P2D",
        "who: nurses, for: n,",
        "'who' is not a key of 'task' of the state 'home'.",
    ),
    "task without title": ("title: Call, ", "", "{for: nurses, within:", "'task' of the state 'home' needs 'title'."),
}


def problems_of(text):
    return [(entry.line, entry.column, entry.rule, entry.message) for entry in read_journey(text.encode(), "f.yaml")[1]]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_shape_is_reported_where_it_stands(name):
    old, new, place, part = MISTAKES[name]
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new)
    ((line, column, rule, message),) = problems_of(text)
    assert text.splitlines()[line - 1][column - 1 :].startswith(place)
    assert rule == "shape"
    assert part in message


def test_after_is_a_list():
    results = problems_of(
        "journey: a\ntitle: {en: A}\nlocales: en\ntracks:\n  t:\n    initial: s\n    states:\n"
        "      s: {after: {delay: P1D, to: s}}\n"
    )
    assert results == [(8, 18, "shape", "'after' of the state 's' must be a list: each item begins with '- '.")]


def test_every_problem_is_reported_at_once():
    names = ("unknown type", "value twice", "reporter", "key of a state", "bad delay")
    text = WHOLE
    for name in names:
        text = text.replace(*MISTAKES[name][:2])
    results = " ".join(entry[3] for entry in problems_of(text))
    assert all(MISTAKES[name][3] in results for name in names)
    assert len(problems_of(text)) == len(names)


def test_a_journey_has_at_most_500_states():
    states = "".join(f"      s{number}:\n" for number in range(501))
    results = problems_of(
        f"journey: a\ntitle: {{en: A}}\nlocales: en\ntracks:\n  t:\n    initial: s0\n    states:\n{states}"
    )
    assert [entry[3] for entry in results] == ["The journey has 501 states; at most 500 are accepted."]


@pytest.mark.parametrize("text", ["hello", "- a\n- b\n", "[]", "''"])
def test_what_is_no_mapping_is_no_definition(text):
    journey, problems = read_journey(text.encode(), "f.yaml")
    assert journey is None
    assert [problem.message for problem in problems] == ["A journey must be keys and values, beginning with 'journey'."]


@pytest.mark.parametrize(
    "value", ["", "x", "[]", "[x]", "{}", "{x: y}", "[[x]]", "[{x: y}]", "{x: [y]}", "{x: {y: z}}"]
)
def test_any_kind_of_value_anywhere_is_read_without_an_exception(value):
    """Each key of the whole definition is given each kind of value."""
    lines = WHOLE.splitlines()
    for number, line in enumerate(lines):
        key, colon, rest = line.partition(": ")
        if colon and rest:
            changed = "\n".join([*lines[:number], f"{key}: {value}", *lines[number + 1 :]])
            _, problems = read_journey(changed.encode(), "f.yaml")
            assert all(1 <= problem.line <= len(lines) and problem.message for problem in problems), changed


def test_a_name_with_a_dot_is_one_name():
    """It is refused, and the rules still find each state's parent."""
    journey, problems = read_journey(WHOLE.replace("      ward:", "      ward.a:").encode(), "f.yaml")
    assert [problem.line for problem in problems] == [43]
    assert list(journey.tracks["care"].states) == ["home", "ward_a", "ward_a.bed"]
