"""The facts of a group are named whole or not at all, and told by the same people."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

STAGING = """\
facts:
  stage: {type: boolean, title: {en: Stage}}
  edition: {type: boolean, title: {en: Edition}}
groups:
  staging: [stage, edition]
"""


def test_whole_groups_are_fine():
    check(
        """\
        triggers:
          came: {title: {en: Seen}, requires: [edition, stage]}
        entry:
          later: {title: {en: Later}, state: here, asks: [stage, edition]}
        tracks:
          care:
            initial: here
            states:
              here: {title: {en: Here}, on: {came: stay}, forget: [stage, edition]}
        """,
        before=STAGING,
    )


def test_a_trigger_requires_all_members_or_none():
    check(
        """\
        triggers:
          came: {title: {en: Seen}, requires: [stage]}
        """,
        (2, "half-group", "'requires' of 'came' names only a part of the group 'staging'; add edition."),
        before=STAGING,
        after=ONE_STATE,
    )


def test_a_trigger_resets_all_members_or_none():
    check(
        """\
        triggers:
          came: {title: {en: Seen}, resets: [stage]}
        """,
        (2, "half-group", "'resets' of 'came' names only a part of the group 'staging'; add edition."),
        before=STAGING,
        after=ONE_STATE,
    )


def test_an_entry_asks_all_members_or_none():
    check(
        """\
        entry:
          later: {title: {en: Later}, state: here, asks: [edition]}
        """,
        (2, "half-group", "'asks' of the entry 'later' names only a part of the group 'staging'; add stage."),
        before=STAGING + SEEN,
        after=ONE_STATE,
    )


def test_a_state_forgets_all_members_or_none():
    check(
        """\
        tracks:
          care:
            initial: here
            states:
              here: {title: {en: Here}, on: {came: stay}, forget: [stage]}
        """,
        (5, "half-group", "'forget' of 'here' names only a part of the group 'staging'; add edition."),
        before=STAGING + SEEN,
    )


def test_members_are_told_by_the_same_people():
    check(
        """\
        facts:
          stage: {type: boolean, title: {en: Stage}}
          edition: {type: boolean, by: [staff], title: {en: Edition}}
        groups:
          staging: [stage, edition]
        """,
        (5, "half-group", "'edition' and the rest of the group 'staging' must have the same 'by'."),
        before=SEEN,
        after=ONE_STATE,
    )


def test_a_group_has_two_members_of_its_own():
    check(
        """\
        facts:
          stage: {type: boolean, title: {en: Stage}}
          edition: {type: boolean, title: {en: Edition}}
        groups:
          staging: [stage, edition]
          again:
            - edition
        """,
        (7, "half-group", "'edition' is already in the group 'staging'"),
        (7, "half-group", "The group 'again' has one member"),
        before=SEEN,
        after=ONE_STATE,
    )
