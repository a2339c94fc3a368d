"""A group of commands that imports the module of a command only when the command is used; it runs none itself."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import rich_click as click
from click.exceptions import NoSuchCommand

#: A key of the context while the help is written.
_LISTING = "journeys.listing"


class LazyGroup(click.RichGroup):
    """A group whose commands are in other modules, each in that module's COMMANDS; its help imports none of them.

    Args:
        listed: by heading of the help and name, the module of a command, and what it does in some words.
        unlisted: the modules of commands that the help does not list, by name.
        aliases: the names of commands, by their former names, which still work and are not listed.
    """

    def __init__(
        self,
        *args: Any,
        listed: Mapping[str, Mapping[str, tuple[str, str]]],
        unlisted: Mapping[str, str],
        aliases: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._listed = {name: entry for entries in listed.values() for name, entry in entries.items()}
        self._modules = {**{name: module for name, (module, _) in self._listed.items()}, **unlisted}
        self._aliases = aliases
        for heading, entries in listed.items():
            self.add_panel(click.RichCommandPanel(heading, commands=list(entries)))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands that the help lists, in its order; this imports none of them."""
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name or an alias, or None; while the help is written, only its name and what it does."""
        name = self._aliases.get(cmd_name, cmd_name)
        if name in self._modules and name not in self.commands:
            if _LISTING in ctx.meta:
                return click.RichCommand(name=name, short_help=self._listed[name][1])
            for command in import_module(self._modules[name]).COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, name)

    def format_help(self, ctx: click.RichContext, formatter: Any) -> None:  # type: ignore[override]
        """Writes the help, with the commands under their headings."""
        ctx.meta[_LISTING] = True
        super().format_help(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that arguments begin with; the error for an unknown name suggests the nearest ones."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # click knows only the commands that were imported
            raise NoSuchCommand(error.command_name, possibilities=self._modules, ctx=ctx) from None
