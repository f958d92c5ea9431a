"""The command line ``soapsvc``: one module per command.

A command's module is imported when the command is asked for, so that ``soapsvc preview`` never pays for the server.
The rooms: `serving` (`serve`), `tenant` (`import`, `backup`, `users`, `accounts`), `runs` (`run`, `purge`), `upstream`
(`fetch`, `record`), `parity` (`verify`, `fit`); `options` are what several commands share, `configuration` is where
their values come from, `shown` is how figures look in a terminal. A new command is a module and a line in `COMMANDS`.
"""

import os
from importlib import import_module
from typing import Any

import click

from soapsvc.cli.configuration import Lookup, Sources, configurable

COMMANDS: dict[str, str] = {
    "backup": "soapsvc.cli.tenant.backup:command",
    "config": "soapsvc.cli.config:command",
    "fetch": "soapsvc.cli.upstream.fetch:command",
    "fit": "soapsvc.cli.parity.fit:command",
    "accounts": "soapsvc.cli.tenant.accounts:accounts",
    "import": "soapsvc.cli.tenant.import_:command",
    "preview": "soapsvc.cli.preview:preview",
    "purge": "soapsvc.cli.runs.purge:command",
    "record": "soapsvc.cli.upstream.record:command",
    "run": "soapsvc.cli.runs.run:command",
    "serve": "soapsvc.cli.serving.serve:serve",
    "users": "soapsvc.cli.tenant.users:group",
    "verify": "soapsvc.cli.parity.verify:command",
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


def _tell_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from soapsvc.version import described  # noqa: PLC0415 - nobody else pays for it

        click.echo(f"soapsvc, version {described()}")
        ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show the version."
)
def main() -> None:
    """Preview billing as Zuora's legacy SOAP BillingPreview() call does."""


configurable(main)
