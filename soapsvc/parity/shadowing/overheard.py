"""The data from the proxying process to the comparing one: bytes as on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

MOST_BYTES = 32 * 1024 * 1024
"""A request or an answer with more bytes, compressed or not, is not compared."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as sent, and its Content-Encoding, "" for none."""

    body: bytes = field(repr=False)
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Overheard:
    """A call for previews of a surface, its answer, and the answer's instant."""

    surface: str
    at: datetime
    request: Sent
    answer: Sent

    @property
    def size(self) -> int:
        """The bytes that it holds while it waits."""
        return len(self.request.body) + len(self.answer.body)


@dataclass(frozen=True, slots=True)
class Work:
    """The store to compare with, and the folder of differences: at most `most_recorded` bytes from one process."""

    store_url: str = field(repr=False)
    folder: Path
    most_recorded: int
