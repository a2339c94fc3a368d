"""What a story may say, and what is said of its mistakes."""

import re
from dataclasses import replace

import pytest

from journeys.authoring.stories import Stage, play, read_story, story_text, transcript
from service.cli.stories import mismatches_in_words
from tests.stories.playing import SAMPLE, SHIPPED, STORIES, load

HEAD = """\
story: A scan
journey: follow_up
steps:
  - on: 2026-01-20
    enroll: {entry: in_follow_up, facts: {last_scan_on: 2026-01-15}}
"""


def played(text):
    story, problems = read_story((HEAD + text).encode(), "story.yaml")
    assert problems == []
    return play(story, Stage(*load(SAMPLE, "follow_up")))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("  - on: 2026-01-21\n    report: scan_dome\n", "Did you mean 'scan_done'?"),
        ("  - on: 2026-01-21\n    report: scan_result_reported\n    by: patient\n", "by staff, not by patient"),
        ("  - on: 2026-01-21\n    report: scan_done\n    facts: {last_scan_on: soon}\n", "a date such as 2026-01-15"),
        ("  - on: 2026-01-21\n    retract: scan\n", "Unknown step id 'scan'; it must belong to an earlier step."),
        ("  - on: 2026-01-19\n", "The clock cannot go back"),
        ("  - on: 2026-01-21\n    place: disease.lost\n", "Unknown state 'disease.lost'"),
        ("  - on: 2026-01-21\n    migrate: {to: nowhere.yaml}\n", "not a definition without lint errors"),
        ("  - on: 2026-01-21\n    report: scan_done\n    occurred: 2026-02-01\n", "The time lies in the future"),
    ],
)
def test_a_mistake_is_named_with_its_place(step, said):
    (problem,) = played(step).problems
    assert said in problem.message
    assert (problem.file, problem.line) == ("story.yaml", 6)


MOVED = "  - on: 2026-01-21\n    migrate:\n      to: next.yaml\n      map: {disease.surveillance.next_scan_later: %s}\n"
SCANS = """
  scans:
    initial: none_booked
    states:
      none_booked: {title: {en: No scan is booked, es: No hay estudio}, on: {scan_done: planned}}
      planned: {title: {en: A scan is planned, es: Hay un estudio}, on: {scan_done: none_booked}}
"""


def moved_to_scans(targets, tmp_path):
    """Play a story that moves the patient to a release with a track for scans."""
    file = tmp_path / "next.yaml"
    file.write_text((SAMPLE.definitions / "follow_up.yaml").read_text().rstrip() + SCANS)
    story, problems = read_story((HEAD + MOVED % targets).encode(), "story.yaml")
    assert problems == []
    return play(story, Stage(*load(SAMPLE, "follow_up"), find=lambda name: SAMPLE.load(str(tmp_path / name))))


def test_a_state_can_move_to_states_of_several_tracks(tmp_path):
    played = moved_to_scans("[scans.planned, disease.surveillance.next_scan_later]", tmp_path)
    assert not played.problems
    tracks = played.lines[-1].state.tracks
    assert {name: stays[-1].state for name, stays in tracks.items()} == {
        "disease": "surveillance.next_scan_later",
        "support": "managing",
        "scans": "planned",
    }
    assert tracks["scans"][-1].since == tracks["disease"][-1].since


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        ("[scans.lost]", "Unknown state 'scans.lost' of the new release."),
        ("[scans.planned, scans.none_booked]", "are both in the track 'scans'; a list takes one state a track."),
        ("[]", "The list is empty."),
    ],
)
def test_a_wrong_list_of_states_is_named(targets, problem, tmp_path):
    (refusal,) = moved_to_scans(targets, tmp_path).problems
    assert refusal.message.startswith("The map of 'disease.surveillance.next_scan_later' is wrong. ")
    assert problem in refusal.message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("  - report: scan_done\n", 6, "either 'on' (a day) or 'wait'"),
        (
            "  - on: 2026-01-21\n    report: scan_done\n    place: disease.recurrence\n",
            8,
            "One thing happens in a step",
        ),
        ("  - wait: P0D\n", 6, "longer than nothing"),
        ("  - on: tomorrow\n", 6, "a day such as 2026-01-15"),
        ("  - on: 2026-01-21\n    expect: {sate: {}}\n", 7, "sate"),
        ("  - on: 2026-01-21\n    expect: {sends: [{channel: sms}]}\n", 7, "'piece'"),
        ("  - on: 2026-01-21\n    expect: {sends: [{piece: scan-reminder, channel: fax}]}\n", 7, "'fax'"),
        ("person: {zone: Europe/Nowhere}\n", 6, "an IANA time zone such as America/Chicago, or unknown"),
        ("person: {quiet: 8}\n", 6, 'two different times, such as "22:00-07:00"'),
        ("person: {quiet: 08:00-08:00}\n", 6, "two different times"),
        ("person: {allows: [fax]}\n", 6, "Accepted: push, sms, email."),
    ],
)
def test_a_wrong_shape_is_named_with_its_place(text, line, said):
    story, problems = read_story((HEAD + text).encode(), "story.yaml")
    assert story is None
    assert [problem.line for problem in problems] == [line]
    assert said in problems[0].message


SCAN = """\
  - on: 2026-07-20
    report: scan_done
    by: patient
    facts: {last_scan_on: 2026-07-20}
    id: scan
"""
AGAIN = SCAN.replace("on: 2026-07-20\n", "on: 2026-07-22\n", 1) + "    occurred: 2026-07-20\n"


@pytest.mark.parametrize("locale", ["es-419", "es_MX", "ES", "spa", "es-ES-u-co-trad"])
def test_a_transcript_is_in_the_closest_declared_language(locale):
    shown, catalogue = played(SCAN), load(SAMPLE, "follow_up")[1]
    assert transcript(shown, catalogue, locale) == transcript(shown, catalogue, "es") != transcript(shown, catalogue)
    story = replace(shown, story=replace(shown.story, locale=locale))
    assert transcript(story, catalogue) == transcript(shown, catalogue, "es")


def test_a_second_delivery_gets_the_first_answer_and_changes_nothing():
    once, twice = played(SCAN), played(SCAN + AGAIN)
    assert twice.problems == ()
    assert twice.actual[-1]["outcome"] == "advanced"
    assert twice.log == once.log
    assert twice.enrollment.state == once.enrollment.state
    catalogue = load(SAMPLE, "follow_up")[1]
    assert transcript(twice, catalogue).splitlines()[-1].endswith("delivered again: nothing changes")


def test_another_event_under_the_same_id_is_a_mistake():
    (problem,) = played(SCAN + AGAIN.replace("{last_scan_on: 2026-07-20}", "{last_scan_on: 2026-07-19}")).problems
    assert problem.message == "The id 'scan' is already used by another event."


def test_each_timer_fires_at_its_own_time_while_the_clock_jumps():
    result = played("  - on: 2026-08-30\n")
    assert [str(line.at.date()) for line in result.lines] == ["2026-01-20", "2026-07-15", "2026-07-29", "2026-08-14"]


def test_events_of_one_day_happen_in_the_order_of_the_story():
    same_day = SCAN + "  - on: 2026-07-20\n    report: scan_result_reported\n    facts: {scan_result: clear}\n"
    state = played(same_day).actual[-1]["state"]
    assert state["disease"] == "surveillance.next_scan_later"


def test_an_expectation_that_does_not_come_true_is_told():
    (mismatch,) = played("  - on: 2026-02-01\n    expect: {held: true, tasks: []}\n").mismatches
    assert (mismatch.step, mismatch.key, mismatch.expected, mismatch.actual) == (1, "held", "true", "false")


BEFORE_JOINING = """\
  - on: 2026-03-05
    report: recurrence_confirmed
    occurred: 2026-01-10
    expect: {state: {disease: recurrence}, held: true, patient_state: {disease: surveillance.next_scan_later}}
"""


def test_bad_news_from_before_joining_that_is_told_late_is_held():
    """A patient who joined in follow-up must not learn from a screen of a recurrence that staff report afterwards."""
    assert played(BEFORE_JOINING).mismatches == ()


REMINDED = b"""
story: Reminded of the eye exam before a kidney problem is found
journey: diabetes
steps:
  - on: 2026-01-12
    enroll:
      entry: had_it_for_years
      facts: {last_a1c_on: 2025-12-15, last_eye_exam_on: 2025-02-01, last_kidney_test_on: 2025-12-01}
  - on: 2026-03-01
    expect: {reminders: [eye-exam-reminder]}
  - on: 2026-03-05
    report: kidney_problem_found
    expect: {held: true, reminders: []}
  - on: 2026-03-06
    report: kidney_problem_discussed
    expect: {held: false, reminders: []}
"""


def test_a_reminder_that_was_sent_is_not_sent_again_after_a_telling():
    story, _ = read_story(REMINDED, "reminded.yaml")
    release, catalogue = load(SHIPPED, "diabetes")
    told = play(story, Stage(release, catalogue))
    assert told.mismatches == ()
    lines = transcript(told, catalogue).splitlines()
    assert "still A new kidney problem" in lines[-1]
    assert "eyes: " not in lines[-1]


def test_a_step_that_tells_is_shown_how_a_telling_is_reported():
    text = REMINDED.replace(b"    report: kidney_problem_disc", b"    tell: kidney_problem_disc")
    _, problems = read_story(text, "reminded.yaml")
    assert "A telling is the report of what the hold waits for" in problems[0].message


DUE = "  - on: 2026-07-29\n    expect: %s\n"


@pytest.mark.parametrize(
    "expected",
    [
        "{sends: scan-reminder}",
        "{sends: [scan-reminder], suppressed: {}}",
        "{sends: [{piece: scan-reminder, channel: email}]}",
        '{sends: [{piece: scan-reminder, channel: email, at: "2026-07-29T00:00"}]}',
    ],
)
def test_a_message_that_leaves_is_expected_in_as_many_words_as_the_author_wants(expected):
    assert played(DUE % expected).mismatches == ()


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("{sends: []}", 'sends is [{piece: scan-reminder, channel: email, at: "2026-07-29T00:00"}], expected []'),
        ("{sends: [{piece: scan-reminder, channel: push}]}", "expected [{piece: scan-reminder, channel: push}]"),
        ("{suppressed: {scan-reminder: left}}", "suppressed is {}, expected {scan-reminder: left}"),
    ],
)
def test_a_message_that_is_not_as_expected_is_told_in_the_words_of_the_story(expected, text):
    (line,) = mismatches_in_words(played(DUE % expected))
    assert line.startswith("story.yaml:6:5 step 2: ")
    assert text in line


@pytest.mark.parametrize(
    ("person", "cells"),
    [
        ("", ["sent by e-mail", '"There is something new for you to read"']),
        ("person: {allows: [push]}\n", ["not sent", "the patient has not allowed it on any of its channels"]),
    ],
)
def test_a_transcript_has_a_line_for_each_message(person, cells):
    text = transcript(played("  - on: 2026-07-30\n" + person), load(SAMPLE, "follow_up")[1])
    (line,) = [line for line in text.splitlines() if "message" in line]
    assert re.split(r" {2,}", line) == ["2026-07-29", 'message at 00:00: "Your scan is still due"', *cells]


ANSWERS = """\
  - on: 2026-01-21
    report: seen
    by: patient
    question: smokes
  - on: 2026-01-22
    report: later
    by: family
    question: stage
    until: 2026-02-01
  - on: 2026-01-23
    report: answered
    by: patient
    facts: {smokes: declined, pack_years: "3"}
    expect: {outcome: stayed, state: {support: managing}}
"""


def test_questions_are_shown_answered_and_put_off_in_a_story():
    shown = played(ANSWERS)
    assert (shown.problems, shown.mismatches) == ((), ())
    assert {name: tuple(status) for name, status in shown.enrollment.state.asked.items()} == {
        "smokes": (0, "2026-01-21", None),
        "stage": (0, None, "2026-02-01"),
    }
    lines = transcript(shown, load(SAMPLE, "follow_up")[1]).splitlines()
    assert [
        words in line
        for words, line in zip(
            (
                "was asked: Do you smoke",
                "asks to be asked later, on 2026-02-01: stage",
                "answers: Do you smoke, Pack years",
            ),
            lines[-3:],
            strict=True,
        )
    ] == [True] * 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("    until: 2026-02-01T10:00:00Z\n", "a day such as 2026-01-15, without a time"),
        ("    until: soon\n", "must be a day such as 2026-01-15"),
    ],
)
def test_a_question_is_put_off_until_a_day(wrong, said):
    text = HEAD + "  - on: 2026-01-22\n    report: later\n    by: patient\n    question: stage\n" + wrong
    assert any(said in problem.message for problem in read_story(text.encode(), "story.yaml")[1])


def test_marks_of_questions_outlive_the_writing_of_a_story():
    story, _ = read_story((HEAD + ANSWERS).encode(), "story.yaml")
    again, problems = read_story(story_text(story).encode(), "story.yaml")
    assert problems == []
    told = [(step.target, step.question, step.until, step.facts) for step in again.steps]
    assert told == [(step.target, step.question, step.until, step.facts) for step in story.steps]


ASKED = """\
    expect: {asks: [smokes]}
  - on: 2026-01-21
    answers: {smokes: true}
    expect: {asks: [], sees: [follow-up-plan, smoking, where-to-ask]}
"""


def test_a_story_says_which_questions_are_asked_and_what_the_patient_answers():
    asked = played(ASKED)
    assert (asked.problems, asked.mismatches) == ((), ())
    step = asked.story.steps[-1]
    assert (step.action, step.target, step.by, step.facts) == ("report", "answered", "patient", {"smokes": "true"})
    assert [line.asks for line in asked.lines] == [("smokes",), ()]
    assert "asks: Do you smoke?" in transcript(asked, load(SAMPLE, "follow_up")[1]).splitlines()[1]


def test_a_question_that_is_not_asked_is_told_in_the_words_of_the_story():
    (mismatch,) = played("    expect: {asks: [smokes, last_scan_on]}\n").mismatches
    assert (mismatch.key, mismatch.expected, mismatch.actual) == ("asks", ["smokes", "last_scan_on"], ["smokes"])


def test_answers_are_written_as_answers():
    story, _ = read_story((HEAD + ASKED).encode(), "story.yaml")
    text = story_text(story)
    assert text.endswith("    answers: {smokes: true}\n")
    again, problems = read_story(text.encode(), "story.yaml")
    assert problems == []
    assert [replace(step, mark=None) for step in again.steps] == [
        replace(step, mark=None, expect={}) for step in story.steps
    ]


def test_answers_carry_their_own_facts():
    text = f"{HEAD}  - on: 2026-01-21\n    answers: {{smokes: true}}\n    facts: {{pack_years: 3}}\n"
    (problem,) = read_story(text.encode(), "story.yaml")[1]
    assert (problem.line, problem.message) == (8, "Write the facts of answers in 'answers' itself.")


@pytest.mark.parametrize("named", ["", ", id: scan"])
def test_a_transcript_says_what_was_taken_back(named):
    """In the words of the event, not by its id, whether or not the author gave one."""
    scan = f"  - {{on: 2026-01-21, report: scan_done, by: patient{named}}}\n"
    steps = f"{scan}  - {{on: 2026-01-22, retract: {'scan' if named else 'step-2'}}}\n"
    last = transcript(played(steps), load(SAMPLE, "follow_up")[1]).splitlines()[-1]
    title = load(SAMPLE, "follow_up")[0].plan.journey.triggers["scan_done"].title["en"]
    assert last.startswith(f"2026-01-22  taken back (entered in error): {title} (reported by patient)"), last


TOPICS = """\
  - on: 2026-01-21
    report: topic_declined
    by: patient
    topic: scans
"""


def test_topics_outlive_the_writing_of_a_story():
    story, _ = read_story((HEAD + TOPICS).encode(), "story.yaml")
    text = story_text(story)
    assert text.endswith("    report: topic_declined\n    by: patient\n    topic: scans\n")
    again, problems = read_story(text.encode(), "story.yaml")
    assert problems == []
    assert [replace(step, mark=None) for step in again.steps] == [replace(step, mark=None) for step in story.steps]


def test_a_topic_that_the_journey_does_not_declare_is_refused_in_a_story():
    (problem,) = played("    expect: {}\n" + TOPICS).problems
    assert "Unknown topic 'scans'" in problem.message


def test_a_transcript_says_which_topic_was_asked_for():
    path, files = STORIES["nsclc/60-what-lies-ahead-if-asked"]
    story, _ = read_story(path.read_bytes(), str(path))
    release, catalogue = load(files, story.journey)
    told = transcript(play(story, Stage(release, catalogue)), catalogue)
    assert "asks for the topic: What may lie ahead (reported by patient)" in told
    assert "declines the topic: What may lie ahead (reported by patient)" in told
