"""Click's `default_map`: the values of options that are not arguments, looked up when click needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from soapsvc.cli.configuration.errors import Misconfigured
from soapsvc.cli.configuration.files import ConfigFile
from soapsvc.cli.configuration.names import CONFIG, option_key, options_of, variable
from soapsvc.cli.configuration.secrets import Secret
from soapsvc.cli.configuration.sources import Given, Sources

ARGUMENT, DEFAULT = "argument", "default"
"""Places of values that neither environment nor file give."""
EXCLUSIVE = (
    frozenset({"tenant", "database"}),
    frozenset({"account_id", "account_number"}),
    frozenset({"organization", "all_organizations"}),
)
"""Groups of options that exclude each other: one from a stronger source overrides the others."""


class Lookup(Mapping[str, Any]):
    """The values of a command's options by their parameters' names, and below it the lookups of its sub-commands."""

    def __init__(self, sources: Sources, command: click.Command, path: tuple[str, ...] = ()) -> None:
        self.sources = sources
        self.path = path
        self.command = command
        self._options = {option.name: option for option in options_of(command).values()}

    def __getitem__(self, name: str) -> Any:
        option = self._options.get(name)
        if option is not None:
            given = self.given(option)
            if given is None:
                raise KeyError(name)
            return given.value
        if isinstance(self.command, click.Group):
            below = self.command.get_command(click.Context(self.command), name)
            if below is not None:
                return Lookup(self.sources, below, (*self.path, name.replace("-", "_")))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def given(self, option: click.Option) -> Given | None:
        """The value that environment or file give an option; raises Misconfigured for one that it does not take."""
        given = self.sources.find(self.path, option)
        if given is None or self._is_set_aside(option, given):
            return None
        try:
            option.type_cast_value(click.get_current_context(), given.value)
        except click.BadParameter as error:
            raise Misconfigured(f"{given.told}: {_why(option, given.value, error)}.") from error
        return given

    def _is_set_aside(self, option: click.Option, given: Given) -> bool:
        """Whether a stronger source has an option that excludes this one."""
        key, context = option_key(option), click.get_current_context()
        for other in options_of(self.command).values():
            if other is option or not any({key, option_key(other)} <= group for group in EXCLUSIVE):
                continue
            if context.get_parameter_source(other.name) is ParameterSource.COMMANDLINE:
                return True
            stronger = self.sources.find(self.path, other)
            if not given.by_file and stronger is not None and stronger.by_file:
                return True
        return False


def _why(option: click.Option, value: object, error: click.BadParameter) -> str:
    """The values that an option accepts, for the refusal of another one."""
    kind, given = option.type, option.shown(str(value)) if isinstance(option, Secret) else repr(value)
    unit = f" of {option.metavar.lower()}" if option.metavar and option.metavar.isalpha() else ""
    if isinstance(kind, click.IntRange | click.FloatRange):
        number = "whole number" if isinstance(kind, click.IntRange) else "number"
        bounds = f"of at least {kind.min}" if kind.max is None else f"from {kind.min} to {kind.max}"
        return f"takes a {number}{unit} {bounds}, not {given}"
    if option.is_flag:
        return f"takes true or false, not {given}"
    return error.message.rstrip(".")


def configurable(command: click.Command) -> click.Command:
    """The same command, which with all below it takes `--config`."""
    if not any(option_key(each) == CONFIG for each in command.params):
        command.params.append(_config_option())
    if isinstance(command, click.Group):
        for below in command.commands.values():
            configurable(below)
    return command


def place_of(context: click.Context, option: click.Parameter) -> str:
    """The source of an option's value in a parsed context, in words."""
    source = context.get_parameter_source(option.name)
    if source is ParameterSource.COMMANDLINE:
        return ARGUMENT
    lookup: object = context.default_map
    if (
        source is not ParameterSource.DEFAULT_MAP
        or not isinstance(lookup, Lookup)
        or not isinstance(option, click.Option)
    ):
        return DEFAULT
    given = lookup.given(option)
    return given.told if given is not None else DEFAULT


def named(key: str) -> str:
    """The name under which the user gave an option of this command: `--port`, SOAPSVC_PORT, `soapsvc.toml: port`."""
    context = click.get_current_context()
    option = next(each for each in context.command.params if option_key(each) == key)
    place = place_of(context, option)
    return max(option.opts, key=len) if place in {ARGUMENT, DEFAULT} else place


def place_before(key: str) -> str:
    """`SOAPSVC_DATABASE: ` before a message about an option; nothing where it is an argument, or no option here."""
    context = click.get_current_context(silent=True)
    if context is None or key not in map(option_key, context.command.params):
        return ""
    found = named(key)
    return "" if found.startswith("--") else f"{found}: "


def _config_option() -> click.Option:
    return click.Option(
        ["--config", "config_file"],  # not "config": a command is called so
        type=click.Path(path_type=Path, readable=False),  # the reader reports unreadable values
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read,
        help="A TOML file with options.  [environment: SOAPSVC_CONFIG]",
    )


def _read(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    """Read the file before any option is looked up in it; one that is named nearer to the command wins."""
    lookup: object = context.default_map
    main = context.find_root().command
    if not isinstance(lookup, Lookup):
        return
    by_environment = lookup.sources.environ.get(variable(CONFIG), "")
    told = "--config"
    if path is None and lookup.sources.file is None and by_environment:
        path, told = Path(by_environment), variable(CONFIG)
    if path is not None:
        lookup.sources.file = ConfigFile.read(path, told)
    if isinstance(main, click.Group) and context.command is not main:
        lookup.sources.check(main, context.command)
