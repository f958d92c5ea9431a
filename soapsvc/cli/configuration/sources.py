"""The value of an option in the environment or the file, and unknown names in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import click

from soapsvc.cli.configuration.errors import Misconfigured
from soapsvc.cli.configuration.files import ConfigFile
from soapsvc.cli.configuration.names import CONFIG, PREFIX, nearest, option_key, options_of, variable
from soapsvc.cli.configuration.secrets import Secret, secret_of_file

_OURS = (f"{PREFIX}TEST_",)
"""Variables of the tests of this project."""
_KUBERNETES = (f"{PREFIX}SERVICE_HOST", f"{PREFIX}SERVICE_PORT", f"{PREFIX}PORT_")
"""Variables that Kubernetes sets in every container for a service named soapsvc; they are not our options."""


@dataclass(frozen=True, slots=True)
class Given:
    """The value of an option, and where it is from, in words; a file is stronger than the environment."""

    value: Any
    told: str
    by_file: bool


@dataclass(slots=True)
class Sources:
    """Environment and file of one call of the program."""

    environ: Mapping[str, str]
    file: ConfigFile | None = None

    def find(self, command: tuple[str, ...], option: click.Option) -> Given | None:
        """The value of the stronger source; raises Misconfigured for an invalid one."""
        key = option_key(option)
        for candidate in (key, f"{key}_file") if isinstance(option, Secret) else (key,):
            if self.file is not None and (found := self.file.find(command, candidate)) is not None:
                return self._of_file(self.file, found, option, key)
        return self._of_environment(option, key)

    def _of_file(self, file: ConfigFile, found: tuple[tuple[str, ...], Any], option: click.Option, key: str) -> Given:
        place, value = found
        told = file.told(place)
        if place[-1] != key:
            if (*place[:-1], key) in file.values:
                raise Misconfigured(f"{told}: {key} is given as well; give only one of them.")
            return Given(secret_of_file(str(value), told), told, by_file=True)
        parts = value if isinstance(value, list) and option.multiple else [value]
        if isinstance(value, list) != option.multiple or not all(_fits(each, option) for each in parts):
            wanted = "true or false" if option.is_flag else "a list" if option.multiple else "a single value"
            raise Misconfigured(f"{told}: {key} takes {wanted}.")
        if option.is_flag:
            return Given(value, told, by_file=True)
        # As text: values of every source are read in the same way. 80.5 is not a port, 2024-01-01 is a day.
        texts = [str(each) for each in parts]
        return Given(texts if option.multiple else texts[0], told, by_file=True)

    def _of_environment(self, option: click.Option, key: str) -> Given | None:
        name = variable(key)
        text = self.environ.get(name, "")
        if _is_of_kubernetes(name, text):
            text = ""
        if isinstance(option, Secret) and (path := self.environ.get(f"{name}_FILE", "")):
            if text:
                raise Misconfigured(f"{name} and {name}_FILE are both set; set only one of them.")
            return Given(secret_of_file(path, f"{name}_FILE"), f"{name}_FILE", by_file=False)
        if not text:
            return None
        value = [part for each in text.split(",") if (part := each.strip())] if option.multiple else text
        return Given(value, name, by_file=False)

    def check(self, main: click.Group, command: click.Command) -> None:
        """Raise Misconfigured for a variable or key that is not an option of any command.

        The other commands are loaded only where this one does not know a name.
        """
        variables = {name for name, value in self.environ.items() if name.startswith(PREFIX)} - {variable(CONFIG)}
        variables = {
            name for name in variables if not name.startswith(_OURS) and not _is_of_kubernetes(name, self.environ[name])
        }
        known = _keys(command)
        keys = self.file.values.keys() | self.file.tables if self.file is not None else set()
        if variables <= {variable(key) for key in known} and keys <= {(key,) for key in known}:
            return
        commands = dict(_commands(main, ()))
        known = {key for each in commands.values() for key in _keys(each)}
        for name in sorted(variables - {variable(key) for key in known}):
            _refuse(name, name, "variable", map(variable, known))
        if self.file is not None:
            _check_file(self.file, commands)


def _fits(value: object, option: click.Option) -> bool:
    """Whether a value of the file is of a kind that the option, or one of its values, can be read from."""
    if option.is_flag or isinstance(value, bool):
        return option.is_flag and isinstance(value, bool)
    return isinstance(value, str | int | float | date)


def _check_file(file: ConfigFile, commands: Mapping[tuple[str, ...], click.Command]) -> None:
    for table in sorted(file.tables):
        if table not in commands:
            if table[-1] in _keys_below(commands, table[:-1]):
                raise Misconfigured(f"{file.told(table)}: {table[-1]} is an option, not a table: give it a value.")
            _refuse(file.told(table), table[-1], "command", [path[-1] for path in commands if path])
    for *above, key in sorted(file.values):
        known = _keys_below(commands, tuple(above))
        if key not in known:
            _refuse(file.told((*above, key)), key, "option", known)


def _keys_below(commands: Mapping[tuple[str, ...], click.Command], above: tuple[str, ...]) -> set[str]:
    """The keys of a command's options and of those of the commands below it."""
    return {key for path, each in commands.items() if path[: len(above)] == above for key in _keys(each)}


def _refuse(told: str, word: str, kind: str, known: Iterable[str]) -> NoReturn:
    raise Misconfigured(f"{told}: there is no such {kind}; the nearest is {nearest(word, known)}.")


def _keys(command: click.Command) -> set[str]:
    """The keys of a command's options, and those of the files of its secrets."""
    options = options_of(command)
    return options.keys() | {f"{key}_file" for key, option in options.items() if isinstance(option, Secret)}


def _commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A group, and all commands below it, by the words that call them, with `_` for dashes."""
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        below = (*path, name.replace("-", "_"))
        if isinstance(command, click.Group):
            yield from _commands(command, below)
        elif command is not None:
            yield below, command


def _is_of_kubernetes(name: str, value: str) -> bool:
    """Whether Kubernetes has set the variable for a service of our name: SOAPSVC_PORT is then tcp://10.0.0.1:8080."""
    return name.startswith(_KUBERNETES) or (name == variable("port") and "://" in value)
