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
definitions_option = click.option(
    "--definitions",
    default="definitions",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of definitions.",
)
programme_option = click.option("--programme", default="", help="The programme of the patient; by default the first.")
content_option = click.option(
    "--content",
    default="content",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of content.",
)

stories_option = click.option(
    "--stories",
    default="tests/stories",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that holds a folder of stories for each journey.",
)


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
