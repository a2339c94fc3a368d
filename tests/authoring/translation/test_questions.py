"""Questions are translated like titles: exported with their ids, copied for a new language, written at their place."""

from journeys.authoring.translation import (
    TranslationFile,
    read_translation,
    rows_of,
    units_of,
    write_csv,
    write_xliff,
)
from tests.authoring.translation.journey import (
    DEFINITION,
    TEXTS,
    applied,
    in_spanish,
    lint,
    read,
    units,
    write,
)

ASKED = (
    DEFINITION.replace(
        '      en: "Your last visit"   # a block mapping, with a comment\n',
        '      en: "Your last visit"   # a block mapping, with a comment\n'
        "    ask:\n"
        "      question: {en: When was your last visit?}\n"
        "      why:\n"
        "        en: |\n"
        "          We count the year\n"
        "          from that day.\n"
        "      help: {en: Look at your card}\n",
    )
    .replace(
        "facts:\n",
        "facts:\n"
        "  well: {type: boolean, title: {en: Well}, kept: for reports}\n"
        "  calm: {type: boolean, title: {en: Calm}, kept: for reports}\n",
        1,
    )
    .replace(
        "triggers:\n",
        "groups:\n"
        "  mood: {facts: [well, calm], ask: {question: {en: How are you?}, why: {en: We then help.}}}\n"
        "triggers:\n",
        1,
    )
)
QUESTIONS = {
    "definition:facts.last_visit_on.ask.question": "When was your last visit?",
    "definition:facts.last_visit_on.ask.why": "We count the year\nfrom that day.\n",
    "definition:facts.last_visit_on.ask.help": "Look at your card",
    "definition:groups.mood.ask.question": "How are you?",
    "definition:groups.mood.ask.why": "We then help.",
}


def asked_in_spanish(folder):
    return in_spanish(folder, **{"definitions/checkup.yaml": ASKED})


def test_every_text_of_a_question_is_exported_and_comes_back(tmp_path):
    files = asked_in_spanish(tmp_path)
    assert {id_: unit.source for id_, unit in units(files).items() if ".ask." in id_} == QUESTIONS
    exported = TranslationFile("checkup", "en", "es", rows_of(units_of(files, "es")))
    for written in (write_xliff(exported), write_csv(exported)):
        rows = {row.id.partition(":")[2]: row.source for row in read_translation(written).rows}
        assert {id_: source for id_, source in rows.items() if ".ask." in id_} == QUESTIONS


def test_translators_read_what_a_text_is_for(tmp_path):
    notes = {id_: unit.note for id_, unit in units(asked_in_spanish(tmp_path)).items()}
    assert notes["definition:facts.last_visit_on.ask.why"] == "'why' of 'ask' of the fact 'last_visit_on'"
    assert notes["definition:groups.mood.ask.question"] == "'question' of 'ask' of the group 'mood'"


def test_a_new_language_copies_questions_and_lint_says_that_they_wait(tmp_path):
    asked_in_spanish(tmp_path)
    problems = lint(tmp_path).problems
    assert {problem.rule for problem in problems} == {"translation"}
    assert len(problems) == TEXTS + 2 + len(QUESTIONS)
    definition = (tmp_path / "definitions/checkup.yaml").read_text()
    assert 'question: {en: How are you?, es: "[translate] How are you?"}' in definition


def test_a_translated_question_is_written_at_its_place(tmp_path):
    files = asked_in_spanish(tmp_path)
    targets = {
        "definition:facts.last_visit_on.ask.why": "Contamos el año\ndesde ese día.\n",
        "definition:groups.mood.ask.question": "¿Cómo está?",
    }
    result = applied(files, targets)
    assert (result.written, result.refusals) == (2, ())
    write(result.files)
    journey = read(tmp_path).journey
    assert journey.facts["last_visit_on"].ask.why["es"] == "Contamos el año\ndesde ese día.\n"
    assert journey.group_asks["mood"].question["es"] == "¿Cómo está?"
