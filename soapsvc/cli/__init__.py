"""The command line ``soapsvc``: one module per command.

A command's module is imported when the command is asked for, so that ``soapsvc preview`` never pays for the server.
"""

import os
from importlib import import_module
from typing import Any

import click

from soapsvc import __version__
from soapsvc.cli.configuration import Lookup, Sources, configurable

COMMANDS: dict[str, str] = {
    "config": "soapsvc.cli.config:command",
    "fetch": "soapsvc.cli.upstream.fetch:command",
    "import": "soapsvc.cli.import_:command",
    "preview": "soapsvc.cli.preview:preview",
    "purge": "soapsvc.cli.runs.purge:command",
    "run": "soapsvc.cli.runs.run:command",
    "serve": "soapsvc.cli.serve:serve",
    "users": "soapsvc.cli.users:group",
}
"""Each command's name and where it is, as ``module:attribute``."""


class _LazyGroup(click.Group):
    """A group that imports a command's module on first use, and whose options have values of environment and file."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of one call of the program."""
        extra.setdefault("default_map", Lookup(Sources(os.environ), self))
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command ``cmd_name``, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return configurable(command)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="soapsvc")
def main() -> None:
    """Preview billing as Zuora's legacy SOAP BillingPreview() call does."""


configurable(main)
