"""Start files of a new journey or piece: without lint errors, with notes on what to write. It writes nothing."""

from __future__ import annotations

from journeys.definition.model import Journey
from journeys.primitives.messages import package_translations

_JOURNEY = """\
# yaml-language-server: $schema=journey.schema.json
# Write that file once: journeys schema journey > definitions/journey.schema.json
#
# A journey: what can be reported, and what each state does on it. docs/authoring.md has the whole format.
# See it as you write: journeys preview KEY. Every mistake with its line: journeys lint KEY.
journey: KEY
title: {en: TITLE}
locales: [en]                       # with another language, every title and piece needs it too

facts:                              # what people report; each has a type
  last_visit_on: {type: date, past: true, title: {en: Day of your last visit}}

triggers:                           # what can be reported, by whom, and with which facts
  visit_done: {by: [patient, staff], requires: [last_visit_on], title: {en: Visit done}}

ends:                               # what ends the journey, from any state
  left: {by: [patient, staff], title: {en: Left the programme}}

entry:                              # where people join, in their own words
  start: {title: {en: I want to be reminded}, state: visit.none_due, asks: [last_visit_on]}

tracks:                             # parts of the journey side by side; each track is in one state at a time
  visit:
    title: {en: Visits}
    initial: none_due
    states:
      none_due:
        title: {en: No visit due}
        on: {visit_done: none_due}  # done early: the year begins anew
        after:
          - {delay: P1Y, from: last_visit_on, to: due}
          - {delay: P1M, to: due, when: last_visit_on is not known}
      due:
        title: {en: A visit is due}
        on: {visit_done: none_due}
"""
_PERSONA = """\
# A sample patient, for journeys preview, render --persona and play. Made up, as all of them are.
persona: Sam, whose visit is due
journey: KEY
entry: start
joined: 2026-01-15
facts: {last_visit_on: 2026-01-10}
today: 2027-02-01
"""
_STORY = """\
# A dated script with the expected results. journeys test plays it; journeys play FILE prints it.
story: A year goes by
journey: KEY
steps:
  - on: 2026-01-15
    enroll: {entry: start, facts: {last_visit_on: 2026-01-10}}
    expect: {state: {visit: none_due}, sees: [KEY-all-set]}
  - on: 2027-01-10
    expect: {state: {visit: due}, sees: [KEY-book-a-visit]}
"""
_PIECE = """\
# Settings for all languages. The piece is shown in the state that its folder is named for.
purpose: education          # education, treatment, adherence, support, marketing
# when: "a condition"       # shown only if it is true; an unknown fact shows nothing
# order: 20                 # small first; 100 unless given
# channels: [web, email, sms, push, post]   # sms needs 'text' in each language, push needs 'push'
# references:               # sources for footnotes such as [^name]
#   name: {title: "What it is called", source: "Where it was published"}
"""
_TEXT = """\
---
# Shown in lists and on locked screens. No facts about the person here.
title: {title}
summary: {summary}
---
{body}
"""
_SAMPLE_TEXTS = package_translations("service", "preview")


def new_journey(key: str, title: str) -> dict[str, str]:
    """The files of a new journey by path, from the folder that holds `definitions` and `content`."""
    first = key.replace("_", "-")
    files = {
        f"definitions/{key}.yaml": _JOURNEY,
        f"definitions/personas/{key}-sample.yaml": _PERSONA,
        f"stories/{key}/a-year.yaml": _STORY,
    }
    for path, title_of, body in (
        (f"none_due/{first}-all-set", "You are all set", "**No visit is due now.** We will tell you when it is time."),
        (f"due/{first}-book-a-visit", "Time to book a visit", "**Call your clinic and book a visit.**"),
    ):
        folder = f"content/{key}/visit/{path}"
        files[f"{folder}/piece.yaml"] = _PIECE
        files[f"{folder}/en.md"] = _text(title_of, "What to do about your yearly visit.", body)
    return {
        path: text.replace("KEY-", f"{first}-").replace("KEY", key).replace("TITLE", f'"{title}"')
        for path, text in files.items()
    }


def new_piece(journey: Journey, state_path: str, key: str) -> dict[str, str]:
    """The files of a new piece, by path from the folder of content.

    Args:
        journey: the journey.
        state_path: a track, or a state in full (`track.state`).
        key: the piece's key.
    """
    folder = f"{journey.key}/{state_path.replace('.', '/')}/{key}"
    files = {f"{folder}/piece.yaml": _PIECE}
    for locale in journey.locales:
        files[f"{folder}/{locale}.md"] = _text(**_SAMPLE_TEXTS.for_locale(locale))
    return files


def _text(title: str, summary: str, body: str) -> str:
    return _TEXT.replace("{title}", title).replace("{summary}", summary).replace("{body}", body)
