"""The topic of a piece is declared, has a name in every language, and is of use to a person who switches it off."""

import pytest

from tests.authoring.lint.texts import JOURNEY, check_folder, lint_folder

FOLDER = "content/sample/care/here/walk"
DEFINITION = "definitions/sample.yaml"
LINES = JOURNEY.count("\n")
SENT = "purpose: education\nsend: {on: entry}\n"


def check(folder, shared, *expected, topics="topics:\n  walks: {en: Walks}\n"):
    definition = JOURNEY.replace("LOCALE", "en") + topics
    check_folder(folder, {DEFINITION: definition, f"{FOLDER}/piece.yaml": shared}, *expected)


def test_a_declared_topic_of_a_piece_that_is_sent_is_fine(tmp_path):
    check(tmp_path, f"{SENT}topic: walks\n")


@pytest.mark.parametrize("topic", ["walk", "sleep"])
def test_an_unknown_topic_is_reported_at_its_place(tmp_path, topic):
    check(tmp_path, f"{SENT}topic: {topic}\n", (f"{FOLDER}/piece.yaml", 3, "content"))


def test_a_topic_of_a_journey_without_topics_is_unknown(tmp_path):
    check(tmp_path, f"{SENT}topic: walks\n", (f"{FOLDER}/piece.yaml", 3, "content"), topics="")


def test_a_topic_without_a_piece_is_reported(tmp_path):
    check(tmp_path, SENT, (DEFINITION, LINES + 2, "topics"))


def test_a_page_that_is_not_sent_may_have_a_topic(tmp_path):
    check(tmp_path, "purpose: education\ntopic: walks\n")


ON_REQUEST = "topics:\n  walks: {title: {en: Walks}, on_request: true}\n"


def test_a_page_of_a_topic_on_request_is_fine(tmp_path):
    check(tmp_path, "purpose: education\ntopic: walks\n", topics=ON_REQUEST)


@pytest.mark.parametrize(
    ("shared", "line"),
    [
        (f"{SENT}topic: walks\n", 2),
        ("purpose: education\ntopic: walks\nchannels: [email]\n", 2),
    ],
)
def test_a_piece_of_a_topic_on_request_is_read_on_the_screen_and_never_sent(tmp_path, shared, line):
    check(tmp_path, shared, (f"{FOLDER}/piece.yaml", line, "topics"), topics=ON_REQUEST)


def test_a_reminder_has_no_topic_on_request(tmp_path):
    shared = "purpose: education\ntopic: walks\nreminder: true\n"
    definition = JOURNEY.replace("LOCALE", "en") + ON_REQUEST
    problems = lint_folder(tmp_path, {DEFINITION: definition, f"{FOLDER}/piece.yaml": shared})
    assert (f"{FOLDER}/piece.yaml", 3, 1, "topics") in problems


def test_a_timer_does_not_remind_of_a_page_of_a_topic_on_request(tmp_path):
    here = "      here: {title: {LOCALE: Here}, on: {came: stay}}\n"
    assert here in JOURNEY
    timed = f"{here[:-2]}, after: [\n        {{delay: P1D, remind: walk}}]}}\n"
    definition = JOURNEY.replace(here, timed).replace("LOCALE", "en") + ON_REQUEST
    files = {DEFINITION: definition, f"{FOLDER}/piece.yaml": "purpose: education\ntopic: walks\n"}
    place = next(n for n, line in enumerate(definition.split("\n"), start=1) if "remind: walk" in line)
    check_folder(tmp_path, files, (DEFINITION, place, "topics"))


@pytest.mark.parametrize(
    "shared", ["purpose: treatment\ntags: [safety]\ntopic: walks\n", f"{SENT}tags: [walks, safety]\ntopic: walks\n"]
)
def test_what_keeps_patients_safe_has_no_topic(tmp_path, shared):
    line = next(n for n, text in enumerate(shared.split("\n"), start=1) if text.startswith("topic"))
    check(tmp_path, shared, (f"{FOLDER}/piece.yaml", line, "topics"))


def test_what_a_property_demands_has_no_topic(tmp_path):
    demand = "properties:\n  - always: {piece: walk}\n"
    shared = "purpose: education\ntopic: walks\n"
    check(tmp_path, shared, (f"{FOLDER}/piece.yaml", 2, "topics"), topics="topics:\n  walks: {en: Walks}\n" + demand)


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("{on_request: true}", {"shape", "titles"}),
        ("{title: {en: Walks}, on_request: yes}", {"shape"}),
        ("{title: {en: Walks}, on_requst: true}", {"shape"}),
    ],
)
def test_a_topic_that_is_written_wrongly_is_reported_at_its_place(tmp_path, written, rules):
    definition = JOURNEY.replace("LOCALE", "en") + f"topics:\n  walks: {written}\n"
    files = {DEFINITION: definition, f"{FOLDER}/piece.yaml": "purpose: education\ntopic: walks\n"}
    problems = lint_folder(tmp_path, files)
    assert {(file, line, rule) for file, line, _, rule in problems} == {
        (DEFINITION, LINES + 2, rule) for rule in rules
    }, problems


@pytest.mark.parametrize("name", ["{es: Paseos}", "Walks", "", "{}"])
def test_a_topic_has_a_name_in_each_locale(tmp_path, name):
    definition = JOURNEY.replace("LOCALE", "en") + f"topics:\n  walks: {name}\n"
    files = {DEFINITION: definition, f"{FOLDER}/piece.yaml": f"{SENT}topic: walks\n"}
    problems = lint_folder(tmp_path, files)
    assert {(file, line) for file, line, _, _ in problems} == {(DEFINITION, LINES + 2)}, problems
