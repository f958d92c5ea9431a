"""What an import tells: how far it is, and what it has read and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from soapsvc.tenant.reading import ImportProblem

Progress = Callable[[str, int, int], None]
"""Told the folder at work, and how many bytes of how many are done."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many records of one kind are new, have changed, and are gone."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.added + other.added, self.changed + other.changed, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read and changed, or would change, by kind of record; the first of its `warning_count` warnings.

    `state` is the number of the state that it made; None where it was asked to make none.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, Changes] = field(default_factory=dict)
    warnings: tuple[ImportProblem, ...] = ()
    warning_count: int = 0
    state: int | None = None
