"""Secret values: the options that hold them, and their masked form."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import click

from soapsvc.cli.configuration.errors import Misconfigured

_MASK = "********"
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):(.*)@", re.DOTALL)
"""User and password of a URL. A password may hold what ends one in a well-formed URL, so it goes up to the last @."""
_MOST = 64 * 1024


class Secret(click.Option):
    """An option whose value is never shown. It may also be given as a file that holds nothing but the value."""

    def shown(self, value: str) -> str:
        """The masked value."""
        return _MASK if value else value


class SecretUrl(Secret):
    """A URL with or without a password: the password is masked."""

    def shown(self, value: str) -> str:
        """The URL, its password masked."""
        return _without_password(value)


def shown(option: click.Option, value: Any) -> str:
    """A value of any option for the operator; a password in a URL is masked."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(shown(option, each) for each in (sorted(value) if isinstance(value, frozenset) else value))
    return option.shown(str(value)) if isinstance(option, Secret) else _without_password(str(value))


def secret_of_file(path: str, told: str) -> str:
    """The secret in a file, without the end of its last line; raises Misconfigured."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{told}: {path} cannot be read: {_why(error)}.") from error
    secret = text.rstrip("\r\n")
    kinds = {"is empty": not secret, "is too long": len(text) > _MOST, "has several lines": "\n" in secret}
    if wrong := next((each for each, is_so in kinds.items() if is_so), None):
        raise Misconfigured(f"{told}: {path} {wrong}; it must hold only the secret.")
    return secret


def _why(error: OSError | UnicodeDecodeError) -> str:
    """The problem of a file, and the user that must be able to read it."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    if error.errno == errno.EACCES:
        return f"{error.strerror}; let the user who runs soapsvc (id {os.geteuid()}) read it"
    return f"{error.strerror}"


def _without_password(text: str) -> str:
    return _PASSWORD.sub(rf"\1:{_MASK}@", text)
