"""What was renamed is called so now, and no longer as before."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check


def test_what_was_renamed_is_fine():
    check(
        """\
        renamed:
          care.there: care.here
          caring: care
        """,
        before=SEEN,
        after=ONE_STATE,
    )


def test_a_new_name_that_is_none_is_refused():
    check(
        """\
        renamed:
          care.there: here
          care.elsewhere: care.hree
          caring: car
        """,
        (2, "renamed", "Unknown state 'here'. Write the full path"),
        (3, "renamed", "Unknown state 'care.hree'"),
        (4, "renamed", "Unknown track 'car'"),
        before=SEEN,
        after=ONE_STATE,
    )


def test_a_list_has_one_state_of_each_track():
    check(
        """\
        renamed:
          care.there: [care.here, care.here]
          care.elsewhere: [care.here, other.here]
          caring: [care, care]
        """,
        (2, "renamed", "A list takes one state of the track 'care'; 'care.there' already has 'care.here'."),
        (3, "renamed", "Unknown state 'other.here'"),
        (4, "renamed", "A track has one new name; 'caring' already has 'care'."),
        before=SEEN,
        after=ONE_STATE,
    )


def test_an_old_name_that_is_still_there_is_refused():
    check(
        """\
        renamed: {care.here: care.here}
        """,
        (1, "renamed", "'care.here' is still declared, so it was not renamed"),
        before=SEEN,
        after=ONE_STATE,
    )
