"""Values that nobody may see: options that hold them, and how they are shown instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

_MASK = "********"
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):(.*)@", re.DOTALL)
"""User and password of a URL. A password may hold what ends one in a well-formed URL, so it goes up to the last @."""
_MOST = 64 * 1024


class Secret(click.Option):
    """An option whose value is never shown. It may also be given as a file that holds nothing but the value."""

    def shown(self, value: str) -> str:
        """What may be seen of the value."""
        return _MASK if value else value


class SecretUrl(Secret):
    """A URL with a password, or without: all but the password is shown."""

    def shown(self, value: str) -> str:
        """The URL, its password masked."""
        return _without_password(value)


def shown(option: click.Option, value: Any) -> str:
    """A value of an option as the operator may see it; a password in any URL is masked, whatever the option."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(shown(option, each) for each in (sorted(value) if isinstance(value, frozenset) else value))
    return option.shown(str(value)) if isinstance(option, Secret) else _without_password(str(value))


def secret_of_file(path: str, told: str) -> str:
    """The secret in a file, without the end of its last line; raises click.UsageError."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise click.UsageError(f"{told}: {path} cannot be read: {why}.") from error
    secret = text.rstrip("\r\n")
    if not secret or len(text) > _MOST:
        raise click.UsageError(f"{told}: {path} is {'empty' if not secret else 'too long'}; it holds the secret alone.")
    return secret


def _without_password(text: str) -> str:
    return _PASSWORD.sub(rf"\1:{_MASK}@", text)
