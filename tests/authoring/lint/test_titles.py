"""What people read has a title in every locale of the journey, and in no other."""

from tests.authoring.lint.checking import check

BEGINNING = """\
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
ends:
  died: {title: {en: Died, es: Murió}}
"""
SEEN = "triggers:\n  came: {title: {en: Seen, es: Visto}}\n"
ONE_STATE = """\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here, es: Aquí}, on: {came: stay}}
"""


def test_every_locale_is_fine():
    check(
        """\
        facts:
          well:
            type: boolean
            title: {en: Well, es: Bien}
            labels: {"true": {en: I am well, es: Estoy bien}}
        entry:
          later: {title: {en: Later, es: Más tarde}, state: here}
        """,
        beginning=BEGINNING,
        before=SEEN,
        after=ONE_STATE,
    )


def test_no_locale_is_missing():
    check(
        """\
        facts:
          well:
            type: boolean
            title: {en: Well}
            labels:
              "true": {es: Estoy bien}
        entry:
          later:
            title: {es: Más tarde}
            state: here
        triggers:
          came: {}
        tracks:
          care:
            title: {en: Care}
            initial: here
            states:
              here:
                on: {came: stay}
        """,
        (4, "titles", "The fact 'well' has no title in es; write {en: …, es: …}."),
        (6, "titles", "The label 'true' of 'well' has no title in en"),
        (9, "titles", "The entry 'later' has no title in en"),
        (12, "titles", "The trigger 'came' has no title in en, es"),
        (15, "titles", "The track 'care' has no title in es"),
        (18, "titles", "The state 'here' has no title in en, es"),
        beginning=BEGINNING,
    )


def test_the_journey_has_one_too():
    check(
        BEGINNING.replace(", es: Una muestra", ""),
        (2, "titles", "The journey has no title in es"),
        beginning="",
        after=SEEN + ONE_STATE,
    )


def test_no_locale_is_undeclared():
    check(
        """\
        entry:
          later:
            state: here
            title:
              en: Later
              es: Más tarde
              fr: Plus tard
        """,
        (7, "titles", "The entry 'later' has a title in 'fr', which is not in 'locales'. Accepted: en, es."),
        beginning=BEGINNING,
        before=SEEN,
        after=ONE_STATE,
    )


def test_a_label_is_of_a_value():
    check(
        """\
        facts:
          result:
            type: choice
            title: {en: Result, es: Resultado}
            values: [clear, unclear]
            labels:
              clear: {en: Clear, es: Sin señales}
              uncler: {en: Unclear, es: Poco claro}
        """,
        (8, "titles", "Unknown value 'uncler' in the labels of 'result'. Did you mean 'unclear'?"),
        beginning=BEGINNING,
        before=SEEN,
        after=ONE_STATE,
    )


def test_questions_are_asked_in_every_locale():
    check(
        """\
        facts:
          well:
            type: boolean
            title: {en: Well, es: Bien}
            ask:
              question: {en: Are you well?}
              why: {es: Así le ayudamos.}
              help: {en: Any answer is fine., fr: Toute réponse convient.}
          calm: {type: boolean, title: {en: Calm, es: En calma}}
          happy: {type: boolean, title: {en: Happy, es: Feliz}}
        groups:
          mood:
            facts: [calm, happy]
            ask:
              question: {es: "¿Cómo se siente?"}
              why: {en: We help., es: Le ayudamos.}
        """,
        (6, "titles", "The question 'well' has no title in es; write {en: …, es: …}."),
        (7, "titles", "'why' of the question 'well' has no title in en"),
        (8, "titles", "'help' of the question 'well' has no title in es"),
        (8, "titles", "'help' of the question 'well' has a title in 'fr', which is not in 'locales'."),
        (15, "titles", "The question 'mood' has no title in en"),
        beginning=BEGINNING,
        before=SEEN.replace("came: {", "came: {requires: [well, calm, happy], "),
        after=ONE_STATE,
    )
