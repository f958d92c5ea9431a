"""The interface with which a worker writes a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from soapsvc.engine.result import PreviewResult
from soapsvc.runs.definition import RunRequest
from soapsvc.runs.results import Row
from soapsvc.runs.storage import Folder, open_folder
from soapsvc.tenant import Store


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one part's results, and their common values; `results` is the location of the run's files.

    `seed` decides the made-up ids, and `as_of` the charge date.
    """

    run_id: str
    request: RunRequest
    seed: str
    as_of: datetime
    results: str
    part: int

    @property
    def folder(self) -> Folder:
        """The folder of the run's parts; it exists while the run is under way."""
        return parts_folder(open_folder(self.results))


class PartWriter(Protocol):
    """Takes the previews of a part's accounts in order."""

    def put(self, result: PreviewResult) -> int:
        """Add the preview of an account; returns the number of its items, existing drafts included."""

    def fail(self, rows: Sequence[Row]) -> None:
        """Add rows about an account that could not be previewed."""

    def end_accounts(self, store: Store, after_id: str, last_id: str | None) -> None:
        """All accounts above `after_id` up to `last_id` (None: all further ones) have been added."""

    def sizes(self) -> dict[str, int]:
        """The bytes of the part's files, once they are closed, by the names of the part's columns."""

    def store(self, connection: Connection) -> None:
        """Write rows into the database; the same transaction marks the part done."""


def parts_folder(results: Folder) -> Folder:
    """The folder of a run's parts within the folder of its files."""
    return results.child("parts")


def item_file(part: int, suffix: str) -> str:
    """The name of the file with a part's items."""
    return f"{part:08}{suffix}"


def failure_file(part: int) -> str:
    """The name of the file with a part's failed accounts."""
    return f"{part:08}.failed.csv.deflated"
