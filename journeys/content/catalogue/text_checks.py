"""What message texts, such as consent texts and replies, must say, and what they may not read. It reads no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from journeys.content.catalogue.front_matter import NEEDED_BY
from journeys.content.catalogue.piece import Piece, PieceText
from journeys.content.catalogue.text_kinds import NOUNS, PieceKind
from journeys.content.templates import (
    CODE,
    MESSAGE,
    SIGN_IN,
    UNSUBSCRIBE,
    Branch,
    FrameValue,
    Node,
    OfProgramme,
    Repeat,
    SourcePosition,
    Value,
    Words,
    walk,
)
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import references_in

#: The same of the texts that bring a code.
OF_CODES: Mapping[PieceKind, tuple[str, ...]] = {"verification": (CODE,), "sign_in": (CODE, SIGN_IN)}
FRAME_VALUES = {"email": (MESSAGE, UNSUBSCRIBE), "post": (MESSAGE,)}
#: The values that the sender fills into the body of a frame; the line of a text or push message has `message` alone.
MESSAGE_IN_LINE = re.compile(rf"\{{\{{ *{MESSAGE} *\}}\}}")
CODE_IN_LINE = re.compile(rf"\{{\{{ *{CODE} *\}}\}}")
_PARAGRAPH = re.compile(rf"(?:\A|\n[ \t]*\n)⟨{MESSAGE}⟩[ \t]*(?:\n[ \t]*\n|\Z)")

Mistake = tuple[SourcePosition, str]


def values_of_sender(piece: Piece) -> tuple[str, ...]:
    """The values that the sender fills into the body of a message text."""
    return OF_CODES.get(piece.kind) or FRAME_VALUES.get(piece.frames or "", ())


def without_value_of_sender(piece: Piece, name: str, words: str) -> str:
    """A line of the front matter without the value that the sender fills in, where it may have one."""
    if piece.kind in OF_CODES and name == "text":
        return CODE_IN_LINE.sub("", words)
    framed = NEEDED_BY.get(piece.frames or "")
    return MESSAGE_IN_LINE.sub("", words) if framed is not None and framed.key == name else words


def mistakes_of(piece: Piece, text: PieceText, plan: ReleasePlan) -> Iterator[Mistake]:
    """The mistakes of a message text, each with its position; none for a page."""
    match piece.kind:
        case "page":
            return
        case "reply":
            yield from _of_reply(text, plan)
        case "frame" if piece.frames is not None:
            yield from _of_frame(piece, text, plan)
        case "verification" | "sign_in":
            yield from _of_code(piece.kind, text)
        case _:
            pass
    for node in walk(text.body.body):
        if isinstance(node, Value | Repeat | Branch):
            place = node.arms[0].place if isinstance(node, Branch) else node.place
            accepted = "accepted are {{ programme.value }} and partials"
            yield place, f"{NOUNS[piece.kind]} is the same for everybody, without facts and conditions; {accepted}."


def _of_reply(text: PieceText, plan: ReleasePlan) -> Iterator[Mistake]:
    """A reply shows the emergency line, in both forms: the patient may need help now."""
    line = _value_of_contact(plan, "emergency", "phone")
    if not line:
        return
    wanted = f"the emergency line, {{{{ programme.{line} }}}}"
    if line not in references_in(text.text or ""):
        yield text.places["text"], f"'text' of a reply shows {wanted}."
    if not _shows(text.body.body, line):
        yield text.places["body"], f"A reply shows {wanted}."


def _of_code(kind: PieceKind, text: PieceText) -> Iterator[Mistake]:
    noun = NOUNS[kind]
    if len(CODE_IN_LINE.findall(text.text or "")) != 1:
        yield text.places["text"], f"'text' of {noun} has {{{{ code }}}} once."
    if sum(_is(node, CODE) for node in walk(text.body.body)) != 1:
        yield text.places["body"], f"{noun.capitalize()} has {{{{ code }}}} once."


def _of_frame(piece: Piece, text: PieceText, plan: ReleasePlan) -> Iterator[Mistake]:
    if piece.frames not in FRAME_VALUES:
        name = "text" if piece.frames == "sms" else "push"
        if len(MESSAGE_IN_LINE.findall(text.lines[name])) != 1:
            yield (
                text.places[name],
                f"'{name}' of a message frame has {{{{ message }}}} once, for the message.",
            )
        return
    position, body = text.places["body"], text.body.body
    if sum(_is(node, MESSAGE) for node in walk(body)) != 1 or not _PARAGRAPH.search(_markdown(body)):
        noun = "An e-mail frame" if piece.frames == "email" else "A frame of letters"
        yield position, f"{noun} has the place of the message once, as a paragraph: a line {{{{ message }}}}."
    if piece.frames == "post":  # the sheet shows the sender
        return
    if not any(_is(node, UNSUBSCRIBE) for node in walk(body)):
        yield position, "An e-mail frame has a link that ends the messages: [words]({{ unsubscribe }})."
    address = _value_of_contact(plan, "sender", "address")
    if not address:
        declare = "name a value of the programme as 'address' of the contact 'sender'"
        yield position, f"An e-mail frame shows the postal address: in the definition, {declare}."
    elif not _shows(body, address):
        yield position, f"An e-mail frame shows the postal address, {{{{ programme.{address} }}}}."


def _is(node: Node, name: str) -> bool:
    return isinstance(node, FrameValue) and node.name == name


def _shows(body: tuple[Node, ...], value: str) -> bool:
    return any(isinstance(node, OfProgramme) and node.name == value for node in walk(body))


def _markdown(body: tuple[Node, ...]) -> str:
    """The words of a body with placeholders, without blank lines at its ends."""
    shown = (node for node in body if isinstance(node, Words | OfProgramme | FrameValue))
    return "".join(node.text if isinstance(node, Words) else node.placeholder for node in shown).strip()


def _value_of_contact(plan: ReleasePlan, contact: str, part: str) -> str:
    """The name of the value that a contact has as a part; empty where none is declared."""
    declared = plan.journey.contacts.get(contact)
    value = declared.parts.get(part) if declared is not None else None
    return value.text if value is not None else ""
