"""A played story as a transcript that a person can read: one line for each thing that happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from journeys.catalogue import Catalogue
from journeys.compiler import ReleasePlan
from journeys.engine import Result
from journeys.engine.effects import TELL
from journeys.model import Titles
from journeys.stories.play import Line, Played

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def transcript(played: Played, catalogue: Catalogue, locale: str = "") -> str:
    """The transcript of a story, one line for each event and timer; ends with a new line."""
    plan = catalogue.plan
    words = Wording(plan, catalogue, locale or played.story.locale or plan.journey.locales[0])
    head = f"{played.story.patient} · {played.story.title} · journey {plan.journey.key}, release {plan.id[:8]}"
    rows = [(_day(line.at), words.happened(line), words.stands(line), words.notes(line)) for line in played.lines]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [head]
    for row in rows:
        cells = [cell.ljust(min(width, 60)) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[3]]).rstrip())
    return "\n".join(lines) + "\n"


def _day(instant: datetime) -> str:
    return instant.date().isoformat()


class Wording:
    """Puts lines into words in one locale."""

    def __init__(self, plan: ReleasePlan, catalogue: Catalogue, locale: str) -> None:
        self.plan = plan
        self.catalogue = catalogue
        self.locale = locale

    def title(self, titles: Titles, name: str) -> str:
        """A text in the locale, or else in the first declared one, or else the name."""
        return titles.get(self.locale) or titles.get(self.plan.journey.locales[0]) or name

    def happened(self, line: Line) -> str:
        """What happened, and who told it."""
        step = line.step
        if step is None:
            return "; ".join(self.timer(result) for result in line.timers) or "time passes"
        late = f", happened {_day(step.occurred[0])}" if step.occurred else ""
        journey = self.plan.journey
        match step.action:
            case "enroll":
                entry = journey.entries.get(step.what)
                return f'joins: "{self.title(entry.title, step.what)}"' if entry else "joins"
            case "retract":
                return f"taken back: {step.what} ({step.reason})"
            case "place":
                return f"placed in {step.what} (by staff)"
            case "migrate":
                return f"moved to {step.what}"
        trigger = journey.triggers.get(step.what) or journey.ends.get(step.what)
        return f"{self.title(trigger.title, step.what) if trigger else step.what} (told by {step.by}{late})"

    def timer(self, result: Result) -> str:
        """What a timer waited for, from its name (`to scan_due P6M from last_scan_on`)."""
        for state in self.plan.states.values():
            for timer in state.timers:
                if timer.name == result.type:
                    return _delay_in_words(timer.delay.months, timer.delay.rest.days, self.start(timer.start))
        return result.type

    def start(self, fact: str | None) -> str:
        """What a timer counts from."""
        if fact is None:
            return "later"
        title = self.title(self.plan.journey.facts[fact].title, fact.replace("_", " "))
        return title[0].lower() + title[1:]

    def stands(self, line: Line) -> str:
        """The states entered, or where things still are."""
        if line.state.ended is not None:
            end = self.plan.journey.ends[line.state.ended.trigger]
            return self.title(end.title, line.state.ended.trigger)
        results = [*([line.result] if line.result else []), *line.timers]
        moved = {move.track for result in results for move in result.transitions}
        if line.step is not None and line.step.action in ("retract", "migrate") and line.before is not None:
            moved |= {
                name
                for name, stays in line.state.tracks.items()
                if name not in line.before.tracks or line.before.tracks[name][-1].state != stays[-1].state
            }
        tracks = [name for name in self.plan.tracks if name in moved and name in line.state.tracks]
        titles = [self.leaf(name, line.state.tracks[name][-1].state) for name in tracks]
        if titles:
            return " / ".join(titles)
        first = next(iter(self.plan.tracks))
        stays = line.state.tracks.get(first)
        return f"still {self.leaf(first, stays[-1].state)}" if stays else ""

    def leaf(self, track: str, path: str) -> str:
        """The title of a state."""
        declared = self.plan.tracks.get(track)
        if declared is None or path not in declared.declared.states:
            return path
        return self.title(declared.declared.states[path].title, path)

    def notes(self, line: Line) -> str:
        """All notes of a line, in one."""
        return "  ".join(self.all_notes(line))

    def all_notes(self, line: Line) -> Iterator[str]:
        """What the patient sees and gets, what staff have to do, what waits."""
        result = line.result
        if result is None and line.step is not None and line.step.action == "report":
            yield "delivered again: nothing changes"
        if result is not None and result.outcome == "waiting":
            yield f"WAITS for {self.facts(result.waiting_for)}"
        if result is not None and result.outcome == "ignored":
            reasons = sorted({reason for _, reason in result.why})
            yield f"ignored: {'; '.join(reasons)}" if reasons else "ignored"
        held = {hold.id for hold in line.state.holds}
        was_held = {hold.id for hold in line.before.holds} if line.before is not None else set()
        if held and line.state.ended is None and (not was_held or was_held - held):
            tracks = [name for name in self.plan.tracks if name in line.view.tracks]
            seen = " / ".join(self.leaf(name, line.view.tracks[name][-1].state) for name in tracks)
            yield f'HELD: the patient still sees "{seen}".'
        new = [key for key in line.sees if key not in line.saw]
        if new:
            yield f"sees: {self.titles(new)}"
        if line.reminders:
            yield f"reminder: {self.titles(line.reminders)}"
        for effect in line.tasks:
            assert effect.what is not None
            title = "tell the patient" if effect.name == TELL else effect.what.title
            due = effect.what.due
            yield f"Task: {title}" + (f", by {due.day} {_MONTHS[due.month - 1]}" if due else "")

    def titles(self, keys: Sequence[str]) -> str:
        """The titles of pieces."""
        found = []
        for key in keys:
            piece = self.catalogue.pieces.get(key)
            text = piece.texts.get(self.locale) if piece is not None else None
            found.append(text.title if text is not None else key)
        return "; ".join(found)

    def facts(self, names: Sequence[str]) -> str:
        """The titles of facts."""
        facts = self.plan.journey.facts
        return ", ".join(self.title(facts[name].title, name) if name in facts else name for name in names)


def _delay_in_words(months: int, days: int, start: str) -> str:
    parts = []
    if months:
        years, rest = divmod(abs(months), 12)
        parts += [f"{years} year{'s' if years > 1 else ''}"] if years else []
        parts += [f"{rest} month{'s' if rest > 1 else ''}"] if rest else []
    if days:
        parts.append(f"{abs(days)} day{'s' if abs(days) > 1 else ''}")
    amount = " ".join(parts) or "some hours"
    if start == "later":
        return f"{amount} later"
    return f"{amount} {'before' if months < 0 or days < 0 else 'after'} {start}"
