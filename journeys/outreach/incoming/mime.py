"""Splits the bytes of a mail into parts with their header fields, in linear time and without recursion.

Python's own parser descends once for each nested part, so a mail of 40 KB raises RecursionError; its reading of
parameters and of addresses takes quadratic time or raises. Sizes are bounded here instead, and nothing is raised.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

LONGEST_MAIL = 4 * 1024 * 1024
#: Bytes that are read of a mail; attachments come last.
LONGEST_HEADER = 256 * 1024
LONGEST_VALUE = 4_000
#: Characters that are read of a header and of one field: a line has at most 998 (RFC 5322, 2.1.1).
MOST_PARTS, DEEPEST = 100, 10
#: How many parts are read, and how deeply they may be nested.
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;"]*))')
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]*)\?=")
_NO_CHARACTERS = re.compile("[\0\ud800-\udfff]")
_PYTHON_CODECS = frozenset(
    ("idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
)
#: Encodings of text that no mail uses; some take quadratic time or refuse to replace what they cannot read.

Fields = Mapping[str, str]
#: The first value of each header field, unfolded, by its name in small letters.


@dataclass(frozen=True, slots=True)
class MailPart:
    """A mail or a part of it, with its content type in small letters and that field's parameters."""

    fields: Fields
    body: bytes
    content_type: str
    parameters: Mapping[str, str]

    @property
    def is_attachment(self) -> bool:
        """Whether it is a file that was sent along."""
        return self.fields.get("content-disposition", "").lower().startswith("attachment")

    def content(self) -> bytes:
        """The body without its transfer encoding."""
        match self.fields.get("content-transfer-encoding", "").lower():
            case "base64":
                return _from_base64(self.body)
            case "quoted-printable":
                return quopri.decodestring(self.body)
        return self.body

    def text(self) -> str:
        """The body as text, with newlines as the ends of lines."""
        return decoded(self.content(), self.parameters.get("charset", "")).replace("\r\n", "\n").replace("\r", "\n")


def part_of(raw: bytes) -> MailPart:
    """The header fields and the body of a mail or a part; text without any field is all body."""
    header, blank, body = (b"", b"\n", raw[1:]) if raw.startswith(b"\n") else raw.partition(b"\n\n")
    fields = fields_of(header)
    if not fields and header:
        body = header + blank + body
    value = fields.get("content-type", "")
    parameters = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(value[:1_000])}
    content_type = value.partition(";")[0].strip().lower()
    return MailPart(fields, body, content_type if "/" in content_type else "text/plain", parameters)


def parts_of(raw: bytes) -> tuple[MailPart, list[MailPart]]:
    """A mail, and those of its parts that hold no others, in their order.

    A mail within a mail (message/rfc822) is left closed. A multipart without a single part is plain text.
    """
    mail = part_of(raw[:LONGEST_MAIL].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    leaves: list[MailPart] = []
    waiting = [(mail, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            break
        part, depth = waiting.pop()
        children = list(_children(part)) if depth < DEEPEST else []
        if children:
            waiting += [(child, depth + 1) for child in reversed(children)]
        elif part.content_type.startswith("multipart/") and depth < DEEPEST:
            leaves.append(MailPart(part.fields, part.body, "text/plain", part.parameters))
        else:
            leaves.append(part)
    return mail, leaves


def fields_of(header: bytes) -> Fields:
    """The header fields of a mail, or of a group in a report; lines that are none are left out."""
    fields: dict[str, str] = {}
    lines = decoded(header[:LONGEST_HEADER], "").replace("\n ", " ").replace("\n\t", " ").split("\n")
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.isascii() and name.isprintable() and " " not in name.rstrip():
            fields.setdefault(name.rstrip().lower(), value[:LONGEST_VALUE].strip())
    return fields


def decoded(content: bytes, charset: str) -> str:
    """Bytes as text: in their charset, else in UTF-8, else in Windows-1252; without NUL and halves of characters."""
    for name in (charset[:40], "utf-8", "cp1252"):
        try:
            if codecs.lookup(name).name.replace("_", "-") not in _PYTHON_CODECS:
                return _NO_CHARACTERS.sub("", content.decode(name))
        except (LookupError, ValueError):  # an unknown charset, or bytes that are not of it
            continue
    return _NO_CHARACTERS.sub("", content.decode("utf-8", "replace"))


def decoded_words(value: str) -> str:
    """A header field with its encoded words (RFC 2047) read, on one line."""
    adjacent = re.sub(r"\?=\s+(?==\?)", "?=", value)
    return " ".join(_ENCODED_WORD.sub(_word, adjacent).split())


def _word(match: re.Match[str]) -> str:
    charset, encoding, letters = match[1], match[2], match[3].encode()
    is_base64 = encoding in "bB"
    return decoded(_from_base64(letters) if is_base64 else quopri.decodestring(letters, header=True), charset)


def _from_base64(content: bytes) -> bytes:
    """Bytes that were written in base64; as they are where they were not."""
    try:
        return binascii.a2b_base64(content + b"==")
    except binascii.Error:
        return content


def _children(part: MailPart) -> Iterator[MailPart]:
    boundary = part.parameters.get("boundary", "").rstrip()[:200]
    if not part.content_type.startswith("multipart/") or not boundary:
        return
    line = re.compile(rb"^--%b(--)?[ \t]*$" % re.escape(boundary.encode()), re.MULTILINE)
    delimiters = list(islice(line.finditer(part.body), MOST_PARTS + 1))
    for position, delimiter in enumerate(delimiters):
        if delimiter[1]:
            return
        following = delimiters[position + 1].start() if position + 1 < len(delimiters) else len(part.body)
        yield part_of(part.body[delimiter.end() + 1 : following])
