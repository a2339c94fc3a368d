"""The forms of reports: what is drawn, and what was filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from werkzeug.datastructures import MultiDict

from journeys.content.screen import Field
from journeys.definition.model import Fact
from journeys.engine import Report
from journeys.primitives.canonical import midnight
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.enrollments.requests import digest_of
from service.enrollments.staff_reports import Correction
from service.http.fields import is_text

#: Before the name of a fact in the name of its field.
FACT = "fact."
LONGEST_ID = 64
NOT_A_DAY = "Write a day such as 2026-08-05."
_NAME = re.compile(r"'[a-z0-9_]+'|\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
_WHOLE = re.compile("-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredReport:
    """A report as it was filled in. `day` is a text; `id` was given to the form, so that sending it again is a repeat.

    `tag` names the state that the page showed; `replaces` the event that it corrects, if any.
    """

    id: str
    tag: str
    type: str
    day: str
    is_told: bool
    facts: Mapping[str, Any]
    replaces: str | None = None

    @property
    def digest(self) -> str:
        """The digest by which a repeat is recognised."""
        body = {"id": self.id, "type": self.type, "occurred_at": self.day, "told": self.is_told, "facts": self.facts}
        return digest_of("form", body if self.replaces is None else body | {"replaces": self.replaces})

    def report_by(
        self, caller: Caller, now: datetime, today: date, corrected: Correction | None = None
    ) -> Report | Refused:
        """The report, or the problem with its day. Today means now: what was reported earlier today precedes it.

        A corrected event keeps its time where its day is unchanged.
        """
        is_today = self.day in ("", today.isoformat())
        try:
            at, is_day = (now, False) if is_today else (midnight(date.fromisoformat(self.day).isoformat()), True)
        except ValueError:
            return Refused({"occurred_at": [NOT_A_DAY]})
        if corrected is not None and self.day == corrected.day:
            at, is_day = corrected.event.at, corrected.event.day
        return Report(
            id=self.id,
            type=self.type,
            reporter=caller.name,
            by=caller.by,
            at=at,
            day=is_day,
            sequence=corrected.event.sequence if corrected is not None else 0,
            facts=self.facts,
            told=self.is_told,
            replaces=self.replaces,
        )


def entered_report(form: MultiDict[str, str], facts: Mapping[str, Fact]) -> EnteredReport:
    """Return what was filled in; `facts` are those of the journey, by name.

    Raises:
        Refused: the form has no readable id or trigger.
    """
    event, trigger = form.get("id", ""), form.get("type", "")
    if not is_text(event, LONGEST_ID) or not is_text(trigger, LONGEST_ID):
        raise Refused({"form": ["The form is not one of this page. Open the page again."]})
    values = {
        name.removeprefix(FACT): _value(form.getlist(name), facts.get(name.removeprefix(FACT)))
        for name in form
        if name.startswith(FACT)
    }
    return EnteredReport(
        id=event,
        tag=form.get("tag", ""),
        type=trigger,
        day=form.get("occurred_at", "").strip(),
        is_told="told" in form,
        facts={name: value for name, value in values.items() if value is not None},
        replaces=form.get("replaces") or None,
    )


def in_words(problem: str, titles: Mapping[str, str]) -> str:
    """Return a problem with the titles of facts in place of their names: in quotes, or with an underscore."""

    def titled(match: re.Match[str]) -> str:
        title = titles.get(match[0].strip("'"))
        return match[0] if title is None else f"“{title}”"

    return _NAME.sub(titled, problem)


def in_groups(fields: Iterable[Field]) -> list[tuple[str | None, Sequence[Field]]]:
    """Return the fields in runs of the same group, each with its group, or None."""
    return [(group, list(run)) for group, run in groupby(fields, lambda field: field.group)]


def _value(texts: Sequence[str], fact: Fact | None) -> Any:
    """The value of the texts of a field as JSON, None where it was left empty; the journey checks it later."""
    filled = [text.strip() for text in texts if text.strip()]
    if not filled:
        return None
    kind = fact.kind.kind if fact is not None else "text"
    if kind == "set":
        return filled
    text = filled[0]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer":
        return int(text) if _WHOLE.fullmatch(text) else text
    return text
