"""Every programme gives every value that the journey declares."""

from tests.authoring.lint.checking import check

BEGINNING = """\
journey: sample
title: {en: A sample, es: Una muestra}
locales: [en, es]
programme:
  hours: {type: text, title: {en: Hours, es: Horario}}
  phone: {type: phone, title: {en: Telephone, es: Teléfono}}
ends:
  died: {title: {en: Died, es: Murió}}
"""
JOURNEY = """\
triggers:
  came: {title: {en: Seen, es: Visto}}
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here, es: Aquí}, on: {came: stay}}
"""


def test_a_complete_programme_is_fine():
    check(
        JOURNEY,
        beginning=BEGINNING,
        programmes="""\
        programmes:
          north:
            title: {en: North, es: Norte}
            values: {phone: "555 0100", hours: {en: In the morning, es: Por la mañana}}
          south:
            title: {en: South, es: Sur}
            values: {phone: "555 0101", hours: 9-17}
        """,
    )


def test_whatever_lacks_is_named_where_it_should_stand():
    check(
        JOURNEY,
        (2, "missing-programme-value", "'north' does not set 'hours'; write one line of at most 200 characters."),
        (2, "missing-programme-value", "The programme 'north' does not set 'phone'; write a phone number"),
        (2, "shape", "The programme 'north' is empty; it needs 'title'."),
        (4, "missing-programme-value", "The programme 'south' has no title in es; write {en: …, es: …}."),
        (7, "missing-programme-value", "'south' does not set 'hours' in es; write {en: …, es: …}, or one text."),
        beginning=BEGINNING,
        programmes="""\
        programmes:
          north:
          south:
            title: {en: South}
            values:
              phone: "555 0101"
              hours: {en: In the morning}
        """,
    )
