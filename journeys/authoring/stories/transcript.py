"""Writes a played story as a transcript for people: one line for each event and timer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from journeys.authoring.stories.played import Played, StoryLine
from journeys.authoring.stories.script import Story, StoryStep
from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import entry_chain
from journeys.definition.model import ANSWERED, LATER, TOPIC_ASKED, Titles
from journeys.definition.questions import declared_questions
from journeys.engine import Result
from journeys.engine.effects import TELL
from journeys.outreach.simulate import SimulatedMessage
from journeys.outreach.wording import CHANNEL_NAMES, GATE_REASONS
from journeys.primitives.locales import served_locale

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def transcript(played: Played, catalogue: Catalogue, locale: str = "") -> str:
    """The transcript of a story, one line for each event, timer and message; it ends with a line break.

    A message has the day and time of the patient's clock.
    """
    plan = catalogue.plan
    words = Wording(catalogue, played.story, served_locale(locale or played.story.locale, plan.journey.locales))
    head = f"{played.story.patient} · {played.story.title} · journey {plan.journey.key}, release {plan.id[:8]}"
    rows = list(_rows(played, words))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [head]
    for row in rows:
        cells = [cell.ljust(min(width, 60)) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[3]]).rstrip())
    return "\n".join(lines) + "\n"


def _rows(played: Played, words: Wording) -> Iterator[tuple[str, str, str, str]]:
    shown = 0
    for line in played.lines:
        earlier = [message for message in line.messages if message.at < line.at]
        yield from map(words.message, earlier)
        if not words.is_quiet(line):
            yield _day(line.at), words.happened(line), words.stands(line), words.notes(line)
        yield from map(words.message, line.messages[len(earlier) :])
        shown += len(line.messages)
    yield from map(words.message, played.messages[shown:])


def _day(instant: datetime) -> str:
    return instant.date().isoformat()


class Wording:
    """Puts the lines of a story into words in one locale."""

    def __init__(self, catalogue: Catalogue, story: Story, locale: str) -> None:
        self.plan = catalogue.plan
        self.catalogue = catalogue
        self.story = story
        self.locale = locale

    def title(self, titles: Titles, name: str) -> str:
        """A text in the locale, or else in the first declared one, or else the name."""
        return titles.get(self.locale) or titles.get(self.plan.journey.locales[0]) or name

    def is_quiet(self, line: StoryLine) -> bool:
        """Whether a line had no effect: time passed, and no timer's `when` was true."""
        is_time = line.step is None and bool(line.timers)
        return is_time and not self.took(line) and not line.reminders and not line.tasks and line.sees == line.saw

    def took(self, line: StoryLine) -> list[Result]:
        """The timers of a line that had an effect."""
        idle = {
            (fired.name, fired.at)
            for stays in line.state.tracks.values()
            for stay in stays
            for fired in stay.fired
            if not fired.took
        }
        return [result for result in line.timers if result.transitions or (result.type, result.at) not in idle]

    def happened(self, line: StoryLine) -> str:
        """The event of a line and its reporter, or its timers, in words."""
        if line.step is None:
            return "; ".join(self.timer(result) for result in self.took(line) or line.timers) or "time passes"
        return self.step(line.step)

    def step(self, step: StoryStep) -> str:
        """A step in words; an event that is taken back is named by what it reported."""
        late = f", happened {_day(step.occurred[0])}" if step.occurred else ""
        journey = self.plan.journey
        match step.action:
            case "enroll":
                entry = journey.entries.get(step.target)
                return f'joins: "{self.title(entry.title, step.target)}"' if entry else "joins"
            case "retract":
                retracted = self.story.step_named(step.target)
                event = self.step(retracted) if retracted else step.target
                return f"taken back ({step.reason.replace('_', ' ')}): {event}"
            case "place":
                return f"placed in {step.target} (by staff)"
            case "migrate":
                return f"moved to {step.target}"
        trigger = journey.triggers.get(step.target) or journey.ends.get(step.target)
        happened = self.title(trigger.title, step.target) if trigger else self.built_in(step)
        return f"{happened} (reported by {step.by}{late})"

    def built_in(self, step: StoryStep) -> str:
        """An event that every journey has, in words."""
        if step.topic is not None:
            act = "asks for" if step.target == TOPIC_ASKED else "declines"
            return f"{act} the topic: {self.title(self.plan.journey.topics.get(step.topic, Titles()), step.topic)}"
        question = self.facts([step.question]) if step.question else ""
        if step.target == ANSWERED:
            return f"answers: {question or self.facts(list(step.facts))}"
        if step.target == LATER and step.until:
            return f"asks to be asked later, on {step.until.isoformat()}: {question}"
        return f"was asked: {question}" if question else step.target

    def timer(self, result: Result) -> str:
        """The delay of a timer in words, from its name (`to scan_due P6M from last_scan_on`)."""
        for state in self.plan.states.values():
            for timer in state.timers:
                if timer.name == result.type:
                    return _delay_in_words(timer.delay.months, timer.delay.rest.days, self.start(timer.start))
        return result.type

    def start(self, fact: str | None) -> str:
        """The start of a timer's delay, in words."""
        if fact is None:
            return "later"
        title = self.title(self.plan.journey.facts[fact].title, fact.replace("_", " "))
        return title[0].lower() + title[1:]

    def stands(self, line: StoryLine) -> str:
        """The states that were entered, or the current states."""
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
        if line.before is None:  # a patient joins: only the tracks that do not begin in their initial state
            tracks = [name for name in tracks if not self.is_at_its_beginning(line, name)] or tracks[:1]
        if tracks:
            return " / ".join(self.places(line, tracks))
        still = self.main_track(line)
        stays = line.state.tracks.get(still)
        return f"still {self.leaf(still, stays[-1].state)}" if stays else ""

    def places(self, line: StoryLine, tracks: Sequence[str]) -> list[str]:
        """The current states of some tracks; several tracks are listed with their names."""
        titles = [self.leaf(name, line.state.tracks[name][-1].state) for name in tracks]
        if len(tracks) < 2:
            return titles
        return [f"{name.replace('_', ' ')}: {title}" for name, title in zip(tracks, titles, strict=True)]

    def is_at_its_beginning(self, line: StoryLine, track: str) -> bool:
        """Whether a track is in its initial state."""
        declared = self.plan.tracks[track].declared
        assert declared.initial is not None
        return line.state.tracks[track][-1].state == entry_chain(declared, declared.initial.text)[-1]

    def main_track(self, line: StoryLine) -> str:
        """The track that a line's event changed or disclosed, else the first track."""
        still_open = {news.id for news in line.news}
        for news in line.news_before:
            if news.id not in still_open and news.track in line.state.tracks:
                return news.track
        for result in (*([line.result] if line.result else []), *self.took(line)):
            for track, outcome in result.by_track:
                if outcome != "ignored" and track in line.state.tracks:
                    return track
            for track, stays in line.state.tracks.items():
                if any((fired.name, fired.at) == (result.type, result.at) for stay in stays for fired in stay.fired):
                    return track
        return next(iter(self.plan.tracks))

    def held_track(self, line: StoryLine) -> str:
        """The first track with a held state, else the first track."""
        held = (news.track for news in line.news if news.track in line.view.tracks)
        return next(held, next(iter(line.view.tracks)))

    def leaf(self, track: str, path: str) -> str:
        """The title of a state."""
        declared = self.plan.tracks.get(track)
        if declared is None or path not in declared.declared.states:
            return path
        return self.title(declared.declared.states[path].title, path)

    def notes(self, line: StoryLine) -> str:
        """All notes of a line, in one text."""
        return "  ".join(self.all_notes(line))

    def all_notes(self, line: StoryLine) -> Iterator[str]:
        """Notes on the patient's view and reminders, the tasks of staff, and waiting events."""
        result = line.result
        if result is None and line.step is not None and line.step.action == "report":
            yield "delivered again: nothing changes"
        if result is not None and result.outcome == "waiting":
            yield f"WAITS for {self.facts(result.waiting_for)}"
        if result is not None and result.outcome == "ignored":
            reasons = sorted({reason for _, reason in result.why})
            yield f"ignored: {'; '.join(reasons)}" if reasons else "ignored"
        held = {news.id for news in line.news}
        was_held = {news.id for news in line.news_before}
        if held and line.state.ended is None and (not was_held or was_held - held):
            tracks = [
                name
                for name in self.plan.tracks
                if name in line.view.tracks and line.view.tracks[name][-1].state != line.state.tracks[name][-1].state
            ] or [self.held_track(line)]
            seen = " / ".join(self.leaf(name, line.view.tracks[name][-1].state) for name in tracks)
            yield f'HELD: the patient still sees "{seen}".'
        new = [key for key in line.sees if key not in line.saw]
        if new:
            yield f"sees: {self.titles(new)}"
        if line.asks:
            yield f"asks: {self.questions(line.asks)}"
        if line.reminders:
            yield f"reminder: {self.titles(line.reminders)}"
        for effect in line.tasks:
            assert effect.following is not None
            title = "tell the patient" if effect.name == TELL else effect.following.title
            due = effect.following.due
            yield f"Task: {title}" + (f", by {due.day} {_MONTHS[due.month - 1]}" if due else "")

    def message(self, message: SimulatedMessage) -> tuple[str, str, str, str]:
        """The columns of a message: its day, its time and title, whether it left, and its words or the reason."""
        happened = f'message at {message.local:%H:%M}: "{self.titles([message.piece])}"'
        if message.channel is not None:
            frame = f", in {message.frame}" if message.frame else ""
            by = f"sent by {CHANNEL_NAMES[message.channel]}"
            return _day(message.local), happened, by, f'"{message.line}"{frame}'
        reason = GATE_REASONS[message.reason] if message.reason is not None else ""
        return _day(message.local), happened, "waits" if message.status == "waiting" else "not sent", reason

    def titles(self, keys: Sequence[str]) -> str:
        """The titles of pieces."""
        titles = []
        for key in keys:
            piece = self.catalogue.pieces.get(key)
            text = piece.texts.get(self.locale) if piece is not None else None
            titles.append(text.title if text is not None else key)
        return "; ".join(titles)

    def questions(self, names: Sequence[str]) -> str:
        """The words of questions."""
        surveys = self.plan.journey.surveys
        asks = {question.name: question.ask.question for question in declared_questions(self.plan.journey)}
        asks |= {key: survey.ask.question for key, survey in surveys.items()}
        return " ".join(self.title(asks[name], name) if name in asks else name for name in names)

    def facts(self, names: Sequence[str]) -> str:
        """The titles of facts, and the words of surveys."""
        titles = {name: fact.title for name, fact in self.plan.journey.facts.items()}
        titles |= {key: survey.ask.question for key, survey in self.plan.journey.surveys.items()}
        return ", ".join(self.title(titles[name], name) if name in titles else name for name in names)


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
