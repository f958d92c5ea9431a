"""`soapsvc config`: which value each option would have, and where it is from."""

from __future__ import annotations

from collections.abc import Iterator

import click

from soapsvc.cli.configuration import DEFAULT, option_key, place_of, shown
from soapsvc.cli.configuration.names import options_of
from soapsvc.cli.terminal import console

_MAIN = "serve"
_Row = tuple[str, str, str]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", metavar="[COMMAND [ARGUMENT]...]", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the options of COMMAND, their values, and the source of each. Secrets are masked.

    The words after COMMAND are its arguments. Without COMMAND it shows all options of `serve`, and of the other
    commands only those that the environment or a file sets.
    """
    root = context.find_root()
    shown_before = _print(_parsed(root, root.command, list(words) or [_MAIN]), frozenset(), everything=True)
    for other in () if words else _others(root, root.command, []):
        _print(_parsed(root, root.command, other), shown_before, everything=False)


def _parsed(parent: click.Context, group: click.Command, words: list[str]) -> click.Context:
    """The context of the command that the words call, with its options' values; the command does not run."""
    name = words[0]
    found = group.get_command(parent, name) if isinstance(group, click.Group) else None
    if found is None:
        raise click.UsageError(f"There is no command {name}; `soapsvc --help` lists them.")
    rest = words[1:]
    if isinstance(found, click.Group) and rest and found.get_command(parent, rest[0]) is not None:
        return _parsed(found.make_context(name, [rest[0]], parent=parent, resilient_parsing=True), found, rest)
    try:
        return found.make_context(name, list(rest), parent=parent)  # it removes the words from the list
    except (click.MissingParameter, click.exceptions.NoArgsIsHelpError):
        return found.make_context(name, list(rest), parent=parent, resilient_parsing=True)


def _others(context: click.Context, group: click.Command, path: list[str]) -> Iterator[list[str]]:
    """The words of all commands but `serve`."""
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        if (found := group.get_command(context, name)) is not None and [*path, name] != [_MAIN]:
            yield [*path, name]
            yield from _others(context, found, [*path, name])


def _print(context: click.Context, before: frozenset[_Row], *, everything: bool) -> frozenset[_Row]:
    """Print a table of the options of a command, and return its rows.

    Without `everything`, options with their default value, or shown before, are left out.
    """
    from rich.table import Table

    table = Table("option", "value", "from", box=None, title=context.command_path, title_justify="left")
    for column in table.columns:
        column.overflow = "fold"
    rows = [
        (option_key(option), shown(option, context.params.get(option.name or "")), place_of(context, option))
        for option in options_of(context.command).values()
    ]
    for row in rows:
        if everything or (row[2] != DEFAULT and row not in before):
            table.add_row(*row)
    if table.row_count:
        console().print(table)
    return frozenset(rows)
