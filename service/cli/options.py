"""Options that commands share; reading them touches nothing."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]

database_option = click.option(
    "--database", metavar="URL", help="The database; JOURNEYS_DATABASE by default, then sqlite:///journeys.db."
)
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _folder_option(name: str, default: str, help_text: str) -> Decorator:
    """An option that names a folder, which need not exist."""
    folder = click.Path(file_okay=False, path_type=Path)
    return click.option(name, default=default, show_default=True, type=folder, help=help_text)


definitions_option = _folder_option("--definitions", "definitions", "The folder of definitions.")
content_option = _folder_option("--content", "content", "The folder of content.")
stories_option = _folder_option(
    "--stories", "tests/stories", "The folder that holds a folder of stories for each journey."
)
programme_option = click.option("--programme", default="", help="The programme of the patient; by default the first.")


def options_as(name: str, build: Callable[..., Any], *options: Decorator) -> Decorator:
    """A decorator that declares options and passes their values to the command as one value.

    Args:
        name: the parameter of the command.
        build: makes the value; its parameters are named like the options.
        options: the decorators that declare the options.
    """
    option_names = tuple(inspect.signature(build).parameters)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_value(*args: Any, **kwargs: Any) -> Any:
            values = {option: kwargs.pop(option) for option in option_names}
            return command(*args, **{name: build(**values)}, **kwargs)

        decorated: Command = with_value
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def read_password(prompt: str, *, confirm: bool = False) -> str:
    """The password typed at the terminal, or the first line of the standard input where that is a file or a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm))
    return sys.stdin.readline().rstrip("\r\n")
