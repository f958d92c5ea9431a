"""Checks every line that a test logs: it fits the schema and has no secret in it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from argon2 import PasswordHasher

from soapsvc.logs import JsonLines
from soapsvc.tenant import users

SCHEMA = Path(__file__).parents[3] / "docs" / "operate" / "log-line.schema.json"
# A session's token is 96 random bytes as 128 letters; no other logged word is like that.
_TOKEN = re.compile(r"(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{100,}")
_LEAST = 7
"""Shorter passwords of tests are words that a log may contain."""
_WORDS = frozenset({"password"})
"""Passwords of tests that are words of our own messages."""
_SECRETS: set[str] = set()


def leaks(text: str) -> list[str]:
    """The lines of a log with a token in them, or with a password or secret that a user of these tests has."""
    return [
        line
        for line in text.splitlines()
        if _TOKEN.search(line) or any(secret in line or json.dumps(secret)[1:-1] in line for secret in tuple(_SECRETS))
    ]


class LearningHasher(PasswordHasher):
    """Hashes passwords and client secrets as usual, and remembers them."""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        if isinstance(password, str) and len(password) >= _LEAST and password.lower() not in _WORDS:
            _SECRETS.add(password)
        return super().hash(password, salt=salt)


class Inspector(logging.Handler):
    """Collects the faults of the lines that pass through it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.wrong: list[str] = []
        self.seen = 0
        self._lines = JsonLines()
        self._schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += 1
        line = self._lines.format(record)
        try:
            self._schema.validate(json.loads(line))
        except jsonschema_rs.ValidationError as error:
            self.wrong.append(f"{line}: {error.message}")
        self.wrong += [f"a secret in: {leak}" for leak in leaks(line)]


@contextmanager
def inspected() -> Iterator[Inspector]:
    """Inspect all log lines of soapsvc in this process, from debug on, and learn the secrets that it makes."""
    inspector, log = Inspector(), logging.getLogger("soapsvc")
    log.addHandler(inspector)
    log.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patch:
        _learn(patch)
        yield inspector
    log.removeHandler(inspector)


def _learn(patch: pytest.MonkeyPatch) -> None:
    create = users.create_session

    def created(*arguments: Any) -> str:
        token = create(*arguments)
        _SECRETS.add(token)
        return token

    patch.setattr(users, "create_session", created)
