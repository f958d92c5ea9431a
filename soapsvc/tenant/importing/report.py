"""The report of an import: its progress, and the records that it has read and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from soapsvc.tenant.reading import ImportProblem

Progress = Callable[[str, int, int], None]
"""A function that gets the folder in work, the bytes done, and all bytes."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The numbers of new, changed and removed records of one kind."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.added + other.added, self.changed + other.changed, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The records that an import read and changed, or would change, by kind; the first of `warning_count` warnings.

    `state` is the number of the state that it made; None for a dry run.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, Changes] = field(default_factory=dict)
    warnings: tuple[ImportProblem, ...] = ()
    warning_count: int = 0
    state: int | None = None
