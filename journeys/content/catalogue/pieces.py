"""A piece checked against a release: what languages share, and one text a locale, its template compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from journeys.content.catalogue.pictures import MEDIA_TYPES
from journeys.content.catalogue.sources import SHARED, PieceSource, locales_of
from journeys.content.markdown import CLOSE, OPEN, SCHEMES, accepts_link, remarks
from journeys.content.templates import (
    MAX_BYTES,
    Source,
    SourcePosition,
    Template,
    TooManyRenderings,
    read_template,
    renderings,
    with_values,
)
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, ConditionError, TooManyCells, compile_condition, parse_condition
from journeys.definition.model import Mark
from journeys.definition.programmes import Values, filled_line, references_in, without_references
from journeys.definition.reading import Fields, Node, Scalar, Shape, read_tree
from journeys.definition.reading.shape import KEY
from journeys.primitives.canonical import parse_day
from journeys.primitives.problems import Problem, did_you_mean, only_errors

RULE = "content"
PURPOSES = ("education", "treatment", "adherence", "support", "marketing")
CHANNELS = ("web", "email", "sms", "push")
ActionKind = Literal["report", "call", "link"]
ACTIONS: tuple[ActionKind, ...] = ("report", "call", "link")
DEFAULT_CHANNELS = ("web", "email")
DEFAULT_ORDER = 100
#: What each channel takes from the front matter beside title, summary and body.
NEEDED_BY = {"sms": "text", "push": "push"}
MAX_LENGTHS = {
    "title": 200,
    "summary": 500,
    "subject": 150,
    "text": 160,
    "push": 160,
    "why": 300,
    "action": 60,
    "image_alt": 300,
}
FOR_CARDS = ("image", "action", "reviewed")
#: What the front matter takes exactly where piece.yaml has something that needs words.
WORDS_FOR = {"action": "action", "image": "image_alt"}

_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_LINKED = re.compile(r"\]\((tel:|mailto:|)\{\{-?\s*programme\.\w+\s*-?\}\}\)")
_LINKED_EXAMPLES = {"tel:": "tel:112", "mailto:": "mailto:care@example.org", "": "https://example.org/"}
_SYNTAX = ("{{", "}}", "{%", "%}", "{#", "#}")
_NOTE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a footnote points to; only the title is certain."""

    id: str
    title: str
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a card lets the patient do: `report` a trigger, `call` a value of the programme, follow a `link`."""

    kind: ActionKind
    target: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is shown."""

    file: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who last looked at a piece (a role or a name), and on which day (`2026-01-15`)."""

    by: str
    on: str


@dataclass(frozen=True, slots=True)
class PieceText:
    """A piece in one locale. What is optional is None where the author gave none.

    In a piece that stands for all programmes, values of the programme are as the author wrote them. `places` say where
    the lines of the front matter and the `body` stand.
    """

    locale: str
    title: str
    summary: str
    subject: str | None
    text: str | None
    push: str | None
    body: Template = field(repr=False)
    why: str | None = None
    action: str | None = None
    image_alt: str | None = None
    places: Mapping[str, SourcePosition] = field(default_factory=dict, repr=False, compare=False)

    @property
    def lines(self) -> dict[str, str]:
        """The lines of the front matter that there are, by name."""
        lines = {name: getattr(self, name) for name in MAX_LENGTHS}
        return {name: line for name, line in lines.items() if line is not None}

    def with_values(self, values: Values) -> PieceText:
        """The text as it reads in one programme."""
        lines = {name: filled_line(line, values, self.locale) for name, line in self.lines.items()}
        body = with_values(self.body, values, self.locale)
        if body is self.body and lines == self.lines:
            return self
        filled: dict[str, Any] = dict(lines)
        return replace(self, body=body, **filled)


@dataclass(frozen=True, slots=True)
class Piece:
    """One content item of a release.

    `states` are the full paths of the states in which it is shown, or names of whole tracks.
    """

    key: str
    version: str
    place: str
    states: tuple[str, ...]
    purpose: str
    when: Compiled | None
    channels: tuple[str, ...]
    tags: tuple[str, ...]
    order: int
    is_reminder: bool
    references: Mapping[str, Reference]
    texts: Mapping[str, PieceText] = field(repr=False)
    action: Action | None = None
    image: Picture | None = None
    reviewed: Reviewed | None = None

    def with_values(self, values: Values) -> Piece:
        """The piece as it reads in one programme; itself where it reads the same in all."""
        texts = {locale: text.with_values(values) for locale, text in self.texts.items()}
        changed = any(texts[locale] is not text for locale, text in self.texts.items())
        return replace(self, texts=texts) if changed else self


def fits(source: PieceSource, plan: ReleasePlan, *, file: str = "") -> list[Problem]:
    """What keeps a version from being shown under another release; empty where it fits."""
    return only_errors(read_piece(source, plan, file=file)[1])


def read_piece(source: PieceSource, plan: ReleasePlan, *, file: str = "") -> tuple[Piece | None, list[Problem]]:
    """The piece (None where it has errors) and every problem in its files.

    Args:
        source: the files.
        plan: the release they must fit.
        file: the folder that problems name in front of the place; `content/<journey>` unless given.
    """
    folder = file or f"content/{plan.journey.key}"
    shared = _SharedReader(f"{folder}/{source.place}/{SHARED}", plan, source)
    piece = shared.read()
    problems = list(shared.problems)
    texts: dict[str, PieceText] = {}
    notes: dict[str, set[str]] = {}
    declared = plan.journey.locales
    for locale in declared:
        if f"{locale}.md" not in source.files:
            message = (
                f"The piece '{source.key}' has no {locale}.md; the journey declares the locales {', '.join(declared)}."
            )
            problems.append(Problem(f"{folder}/{source.place}/{locale}.md", 1, 1, "error", RULE, message))
            continue
        reader = _LocaleReader(folder, source, locale, plan, piece)
        text = reader.read()
        problems += reader.problems
        notes[locale] = reader.notes
        if text is not None:
            texts[locale] = text
    for locale in locales_of(source):
        if locale not in declared:
            message = f"The journey does not declare the locale '{locale}'.{did_you_mean(locale, declared)}"
            problems.append(Problem(f"{folder}/{source.place}/{locale}.md", 1, 1, "error", RULE, message))
    problems += shared.check_notes(notes, piece)
    problems = sorted(set(problems))
    if only_errors(problems):
        return None, problems
    return replace(piece, texts=texts), problems


class _SharedReader(Shape):
    """Reads piece.yaml."""

    def __init__(self, file: str, plan: ReleasePlan, source: PieceSource) -> None:
        super().__init__(file, RULE)
        self.plan = plan
        self.source = source
        self.track = source.place.partition("/")[0]
        self.reference_marks: dict[str, Mark] = {}

    def read(self) -> Piece:
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
        channels = []
        for text in self.texts(node, "'channels'"):
            if text.text not in CHANNELS:
                hint = did_you_mean(text.text, CHANNELS)
                self.problem(text.mark, f"'{text.text[:40]}' in 'channels' is no channel.{hint}")
            else:
                channels.append(text.text)
        return tuple(name for name in CHANNELS if name in (channels or DEFAULT_CHANNELS))

    def tags(self, node: Node | None) -> Iterator[str]:
        for text in self.texts(node, "'tags'"):
            if not KEY.fullmatch(text.text) or len(text.text) > 64:
                self.problem(text.mark, f"The tag '{text.text[:80]}' must be lower case letters, digits, '_' and '-'.")
            else:
                yield text.text

    def references(self, node: Node | None) -> dict[str, Reference]:
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
            patient_trigger.name
            for patient_trigger in (*journey.triggers.values(), *journey.ends.values())
            if "patient" in patient_trigger.by
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
            fault = "is no telephone number" if name in declared else "is no declared value"
            self.problem(mark, f"'{name[:80]}' in 'action' {fault} of the programme.{did_you_mean(name, phones)}")

    def reviewed(self, node: Node | None) -> Reviewed | None:
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


class _LocaleReader(Shape):
    """Reads one locale's file: front matter and body."""

    def __init__(self, folder: str, source: PieceSource, locale: str, plan: ReleasePlan, piece: Piece) -> None:
        super().__init__(f"{folder}/{source.place}/{locale}.md", RULE)
        self.folder = folder
        self.source = source
        self.locale = locale
        self.plan = plan
        self.piece = piece
        self.shared = {"action": piece.action, "image": piece.image}
        self.notes: set[str] = set()
        self.places: dict[str, SourcePosition] = {}

    def read(self) -> PieceText | None:
        text = self.source.files[f"{self.locale}.md"].decode().removeprefix("\ufeff")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        end = next((number for number, line in enumerate(lines) if number and line.rstrip() == "---"), None)
        if lines[0].rstrip() != "---" or end is None:
            self.problem(
                Mark(),
                "The file must begin with front matter: a line '---', then title and summary, then a line '---'.",
            )
            return None
        front = self.front_matter("\n".join(lines[1:end]))
        body = self.body("\n".join(lines[end + 1 :]), end + 2)
        if body is None or self.has_errors:
            return None
        return PieceText(
            locale=self.locale,
            title=front["title"],
            summary=front["summary"],
            subject=front.get("subject"),
            text=front.get("text"),
            push=front.get("push"),
            body=body,
            why=front.get("why"),
            action=front.get("action"),
            image_alt=front.get("image_alt"),
            places=self.places,
        )

    @property
    def has_errors(self) -> bool:
        return bool(only_errors(self.problems))

    # --- front matter --------------------------------------------------------------------------------------

    def front_matter(self, text: str) -> dict[str, str]:
        tree, problems = read_tree(text.encode(), self.file, first_line=2)
        self.problems += problems
        if problems and tree is None:
            return {}
        optional = tuple(name for name in MAX_LENGTHS if name not in ("title", "summary"))
        fields = self.fields(tree, "the front matter", ("title", "summary"), optional)
        lines: dict[str, str] = {}
        for name, most in MAX_LENGTHS.items():
            node = fields.get(name)
            words = self.text(node, f"'{name}'")
            if words and node is not None:
                self.check_line(name, words, node, most)
                lines[name] = words.strip()
                self.places[name] = SourcePosition(self.file, node.mark.line, node.mark.column)
        for channel, name in NEEDED_BY.items():
            if channel in self.piece.channels and name not in fields:
                self.problem(Mark(), f"The piece goes out by {channel}, so the front matter needs '{name}'.")
        for shared, name in WORDS_FOR.items():
            has = self.shared.get(shared) is not None
            if has and name not in fields:
                self.problem(Mark(), f"The piece has '{shared}', so the front matter needs '{name}'.")
            elif not has and name in fields:
                self.problem(fields.at(name), f"'{name}' has no meaning without '{shared}' in {SHARED}.")
        return lines

    def check_line(self, name: str, words: str, node: Node, most: int) -> None:
        declared = self.plan.journey.programme
        for value in references_in(words):
            if value not in declared:
                hint = did_you_mean(value, declared)
                self.problem(node.mark, f"'programme.{value[:80]}' is no declared value of the programme.{hint}")
        words = without_references(words.strip())
        if any(sign in words for sign in _SYNTAX):
            message = f"'{name}' is the same for everybody: no {{{{ … }}}} but {{{{ programme.value }}}}, no {{% … %}}."
            self.problem(node.mark, message)
        if len(words) > most:
            self.problem(node.mark, f"'{name}' has {len(words)} characters; at most {most} are accepted.")
        if not words.isprintable():
            self.problem(node.mark, f"'{name}' must be one line of plain text.")
        if isinstance(node, Scalar) and node.plain and node.comment:
            self.problem(node.mark, f"'{name}' ends at ' #': what follows counts as a comment. Put the text in quotes.")

    # --- body ----------------------------------------------------------------------------------------------

    def body(self, text: str, first_line: int) -> Template | None:
        own = Source(self.file, text, first_line)
        self.places["body"] = SourcePosition(self.file, first_line, 1)
        partials = {
            name: Source(f"{self.folder}/_partials/{name}.{self.locale}.md", data.decode().removeprefix("\ufeff"))
            for name, data in self.source.partials_of(self.locale).items()
        }
        if not text.strip():
            self.problem(Mark(first_line), "The body is empty.")
        template, problems = read_template(
            own,
            self.plan,
            partials,
            track=self.piece.place.partition("/")[0] if self.piece.states else None,
            when=self.piece.when,
            leaves=_leaves(self.piece.states, self.plan),
        )
        self.problems += problems
        for source in (own, *partials.values()):
            if len(source.text) <= MAX_BYTES:
                self.problems += self.check_markdown(source)
        if template is not None:
            self.problems += self.check_renderings(template, first_line)
        return template

    def check_renderings(self, template: Template, first_line: int) -> list[Problem]:
        try:
            rendered = renderings(template, self.plan)
        except (TooManyCells, TooManyRenderings) as error:
            message = f"This text has {error}; at most 64 are accepted. Split the piece, or ask fewer conditions."
            return [Problem(self.file, first_line, 1, "error", "template", message)]
        if not rendered:
            message = "The piece is never shown: its 'when' is never true in its states."
            return [Problem(self.file, first_line, 1, "warning", RULE, message)]
        return []

    def check_markdown(self, source: Source) -> Iterator[Problem]:
        """What the text may not hold, and which footnotes it cites; tags are taken out, lines kept."""
        text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        text = _LINKED.sub(lambda match: f"]({_LINKED_EXAMPLES[match[1]]})", text)
        for remark in remarks(_TAG.sub(_blank, text)):
            message: str | None = None
            match remark.kind:
                case "footnote":
                    self.notes.add(remark.text)
                    if remark.text not in self.piece.references:
                        hint = did_you_mean(remark.text, self.piece.references)
                        message = f"The footnote '[^{remark.text}]' has no reference in piece.yaml.{hint}"
                case "definition":
                    message = f"Footnotes are made from 'references' of piece.yaml; remove '[^{remark.text}]: …'."
                case "link" if not accepts_link(remark.text):
                    message = f"The link to '{_shown(remark.text)}' is not accepted; accepted are {', '.join(SCHEMES)}."
                case "image":
                    message = f"A picture does not stand in the text; name it as 'image' in {SHARED}."
                case "heading" if remark.text == "h1":
                    message = "Headings in the body begin at '##': the title is the first."
                case "html":
                    message = f"HTML ('{_shown(remark.text)}') is not accepted; write Markdown."
                case _:
                    pass
            if message is not None:
                line = remark.line + source.first_line - 1
                yield Problem(source.file, line, 1, "error", "markdown", message)


def _blank(match: re.Match[str]) -> str:
    """A tag as text of as many lines: a value as a placeholder, a statement as nothing."""
    lines = "\n" * match[0].count("\n")
    return f"{OPEN}0{CLOSE}{lines}" if match[0].startswith("{{") else lines


def _shown(text: str) -> str:
    return text.replace("%EE%80%80", "{{ ").replace("%EE%80%81", " }}").replace(OPEN, "{{ ").replace(CLOSE, " }}")[:80]


def _leaves(states: Iterable[str], plan: ReleasePlan) -> dict[str, tuple[str, ...]]:
    """For each track the leaves it may be in while the piece is shown; fewer where all its states are of one track."""
    states = tuple(states)
    leaves = {name: tuple(f"{name}.{leaf}" for leaf in track.leaves) for name, track in plan.tracks.items()}
    tracks = {state.partition(".")[0] for state in states}
    if len(tracks) == 1:
        track = tracks.pop()
        inside = tuple(leaf for leaf in leaves[track] if any(f"{leaf}.".startswith(f"{state}.") for state in states))
        leaves[track] = inside or leaves[track]
    return leaves
