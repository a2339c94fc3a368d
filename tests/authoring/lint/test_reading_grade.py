"""What patients read is at most of the 8th school grade."""

import pytest

from tests.authoring.lint.checking import ONE_STATE, SEEN, check
from tests.authoring.lint.texts import MESSAGE, check_text

EASY = (
    "You can walk on most days. Take a friend with you if you can. Stop when you feel weak. Then sit down and drink "
    "some water. Tell us how it went when you come in.\n"
)
#: 31 words.
HARD = (
    "Approximately a quarter of all the individuals undergoing this particular intervention subsequently experience "
    "complications necessitating additional hospitalization, continuous monitoring, pharmacological treatment, "
    "physiotherapy, and considerable uncertainty regarding eventual recovery of independent mobility.\n"
)


def test_short_words_and_sentences_are_fine():
    check_text(f"{MESSAGE}\n{EASY}")


def test_a_hard_paragraph_is_named_with_its_hardest_sentence():
    """Its neighbours do not make it easier."""
    check_text(
        f"{MESSAGE}\n{EASY}\n{EASY}\n\n{HARD}\n{EASY}",
        (8, "reading-grade", "This paragraph reads at grade 3"),
    )


def test_short_blocks_are_judged_together():
    items = "\n".join(f"- Subsequent hospitalization necessitates considerable physiotherapy {n}" for n in range(6))
    check_text(f"{MESSAGE}\n## How\n\n{items}\n", (5, "reading-grade", "short blocks together read at grade"))


def test_a_few_hard_words_are_not_judged():
    check_text("Subsequent hospitalization necessitates physiotherapy.\n\n## Considerable uncertainty\n")


def test_each_arm_is_judged_as_it_reads():
    body = f"{MESSAGE}\n{{% if well %}}\n{EASY}\n{{% endif %}}\n{{% if not well %}}\n\n{HARD}{{% endif %}}\n"
    check_text(body, (9, "reading-grade", "This paragraph reads at grade 3"))


def test_what_stands_in_a_partial_is_named_there():
    check_text(
        f"{MESSAGE}\n{{% include 'help' %}}\n",
        (3, "reading-grade", "This paragraph reads"),
        file="help.en.md",
        partials={"help": f"Call us.\n\n{HARD}"},
    )


def test_headings_and_lines_are_judged_apart():
    """Short headings make no paragraph easier."""
    body = MESSAGE + "\n" + "\n".join(f"## Walk {number}\n" for number in range(9)) + "\n" + HARD
    check_text(body, (21, "reading-grade", "This paragraph reads"))


def test_spanish_has_its_own_formula():
    text = (
        "Camine un poco cada día. Vaya con alguien si puede. Pare si está mal. Luego siéntese y beba agua. Al venir, "
        "díganos cómo le fue. Aquí le damos otro consejo si hace falta.\n"
    )
    check_text(f"Camine un poco cada día.\n\n{text}", locale="es")
    hard = (
        "Aproximadamente una cuarta parte de las personas sometidas a esta intervención experimenta posteriormente "
        "complicaciones significativas que requieren hospitalización adicional, monitorización continuada, tratamiento "
        "farmacológico y rehabilitación especializada.\n"
    )
    check_text(f"Camine un poco cada día.\n\n{hard}", (3, "reading-grade", "at grade"), locale="es")


def test_terms_of_the_glossary_are_left_out():
    body = f"{MESSAGE}\n" + "You can have neuropsychopharmacotherapy here today. " * 6
    check_text(body, (3, "reading-grade", "This paragraph reads at grade"))
    check_text(body, glossary="terms: [neuropsychopharmacotherapy]\n")


def test_a_word_of_many_syllables_in_a_title_is_named():
    """A title has too few words for a grade."""
    front = "why: Individualization helps.\n"
    check_text(MESSAGE, (4, "reading-grade", "'Individualization' has 7 syllables; at most 5"), front=front)
    check_text(MESSAGE, front=front, glossary="terms: [Individualization]\n")


def asked(why, question="Do you smoke?", more=""):
    """A definition that asks a question, its reason in line 4."""
    ask = f'{{question: {{en: {question}}}, why: {{en: "{why.strip()}"}}{more}}}'
    return f"facts:\n  well:\n    type: boolean\n    ask: {ask}\n    title: {{en: Well}}\n"


AFTER = SEEN.replace("came: {", "came: {requires: [well], ") + ONE_STATE


def test_a_question_in_plain_words_is_fine():
    check(asked(EASY), after=AFTER)


@pytest.mark.parametrize(
    "text",
    [
        asked(HARD),
        asked("We help.", question=f'"{HARD.strip()}"'),
        asked("We help.", more=f', help: {{en: "{HARD.strip()}"}}'),
    ],
    ids=["why", "question", "help"],
)
def test_a_hard_question_is_refused_with_its_hardest_sentence(text):
    check(text, (4, "reading-grade", "'ask of well' reads at grade"), after=AFTER)


def test_a_question_of_a_few_words_has_no_long_word():
    check(
        asked("Individualization helps."),
        (4, "reading-grade", "'Individualization' has 7 syllables; a question takes at most 5."),
        after=AFTER,
    )


def test_short_questions_are_judged_with_their_neighbors():
    hard = "Subsequent hospitalization necessitates physiotherapy."
    ask = f"ask: {{question: {{en: {hard}}}, why: {{en: {hard}}}}}"
    facts = "".join(f"  q{number}: {{type: boolean, title: {{en: Q}}, {ask}}}\n" for number in range(4))
    check(
        f"facts:\n{facts}",
        (2, "reading-grade", "These 4 short blocks together read at grade"),
        after=SEEN.replace("came: {", "came: {requires: [q0, q1, q2, q3], ") + ONE_STATE,
    )
