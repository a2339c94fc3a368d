"""Reading a piece in one language: front matter and body, checked against a release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from journeys.content.catalogue.front_matter import (
    AUTHORIZATION,
    NEEDED_BY,
    WORDS_FOR,
    FrontMatterForm,
    LineField,
    longest_line,
)
from journeys.content.catalogue.piece import RULE, Piece, PieceText
from journeys.content.catalogue.piece_block import KEY as BLOCK
from journeys.content.catalogue.piece_block import NO_FRONT_MATTER
from journeys.content.catalogue.piece_form import PieceForm
from journeys.content.catalogue.sources import SHARED, PieceSource
from journeys.content.catalogue.text_checks import (
    FRAME_VALUES,
    mistakes_of,
    values_of_sender,
    without_value_of_sender,
)
from journeys.content.markdown import CLOSE, OPEN, SCHEMES, accepts_link, remarks
from journeys.content.templates import (
    MAX_BYTES,
    Source,
    SourcePosition,
    Template,
    TooManyRenderings,
    read_template,
    renderings,
)
from journeys.content.text_message import MOST_PARTS
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import TooManyCells
from journeys.definition.model import Mark
from journeys.definition.programmes import references_in, without_references
from journeys.definition.reading import Node, Scalar, Shape, read_tree
from journeys.definition.reading.kinds import TEXT
from journeys.primitives.characters import is_plain_line
from journeys.primitives.problems import Problem, did_you_mean, only_errors

_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_LINKED = re.compile(r"\]\((tel:|mailto:|)\{\{-?\s*(?:programme\.\w+|unsubscribe|sign_in)\s*-?\}\}\)")
_LINKED_EXAMPLES = {"tel:": "tel:112", "mailto:": "mailto:care@example.org", "": "https://example.org/"}
_OF_PIECE = f" It belongs under '{BLOCK}:' in the file of the journey's first language, or in {SHARED}."
_SYNTAX = ("{{", "}}", "{%", "%}", "{#", "#}")


class LocaleReader(Shape):
    """Reads one locale's file: front matter and body."""

    hints = MappingProxyType(
        {
            **dict.fromkeys((field.key for field in PieceForm.fields), _OF_PIECE),
            BLOCK: f" Write '{BLOCK}:' on a line of its own, and its keys below, each indented by two spaces.",
        }
    )

    def __init__(self, folder: str, source: PieceSource, locale: str, plan: ReleasePlan, piece: Piece) -> None:
        self.file_name = f"{locale}.md"
        super().__init__(f"{folder}/{source.place}/{self.file_name}", RULE)
        self.folder = folder
        self.source = source
        self.locale = locale
        self.plan = plan
        self.piece = piece
        self.shared = {"action": piece.action, "image": piece.image}
        self.notes: set[str] = set()
        self.places: dict[str, SourcePosition] = {}
        self.text_parts = 1
        self.waits = False

    def read(self) -> PieceText | None:
        """The result of reading; problems are collected in `problems`."""
        text = self.source.files[self.file_name].decode().removeprefix("\ufeff")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        end = next((number for number, line in enumerate(lines) if number and line.rstrip() == "---"), None)
        if lines[0].rstrip() != "---" or end is None:
            self.problem(Mark(), NO_FRONT_MATTER)
            return None
        front = self.front_matter("\n".join(lines[1:end]))
        body = self.body("\n".join(lines[end + 1 :]), self.source.line_of_text(self.file_name, end + 2))
        if body is None or self.has_errors:
            return None
        words: dict[str, Any] = {"subject": None, "text": None, "push": None, **front}
        settings: dict[str, Any] = {"text_parts": self.text_parts, "waits": self.waits, "places": self.places}
        piece_text = PieceText(locale=self.locale, body=body, **settings, **words)
        mistakes = list(mistakes_of(self.piece, piece_text, self.plan))
        self.problems += [Problem(at.file, at.line, at.column, "error", RULE, message) for at, message in mistakes]
        return None if mistakes else piece_text

    @property
    def has_errors(self) -> bool:
        """Whether a problem found so far is an error."""
        return bool(only_errors(self.problems))

    # --- front matter --------------------------------------------------------------------------------------

    def front_matter(self, text: str) -> dict[str, str]:
        """The lines of the front matter by key."""
        tree, problems = read_tree(text.encode(), self.file, place=self.mark_in_file)
        self.problems += problems
        if problems and tree is None:
            return {}
        form = FrontMatterForm.read(self, tree, "the front matter", is_file=True)
        lines: dict[str, str] = {}
        self.text_parts = self.read_text_parts(form)
        self.waits = form.translate
        for field in FrontMatterForm.fields:
            if not isinstance(field, LineField):
                continue
            words, node = form.read_as(field, TEXT), form.node(field)
            if words and node is not None:
                self.check_line(field.key, words, node)
                lines[field.key] = words.strip()
                self.places[field.key] = SourcePosition(self.file, node.mark.line, node.mark.column)
        for channel, line in NEEDED_BY.items():
            if channel in self.piece.channels and line not in form:
                self.problem(Mark(), f"The piece goes out by {channel}, so the front matter needs '{line.key}'.")
        for shared, line in WORDS_FOR.items():
            has = self.shared.get(shared) is not None
            if has and line not in form:
                self.problem(Mark(), f"The piece has '{shared}', so the front matter needs '{line.key}'.")
            elif not has and line in form:
                self.problem(
                    form.at(line), f"'{line.key}' has no meaning without '{shared}' in {self.source.shared_name}."
                )
        grants = self.piece.grants
        is_marketing = grants is not None and "marketing" in grants.purposes
        for line in AUTHORIZATION:
            if is_marketing and line not in form:
                self.problem(Mark(), f"The text asks for marketing, so the front matter needs '{line.key}'.")
            elif not is_marketing and line in form:
                hint = _OF_PIECE if line is FrontMatterForm.purpose else ""
                message = f"'{line.key}' has no meaning except in a consent text that asks for marketing.{hint}"
                self.problem(form.at(line), message)
        return lines

    def mark_in_file(self, mark: Mark) -> Mark:
        """The position in the author's file of a position in the front matter."""
        return Mark(self.source.line_of_text(self.file_name, mark.line + 1), mark.column)

    def read_text_parts(self, form: FrontMatterForm) -> int:
        """The most parts of the text message."""
        parts, node = form.text_parts, form.node(FrontMatterForm.text_parts)
        if parts is None or node is None:
            return 1
        if not 1 <= parts <= MOST_PARTS:
            self.problem(node.mark, f"'text_parts' is {parts}; accepted are 1 to {MOST_PARTS}.")
            return 1
        if FrontMatterForm.text not in form:
            self.problem(form.at(FrontMatterForm.text_parts), "'text_parts' has no meaning without 'text'.")
        self.places[FrontMatterForm.text_parts.key] = SourcePosition(self.file, node.mark.line, node.mark.column)
        return parts

    def check_line(self, name: str, words: str, node: Node) -> None:
        """Checks a line of the front matter: its length, its syntax, its values."""
        declared = self.plan.journey.programme
        for value in references_in(words):
            if value not in declared:
                hint = did_you_mean(value, declared)
                self.problem(node.mark, f"'programme.{value[:80]}' is not a declared value of the programme.{hint}")
        words = without_value_of_sender(self.piece, name, without_references(words.strip()))
        if any(sign in words for sign in _SYNTAX):
            message = f"'{name}' is the same for everybody: no {{{{ … }}}} but {{{{ programme.value }}}}, no {{% … %}}."
            self.problem(node.mark, message)
        most = longest_line(name, self.text_parts)
        if len(words) > most:
            message = f"'{name}' has {len(words)} characters; at most {most} are accepted."
            self.problem(node.mark, message)
        if not is_plain_line(words):
            self.problem(node.mark, f"'{name}' must be one line of plain text, without hidden characters.")
        if isinstance(node, Scalar) and node.plain and node.comment:
            self.problem(node.mark, f"'{name}' ends at ' #': the rest counts as a comment. Put the text in quotes.")

    # --- body ----------------------------------------------------------------------------------------------

    def body(self, text: str, first_line: int) -> Template | None:
        """The template of the body, or None where it is not valid."""
        own = Source(self.file, text, first_line)
        self.places["body"] = SourcePosition(self.file, first_line, 1)
        partials = {
            name: Source(f"{self.folder}/_partials/{name}.{self.locale}.md", data.decode().removeprefix("\ufeff"))
            for name, data in self.source.partials_of(self.locale).items()
        }
        has_body = self.piece.frames is None or self.piece.frames in FRAME_VALUES
        if bool(text.strip()) != has_body:
            message = "The body is empty." if has_body else f"A frame for {self.piece.frames} has no body; remove it."
            self.problem(Mark(first_line), message)
        template, problems = read_template(
            own,
            self.plan,
            partials,
            track=self.piece.place.partition("/")[0] if self.piece.states else None,
            when=self.piece.when,
            leaves=_leaves(self.piece.states, self.plan),
            frame_values=values_of_sender(self.piece),
        )
        self.problems += problems
        for source in (own, *partials.values()):
            if len(source.text) <= MAX_BYTES:
                self.problems += self.check_markdown(source)
        if template is not None:
            self.problems += self.check_renderings(template, first_line)
        return template

    def check_renderings(self, template: Template, first_line: int) -> list[Problem]:
        """The problems of a template whose renderings are too many or not certain."""
        try:
            all_renderings = renderings(template, self.plan)
        except (TooManyCells, TooManyRenderings) as error:
            message = f"This text has {error}; at most 64 are accepted. Split the piece, or ask fewer conditions."
            return [Problem(self.file, first_line, 1, "error", "template", message)]
        if not all_renderings:
            message = "The piece is never shown: its 'when' is never true in its states."
            return [Problem(self.file, first_line, 1, "warning", RULE, message)]
        return []

    def check_markdown(self, source: Source) -> Iterator[Problem]:
        """What the text may not hold, and which footnotes it cites; tags are taken out, lines kept."""
        text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        settings = self.source.shared_name
        text = _LINKED.sub(lambda match: f"]({_LINKED_EXAMPLES[match[1]]})", text)
        for remark in remarks(_TAG.sub(_blank, text)):
            message: str | None = None
            match remark.kind:
                case "footnote":
                    self.notes.add(remark.text)
                    if remark.text not in self.piece.references:
                        hint = did_you_mean(remark.text, self.piece.references)
                        message = f"The footnote '[^{remark.text}]' has no reference in {settings}.{hint}"
                case "definition":
                    message = f"Footnotes are made from 'references' in {settings}; remove '[^{remark.text}]: …'."
                case "link" if not accepts_link(remark.text):
                    message = f"The link to '{_shown(remark.text)}' is not accepted; accepted are {', '.join(SCHEMES)}."
                case "image":
                    message = f"A picture is not accepted in the text; name it as 'image' in {settings}."
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
