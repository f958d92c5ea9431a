"""The command line ``soapsvc``: one module per command.

A command's module is imported when the command is called, so ``soapsvc preview`` never loads the server. It declares
the options, and loads the module that does the work only when it runs: ``--help`` loads click and little else
(tests/cli/test_main.py checks that). The rooms: `serving` (`serve`), `tenant` (`import`, `backup`, `users`,
`accounts`), `runs` (`run`, `purge`), `upstream` (`fetch`, `record`), `parity` (`verify`, `fit`); `options` has options
that several commands share, `configuration` reads their values, `shown` prints figures in a terminal. A new command is
a module with its options, a module that does the work, and a line in `COMMANDS`; `options.words` has words and numbers
whose own modules are slow to load.
"""

import os
from importlib import import_module
from typing import Any

import click

from soapsvc.cli.configuration import Lookup, Sources, configurable

COMMANDS: dict[str, tuple[str, str]] = {
    "backup": ("soapsvc.cli.tenant.backup:command", "Copy an SQLite database while it is used."),
    "config": ("soapsvc.cli.config:command", "Show a command's options, their values, and the source of each."),
    "fetch": ("soapsvc.cli.upstream.fetch:command", "Read a live tenant into a tenant directory."),
    "fit": ("soapsvc.cli.parity.fit:command", "Find the billing rules that reproduce recorded previews."),
    "accounts": ("soapsvc.cli.tenant.accounts:accounts", "List and search accounts."),
    "import": ("soapsvc.cli.tenant.import_:command", "Import a tenant directory into a database."),
    "preview": ("soapsvc.cli.preview:preview", "Preview what an account will be invoiced up to a date."),
    "purge": ("soapsvc.cli.runs.purge:command", "Delete the results of runs that ended long ago."),
    "record": ("soapsvc.cli.upstream.record:command", "Ask a live tenant for previews, and keep them in a file."),
    "run": ("soapsvc.cli.runs.run:command", "Preview the billing of all accounts, or of some, into one file."),
    "serve": ("soapsvc.cli.serving.serve:serve", "Serve SOAP and REST over HTTP until stopped."),
    "users": ("soapsvc.cli.tenant.users:group", "Add, change, list and remove the users who may log in."),
    "verify": ("soapsvc.cli.parity.verify:command", "Compare recorded previews of the vendor with ours."),
}
"""Each command's name, its place as ``module:attribute``, and its help line, so that a list loads no command."""


class _LazyGroup(click.Group):
    """A group that imports a command's module on first use, with option values from environment and file."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of one call of the program."""
        extra.setdefault("default_map", Lookup(Sources(os.environ), self))
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in alphabetical order."""
        return sorted(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command ``cmd_name``, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        place, _ = COMMANDS[cmd_name]
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is not a command")
        return configurable(command)


def _tell_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from soapsvc.version import described

        click.echo(f"soapsvc, version {described()}")
        ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show the version."
)
def main() -> None:
    """Preview billing as Zuora's legacy SOAP BillingPreview() call does."""


configurable(main)
