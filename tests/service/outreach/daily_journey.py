"""A journey of some weeks with reminders, pages that send themselves, held news and replies; made for the audit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

CHANNELS = ("email", "sms", "push", "post")
DAYS = 24
REMINDERS = ("day-0", "day-1", "day-2")
REPLIES = {"reply-opt-out": "opt_out", "reply-help": "help", "reply-unknown": "unknown"}
#: The pages that send themselves: their state, when, for how long they are of use, and how soon they go again.
SENDS = {
    "welcome": ("course/going_on", '{on: entry, at: "09:00"}', "P3D", "PT1M"),
    "after-welcome": ("course/going_on", "{after: welcome, delay: P1D}", "P3D", "PT1M"),
    "rest": ("course/resting", "{on: entry, delay: PT2H}", "P1D", "P1D"),
    "bad-news": ("news/bad", "{on: entry}", "P3D", "PT1M"),
}
NOT_AGAIN = {
    **dict.fromkeys(REMINDERS, timedelta(days=7)),
    **dict.fromkeys(("welcome", "after-welcome", "bad-news"), timedelta(minutes=1)),
    "rest": timedelta(days=1),
}
#: The topics of pieces; the others have none.
TOPICS = {"day-0": "days", "day-2": "days", "after-welcome": "welcome", "rest": "days"}
_JOURNEY = """
journey: daily
title: {{en: Day by day}}
locales: [en]
triggers:
  told: {{by: [patient], title: {{en: Told}}}}
  paused: {{by: [patient], title: {{en: Paused}}}}
  worse: {{by: [staff], title: {{en: Worse}}}}
  explained: {{by: [staff], title: {{en: Explained}}}}
ends:
  left: {{by: [patient, staff], title: {{en: Left}}}}
topics:
  days: {{en: Days}}
  welcome: {{en: Welcome}}
entry:
  begin: {{title: {{en: Begin}}, state: course.going_on}}
tracks:
  course:
    initial: going_on
    states:
      going_on:
        title: {{en: Going on}}
        on: {{paused: resting}}
        after:
{timers}
      resting:
        title: {{en: Resting}}
        on: {{told: going_on}}
  news:
    initial: none
    states:
      none:
        title: {{en: No news}}
        on: {{worse: bad}}
        no_content: nothing to read
      bad:
        title: {{en: Bad news}}
        hold_until: explained
        on: {{explained: stay}}
"""
_TEXT = """---
title: A message
summary: Please do it.
subject: A message
text: Please do it today.
push: Please do it today.
---
Please do it **today**.
"""


def write_journey(folder: Path, reminders: tuple[str, ...] = REMINDERS) -> None:
    """Writes the definition: a reminder on every day, of those that are named."""
    days = [day for day in range(1, DAYS) if f"day-{day % 3}" in reminders]
    timers = "\n".join(f"          - {{delay: P{day}D, remind: day-{day % 3}}}" for day in days)
    folder.mkdir()
    (folder / "daily.yaml").write_text(_JOURNEY.format(timers=timers))


def write_content(folder: Path) -> None:
    """Writes all pieces."""
    channels = ", ".join(("web", *CHANNELS))
    for key in REMINDERS:
        properties = f"purpose: adherence\nreminder: true\nuseful_for: P3D\nchannels: [{channels}]\n"
        _write(folder / "daily" / "course" / "going_on" / key, properties + _topic(key))
    for order, (key, (state, send, useful_for, not_again)) in enumerate(SENDS.items()):
        properties = f"purpose: adherence\norder: {order}\nsend: {send}\nchannels: [{channels}]\n"
        _write(
            folder / "daily" / state / key,
            f"{properties}useful_for: {useful_for}\nnot_again: {not_again}\n{_topic(key)}",
        )
    for key, question in REPLIES.items():
        _write(folder / "daily" / "_texts" / key, f"kind: reply\npurpose: support\nanswers: {question}\n")


def _topic(key: str) -> str:
    return f"topic: {TOPICS[key]}\n" if key in TOPICS else ""


def _write(folder: Path, properties: str) -> None:
    folder.mkdir(parents=True)
    (folder / "piece.yaml").write_text(properties)
    text = "\n".join(line for line in _TEXT.splitlines() if "kind: reply" not in properties or "push" not in line)
    (folder / "en.md").write_text(text + "\n")
