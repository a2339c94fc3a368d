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


@pytest.mark.parametrize("name", ["{es: Paseos}", "Walks", "", "{}"])
def test_a_topic_has_a_name_in_each_locale(tmp_path, name):
    definition = JOURNEY.replace("LOCALE", "en") + f"topics:\n  walks: {name}\n"
    files = {DEFINITION: definition, f"{FOLDER}/piece.yaml": f"{SENT}topic: walks\n"}
    problems = lint_folder(tmp_path, files)
    assert {(file, line) for file, line, _, _ in problems} == {(DEFINITION, LINES + 2)}, problems
