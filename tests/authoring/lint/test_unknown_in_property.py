"""What a property names exists: states, pieces, tags, purposes, and what its conditions read."""

from dataclasses import replace

from tests.authoring.lint.checking import ONE_STATE, SEEN, check, piece

GUIDE = replace(piece("guide", "care.here"), tags=("guide",))


def test_what_exists_is_fine():
    check(
        """\
        properties:
          - never: {content_tag: guide, unless: "in_state('care.here')"}
            title: {en: The guide stays here}
          - never: {purpose: marketing}
          - never: {piece: guide, when: "not in_state('here')"}
          - always: {state: here, unless: "visits('care.here') >= 9"}
          - eventually_reachable: {state: care.here, from: anywhere}
          - eventually_reachable: {piece: guide, from: here}
        """,
        before=SEEN,
        after=ONE_STATE,
        pieces=[GUIDE],
    )


def test_names_that_mean_nothing_are_refused_at_their_place():
    check(
        """\
        properties:
          - never: {content_tag: guied}
          - never: {purpose: adverts}
          - always:
              piece: gide
          - never: {state: hree}
          - eventually_reachable: {state: here, from: care.heer}
          - never: {state: here, unless: "in_state('there')"}
          - always: {held: there}
          - always: {first: gide}
          - always: {partial: emergncy}
          - always: {value: fone}
          - always: {task_for: come, within: P1D}
        """,
        (2, "unknown-in-property", "Unknown tag 'guied'; no piece has it. Did you mean 'guide'?"),
        (3, "unknown-in-property", "Unknown purpose 'adverts'. Accepted: adherence"),
        (5, "unknown-in-property", "Unknown piece 'gide'. Did you mean 'guide'?"),
        (6, "unknown-in-property", "Unknown state 'hree'."),
        (7, "unknown-in-property", "Unknown state 'care.heer'. Did you mean 'care.here'?"),
        (8, "unknown-in-property", "'there'"),
        (9, "unknown-in-property", "Unknown state 'there'."),
        (10, "unknown-in-property", "Unknown piece 'gide'. Did you mean 'guide'?"),
        (11, "unknown-in-property", "Unknown partial 'emergncy'; no piece includes it."),
        (12, "unknown-in-property", "Unknown value 'fone' of the programme."),
        (13, "unknown-in-property", "Unknown trigger 'come'. Did you mean 'came'?"),
        before=SEEN,
        after=ONE_STATE,
        pieces=[GUIDE],
    )


def test_the_shape_of_a_property_is_explained():
    check(
        """\
        properties:
          - nevr: {state: here}
          - never: {tag: guide}
          - never: {state: here, when: "visits('here') > 1", unless: "visits('here') > 2"}
          - always: {held: here, when: "visits('here') > 1"}
          - eventually_reachable: {state: here, when: "visits('here') > 1"}
          - always: {task_for: came}
          - always: {state: here, within: P1D}
          - always: {task_for: came, within: P1D, when: "visits('here') > 1"}
        """,
        (2, "shape", "'nevr' is not a key of a property. Did you mean 'never'?"),
        (2, "shape", "A property needs one of 'never', 'always', 'eventually_reachable', and one only."),
        (3, "shape", "'never' needs one of 'state', 'piece', 'content_tag', 'purpose', and one only."),
        (3, "shape", "'tag' is not a key of 'never'."),
        (4, "shape", "'never' takes 'when' or 'unless', not both."),
        (5, "shape", "'held' always holds"),
        (6, "shape", "'when' is not a key of 'eventually_reachable'."),
        (7, "shape", "'task_for' needs 'within' (such as P1D), which no other property takes."),
        (8, "shape", "'task_for' needs 'within' (such as P1D), which no other property takes."),
        (9, "shape", "'task_for' always holds; it takes neither 'when' nor 'unless'."),
        before=SEEN,
        after=ONE_STATE,
        pieces=[GUIDE],
    )
