"""The form of log lines: readable text, or one JSON object per line (docs/operate/log-line.schema.json).

Modules log through the standard library. A message with fields of its own, such as a call's, is an `Event` or any other
object with `log_fields`: text lines show it as `str` does, JSON lines have its fields.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

import msgspec

Form = Literal["text", "json"]
FORMS: tuple[Form, ...] = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
_QUIET = {"alembic": logging.WARNING}
"""Loggers of other packages that log more than an operator needs."""
_PLAIN_WORD = re.compile(r"[!#-&(-<>-~]+")
"""Printable US-ASCII without the blank, quotes and `=`."""


class Event:
    """A message with fields: their names are lower case with `_`, their values text, numbers, booleans or lists."""

    def __init__(self, message: str, **fields: object) -> None:
        self.message = message
        self._fields = fields

    def log_fields(self) -> Mapping[str, object]:
        """The fields besides the message."""
        return {"message": self.message, **self._fields}

    def __str__(self) -> str:
        return f"{self.message}: {fields_text(self._fields)}"


def fields_text(fields: Mapping[str, object]) -> str:
    """Fields as text: `name=value`, with quotes where a value is not a plain word."""
    return " ".join(f"{name}={_word(value)}" for name, value in fields.items())


def _word(value: object) -> str:
    text = str(value)
    return text if _PLAIN_WORD.fullmatch(text) else repr(text)


class TextLines(logging.Formatter):
    """`2026-11-27T08:33:10.123Z INFO soapsvc.call: …`; an error's traceback follows on further lines."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_instant(record)} {record.levelname} {record.name}: {record.getMessage()}"
        return line if (way := _way(record)) is None else f"{line}\n{way}"


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder(enc_hook=str).encode

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
        }
        fields = getattr(record.msg, "log_fields", None)
        line |= fields() if fields is not None else {"message": record.getMessage()}
        if (way := _way(record)) is not None:
            line["exception"] = way
        return self._encode(line).decode()


class FileLines(logging.Handler):
    """Writes each record to a file descriptor in one system call, and does not block other threads meanwhile.

    A thread that writes under a lock gives up the interpreter, and all other threads that log wait until it has it
    again. A single write stays together without a lock; only a full pipe may take a record in parts.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the record if no filter of the handler drops it."""
        if passes := bool(self.filter(record)):
            self.emit(record)
        return passes

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; an error is reported as the logging module does."""
        try:
            left = memoryview(f"{self.format(record)}\n".encode(errors="backslashreplace"))
            while left:
                left = left[os.write(self._descriptor, left) :]
        except Exception:  # noqa: BLE001 - a log that cannot be written stops no call
            self.handleError(record)


_FORMATTERS: Mapping[Form, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
_chosen: list[tuple[Form, str]] = []


def set_up(form: Form, level: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process to a stream (standard error) in that form, from that level on."""
    handler = _handler(sys.stderr if stream is None else stream)
    handler.setFormatter(_FORMATTERS[form]())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
    _chosen[:] = [(form, level)]


def _handler(stream: TextIO) -> logging.Handler:
    """The handler for a stream; it bypasses the buffer of a file's stream."""
    try:
        return FileLines(stream.fileno())
    except OSError:
        return logging.StreamHandler(stream)


def chosen() -> tuple[Form, str] | None:
    """The arguments of `set_up`, for a child process; None if it was not called."""
    return _chosen[0] if _chosen else None


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _way(record: logging.LogRecord) -> str | None:
    """The traceback of a record's error; None if there is no error."""
    if record.exc_info is None or record.exc_info[1] is None:
        return None
    return "".join(traceback.format_exception(record.exc_info[1])).rstrip()
