"""What goes from the process that proxies to the one that compares: bytes as they were on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

MOST_BYTES = 32 * 1024 * 1024
"""A request or an answer that has more, as it was sent or unpacked, is not compared."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as it was sent, and how it is packed: the value of its Content-Encoding, "" for none."""

    body: bytes = field(repr=False)
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Overheard:
    """A call for previews of a surface, and its answer at that instant."""

    surface: str
    at: datetime
    request: Sent
    answer: Sent

    @property
    def size(self) -> int:
        """How many bytes it takes while it waits."""
        return len(self.request.body) + len(self.answer.body)


@dataclass(frozen=True, slots=True)
class Work:
    """What calls are compared with, and where differences go: `most_recorded` bytes of them from one process."""

    store_url: str = field(repr=False)
    folder: Path
    most_recorded: int
