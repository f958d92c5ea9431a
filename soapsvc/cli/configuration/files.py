"""The TOML file of `--config`: options at its top for all commands, and in tables for one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soapsvc.cli.configuration.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The file's values by their place, such as `("port",)` or `("serve", "port")`; dashes count as `_`."""

    path: Path
    values: Mapping[tuple[str, ...], Any]
    tables: frozenset[tuple[str, ...]]

    @classmethod
    def read(cls, path: Path, told: str = "--config") -> ConfigFile:
        """Read a file that was named by `told`; raises Misconfigured."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misconfigured(f"{told}: the file {path} cannot be read: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{told}: the file {path} is not valid TOML: {error}.") from error
        found: dict[tuple[str, ...], Any] = {}
        tables: set[tuple[str, ...]] = set()
        for place, value in _walked(content, ()):
            if place in found or place in tables:
                raise Misconfigured(f"{path}: {'.'.join(place)} is given twice, with - and with _. Keep one.")
            if isinstance(value, dict):
                tables.add(place)
            else:
                found[place] = value
        return cls(path, found, frozenset(tables))

    def find(self, command: tuple[str, ...], key: str) -> tuple[tuple[str, ...], Any] | None:
        """The place and the value of a command's option in the file: the table nearest to the command wins."""
        for depth in range(len(command), -1, -1):
            place = (*command[:depth], key)
            if place in self.values:
                return place, self.values[place]
        return None

    def told(self, place: tuple[str, ...]) -> str:
        """The name of a place of the file in messages."""
        return f"{self.path}: {'.'.join(place)}"


def _walked(content: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in content.items():
        place = (*above, key.replace("-", "_"))
        yield place, value
        if isinstance(value, dict):
            yield from _walked(value, place)
