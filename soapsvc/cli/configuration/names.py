"""The names of an option: `--run-workers` as an argument, `run_workers` in the file, SOAPSVC_RUN_WORKERS."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

import click

PREFIX = "SOAPSVC_"
CONFIG = "config"
"""The option that names the file; it is no key of the file itself."""
_OWN = frozenset({CONFIG, "help", "version"})


def option_key(option: click.Parameter) -> str:
    """The name of an option in the file: its longest one, without dashes in front, and with `_` for those within."""
    return max(option.opts, key=len).lstrip("-").replace("-", "_")


def variable(key: str) -> str:
    """The environment variable of an option."""
    return PREFIX + key.upper()


def options_of(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that a file may hold, by name."""
    found = {option_key(each): each for each in command.params if isinstance(each, click.Option)}
    return {key: option for key, option in found.items() if key not in _OWN}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most similar to this one."""
    return max(sorted(known), key=lambda each: SequenceMatcher(None, word, each).ratio(), default="")
