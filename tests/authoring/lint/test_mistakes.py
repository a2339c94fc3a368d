"""Hand-made mistakes in copies of the shipped journey and its content: each is reported at its line, with a hint.

The author made one mistake, so its consequences are not reported too; where one mistake is two (a key
misspelt and therefore missing), both are said.
"""

import shutil

import pytest

from journeys.authoring.lint import lint_files, lint_journey
from journeys.definition.reading import read_journey
from tests.folders import ROOT

NSCLC = ROOT / "definitions" / "nsclc.yaml"
CONTENT = ROOT / "content"

#: What to replace (its first place in the file), by what, what stands in the line that is reported, rule and hint;
#: more such lines, rules and hints where it is more than one problem.
MISTAKES = {
    # names
    "fact in requires": (
        "requires: [scan_result]",
        "requires: [scan_resul]",
        (
            "requires: [scan_resul]",
            "unknown-fact",
            "Unknown fact 'scan_resul' in 'requires' of 'scan_result_reported'. Did you mean 'scan_result'?",
        ),
    ),
    "fact in a condition": (
        "\"response == 'progression'\", to: progression}",
        "\"respons == 'progression'\", to: progression}",
        ("respons ==", "condition", "Unknown fact or condition 'respons'. Did you mean 'response'?"),
    ),
    "trigger in on": (
        "          scan_booked: booked",
        "          scan_boked: booked",
        ("scan_boked: booked", "unknown-trigger", "Unknown trigger 'scan_boked'. Did you mean 'scan_booked'?"),
    ),
    "trigger in on, with conditions": (
        "          scan_result_reported:\n",
        "          scan_results_reported:\n",
        ("scan_results_reported:", "unknown-trigger", "Did you mean 'scan_result_reported'?"),
    ),
    "trigger of a hold": (
        "hold_until: diagnosis_discussed",
        "hold_until: diagnosis_discused",
        ("hold_until: diagnosis_discused", "unknown-trigger", "Did you mean 'diagnosis_discussed'?"),
    ),
    "entry of another track, for every state": (
        "entered.disease.hospice: with_hospice_team",
        "entered.disease.hospise: with_hospice_team",
        (
            "entered.disease.hospise",
            "unknown-trigger",
            "Did you mean 'disease.hospice'? (In 'on' of 'asking_for_help'.) The same in 3 other states of the track.",
        ),
    ),
    "entry of another track": (
        "entered.disease.treatment.stable_disease: in_treatment",
        "entered.disease.treatment.stable_diseas: in_treatment",
        (
            "entered.disease.treatment.stable_diseas:",
            "unknown-trigger",
            "Write entered.<track>.<state>. Did you mean 'disease.treatment.stable_disease'?",
        ),
    ),
    "target": (
        "recurrence_suspicion_reported: recurrence_suspected",
        "recurrence_suspicion_reported: recurrence_suspectd",
        ("recurrence_suspectd", "unknown-target", "Did you mean 'recurrence_suspected'?"),
    ),
    "target with its track": (
        "surgery_booked: treatment.surgery",
        "surgery_booked: disease.treatment.surgery",
        ("disease.treatment.surgery", "unknown-target", "Did you mean 'treatment.surgery'?"),
    ),
    "initial state": (
        "initial: waiting_for_surgery",
        "initial: waiting_for_surgry",
        (
            "initial: waiting_for_surgry",
            "initial",
            "must be a state directly inside 'treatment.surgery'. Did you mean 'waiting_for_surgery'?",
        ),
    ),
    "state of an entry": (
        "    state: disease.recurrence\n",
        "    state: disease.recurence\n",
        ("state: disease.recurence", "entry", "Unknown state 'disease.recurence' in the entry "),
    ),
    "state in a condition": (
        "visits('disease.treatment.systemic') >= 2",
        "visits('disease.treatment.systemik') >= 2",
        (
            "disease.treatment.systemik",
            "condition",
            "Unknown state 'disease.treatment.systemik'. Did you mean 'disease.treatment.systemic'?",
        ),
    ),
    "name of a condition": (
        'and still_in_first_two_years"',
        'and still_in_first_two_year"',
        ('still_in_first_two_year"', "condition", "Did you mean 'still_in_first_two_years'?"),
    ),
    "value in a condition": (
        "\"scan_result == 'suspicious'\"",
        "\"scan_result == 'suspicous'\"",
        ("suspicous", "condition", "Unknown value 'suspicous' of 'scan_result'. Did you mean 'suspicious'?"),
    ),
    "value without quotes": (
        "\"scan_result == 'unclear'\"",
        '"scan_result == unclear"',
        ("scan_result == unclear", "condition", "Put the value in quotes: 'unclear'."),
    ),
    "type": (
        "  surgery_on:\n    type: date",
        "  surgery_on:\n    type: datum",
        ("type: datum", "shape", "'type' of the fact 'surgery_on' is 'datum'. Did you mean 'date'?"),
    ),
    "days since no date": (
        "days_since(treatment_ended_on) < 690",
        "days_since(response) < 690",
        ("days_since(response)", "condition", "'days_since' needs a date; 'response' is of type choice."),
    ),
    "key": (
        "        hold_until: recurrence_discussed",
        "        hold_untill: recurrence_discussed",
        ("hold_untill:", "shape", "is not a key of the state 'recurrence'. Did you mean 'hold_until'?"),
    ),
    "reporter": (
        "    by: [patient, staff]\n    requires: [treatment_kind]",
        "    by: [patients, staff]\n    requires: [treatment_kind]",
        ("by: [patients, staff]", "shape", "is not a reporter. Did you mean 'patient'?"),
    ),
    # what is missing
    "title in a language": (
        "        title: {en: Scan is due, es: ",
        "        title: {en: Scan is due} # {es: ",
        (
            "title: {en: Scan is due}",
            "titles",
            "The state 'due' has no title in es; write {en: …, es: …}.",
        ),
    ),
    "title": (
        "        title: {en: Care for comfort, es: Cuidados para el bienestar}\n",
        "",
        ("      best_supportive_care:\n", "titles", "The state 'best_supportive_care' has no title in en, es"),
    ),
    "locale": (
        "title: {en: Stage, es: Estadio}",
        "title: {en: Stage, sp: Estadio}",
        ("sp: Estadio", "titles", "The fact 'stage_group' has no title in es"),
        ("sp: Estadio", "titles", "has a title in 'sp', which is not in 'locales'. Accepted: en, es."),
    ),
    "initial of a track": (
        "    initial: suspected\n",
        "",
        ("    title: {en: The cancer and its treatment", "shape", "The track 'disease' needs 'initial'."),
    ),
    "initial of a state": (
        "        initial: first_period\n",
        "",
        ("      hospice:\n", "initial", "it needs 'initial', one of first_period, second_period, later_period."),
    ),
    "ends": (
        "\nends:\n",
        "\nend:\n",
        ("journey: nsclc", "ends", "The journey needs 'ends', such as 'deceased' and 'left'."),
        ("end:\n", "shape", "'end' is not a key of a journey. Did you mean 'ends'?"),
    ),
    "comma in a title in braces": (
        "title: {en: Follow-up after treatment, es: S",
        "title: {en: Follow-up, soon, es: S",
        (
            "{en: Follow-up, soon,",
            "shape",
            "is not a locale such as en or es-US. Inside braces, a text with a comma must be in quotes.",
        ),
    ),
    "half of a group": (
        "requires: [stage_group, stage_edition, stage_basis]",
        "requires: [stage_group, stage_edition]",
        (
            "requires: [stage_group, stage_edition]",
            "half-group",
            "names only a part of the group 'stage'; add stage_basis.",
        ),
    ),
    # what goes wrong when it runs
    "overlap": (
        "\"scan_result == 'unclear'\", to: next_in_3_months}",
        "\"scan_result in ['unclear', 'clear']\", to: next_in_3_months}",
        ("scan_clear_or_not_said and still_in", "overlap", "are both true for scan_result = clear"),
        ("scan_clear_or_not_said and not still_in", "overlap", "or give both an 'order'."),
    ),
    "gap": (
        "\"response in ['partial', 'stable']\", to: treatment.stable_disease}",
        "\"response == 'stable'\", to: treatment.stable_disease}",
        (
            "{when: \"response == 'progression'\", to: progression}",
            "gap",
            "Nothing is declared for response = partial ('assessment_reported' in 'post_treatment_assessment').",
        ),
    ),
    "stale fact": (
        "    requires: [resectable, operable]\n",
        "",
        ('{when: "not (resectable and operable)"', "stale-fact", "'operable' is read in 'disease.treatment.surgery"),
        (
            '{when: "not (resectable and operable)"',
            "stale-fact",
            "Let 'fitness_reported' require or reset it, forget it in a state of the cycle",
        ),
    ),
    "zero-time loop": (
        "- {delay: P30D, to: overdue}",
        "- {delay: P0D, to: next_in_6_months}",
        ("- {delay: P6M, from: last_scan_on, to: due}", "zero-time-loop", "Let one step wait for an event."),
    ),
    "timer of a parent": (
        "            initial: waiting_for_surgery\n",
        "            initial: waiting_for_surgery\n            after:\n              - {delay: P2Y, to: under_way}\n",
        ("delay: P2Y", "parent-timer", "can leave 'treatment.surgery.waiting_for_surgery', "),
    ),
    "told by patients": (
        "withdrawal_discussed: {by: [staff]",
        "withdrawal_discussed: {by: [patient, staff]",
        (
            "hold_until: withdrawal_discussed",
            "telling",
            "ends the hold of 'diagnosis_withdrawn'; declare it with 'by: [staff]'.",
        ),
    ),
    "reported by who may not tell": (
        "    by: [staff]\n    requires: [response]",
        "    by: [patient, staff]\n    requires: [response]",
        (
            "requires: [response]",
            "reporters",
            "'assessment_reported' may be reported by patient, who may not report 'response'.",
        ),
    ),
    "unreachable state": (
        "      no_cancer_found:\n",
        "      limbo:\n        title: {en: Limbo, es: Limbo}\n        on: {scan_done: stay}\n      no_cancer_found:\n",
        ("limbo:\n", "unreachable-state", "Nothing leads to 'limbo'. Declare a transition to it, or remove it."),
    ),
    "always and sometimes": (
        "            - {otherwise: none_planned}",
        "            - {to: none_planned}",
        ("- {to: none_planned}", "siblings", "A transition without 'when' is always taken; its siblings never are"),
    ),
    "timer twice": (
        "          - {delay: P14D, remind: scan-reminder}\n",
        "          - {delay: P14D, remind: scan-reminder}\n          - {remind: scan-reminder, delay: P14D}\n",
        ("- {remind: scan-reminder, delay: P14D}", "duplicate-timer", "give one a 'name'."),
    ),
    "condition before its declaration": (
        "  later_line: visits",
        "  later_line: second_period_used and visits",
        (
            "later_line: second_period_used",
            "condition",
            "'second_period_used' must be declared before 'later_line', which uses it.",
        ),
    ),
    # values
    "duration": (
        "- {delay: P6W, task:",
        "- {delay: 6 weeks, task:",
        ("delay: 6 weeks", "shape", "'6 weeks' is not an ISO 8601 duration such as P6M, P14D, PT12H or -P3D."),
    ),
    # YAML
    "tab": (
        "        task: {for: care_team, within: P3D, title: Follow-up scan overdue",
        "\ttask: {for: care_team, within: P3D, title: Follow-up scan overdue",
        ("\ttask:", "yaml", "Write blanks, not tabs."),
    ),
    "indentation": (
        "        tags: [advanced]\n        hold_until",
        "        tags: [advanced]\n       hold_until",
        ("\n       hold_until", "yaml", "keys of one mapping begin in one column."),
    ),
    "list in braces": (
        "{when: \"response in ['partial', 'stable']\", to: stable_disease}",
        "{when: response in ['partial', 'stable'], to: stable_disease}",
        ("{when: response in", "yaml", "must be in quotes, as in {when: \"stage in ['I', 'II']\", to: surgery}"),
    ),
    "comma in a title": (
        '{en: "Hospice care, renewed"',
        "{en: Hospice care, renewed",
        ("{en: Hospice care, renewed", "shape", "Inside braces, a text with a comma must be in quotes."),
    ),
    "colon in a title": (
        "{en: Scan is overdue,",
        "{en: Overdue: your scan,",
        ("{en: Overdue: your scan", "yaml", "A text with a colon and a blank (': ') must be in quotes"),
    ),
    "hash in a title": (
        "{en: Scan is overdue,",
        "{en: Scan #2 is overdue,",
        ("{en: Scan #2", "yaml", "Everything after ' #' counts as a comment."),
    ),
    "brace not closed": (
        "to: treatment.stable_disease}",
        "to: treatment.stable_disease",
        ("to: treatment.stable_disease", "yaml", "The '{' that opens here is not closed."),
    ),
    "quote not closed": (
        '{en: "Hospice care, renewed again"',
        '{en: "Hospice care, renewed again',
        ('{en: "Hospice care, renewed again', "yaml", "A quote is missing in this line."),
    ),
    "key twice": (
        "  scan_cancelled: {by: [patient, staff]",
        "  scan_booked: {by: [patient, staff]",
        ("  scan_booked: {by", "yaml", "The key 'scan_booked' is listed twice; first in line"),
        ("          scan_cancelled: due", "unknown-trigger", "Unknown trigger 'scan_cancelled'."),
    ),
    "anchor": (
        "requires: [scan_result]",
        "requires: &result [scan_result]",
        ("&result", "yaml", "Anchors ('&name') are not accepted; write the value out."),
    ),
}


#: The same for files of the content: all are made in one copy, for every problem is reported at once. `None` stands
#: for a file that is taken away (old) or made (new); the first line is reported then.
CONTENT_MISTAKES = {
    "front matter left out": (
        "comfort_wishes/wants_to_talk/a-talk-about-comfort/en.md",
        "---\n",
        "",
        (
            "",
            "content",
            "The file must begin with front matter: a line '---', then title and summary, then a line '---'.",
        ),
    ),
    "front matter that is not YAML": (
        "scans/next_in_3_months/closer-look/en.md",
        'summary: "',
        "summary: Soon: ",
        ("summary: Soon:", "yaml", "A text with a colon and a blank (': ') must be in quotes"),
    ),
    "missing title": (
        "scans/overdue/scan-overdue/es.md",
        "title:",
        "titel:",
        ("titel:", "content", "'titel' is not a key of the front matter. Did you mean 'title'?"),
        ("titel:", "content", "The front matter needs 'title'."),
    ),
    "unknown fact": (
        "scans/booked/scan-booked/en.md",
        "{{ scan_booked_for | date }}",
        "{{ scan_booked_on | date }}",
        ("{{ scan_booked_on", "template", "Unknown fact 'scan_booked_on'. Did you mean 'scan_booked_for'?"),
    ),
    "unknown filter": (
        "scans/booked/scan-soon/en.md",
        "{{ scan_booked_for | date }}",
        "{{ scan_booked_for | day }}",
        ("{{ scan_booked_for | day }}", "template", "Unknown filter 'day'."),
    ),
    "fact that may be unknown": (
        "disease/surveillance/scan-plan/en.md",
        "{% if last_scan_on is known %}",
        "{% if in_state('disease.surveillance') %}",
        ("{{ last_scan_on | date }}", "template", "last_scan_on"),
    ),
    "else without certainty": (
        "disease/what-remission-means/en.md",
        "{% if response == 'no_evidence' %}",
        "{% if response == 'no_evidence' %}\nGood.\n{% else %}",
        (
            "{% if response ==",
            "template",
            "{% else %} is not accepted: 'response' may be unknown; put it inside {% if response is known %}",
        ),
    ),
    "unknown value in a condition": (
        "disease/recurrence/what-recurrence-is/en.md",
        "recurrence_kind == 'regional'",
        "recurrence_kind == 'regionl'",
        ("regionl", "template", "Did you mean 'regional'?"),
    ),
    "include that does not exist": (
        "disease/suspected/being-checked/en.md",
        "{% include 'emergency' %}",
        "{% include 'emergencies' %}",
        (
            "{% include 'emergencies' %}",
            "template",
            "Unknown partial 'emergencies' in this locale.",
        ),
    ),
    "language left out": (
        "scans/due/scan-due/es.md",
        None,
        None,
        ("", "content", "The piece 'scan-due' has no es.md; the journey declares the locales en, es."),
    ),
    "purpose that there is not": (
        "disease/treatment/quality-of-life/en.md",
        "purpose: support",
        "purpose: suport",
        ("purpose: suport", "content", "'purpose' is 'suport'. Did you mean 'support'?"),
    ),
    "purpose left out": (
        "disease/hospice/your-wishes/en.md",
        "  purpose: support\n",
        "",
        ("tags:", "content", "A piece needs 'purpose'."),
    ),
    "unknown fact in the settings": (
        "disease/treatment/surgery/lobectomy/en.md",
        "operation == 'lobectomy'",
        "operations == 'lobectomy'",
        ("operations ==", "condition", "Unknown fact or condition 'operations'. Did you mean 'operation'?"),
    ),
    "state that there is not": (
        "disease/if-you-want-to-know-about-hospice/en.md",
        "disease.watching]",
        "disease.waching]",
        (
            "show_in:",
            "content",
            "'disease.waching' in 'show_in' is not a state of this journey. Did you mean 'disease.watching'?",
        ),
    ),
    "unknown reference": (
        "disease/hospice/what-hospice-is/en.md",
        "[^cfr418]",
        "[^cfr148]",
        (
            "[^cfr148]",
            "markdown",
            "The footnote '[^cfr148]' has no reference in 'piece' of en.md. Did you mean 'cfr418'?",
        ),
    ),
    "SMS too long": (
        "scans/scan-reminder/en.md",
        'text: "',
        'text: "' + "Please read this. " * 10,
        ("text:", "content", "at most 160 are accepted."),
    ),
}


def problems_of(text):
    journey, reported = read_journey(text.encode(), "nsclc.yaml")
    return sorted([*reported, *(lint_journey(journey) if journey else ())])


def line_of(text, part, start):
    """Return the line that contains a part of the text: the changed line or a later one, else an earlier one."""
    begin = text.rfind("\n", 0, start) + 1
    offset = text.find(part, begin)
    offset = text.find(part) if offset < 0 else offset
    assert offset >= 0, part
    return text.count("\n", 0, offset + len(part) - len(part.lstrip("\n"))) + 1


@pytest.fixture(scope="module")
def nsclc():
    return NSCLC.read_text()


def test_the_shipped_journey_has_none(nsclc):
    assert problems_of(nsclc) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_definition_is_reported(name, nsclc):
    old, new, *expected = MISTAKES[name]
    start = nsclc.index(old)
    text = nsclc[:start] + new + nsclc[start + len(old) :]
    reported = problems_of(text)
    shown = "\n".join(map(str, reported)) or "no problem"
    places = [(line_of(text, part, start), rule) for part, rule, _ in expected]
    assert [(problem.line, problem.rule) for problem in reported] == places, shown
    for problem, (_, _, hint) in zip(reported, expected, strict=True):
        assert hint in problem.message, shown
        assert problem.level == "error"


def changed(text, old, new):
    start = text.index(old)
    return text[:start] + new + text[start + len(old) :], start


@pytest.fixture(scope="module")
def lint_of_content(tmp_path_factory):
    """The problems by file of a copy of the content with all mistakes in it, and where each mistake is."""
    copy = tmp_path_factory.mktemp("content")
    shutil.copytree(CONTENT, copy, dirs_exist_ok=True)
    starts = {}
    for name, (path, old, new, *_) in CONTENT_MISTAKES.items():
        file = copy / "nsclc" / path
        if old is None:
            file.unlink()
        else:
            text, starts[name] = changed(file.read_text(), old, new)
            file.unlink()
            file.write_text(text)
    return copy / "nsclc", lint_files(NSCLC, copy).problems, starts


def test_one_file_has_one_mistake():
    places = [path for path, *_ in CONTENT_MISTAKES.values()]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", CONTENT_MISTAKES)
def test_a_mistake_in_the_content_is_reported(name, lint_of_content):
    root, problems, starts = lint_of_content
    path, _, _, *expected = CONTENT_MISTAKES[name]
    reported = [problem for problem in problems if problem.file == str(root / path)]
    shown = "\n".join(map(str, reported)) or "no problem"
    text = (root / path).read_text() if name in starts else ""
    places = [(line_of(text, part, starts.get(name, 0)) if part else 1, rule) for part, rule, _ in expected]
    assert [(problem.line, problem.rule) for problem in reported] == places, shown
    for problem, (_, _, hint) in zip(reported, expected, strict=True):
        assert hint in problem.message, shown


def test_nothing_else_is_reported(lint_of_content):
    """A piece with a mistake upsets neither the others nor the states that show it."""
    root, problems, _ = lint_of_content
    files = {str(root / path) for path, *_ in CONTENT_MISTAKES.values()}
    assert [problem for problem in problems if problem.file not in files] == []


def test_there_are_forty():
    assert len(MISTAKES) + len(CONTENT_MISTAKES) >= 40
