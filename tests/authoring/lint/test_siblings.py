"""The transitions that one state declares for one trigger leave no doubt which is taken."""

from tests.authoring.lint.checking import SEEN, check

WARD = """\
facts:
  well: {type: boolean, title: {en: Well}, lasting: true}
tracks:
  care:
    initial: home
    states:
      ward: {title: {en: Ward}, on: {came: home}}
      home:
        title: {en: Home}
        on:
          came:
"""


def check_siblings(text, *expected):
    indented = "".join(f"            {line.strip()}\n" for line in text.strip().splitlines())
    check("\n" + indented, *expected, before=SEEN + WARD)


def test_one_alone_or_with_conditions_is_fine():
    check_siblings("- {to: ward}")
    check_siblings("""
        - {when: well, to: ward}
        - {otherwise: stay}
    """)
    check_siblings("""
        - {when: well, to: ward, order: 1}
        - {when: not well, to: stay, order: 2}
    """)


def test_one_without_a_condition_stands_alone():
    check_siblings(
        """
        - {when: well, to: ward}
        - {to: stay}
        """,
        (3, "siblings", "A transition without 'when' is always taken; its siblings never are ('came' in 'home')."),
    )


def test_otherwise_stands_once():
    check_siblings(
        """
        - {when: well, to: ward}
        - {otherwise: stay}
        - {otherwise: ward}
        """,
        (4, "siblings", "'otherwise' is listed twice ('came' in 'home')."),
    )


def test_otherwise_stands_beside_a_condition():
    check_siblings(
        "- {otherwise: ward}", (2, "siblings", "'otherwise' has no sibling with 'when' ('came' in 'home'); write 'to'.")
    )


def test_all_have_an_order_or_none():
    check_siblings(
        """
        - {when: well, to: ward}
        - {when: well, to: stay, order: 1}
        - {otherwise: ward}
        """,
        (2, "siblings", "This transition has no 'order', but its siblings do"),
    )


def test_no_order_stands_twice():
    check_siblings(
        """
        - {when: well, to: ward, order: 1}
        - {when: well, to: stay, order: 2}
        - {when: not well, to: stay, order: 1}
        """,
        (4, "siblings", "'order: 1' is listed twice ('came' in 'home')."),
    )
