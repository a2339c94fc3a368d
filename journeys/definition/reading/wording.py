"""Mistakes in a text that is not YAML, in words for people who do not know YAML; only words and positions."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from journeys.definition.model import Mark

_BRACES = (
    "Inside braces {…}, a text with a comma, brackets or braces must be in quotes, "
    "as in {when: \"stage in ['I', 'II']\", to: surgery}; or write the keys on lines of their own."
)
_COLON = "A text with a colon and a blank (': ') must be in quotes, as in title: \"Lung cancer: what now\"."
_INDENT = "Look at the indentation of this line and the one above: keys of one mapping begin in one column."
_JARGON = {
    "'<scalar>'": "a text",
    "'<block mapping start>'": "a key further in",
    "'<block sequence start>'": "a list",
    "'<block end>'": "its end",
    "<block end>": "its end",
    "'<stream end>'": "the end of the file",
    "'<document start>'": "'---'",
    "'<anchor>'": "'&'",
    "'<alias>'": "'*'",
    "'<tag>'": "'!'",
}


def explain(error: MarkedYAMLError, lines: list[str]) -> tuple[Mark, str]:
    """The position of the mistake, which may be before the one where the parser noticed it, and a hint to repair it."""
    message = (error.problem or "this cannot be read").strip().rstrip(".")
    for jargon, words in _JARGON.items():
        message = message.replace(jargon, words)
    mark = _mark(error.problem_mark or error.context_mark)
    begun = _mark(error.context_mark) if error.context_mark else mark
    line = _line(lines, mark)
    inside = "expected ',' or" in message or "flow" in str(error.context)
    if inside:
        comment = re.search(r"\s#", _line(lines, begun)[begun.column - 1 :])
        if comment:
            position = Mark(begun.line, begun.column + comment.start() + 1)
            return position, "Everything after ' #' counts as a comment. Put a text with ' #' in quotes."
        if mark.line > begun.line and _begins_anew(line, _line(lines, begun)):
            opened = _line(lines, begun)[begun.column - 1 : begun.column]
            return begun, f"The '{opened}' that opens here is not closed."
    if "end of stream" in message and "quoted scalar" in str(error.context):
        return begun, "The quote that opens here is not closed."
    return mark, f"This is not YAML: {message}. {_hint(message, line, mark, inside)}"


def _hint(message: str, line: str, mark: Mark, inside: bool) -> str:
    before = line[: mark.column - 1]
    if "\t" in line[: mark.column]:
        return "Write blanks, not tabs."
    if "mapping values are not allowed" in message:
        return _INDENT if re.fullmatch(r"\s*(- )?[\w.-]+", before) else _COLON
    if line.count('"') % 2:
        return "A quote is missing in this line."
    if inside and "got ':'" in message:
        return _COLON
    if inside:
        return _BRACES
    if "could not find expected ':'" in message:
        return "A key and its value are written 'key: value', with a colon and a blank."
    if "did not find expected" in message or "expected its end" in message:
        return _INDENT
    return "Put the text in quotes if it begins with a special character."


def _begins_anew(line: str, opening: str) -> bool:
    """Whether a line looks like the next key of the block of the opening line, or of a block around that."""
    key = re.match(r"(\s*)(- |[\w.-]+:(\s|$))", line)
    return key is not None and len(key[1]) <= len(opening) - len(opening.lstrip())


def _mark(mark: object) -> Mark:
    return Mark(getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)


def _line(lines: list[str], mark: Mark) -> str:
    return lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
