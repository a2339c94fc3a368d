"""A group of commands that imports a module of commands when one of them is asked for; it runs none itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

import rich_click as click
from click.exceptions import NoSuchCommand


class LazyGroup(click.RichGroup):
    """A group whose commands stand in other modules, each in that module's COMMANDS; only its help imports them all.

    Args:
        modules: the names of the commands, by the module that they stand in.
    """

    def __init__(self, *args: Any, modules: Mapping[str, Collection[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = {name: module for module, names in modules.items() for name in names}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order; nothing is imported for it."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name in self._modules and cmd_name not in self.commands:
            for command in import_module(self._modules[cmd_name]).COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that arguments begin with; the nearest is named where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # it knows those alone that were imported
            raise NoSuchCommand(error.command_name, possibilities=self._modules, ctx=ctx) from None
