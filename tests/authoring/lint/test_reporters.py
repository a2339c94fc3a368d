"""Who may report a trigger may tell what it requires."""

from tests.authoring.lint.checking import ONE_STATE, check

FACTS = "facts:\n  result: {type: boolean, by: [staff, family], title: {en: Result}}\n"


def test_those_who_may_tell_it_are_fine():
    check(
        "triggers:\n  came: {by: [family], requires: [result], title: {en: Seen}}\n",
        before=FACTS,
        after=ONE_STATE,
    )


def test_others_are_named():
    check(
        """\
        triggers:
          came:
            title: {en: Seen}
            requires:
              - result
        """,
        (
            5,
            "reporters",
            "'came' may be reported by patient, who may not report 'result'. Add them to the 'by' of the fact",
        ),
        before=FACTS,
        after=ONE_STATE,
    )


def test_somebody_reports_and_tells():
    check(
        """\
        facts:
          result: {type: boolean, by: [], title: {en: Result}}
        triggers:
          came: {by: [], title: {en: Seen}}
        """,
        (2, "reporters", "Nobody may report 'result': 'by' is empty; accepted: patient, family, staff."),
        (4, "reporters", "Nobody may report 'came': 'by' is empty; accepted: patient, family, staff."),
        after=ONE_STATE,
    )


def test_only_known_reporters_are_named():
    check(
        "triggers:\n  came: {by: [nurse, staf], title: {en: Seen}}\n",
        (2, "reporters", "Nobody may report 'came'"),
        (2, "shape", "'nurse' in 'by' of the trigger 'came' is not a reporter. Accepted: family, patient, staff."),
        (2, "shape", "'staf' in 'by' of the trigger 'came' is not a reporter. Did you mean 'staff'?"),
        after=ONE_STATE,
    )
