"""A track and a composite state name their initial state, one of their own; a leaf has none."""

from tests.authoring.lint.checking import SEEN, check


def test_own_states_are_fine():
    check(
        """\
        tracks:
          care:
            initial: ward
            states:
              ward:
                title: {en: Ward}
                initial: bed
                states:
                  bed: {title: {en: Bed}, on: {came: stay}}
        """,
        before=SEEN,
    )


def test_a_track_begins_in_an_outermost_state_of_its_own():
    check(
        """\
        tracks:
          care:
            initial: wart
            states:
              ward: {title: {en: Ward}, on: {came: stay}}
        """,
        (3, "initial", "'initial: wart' must be an outermost state of the track 'care'. Did you mean 'ward'?"),
        before=SEEN,
    )


def test_a_track_needs_one():
    check(
        """\
        tracks:
          care:
            states:
              ward: {title: {en: Ward}, on: {came: stay}}
        """,
        (3, "shape", "The track 'care' needs 'initial'"),
        before=SEEN,
    )


def test_a_composite_needs_one_of_its_own():
    check(
        """\
        tracks:
          care:
            initial: ward
            states:
              ward:
                title: {en: Ward}
                on: {came: home}
                states:
                  bed: {title: {en: Bed}, on: {came: chair}}
                  chair: {title: {en: Chair}}
              home:
                title: {en: Home}
                initial: bed
                on: {came: ward.bed}
                states:
                  sofa: {title: {en: Sofa}, on: {came: ward.bed}}
        """,
        (5, "initial", "'ward' has states inside; it needs 'initial', one of bed, chair."),
        (13, "initial", "'initial: bed' must be a state directly inside 'home'. Accepted: sofa."),
        before=SEEN,
    )


def test_a_leaf_has_none():
    check(
        """\
        tracks:
          care:
            initial: ward
            states:
              ward: {title: {en: Ward}, on: {came: stay}, initial: bed}
        """,
        (5, "initial", "'ward' has no states inside; remove 'initial'."),
        before=SEEN,
    )
