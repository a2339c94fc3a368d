"""Only staff may disclose held content."""

from tests.authoring.lint.checking import check

TRACKS = """\
tracks:
  care:
    initial: home
    states:
      home: {title: {en: Home}, on: {told: back}}
      back:
        title: {en: It is back}
        on: {told: stay}
        hold_until: told
"""
FACT = "facts:\n  result: {type: boolean, title: {en: Result}, hold_until: {trigger: told, within: P1D}}\n"


def test_a_trigger_of_staff_is_fine():
    check(FACT + "triggers:\n  told: {by: [staff], title: {en: Told}}\n" + TRACKS)


def test_patients_do_not_tell_themselves():
    check(
        FACT + TRACKS,
        (2, "telling", "'told' ends the hold of 'result'; declare it with 'by: [staff]'."),
        (11, "telling", "'told' ends the hold of 'back'; declare it with 'by: [staff]'."),
        before="triggers:\n  told: {by: [staff, patient], title: {en: Told}}\n",
    )
