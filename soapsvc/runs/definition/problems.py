"""Refusals of requests for a run or for its results.

RunRefused
    carries one RunProblem or more: a kind, which the edges turn into their codes, the field at fault, a sentence
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """The kind of a problem."""

    INVALID = "a value that the field cannot have"
    RULE = "a rule is broken"
    LOCKED = "another run is in the way"
    LIMIT = "there are too many"
    NOT_FOUND = "there is no such thing"
    PERMISSION = "the user may not"


@dataclass(frozen=True, slots=True)
class RunProblem:
    """One reason, with the field of the request (the vendor's name) that is at fault, if any."""

    kind: Refusal
    message: str
    field: str | None = None


class RunRefused(Exception):
    """A refused request; the store is unchanged."""

    def __init__(self, problems: Sequence[RunProblem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def refused(kind: Refusal, message: str, field: str | None = None) -> RunRefused:
    """A refusal for one reason."""
    return RunRefused([RunProblem(kind, message, field)])
