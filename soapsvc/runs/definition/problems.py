"""Why a request for a run, or for something of a run, is refused.

RunRefused
    carries one RunProblem or more: a kind, which the edges turn into their codes, the field at fault, a sentence
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """What kind of problem it is."""

    INVALID = "a value that the field cannot have"
    RULE = "a rule is broken"
    LOCKED = "another run is in the way"
    LIMIT = "there are too many"
    NOT_FOUND = "there is no such thing"
    PERMISSION = "the user may not"


@dataclass(frozen=True, slots=True)
class RunProblem:
    """One reason, with the request's field (the vendor's name) where one is at fault."""

    kind: Refusal
    message: str
    field: str | None = None


class RunRefused(Exception):
    """A request that is not carried out; the store is as it was."""

    def __init__(self, problems: Sequence[RunProblem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def refused(kind: Refusal, message: str, field: str | None = None) -> RunRefused:
    """A refusal for one reason."""
    return RunRefused([RunProblem(kind, message, field)])
