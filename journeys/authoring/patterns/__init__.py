"""Patterns of journeys: start files under an author's own names, made of the templates in this folder.

A template is one text file: a line with its states, then each file of the journey behind a line
`=== path`. Its tags are `<< name >>` and `<% for … %>`, because the files themselves have `{{ … }}`. Nothing is
written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2

from journeys.definition.model import STAY
from journeys.definition.reading.shape import MAX_NAME, NAME, WORDS_OF_CONDITIONS
from journeys.primitives.words import PATTERNS

MAX_STATES = 40
MAX_LENGTH = 40
#: The most characters of the name of a state, so that the names made of it are not too long.
_FILE = re.compile(r"^=== (.+)\n", re.MULTILINE)
_HEAD = re.compile(r"states: (?P<states>.+?)(?: \(at least (?P<least>\d+)\))?\n")


class UnfitNames(ValueError):
    """Names of states that a pattern does not take; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of journey: its states unless the author names others, and the template of its files.

    `may_be_more`: the author may name any number of states from `at_least` on; otherwise exactly as many.
    """

    name: str
    states: tuple[str, ...]
    at_least: int
    may_be_more: bool
    template: str

    def checked(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names of the states: the author's, or those of the pattern where there are none.

        Raises:
            UnfitNames: too few, too many, twice the same, or not a name.
        """
        if not names:
            return self.states
        number, default = len(names), ", ".join(self.states)
        if self.may_be_more and not self.at_least <= number <= MAX_STATES:
            raise UnfitNames(f"The pattern '{self.name}' takes {self.at_least} to {MAX_STATES} states, not {number}.")
        if not self.may_be_more and number != self.at_least:
            raise UnfitNames(f"The pattern '{self.name}' takes {self.at_least} states, as {default}; not {number}.")
        for name in names:
            if not NAME.fullmatch(name) or len(name) > MAX_LENGTH:
                accepted = "begin with a lower case letter and go on with lower case letters, digits and '_'"
                raise UnfitNames(f"The name of the state '{name[:80]}' must {accepted} (at most {MAX_LENGTH}).")
            if name in (STAY, *WORDS_OF_CONDITIONS):
                raise UnfitNames(f"'{name}' is a word of definitions; choose another name for the state.")
            if names.count(name) > 1:
                raise UnfitNames(f"The state '{name}' is listed twice.")
        return tuple(names)

    def files(self, key: str, title: str, states: Sequence[str] = ()) -> dict[str, str]:
        """The files of a new journey by path, in the folders `definitions`, `content` and `stories`.

        Args:
            key: the key of the journey.
            title: its title, without quotes and backslashes.
            states: the author's names of the states, in order; those of the pattern unless given.

        Raises:
            UnfitNames: as `checked`.
        """
        names = [
            {"name": name, "slug": name.replace("_", "-"), "title": name.replace("_", " ").capitalize()}
            for name in self.checked(states)
        ]
        slug = key.replace("_", "-")
        text = _ENVIRONMENT.from_string(self.template).render(key=key, slug=slug, title=title, states=names)
        _, *parts = _FILE.split(text)
        made = dict(zip(parts[::2], parts[1::2], strict=True))
        longest = max((path.split("/")[-2] for path in made), key=len)
        if len(longest) > MAX_NAME:
            raise UnfitNames(
                f"The piece '{longest}' has a key of more than {MAX_NAME} characters; choose shorter names."
            )
        return made


def patterns() -> Mapping[str, Pattern]:
    """The patterns by name."""
    return {name: _read(name) for name in PATTERNS}


def _read(name: str) -> Pattern:
    head, mark, template = files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").partition("=== ")
    parts = _HEAD.fullmatch(head)
    assert parts is not None  # a template of ours; a test reads them all
    states = tuple(parts["states"].split(", "))
    least = int(parts["least"] or len(states))
    return Pattern(name, states, least, parts["least"] is not None, mark + template)


_ENVIRONMENT = jinja2.Environment(  # noqa: S701 # nosec B701 # YAML and Markdown, of templates of ours and checked names
    block_start_string="<%",
    block_end_string="%>",
    variable_start_string="<<",
    variable_end_string=">>",
    comment_start_string="<#",
    comment_end_string="#>",
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
