"""A page that gives away the answer to a sensitive question is shared with nobody."""

import pytest

from tests.authoring.lint.texts import FRONT, JOURNEY, check_folder

FOLDER = "content/sample/care/here/nap"
NAP = "Rest a little each day.\n"
DEFINITION = "definitions/sample.yaml"
SENSITIVE = "ask: {question: {en: Are you well?}, why: {en: We then show help.}, sensitive: true}"


def check(folder, shared, *expected, body=NAP, ask=SENSITIVE):
    definition = JOURNEY.replace("LOCALE", "en").replace("type: boolean,", f"type: boolean, {ask},")
    shared, text = shared + "order: 2\n", FRONT.format("").replace("walk", "nap") + body
    files = {DEFINITION: definition, f"{FOLDER}/piece.yaml": shared, f"{FOLDER}/en.md": text}
    check_folder(folder, files, *expected)


@pytest.mark.parametrize("shared", ["tags: [private]\nwhen: well\n", "tags: [walks, private]\nwhen: not well\n", ""])
def test_a_private_page_may_depend_on_the_answer(tmp_path, shared):
    check(tmp_path, f"purpose: education\n{shared}")


def test_a_page_may_depend_on_the_answer_to_another_question(tmp_path):
    check(tmp_path, "purpose: education\nwhen: well\n", ask=SENSITIVE.replace(", sensitive: true", ""))


def test_a_condition_that_reads_the_answer_is_reported(tmp_path):
    check(tmp_path, "purpose: education\ntags: [walks]\nwhen: well\n", (f"{FOLDER}/piece.yaml", 3, "not-private"))


def test_words_that_read_the_answer_are_reported(tmp_path):
    body = f"{NAP}\n{{% if well %}}\nYou are well.\n{{% endif %}}\n"
    check(tmp_path, "purpose: education\n", (f"{FOLDER}/piece.yaml", 1, "not-private"), body=body)
