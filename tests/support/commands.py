"""Checks command lines of this project in the documentation."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import click

from soapsvc.cli import main

_HELP = {"-h", "--help", "--version"}


def check_soapsvc(words: Sequence[str]) -> None:
    """Fail unless the words after `soapsvc` name a command, and options that this command has.

    A word `list|add` stands for one of several commands; each must have the options. `config` is followed by another
    command with its options.
    """
    if words[:1] == ["config"] and len(words) > 1 and not words[1].startswith("-"):
        words = words[1:]
    if several := next((word for word in words if re.fullmatch(r"[a-z-]+(\|[a-z-]+)+", word)), None):
        for word in several.split("|"):
            check_soapsvc([word if each == several else each for each in words])
        return
    command: click.Command = main
    options = []
    for word in words:
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        command = found or command
        if word.startswith("-"):
            options.append(word.partition("=")[0])
    assert command is not main or not words or set(words) <= _HELP, f"soapsvc {shlex.join(words)}: no such command"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [option for option in options if option not in known | _HELP]
    assert unknown == [], f"soapsvc {shlex.join(words)}: no such option"
