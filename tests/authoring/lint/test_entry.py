"""An entry names states that exist, one a track, and asks what patients may tell."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

FACTS = """\
facts:
  well: {type: boolean, title: {en: Well}}
  result: {type: boolean, by: [staff], title: {en: Result}}
"""


def check_entry(text, *expected):
    check(text, *expected, before=FACTS + SEEN, after=ONE_STATE)


def test_a_state_and_what_patients_know_is_fine():
    check_entry("entry:\n  later: {title: {en: Later}, state: care.here, asks: [well]}\n")


def test_the_state_exists():
    check_entry(
        """\
        entry:
          later:
            title: {en: Later}
            state: care.hear
        """,
        (4, "entry", "Unknown state 'care.hear' in the entry 'later'. Did you mean 'care.here'?"),
    )


def test_one_state_a_track():
    check_entry(
        """\
        entry:
          later:
            title: {en: Later}
            state:
              - care.here
              - here
        """,
        (6, "entry", "The entry 'later' names two states of the track 'care'; only one is accepted."),
    )


def test_a_state_is_named():
    check_entry(
        """\
        entry:
          later:
            title: {en: Later}
            state:
        """,
        (4, "shape", "'state' of the entry 'later' is empty; name a state."),
    )


def test_only_what_patients_may_tell_is_asked():
    check_entry(
        "entry:\n  later: {title: {en: Later}, state: here, asks: [well, result]}\n",
        (2, "entry", "The entry 'later' asks 'result', which patients may not report."),
    )
