"""A journey that declares values has a file that sets them."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

DECLARED = """\
programme:
  phone: {type: phone, title: {en: Telephone}}
"""


def test_a_journey_without_values_needs_no_programmes():
    check(SEEN, after=ONE_STATE, programmes=False)


def test_values_that_nothing_sets_are_a_problem():
    check(
        DECLARED,
        (2, "no-programmes", "No file 'sample.programmes.yaml' beside this file."),
        after=SEEN + ONE_STATE,
        programmes=False,
    )


def test_a_file_without_programmes_sets_nothing():
    check(
        DECLARED,
        (2, "no-programmes", "'sample.programmes.yaml' has no programme that sets the values declared here."),
        after=SEEN + ONE_STATE,
        programmes="programmes: {}\n",
    )
