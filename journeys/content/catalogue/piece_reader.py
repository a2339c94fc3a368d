"""Reads `piece.yaml`, the settings that all languages of a piece have in common, against a release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from journeys.content.catalogue.front_matter import FrontMatterForm
from journeys.content.catalogue.pictures import MEDIA_TYPES
from journeys.content.catalogue.piece import (
    CHANNELS,
    DEFAULT_CHANNELS,
    DEFAULT_ORDER,
    PURPOSES,
    RULE,
    Action,
    Picture,
    Piece,
    Reference,
    Reviewed,
)
from journeys.content.catalogue.sources import SHARED, TEXT_FOLDER, PieceSource
from journeys.content.catalogue.text_kinds import (
    FRAMED,
    KINDS,
    NOUNS,
    QUESTIONS,
    SENT_BY,
    Grants,
    GrantsForm,
    PieceKind,
    read_grants,
)
from journeys.content.markdown import accepts_link
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, ConditionError, compile_condition, parse_condition
from journeys.definition.model import Mark, Text
from journeys.definition.reading import Node, Shape, kinds, read_tree
from journeys.definition.reading.forms import FileForm, FormField, names_of, part
from journeys.definition.reading.kinds import CONDITION, FLAG, NUMBER, STATES, TEXT, TEXTS, Kind
from journeys.definition.reading.shape import KEY, MAX_NAME
from journeys.primitives.canonical import parse_day
from journeys.primitives.characters import is_plain_line
from journeys.primitives.problems import Problem, did_you_mean

_NOTE = re.compile(r"[A-Za-z0-9_-]{1,64}")


# --- forms ---------------------------------------------------------------------------------------------------


def _read_channels(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    texts = shape.texts(node, label)
    for text in texts:
        if text.text not in CHANNELS:
            hint = did_you_mean(text.text, CHANNELS)
            shape.problem(text.mark, f"'{text.text[:40]}' in {label} is not a channel.{hint}")
    channels = {text.text for text in texts} & set(CHANNELS) or DEFAULT_CHANNELS
    return tuple(name for name in CHANNELS if name in channels)


def _read_tags(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    texts = shape.texts(node, label)
    for text in texts:
        if not KEY.fullmatch(text.text) or len(text.text) > MAX_NAME:
            shape.problem(text.mark, f"The tag '{text.text[:80]}' must be lower case letters, digits, '_' and '-'.")
    return tuple(text.text for text in texts)


DAY = kinds.text(accepts="a day, such as 2026-01-15", schema=kinds.DAY_SCHEMA)
PICTURE = kinds.text(accepts="an SVG or PNG file", schema={"type": "string", "pattern": r"\.(svg|png)$"})
ADDRESS = kinds.text(accepts="an address that begins with `https://`", schema=kinds.HTTPS_SCHEMA)


class ReferenceForm(FileForm):
    """A source that footnotes cite, in `references`."""

    title = FormField(TEXT, "The title.", required=True)
    source = FormField(TEXT, "The publisher, or the number of the publication.")
    url = FormField(ADDRESS, "The address, if there is one.")


class ImageForm(FileForm):
    """The picture of a card, `image`."""

    file = FormField(PICTURE, "A file in the folder of the piece.", required=True)


class CardActionForm(FileForm):
    """The button of a card, `action`: exactly one key."""

    report = FormField(kinds.text(accepts="a trigger"), "The card reports this trigger.")
    call = FormField(kinds.text(accepts="a value of the programme"), "The card calls this telephone number.")
    link = FormField(ADDRESS, "The card opens this page.")


class ReviewForm(FileForm):
    """The last review of a piece, `reviewed`."""

    by = FormField(TEXT, "A role or a name.", required=True)
    on = FormField(DAY, "The day of the review.", required=True)


class PieceForm(FileForm):
    """A piece: the keys that its languages share, in `piece.yaml`."""

    purpose = FormField(kinds.one_of(PURPOSES), "The purpose of the piece.", required=True)
    when = FormField(CONDITION, "The patients to whom it is shown; an unknown condition shows nothing.")
    show_in = FormField(STATES, "The states or tracks that show it, in place of the state of its folder.")
    channels = FormField(kinds.some_of(CHANNELS, _read_channels), "The channels; `web` and `email` unless given.")
    tags = FormField(Kind(TEXTS.accepts, _read_tags, TEXTS.schema), "Tags that properties and rules refer to.")
    order = FormField(NUMBER, f"The rank on the screen, small numbers first; {DEFAULT_ORDER} unless given.")
    reminder = FormField(FLAG, "Whether only a timer's `remind` sends it.")
    references = FormField(names_of(ReferenceForm, "sources by name", _NOTE.pattern), "The sources of the footnotes.")
    image = FormField(part(ImageForm, "`{file: …}`"), "The picture of the card.")
    action = FormField(part(CardActionForm, "`{report: …}`, `{call: …}` or `{link: …}`"), "The button of the card.")
    reviewed = FormField(part(ReviewForm, "`{by: …, on: …}`"), "The last review.")
    kind = FormField(kinds.choice(KINDS, "page"), f"The kind of a piece in `{TEXT_FOLDER}`; not in a page.")
    grants = FormField(part(GrantsForm, "`{purpose: …, channels: …}`"), "What a consent text asks for.")
    answers = FormField(kinds.choice(QUESTIONS, "unknown"), "The question that a reply answers.")
    frames = FormField(kinds.choice(FRAMED, "email"), "The channel whose messages a frame goes around.")


_KINDS_WITH: Mapping[FormField[object], tuple[PieceKind, ...]] = {
    **dict.fromkeys((PieceForm.when, PieceForm.show_in, PieceForm.channels, PieceForm.tags), ("page",)),
    **dict.fromkeys((PieceForm.order, PieceForm.reminder, PieceForm.image, PieceForm.action), ("page",)),
    PieceForm.grants: ("consent",),
    PieceForm.answers: ("reply",),
    PieceForm.frames: ("frame",),
}
#: The kinds of pieces in which a key has a meaning; the others have one in all.


# --- reading -------------------------------------------------------------------------------------------------


_OF_FRONT_MATTER = " Write it in the front matter of each language, such as en.md."


class PieceReader(Shape):
    """Reads piece.yaml."""

    hints = MappingProxyType(dict.fromkeys((line.key for line in FrontMatterForm.fields), _OF_FRONT_MATTER))

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
        is_broken = tree is None and bool(problems)
        form = PieceForm.read(self, tree, "a piece", is_file=True, only=() if is_broken else None)
        order = form.order
        kind = self.kind(form)
        return Piece(
            key=self.source.key,
            version=self.source.version,
            place=self.source.place,
            states=self.states(form) if kind == "page" else (),
            purpose=form.purpose,
            when=self.when(form.when),
            channels=self.channels(form, kind),
            tags=form.tags,
            order=DEFAULT_ORDER if order is None else order,
            is_reminder=form.reminder,
            references=self.references(form),
            texts={},
            action=self.action(form),
            image=self.image(form),
            reviewed=self.reviewed(form),
            kind=kind,
            grants=self.grants(form),
            answers=form.answers if PieceForm.answers in form else None,
            frames=form.frames if PieceForm.frames in form else None,
        )

    # --- kind ----------------------------------------------------------------------------------------------

    def kind(self, form: PieceForm) -> PieceKind:
        """The kind of the piece; keys and folders that do not fit it are noted."""
        kind = form.kind
        if kind != "page" and self.source.place != f"{TEXT_FOLDER}/{self.source.key}":
            self.problem(
                form.at(PieceForm.kind), f"{NOUNS[kind]} belongs in the folder {TEXT_FOLDER}/{self.source.key}/."
            )
        for field in PieceForm.fields:
            if field in form and kind not in _KINDS_WITH.get(field, (kind,)):
                accepted = ", ".join(NOUNS[other] for other in _KINDS_WITH[field])
                self.problem(form.at(field), f"'{field.key}' has no meaning in {NOUNS[kind]}, only in {accepted}.")
        needed = next((field for field, kinds_with in _KINDS_WITH.items() if kinds_with == (kind,)), None)
        if kind != "page" and needed is not None and needed not in form:
            self.problem(form.mark, f"{NOUNS[kind]} needs '{needed.key}': {needed.kind.accepts}.")
        return kind

    def channels(self, form: PieceForm, kind: PieceKind) -> tuple[str, ...]:
        """The channels of the piece; only a page chooses them."""
        if kind == "frame":
            return (form.frames,)
        return form.channels if kind == "page" else SENT_BY[kind]

    def grants(self, form: PieceForm) -> Grants | None:
        """What a consent text asks for."""
        if PieceForm.grants not in form:
            return None
        grants = read_grants(self, GrantsForm.read(self, form.grants, "'grants'"))
        if "marketing" in grants.purposes and form.purpose != "marketing":
            message = "A consent text that asks for marketing needs 'purpose: marketing', which decides who signs."
            self.problem(form.at(PieceForm.purpose), message)
        return grants

    # --- where ---------------------------------------------------------------------------------------------

    def states(self, form: PieceForm) -> tuple[str, ...]:
        """The full paths of the states that show the piece."""
        own = self.own_state()
        if PieceForm.show_in not in form:
            return (own,) if own else ()
        states = [self.shown_in(text.text, text.mark) for text in form.show_in]
        if not states:
            self.problem(
                form.at(PieceForm.show_in),
                "'show_in' is empty; leave it out to show the piece in its folder's state.",
            )
        return tuple(dict.fromkeys(state for state in states if state))

    def own_state(self) -> str | None:
        """The state or track that the folder means."""
        track, *path = self.source.place.split("/")[:-1]
        if track == TEXT_FOLDER:
            self.problem(Mark(), f"A piece in '{TEXT_FOLDER}' needs 'kind': {PieceForm.kind.kind.accepts}.")
            return None
        if track not in self.plan.tracks:
            message = f"The folder '{track}' is not a track of the journey.{did_you_mean(track, self.plan.tracks)}"
            self.problem(Mark(), message)
            return None
        states = self.plan.tracks[track].states
        if path and ".".join(path) not in states:
            folders = [state.replace(".", "/") for state in states]
            hint = did_you_mean("/".join(path), folders)
            self.problem(Mark(), f"The folder '{'/'.join(path)}' is not a state of the track '{track}'.{hint}")
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
            self.problem(mark, f"'{written[:80]}' in 'show_in' is not a state of this journey.{hint}")
        return state

    # --- the rest ------------------------------------------------------------------------------------------

    def when(self, text: Text | None) -> Compiled | None:
        """The compiled condition of the piece."""
        if text is None:
            return None
        track = self.track if self.track in self.plan.tracks else None
        try:
            checked = parse_condition(text.text, self.plan.scope(track, stay=True))
        except ConditionError as error:
            for message in error.messages:
                self.problem(text.mark, message, "condition")
            return None
        return compile_condition(text.text, checked, self.plan.facts)

    def references(self, piece: PieceForm) -> dict[str, Reference]:
        """The references by their key."""
        references: dict[str, Reference] = {}
        for key, value in self.entries(piece.references, piece.label(PieceForm.references)):
            label = f"the reference '{key.text[:64]}'"
            if not _NOTE.fullmatch(key.text):
                self.problem(key.mark, f"The name of {label} must be letters, digits, '_' and '-' (at most 64).")
            form = ReferenceForm.read(self, value, label)
            url = form.url
            if url:
                self.check_address(url, form, ReferenceForm.url)
            self.reference_marks[key.text] = key.mark
            references[key.text] = Reference(key.text, form.title, form.source, url)
        return references

    def check_address(self, address: str, form: FileForm, field: FormField[str]) -> None:
        """Notes an address that is not accepted."""
        if not (address.startswith("https://") and accepts_link(address)):
            self.problem(form.at(field), f"{form.label(field)} must begin with https:// and name a host.")

    # --- cards ---------------------------------------------------------------------------------------------

    def image(self, piece: PieceForm) -> Picture | None:
        """The picture of the card."""
        pictures = self.source.pictures
        if PieceForm.image not in piece:
            for name in pictures:
                self.problem(Mark(), f"The picture '{name}' is not shown; write 'image: {{file: {name}}}'.")
            return None
        form = ImageForm.read(self, piece.image, "'image'")
        name, mark = form.file, form.at(ImageForm.file)
        if name not in pictures:
            hint = did_you_mean(name, pictures)
            self.problem(mark, f"The picture '{name[:80]}' is not beside {SHARED}.{hint}")
            return None
        for other in pictures:
            if other != name:
                self.problem(mark, f"A piece has one picture; remove '{other}'.")
        return Picture(name, MEDIA_TYPES[f".{name.rpartition('.')[2]}"], pictures[name])

    def action(self, piece: PieceForm) -> Action | None:
        """The action of the card."""
        if PieceForm.action not in piece:
            return None
        form = CardActionForm.read(self, piece.action, "'action'")
        actions = [action for action in CardActionForm.fields if action in form]
        if len(actions) != 1:
            keys = ", ".join(action.key for action in CardActionForm.fields)
            self.problem(form.mark, f"'action' needs one of {keys}, and one only.")
            return None
        if CardActionForm.report in form:
            target = form.report
            self.check_report(target, form.at(CardActionForm.report))
            return Action("report", target)
        if CardActionForm.call in form:
            target = form.call
            self.check_call(target, form.at(CardActionForm.call))
            return Action("call", target)
        target = form.link
        self.check_address(target, form, CardActionForm.link)
        return Action("link", target)

    def check_report(self, name: str, mark: Mark) -> None:
        """Checks that an action reports an event that patients may report."""
        journey = self.plan.journey
        trigger = journey.triggers.get(name) or journey.ends.get(name)
        theirs = [
            trigger.name for trigger in (*journey.triggers.values(), *journey.ends.values()) if "patient" in trigger.by
        ]
        if trigger is None:
            self.problem(
                mark, f"'{name[:80]}' in 'action' is not a trigger of this journey.{did_you_mean(name, theirs)}"
            )
        elif "patient" not in trigger.by:
            accepted = " or ".join(sorted(trigger.by))
            self.problem(mark, f"'{name}' in 'action' is reported by {accepted}, not by patients.")

    def check_call(self, name: str, mark: Mark) -> None:
        """Checks that an action calls a telephone number of the programme."""
        declared = self.plan.journey.programme
        phones = [value.name for value in declared.values() if value.kind == "phone"]
        if name not in phones:
            label = "is not a telephone number" if name in declared else "is not a declared value"
            self.problem(mark, f"'{name[:80]}' in 'action' {label} of the programme.{did_you_mean(name, phones)}")

    def reviewed(self, piece: PieceForm) -> Reviewed | None:
        """The reviewer of the piece, and the day."""
        if PieceForm.reviewed not in piece:
            return None
        form = ReviewForm.read(self, piece.reviewed, "'reviewed'")
        on, by = form.on, form.by
        try:
            parse_day(on)
        except ValueError:
            self.problem(form.at(ReviewForm.on), "'on' of 'reviewed' must be a date such as 2026-01-15.")
        if len(by) > 100 or not is_plain_line(by):
            self.problem(form.at(ReviewForm.by), "'by' of 'reviewed' must be one line of at most 100 characters.")
        return Reviewed(by, on)

    def check_notes(self, notes: Mapping[str, set[str]], piece: Piece) -> list[Problem]:
        """Problems of references that are cited in no language, or only in some."""
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
