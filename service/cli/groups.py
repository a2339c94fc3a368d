"""A group of commands that imports the module of a command only when the command is used; it runs none itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

import rich_click as click
from click.exceptions import NoSuchCommand


class LazyGroup(click.RichGroup):
    """A group whose commands are in other modules, each in that module's COMMANDS; only its help imports them all.

    Args:
        modules: the names of the commands, by module.
        aliases: the names of commands, by their former names, which still work and are not listed.
    """

    def __init__(
        self, *args: Any, modules: Mapping[str, Collection[str]], aliases: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._modules = {name: module for module, names in modules.items() for name in names}
        self._aliases = aliases

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted; this imports none of them."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name or an alias, or None."""
        name = self._aliases.get(cmd_name, cmd_name)
        if name in self._modules and name not in self.commands:
            for command in import_module(self._modules[name]).COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that arguments begin with; the error for an unknown name suggests the nearest ones."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # click knows only the commands that were imported
            raise NoSuchCommand(error.command_name, possibilities=self._modules, ctx=ctx) from None
