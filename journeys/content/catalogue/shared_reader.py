"""Reading what the languages of a piece share: `piece.yaml`, checked against a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from journeys.content.catalogue.pictures import MEDIA_TYPES
from journeys.content.catalogue.piece import (
    ACTIONS,
    CHANNELS,
    DEFAULT_CHANNELS,
    DEFAULT_ORDER,
    FOR_CARDS,
    PURPOSES,
    RULE,
    Action,
    Picture,
    Piece,
    Reference,
    Reviewed,
)
from journeys.content.catalogue.sources import SHARED, PieceSource
from journeys.content.markdown import accepts_link
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, ConditionError, compile_condition, parse_condition
from journeys.definition.model import Mark
from journeys.definition.reading import Fields, Node, Shape, read_tree
from journeys.definition.reading.shape import KEY
from journeys.primitives.canonical import parse_day
from journeys.primitives.problems import Problem, did_you_mean

_NOTE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SharedReader(Shape):
    """Reads piece.yaml."""

    def __init__(self, file: str, plan: ReleasePlan, source: PieceSource) -> None:
        super().__init__(file, RULE)
        self.plan = plan
        self.source = source
        self.track = source.place.partition("/")[0]
        self.reference_marks: dict[str, Mark] = {}

    def read(self) -> Piece:
        """The result of reading; problems are collected in `problems`."""
        tree, problems = read_tree(self.source.files.get(SHARED, b""), self.file)
        self.problems += problems
        optional = ("when", "show_in", "channels", "tags", "order", "reminder", "references", *FOR_CARDS)
        if problems and tree is None:
            fields = Fields(self, {}, {}, Mark())
        else:
            fields = self.fields(tree, "a piece", ("purpose",), optional)
        order = self.number(fields.get("order"), "'order'")
        return Piece(
            key=self.source.key,
            version=self.source.version,
            place=self.source.place,
            states=self.states(fields),
            purpose=self.one_of(fields.get("purpose"), "'purpose'", PURPOSES),
            when=self.when(fields.get("when")),
            channels=self.channels(fields.get("channels")),
            tags=tuple(self.tags(fields.get("tags"))),
            order=DEFAULT_ORDER if order is None else order,
            is_reminder=self.flag(fields.get("reminder"), "'reminder'"),
            references=self.references(fields.get("references")),
            texts={},
            action=self.action(fields.get("action")),
            image=self.image(fields.get("image")),
            reviewed=self.reviewed(fields.get("reviewed")),
        )

    # --- where ---------------------------------------------------------------------------------------------

    def states(self, fields: Fields) -> tuple[str, ...]:
        """The full paths of the states that show the piece."""
        own = self.own_state()
        node = fields.get("show_in")
        if node is None:
            return (own,) if own else ()
        states = [self.shown_in(text.text, text.mark) for text in self.texts(node, "'show_in'")]
        if not states:
            self.problem(
                fields.at("show_in"), "'show_in' is empty; leave it out to show the piece in its folder's state."
            )
        return tuple(dict.fromkeys(state for state in states if state))

    def own_state(self) -> str | None:
        """The state or track that the folder means."""
        track, *path = self.source.place.split("/")[:-1]
        if track not in self.plan.tracks:
            message = f"The folder '{track}' is no track of the journey.{did_you_mean(track, self.plan.tracks)}"
            self.problem(Mark(), message)
            return None
        states = self.plan.tracks[track].states
        if path and ".".join(path) not in states:
            folders = [state.replace(".", "/") for state in states]
            hint = did_you_mean("/".join(path), folders)
            self.problem(Mark(), f"The folder '{'/'.join(path)}' is no state of the track '{track}'.{hint}")
            return None
        return ".".join((track, *path))

    def shown_in(self, written: str, mark: Mark) -> str | None:
        """The state that an entry of `show_in` names."""
        if written in self.plan.tracks:
            return written
        track = self.track if self.track in self.plan.tracks else None
        state = self.plan.journey.resolve_state(written, track)
        if state is None:
            hint = did_you_mean(written, self.plan.journey.state_paths)
            self.problem(mark, f"'{written[:80]}' in 'show_in' is no state of this journey.{hint}")
        return state

    # --- the rest ------------------------------------------------------------------------------------------

    def when(self, node: Node | None) -> Compiled | None:
        """The compiled condition of the piece."""
        text = self.text(node, "'when'")
        if not text or node is None:
            return None
        track = self.track if self.track in self.plan.tracks else None
        try:
            checked = parse_condition(text, self.plan.scope(track, stay=True))
        except ConditionError as error:
            for message in error.messages:
                self.problem(node.mark, message, "condition")
            return None
        return compile_condition(text, checked, self.plan.facts)

    def channels(self, node: Node | None) -> tuple[str, ...]:
        """The channels of the piece."""
        channels = []
        for text in self.texts(node, "'channels'"):
            if text.text not in CHANNELS:
                hint = did_you_mean(text.text, CHANNELS)
                self.problem(text.mark, f"'{text.text[:40]}' in 'channels' is no channel.{hint}")
            else:
                channels.append(text.text)
        return tuple(name for name in CHANNELS if name in (channels or DEFAULT_CHANNELS))

    def tags(self, node: Node | None) -> Iterator[str]:
        """The tags of the piece."""
        for text in self.texts(node, "'tags'"):
            if not KEY.fullmatch(text.text) or len(text.text) > 64:
                self.problem(text.mark, f"The tag '{text.text[:80]}' must be lower case letters, digits, '_' and '-'.")
            else:
                yield text.text

    def references(self, node: Node | None) -> dict[str, Reference]:
        """The references by their key."""
        references: dict[str, Reference] = {}
        for key, value in self.entries(node, "'references'"):
            label = f"the reference '{key.text[:64]}'"
            if not _NOTE.fullmatch(key.text):
                self.problem(key.mark, f"The name of {label} must be letters, digits, '_' and '-' (at most 64).")
            fields = self.fields(value, label, ("title",), ("source", "url"))
            url = self.text(fields.get("url"), f"'url' of {label}")
            if url and not (url.startswith("https://") and accepts_link(url)):
                self.problem(fields.at("url"), f"'url' of {label} must begin with https:// and name a host.")
            self.reference_marks[key.text] = key.mark
            title = self.text(fields.get("title"), f"'title' of {label}")
            source = self.text(fields.get("source"), f"'source' of {label}")
            references[key.text] = Reference(key.text, title, source, url)
        return references

    # --- what a card shows beside its words --------------------------------------------------------------------

    def image(self, node: Node | None) -> Picture | None:
        """The picture of the card."""
        pictures = self.source.pictures
        if node is None:
            for name in pictures:
                self.problem(Mark(), f"The picture '{name}' is not shown; write 'image: {{file: {name}}}'.")
            return None
        fields = self.fields(node, "'image'", ("file",))
        name = self.text(fields.get("file"), "'file' of 'image'")
        if name not in pictures:
            hint = did_you_mean(name, pictures)
            self.problem(fields.at("file"), f"There is no picture '{name[:80]}' beside {SHARED}.{hint}")
            return None
        for other in pictures:
            if other != name:
                self.problem(fields.at("file"), f"A piece has one picture; remove '{other}'.")
        return Picture(name, MEDIA_TYPES[f".{name.rpartition('.')[2]}"], pictures[name])

    def action(self, node: Node | None) -> Action | None:
        """The action of the card."""
        if node is None:
            return None
        fields = self.fields(node, "'action'", (), ACTIONS)
        kinds = [kind for kind in ACTIONS if kind in fields]
        if len(kinds) != 1:
            self.problem(fields.mark, f"'action' needs one of {', '.join(ACTIONS)}, and one only.")
            return None
        target = self.text(fields.get(kinds[0]), f"'{kinds[0]}' of 'action'")
        mark = fields.at(kinds[0])
        match kinds[0]:
            case "report":
                self.check_report(target, mark)
            case "call":
                self.check_call(target, mark)
            case "link" if not (target.startswith("https://") and accepts_link(target)):
                self.problem(mark, "'link' of 'action' must begin with https:// and name a host.")
            case _:
                pass
        return Action(kinds[0], target)

    def check_report(self, name: str, mark: Mark) -> None:
        """An action reports what a patient may report."""
        journey = self.plan.journey
        trigger = journey.triggers.get(name) or journey.ends.get(name)
        theirs = [
            trigger.name for trigger in (*journey.triggers.values(), *journey.ends.values()) if "patient" in trigger.by
        ]
        if trigger is None:
            self.problem(mark, f"'{name[:80]}' in 'action' is no trigger of this journey.{did_you_mean(name, theirs)}")
        elif "patient" not in trigger.by:
            accepted = " or ".join(sorted(trigger.by))
            self.problem(mark, f"'{name}' in 'action' is reported by {accepted}, not by patients.")

    def check_call(self, name: str, mark: Mark) -> None:
        """An action calls a telephone number of the programme."""
        declared = self.plan.journey.programme
        phones = [value.name for value in declared.values() if value.kind == "phone"]
        if name not in phones:
            label = "is no telephone number" if name in declared else "is no declared value"
            self.problem(mark, f"'{name[:80]}' in 'action' {label} of the programme.{did_you_mean(name, phones)}")

    def reviewed(self, node: Node | None) -> Reviewed | None:
        """Who reviewed the piece, and when."""
        if node is None:
            return None
        fields = self.fields(node, "'reviewed'", ("by", "on"))
        on = self.text(fields.get("on"), "'on' of 'reviewed'")
        try:
            parse_day(on)
        except ValueError:
            self.problem(fields.at("on"), "'on' of 'reviewed' must be a date such as 2026-01-15.")
        by = self.text(fields.get("by"), "'by' of 'reviewed'")
        if len(by) > 100 or not by.isprintable():
            self.problem(fields.at("by"), "'by' of 'reviewed' must be one line of at most 100 characters.")
        return Reviewed(by, on)

    def check_notes(self, notes: Mapping[str, set[str]], piece: Piece) -> list[Problem]:
        """References that no text cites, or only some languages."""
        problems = []
        for name in piece.references:
            mark = self.reference_marks[name]
            lacking = [locale for locale, cited in notes.items() if name not in cited]
            if notes and len(lacking) == len(notes):
                message = (
                    f"The reference '{name}' is never cited; write [^{name}] behind what it supports, or remove it."
                )
                problems.append(Problem(self.file, mark.line, mark.column, "error", RULE, message))
            elif lacking:
                message = f"The reference '{name}' is not cited in {', '.join(f'{locale}.md' for locale in lacking)}."
                problems.append(Problem(self.file, mark.line, mark.column, "warning", RULE, message))
        return problems
