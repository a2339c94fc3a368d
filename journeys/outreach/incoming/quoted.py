"""Tells what a person wrote in a mail from what it quotes. Line by line, in linear time.

It goes by the form of lines: a quotation without a mark stays, and words of the person that look like the head of a
quotation are cut, with what follows. Staff can always open the complete text.
"""

from __future__ import annotations

from collections.abc import Sequence

from journeys.outreach.incoming.vocabulary import (
    ATTRIBUTION_BEGINNINGS,
    ATTRIBUTION_ENDS,
    DATE_LABELS,
    DIVIDERS,
    PROGRAM_LINES,
    SENDER_LABELS,
)

_LONGEST_MARK = 48
#: Characters at either end of a line by which it is recognized.
_LONGEST_HEAD = 4
#: Lines over which a mail program may break the line before a quotation, or write the header block.


def own_words(text: str) -> str:
    """A mail's text without its quoted parts and signature.

    Cut are lines that begin with `>` and the line before them (`On ... wrote:`, `El ... escribió:`); a line that a
    phone adds (`Sent from my ...`); and everything from a signature (`-- `), from `-----Original Message-----`, from
    the header block of Outlook, or from `On ... wrote:` where a line without `>` follows.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own_lines: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if line == "--" or _is_divider(line) or _is_header_block(lines, position):
            break
        attribution = _attribution_length(lines, position)
        if not attribution:
            if not line.startswith(">") and not _is_of_a_program(line):
                own_lines.append(lines[position].rstrip())
            position += 1
            continue
        position += attribution
        while position < len(lines) and not lines[position].strip():
            position += 1
        if position < len(lines) and not lines[position].lstrip().startswith(">"):
            break
    return "\n".join(own_lines).strip()


def _is_divider(line: str) -> bool:
    return line.startswith("--") and line.endswith("--") and line.strip("- ")[:_LONGEST_MARK].lower() in DIVIDERS


def _is_of_a_program(line: str) -> bool:
    words = line.partition("<")[0]  # an address may follow
    if len(words) > _LONGEST_MARK:
        return False
    return words.lower().startswith(PROGRAM_LINES) or (len(line) > 7 and not line.strip("_"))


def _is_header_block(lines: Sequence[str], position: int) -> bool:
    if not _label(lines[position]).startswith(SENDER_LABELS):
        return False
    return any(_label(line).startswith(DATE_LABELS) for line in lines[position + 1 : position + _LONGEST_HEAD])


def _label(line: str) -> str:
    """The beginning of a line in small letters, without the asterisks of bold type."""
    return line.lstrip("* \t")[:_LONGEST_MARK].lower()


def _attribution_length(lines: Sequence[str], position: int) -> int:
    """How many lines the line before a quotation takes; 0 where none begins here.

    It has a digit, as of a date, or an address. With an address in the same line it may begin with any name.
    """
    first = lines[position]
    if not first.lstrip()[:_LONGEST_MARK].lower().startswith(ATTRIBUTION_BEGINNINGS):
        return 1 if "@" in first and _ends_attribution(first) else 0
    has_mark = False
    for length, line in enumerate(lines[position : position + _LONGEST_HEAD], start=1):
        if not line.strip():
            return 0
        has_mark = has_mark or "@" in line or any(digit in line for digit in "0123456789")
        if has_mark and _ends_attribution(line):
            return length
    return 0


def _ends_attribution(line: str) -> bool:
    return line.rstrip()[-_LONGEST_MARK:].lower().endswith(ATTRIBUTION_ENDS)
