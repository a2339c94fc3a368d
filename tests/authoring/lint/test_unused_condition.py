"""A named condition is used somewhere."""

from tests.authoring.lint.checking import SEEN, check, piece

FACTS = "facts:\n  well: {type: boolean, title: {en: Well}, lasting: true}\n"
TRACKS = """\
tracks:
  care:
    initial: here
    states:
      here:
        title: {en: Here}
        on:
          came:
            - {when: used, to: here}
            - {otherwise: stay}
        after:
          - {delay: P1D, remind: come-back, when: used_by_timer}
"""
PIECES = [piece("come-back", "care")]


def test_used_conditions_are_fine():
    check(
        """\
        conditions:
          used_by_other: well
          used: used_by_other
          used_by_timer: not well
        """,
        before=FACTS + SEEN,
        after=TRACKS,
        pieces=PIECES,
    )


def test_an_unused_condition_is_warned_of():
    check(
        """\
        conditions:
          used: well
          used_by_timer: well
          unused: not well
        """,
        (4, "unused-condition", "The condition 'unused' is not used."),
        before=FACTS + SEEN,
        after=TRACKS,
        pieces=PIECES,
    )
