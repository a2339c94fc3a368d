"""A question gives away nothing that staff have yet to tell."""

import pytest

from tests.authoring.lint.checking import check

BEGINNING = """\
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
ends:
  died: {title: {en: Died, es: Murió}}
triggers:
  came: {by: [patient, staff], requires: [smoking, course, stage], title: {en: Seen, es: Visto}}
  seen_on: {by: [staff], requires: [result], title: {en: Read, es: Leído}}
  told: {by: [staff], title: {en: Told, es: Dicho}}
  stage_told: {by: [staff], title: {en: Stage told, es: Estadio dicho}}
entry:
  later: {title: {en: Later, es: Después}, state: here}
tracks:
  care:
    initial: here
    states:
      here:
        title: {en: At home, es: En casa}
        on: {came: back, seen_on: stay}
      back:
        title: {en: The tumor came back, es: El tumor volvió}
        hold_until: told
        initial: quiet
        on: {came: stay}
        states:
          quiet: {title: {en: Quiet growth, es: Crecimiento lento}}
facts:
  course:
    type: choice
    values: [rest, walk]
    title: {en: What you do, es: Qué hace}
    labels: {rest: {en: Rest, es: Reposo}, walk: {en: Walk, es: Caminar}}
  result:
    type: choice
    hold_until: told
    by: [staff]
    values: [bad, rest]
    title: {en: Result of the biopsy, es: Resultado de la biopsia}
    labels: {bad: {en: Fast growth, es: Crecimiento rápido}, rest: {en: Rest, es: Reposo}}
  certain:
    type: boolean
    hold_until: told
    kept: for reports
    title: {en: It is sure, es: Es seguro}
    labels: {"true": {en: Yes, es: Sí}, "false": {en: No, es: No}}
  stage:
    type: choice
    hold_until: stage_told
    values: [one, two]
    title: {en: Stage, es: Estadio}
    labels: {one: {en: Stage I, es: Estadio I}, two: {en: Stage II, es: Estadio II}}
    ask:
      question: {en: Which stage is it?, es: ¿Qué estadio es?}
      why: {en: "What you read is about Stage I or Stage II.", es: "Lo que lee es sobre el Estadio I o el Estadio II."}
  smoking:
    type: boolean
    title: {en: Smoking, es: Tabaco}
"""


def smoking(question="{en: Do you smoke?, es: ¿Fuma usted?}", why="{en: We help., es: Ayudamos.}", more=""):
    return f"    ask:\n      question: {question}\n      why: {why}\n{more}"


def test_a_question_about_other_things_is_fine():
    check(smoking(), beginning=BEGINNING)


def test_its_own_fact_may_be_named_for_it_waits_for_the_telling():
    """`stage` names its own title and labels."""
    check(smoking(why="{en: Your stages differ., es: Los estadios cambian.}"), beginning=BEGINNING)


@pytest.mark.parametrize(
    ("english", "matter", "trigger"),
    [
        ("We look whether the TUMOR came back.", "The tumor came back", "told"),
        ("So we know if it is quiet growth.", "Quiet growth", "told"),
        ("Your result of the biopsy counts.", "Result of the biopsy", "told"),
        ("It may mean fast-growth.", "Fast growth", "told"),
        ("Your stage decides.", "Stage", "stage_told"),
        ("People with stage II read more.", "Stage II", "stage_told"),
    ],
)
@pytest.mark.parametrize("key", ["question", "why", "help"])
def test_a_text_with_a_held_matter_is_refused(key, english, matter, trigger):
    text = english.replace("the TUMOR", "the\u00a0TUMOR")
    texts = f'{{en: "{text}", es: Bien.}}'
    written = smoking(more=f"      help: {texts}\n") if key == "help" else smoking(**{key: texts})
    line = {"question": 2, "why": 3, "help": 4}[key]
    message = f"'{key}' of the question 'smoking' names '{matter}' in 'en', which is held until '{trigger}'"
    check(written, (line, "question-names-held", message), beginning=BEGINNING)


@pytest.mark.parametrize(
    ("spanish", "matter"),
    [
        ("Así sabemos si el tumor volvió.", "El tumor volvió"),
        ("Puede ser un CRECIMIENTO RÁPIDO.", "Crecimiento rápido"),
        ("Depende de su estadio.", "Estadio"),
    ],
)
def test_each_language_has_its_own_words(spanish, matter):
    check(
        smoking(why=f"{{en: We help., es: {spanish}}}"),
        (3, "question-names-held", f"names '{matter}' in 'es'"),
        beginning=BEGINNING,
    )


@pytest.mark.parametrize(
    "why",
    [
        "{en: At this pace growth is fast., es: Bien.}",
        "{en: The stages of a race., es: Bien.}",
        "{en: Fast help for growth., es: Bien.}",
        "{en: El tumor volvió., es: The tumor came back.}",
        "{en: You may rest., es: Puede pedir reposo.}",
        "{en: Yes or no is enough., es: Sí o no es suficiente.}",
    ],
    ids=["not together", "another word", "another order", "another language", "shown to everybody", "yes and no"],
)
def test_only_the_same_words_in_the_same_language_count(why):
    check(smoking(why=why), beginning=BEGINNING)
