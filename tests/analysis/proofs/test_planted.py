"""Faults planted in copies of shipped journeys are found at their place, and a patient's way where there is one."""

from dataclasses import dataclass, field

import pytest

from tests.analysis.proofs.planted import Planted


@dataclass(frozen=True)
class Fault:
    """A fault: how it is planted, the rule that names it, a part of what it says, and where.

    `line` begins the line of the definition that is named; `file` is the file otherwise. `sees` is a piece that the
    patient of the counter-example sees at its end ("" for any, None without a counter-example).
    """

    name: str
    rule: str
    says: str
    definition: tuple[str, str] | tuple[()] = ()
    programmes: tuple[str, str] | tuple[()] = ()
    files: dict = field(default_factory=dict)
    line: str = ""
    file: str = ""
    sees: str | None = None
    journey: str = "nsclc"


LINTED = [
    Fault(
        "a language of a piece is missing",
        "content",
        "The piece 'being-checked' has no es.md",
        files={"being-checked/es.md": None},
        file="being-checked/es.md",
    ),
    Fault(
        "two conditions are true at once",
        "overlap",
        "Two conditions of 'scan_result_reported' in 'next_in_6_months' are both true",
        definition=(
            "\"scan_result == 'unclear'\", to: next_in_3_months",
            "\"scan_result in ['unclear', 'suspicious']\", to: next_in_3_months",
        ),
        line="{when: \"scan_result in ['unclear', 'suspicious']\"",
    ),
    Fault(
        "a value has no way on",
        "gap",
        "Nothing is declared for response = stable",
        definition=(
            "\"response in ['partial', 'stable']\", to: treatment.stable_disease",
            "\"response == 'partial'\", to: treatment.stable_disease",
        ),
    ),
    Fault(
        "a state that nothing leads to",
        "unreachable-state",
        "Nothing leads to 'abroad'",
        definition=(
            "      no_cancer_found:\n",
            "      abroad:\n        title: {en: Abroad, es: De viaje}\n        on: {suspicion_reported: stay}\n"
            "      no_cancer_found:\n",
        ),
        line="abroad:",
    ),
    Fault(
        "an old answer is read as a new one",
        "stale-fact",
        "'scan_result' is read in 'disease.surveillance'",
        definition=("    by: [staff]\n    requires: [scan_result]\n", "    by: [staff]\n"),
    ),
    Fault(
        "a timer takes away a state that awaits a result",
        "parent-timer",
        "This timer of 'treatment.surgery' can leave 'treatment.surgery.waiting_for_surgery'",
        definition=(
            "            initial: waiting_for_surgery\n",
            "            initial: waiting_for_surgery\n"
            "            after:\n              - {delay: P2Y, to: under_way}\n",
        ),
        line="{delay: P2Y, to: under_way}",
    ),
    Fault(
        "a programme lacks a value",
        "missing-programme-value",
        "The programme 'riverside' does not set 'emergency_line'",
        programmes=('      emergency_line: "911"\n', ""),
        file="planted.programmes.yaml",
    ),
    Fault(
        "a reminder by text message has no text",
        "content",
        "text",
        files={"scan-reminder/en.md": ('text: "A reminder', 'push_: "A reminder')},
        file="scan-reminder/en.md",
    ),
    Fault(
        "a property names a piece that there is not",
        "unknown-in-property",
        "Unknown piece 'when-to-cal'. Did you mean 'when-to-call'?",
        definition=("{first: when-to-call,", "{first: when-to-cal,"),
        line="always: {first: when-to-cal,",
    ),
    Fault(
        "something happens at the end, when nothing may",
        "unknown-trigger",
        "deceased",
        definition=("          suspicion_cleared: no_cancer_found\n", "          deceased: no_cancer_found\n"),
        line="deceased: no_cancer_found",
    ),
    Fault(
        "bad news can be told by the patient",
        "telling",
        "'recurrence_discussed' ends the hold",
        definition=("recurrence_discussed: {by: [staff]", "recurrence_discussed: {by: [patient, staff]"),
        line="hold_until: recurrence_discussed",
    ),
]

PROVED = [
    Fault(
        "a piece about hospice is shown in remission",
        "property",
        "never content tag hospice",
        files={
            "what-hospice-is/piece.yaml": ("", "show_in: [disease.hospice, disease.post_treatment_assessment]\n"),
        },
        line="never: {content_tag: hospice",
        sees="what-hospice-is",
    ),
    Fault(
        "a dead end",
        "goes-on",
        "Nothing is declared in 'disease.no_cancer_found'",
        definition=(
            "        on:\n          suspicion_reported: suspected\n          diagnosis_confirmed: work_up\n"
            "          nodule_found: nodule_follow_up\n",
            "",
        ),
        line="no_cancer_found:",
        sees="no-cancer-found",
    ),
    Fault(
        "a contradictory condition",
        "every-transition",
        "'needs_told' in 'support.managing' never leads to 'asking_for_help.low_mood'",
        definition=("\"'mood' in support_needs\"", "\"'mood' in support_needs and 'mood' not in support_needs\""),
        line="{when: \"'mood' in support_needs and 'mood' not in support_needs\"",
    ),
    Fault(
        "a pair of tracks that never comes",
        "every-transition",
        "'needs_told' in 'support.with_hospice_team' never leads to",
        definition=(
            "          needs_told: needs_care\n",
            "          needs_told:\n"
            "            - {when: \"in_state('disease.surveillance')\", to: at_ease}\n"
            "            - {when: \"not in_state('disease.surveillance')\", to: needs_care}\n",
        ),
        line="{when: \"in_state('disease.surveillance')\"",
    ),
    Fault(
        "a loop that takes no time",
        "no-zero-time",
        "scans.due follow each other at one instant",
        definition=("          - {delay: P30D, to: overdue}\n", "          - {delay: P0D, to: due}\n"),
        line="{delay: P0D, to: due}",
        sees="",
    ),
    Fault(
        "a branch of a text that nobody reads",
        "every-branch",
        "In 'what-hospice-is' \"in_state('support.managing')\" is never true",
        files={"what-hospice-is/en.md": ("", "{% if in_state('support.managing') %}\nAnd more.\n{% endif %}\n")},
        file="what-hospice-is/en.md",
    ),
    Fault(
        "what a held state says is shown where it was never told",
        "held-is-kept",
        "what-recurrence-is",
        files={"what-recurrence-is/piece.yaml": ("", "show_in: [disease.recurrence, disease.treatment.systemic]\n")},
        file="what-recurrence-is/piece.yaml",
        sees="what-recurrence-is",
    ),
    Fault(
        "bad news comes first from an app",
        "property",
        "always held disease.recurrence",
        definition=(
            "        hold_until: recurrence_discussed\n        forget: [stage_group",
            "        forget: [stage_group",
        ),
        line="always: {held: disease.recurrence}",
        sees="what-recurrence-is",
    ),
    Fault(
        "a piece that is never shown",
        "every-piece",
        "The piece 'being-checked' is never shown",
        files={"being-checked/piece.yaml": ("", "when: \"in_state('support.with_hospice_team')\"\n")},
        file="being-checked/piece.yaml",
    ),
    Fault(
        "a state shows nothing to some",
        "shows-something",
        "In disease.no_cancer_found the patient is shown something",
        files={"no-cancer-found/piece.yaml": ("", "when: \"smoking == 'current'\"\n")},
        line="no_cancer_found:",
        sees="",
    ),
    Fault(
        "a reminder that no timer sends",
        "every-piece",
        "The reminder 'biomarker-reminder' is sent by no timer",
        definition=("              - {delay: P14D, remind: biomarker-reminder}\n", ""),
        file="biomarker-reminder/piece.yaml",
    ),
    Fault(
        "a wrong 'unless'",
        "property",
        "never content tag hospice",
        definition=("unless: \"in_state('disease.hospice')\"", "unless: \"in_state('disease.hospice.first_period')\""),
        line="never: {content_tag: hospice",
        sees="what-hospice-is",
    ),
    Fault(
        "an advertisement near the end of life",
        "property",
        "never purpose marketing, when in_state('disease.hospice')",
        files={"palliative-care/piece.yaml": ("purpose: support", "purpose: marketing")},
        line="never: {purpose: marketing, when: \"in_state('disease.hospice')",
        sees="palliative-care",
    ),
    Fault(
        "what must always be shown is not, where a fact was told",
        "property",
        "always first when-to-call",
        files={"when-to-call/piece.yaml": ("in_state('disease.treatment') or", "operation is not known or")},
        line="always: {first: when-to-call",
        sees="",
    ),
    Fault(
        "the line on fever is left out of the page on when to call",
        "property",
        "always partial fever, when in_state('disease.treatment')",
        files={"when-to-call/es.md": ("{% include 'fever' %}", "")},
        line="always: {partial: fever, when: \"in_state('disease.treatment')\"",
        sees="",
    ),
    Fault(
        "the line on fever is shown to some alone",
        "property",
        "always partial fever, when days_since(treatment_ended_on) < 92",
        files={
            "when-to-call/en.md": (
                "{% include 'fever' %}",
                "{% if smoking == 'never' %}{% include 'fever' %}{% endif %}",
            )
        },
        line='always: {partial: fever, when: "days_since',
        sees="",
    ),
    Fault(
        "another page comes before the number of the hospice",
        "property",
        "always first what-hospice-is",
        files={"your-wishes/piece.yaml": ("order: ", "order: 1 # ")},
        line="always: {first: what-hospice-is",
        sees="",
    ),
    Fault(
        "a page on request is never to be seen, and patients may ask for it",
        "property",
        "never piece what-lies-ahead",
        definition=(
            "  - always: {value: hospice_phone",
            "  - never: {piece: what-lies-ahead}\n  - always: {value: hospice_phone",
        ),
        line="never: {piece: what-lies-ahead}",
        sees="",
    ),
    Fault(
        "a text must always be there, and its page may be declined",
        "property",
        "always value hospice_phone",
        files={
            "what-hospice-is/piece.yaml": ("order: ", "topic: reading\norder: "),
            "your-wishes/piece.yaml": ("order: ", "topic: reading\norder: "),
            "grief-before-and-after/piece.yaml": ("order: ", "topic: reading\norder: "),
        },
        line="always: {value: hospice_phone",
        sees="",
    ),
    Fault(
        "the number of the hospice is gone",
        "property",
        "always value hospice_phone",
        files={
            "what-hospice-is/piece.yaml": ("action: {call: hospice_phone}", "action: {call: care_team_phone}"),
            "your-wishes/piece.yaml": ("action: {call: hospice_phone}", "action: {call: care_team_phone}"),
            "grief-before-and-after/en.md": (
                "[{{ programme.hospice_phone }}](tel:{{ programme.hospice_phone }})",
                "the team",
            ),
            "what-hospice-is/en.md": (
                "{{ programme.hospice_phone }}](tel:{{ programme.hospice_phone }})",
                "the hospice](https://example.org/x)",
            ),
        },
        line="always: {value: hospice_phone",
        sees="",
    ),
    Fault(
        "help comes after three days",
        "property",
        "always task for needs_told, within P1D",
        definition=(
            "{for: palliative_team, within: P1D, title: Look at new needs",
            "{for: palliative_team, within: P3D, title: Look at new needs",
        ),
        line="always: {task_for: needs_told",
        sees="",
    ),
    Fault(
        "a wish is kept without telling anybody",
        "property",
        "always task for comfort_care_wanted",
        definition=(
            "          comfort_care_wanted: wants_to_talk\n          comfort_care_chosen",
            "          comfort_care_wanted: stay\n          comfort_care_chosen",
        ),
        line="always: {task_for: comfort_care_wanted",
        sees="",
    ),
    Fault(
        "a second word of a pregnancy reaches nobody",
        "property",
        "always task for pregnancy_possible",
        definition=(
            "          pregnancy_possible: possible\n          pregnancy_talked_over",
            "          pregnancy_possible: stay\n          pregnancy_talked_over",
        ),
        line="always: {task_for: pregnancy_possible",
        sees="",
    ),
    Fault(
        "nobody asks whether the treatment goes on",
        "property",
        "eventually reachable state check_ins.asked",
        definition=("          - {delay: P3M, to: asked}\n", "          - {delay: P3M, to: not_needed}\n"),
        line="eventually_reachable: {state: check_ins.asked",
        sees="",
    ),
    Fault(
        "that it was not cancer is read before it is said",
        "property",
        "always held disease.diagnosis_withdrawn",
        definition=("        hold_until: withdrawal_discussed\n", ""),
        line="always: {held: disease.diagnosis_withdrawn",
        sees="it-was-not-lung-cancer",
    ),
    Fault(
        "another page comes before what to do about a low",
        "property",
        "always first low-right-now",
        files={"after-a-low/piece.yaml": ("order: 7", "order: 0")},
        line="always: {first: low-right-now",
        sees="after-a-low",
        journey="diabetes",
    ),
    Fault(
        "what to do about a low is shown to some alone",
        "property",
        "always piece low-right-now",
        files={"low-right-now/piece.yaml": ("", "when: \"treatment_kind == 'insulin'\"\n")},
        line="always: {piece: low-right-now",
        sees="",
        journey="diabetes",
    ),
    Fault(
        "a way that does not lead back",
        "property",
        "eventually reachable state other_cancer.none_reported",
        definition=(
            "",
            "  - eventually_reachable: {state: other_cancer.none_reported, from: other_cancer.second_primary}\n",
        ),
        line="eventually_reachable: {state: other_cancer.none_reported",
        sees="",
    ),
    Fault(
        "the end of a remission is not told first",
        "property",
        "always held diabetes.came_back",
        definition=("        hold_until: {trigger: return_discussed, within: P2D, for: care_team}\n", ""),
        line="always: {held: diabetes.came_back}",
        sees="remission-ended",
        journey="diabetes",
    ),
    Fault(
        "a page about insulin for those who take tablets",
        "property",
        "never piece using-insulin",
        files={"using-insulin/piece.yaml": ("", "show_in: [treatment.ongoing]\n")},
        line="never: {piece: using-insulin",
        sees="using-insulin",
        journey="diabetes",
    ),
]


def planted(fault):
    return Planted(fault.journey, fault.definition, fault.programmes, fault.files)


@pytest.mark.parametrize("fault", LINTED, ids=lambda fault: fault.name)
def test_lint_names_it_at_its_place(fault):
    journey = planted(fault)
    matching_problems = [
        problem for problem in journey.problems if problem.rule == fault.rule and fault.says in problem.message
    ]
    assert matching_problems, [str(problem) for problem in journey.problems]
    if fault.line:
        assert journey.line(fault.line) in {problem.line for problem in matching_problems}
    assert all(problem.file.endswith(fault.file) for problem in matching_problems)


@pytest.mark.long
@pytest.mark.parametrize("fault", PROVED, ids=lambda fault: fault.name)
def test_a_proof_names_it_at_its_place_with_a_way_that_replays(fault):
    journey = planted(fault)
    others = []
    for verdict in journey.verdicts(fault.rule, fault.says):
        if verdict.result == "broken" and fault.says in f"{verdict.claim} {verdict.reason}":
            break
        others.append((verdict.claim, verdict.result, verdict.reason))
    else:
        pytest.fail(f"The rule says only: {others}")
    assert verdict.rule == fault.rule
    if fault.line:
        assert verdict.mark.line == journey.line(fault.line)
    assert verdict.file.endswith(fault.file)
    if fault.sees is None:
        assert verdict.path is None
    else:
        last = journey.play(verdict).lines[-1]
        assert not fault.sees or fault.sees in last.sees


@pytest.mark.long
def test_without_a_fault_nothing_is_found():
    for journey in ("nsclc", "diabetes"):
        fixture = Planted(journey)
        assert fixture.problems == []
        assert fixture.unproven == []


def test_there_are_twenty_at_least():
    assert len(LINTED) + len(PROVED) >= 20
    assert len({fault.name for fault in LINTED + PROVED}) == len(LINTED) + len(PROVED)
