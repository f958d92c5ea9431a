"""A call as faults and the journal see it, and what the edges do for them: read calls, and spell answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """What a call asks for, as far as it can be told.

    `protocol` is soap, rest or http (what is neither); `operation` is the name that WSDL or OpenAPI has for it,
    `version` that of the contract in a SOAP URL. `accounts` are the ids and numbers that it names, `user` who calls.
    `polls_runs`: it looks at billing preview runs, and `makes_runs`: it makes one.
    """

    protocol: str
    operation: str | None = None
    version: str | None = None
    accounts: frozenset[str] = frozenset()
    user: str | None = None
    request: object = None
    polls_runs: bool = False
    makes_runs: bool = False


class Spelled(NamedTuple):
    """An answer as its edge spells it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class NearMiss:
    """What was said that there is not, and the nearest that there is; `about` says what it is."""

    about: str
    said: str
    hint: str
    closest: str | None = None

    def document(self) -> dict[str, str | None]:
        """As the journal shows it."""
        return {"about": self.about, "said": self.said, "closest": self.closest, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Failing:
    """A failure that is to be answered.

    `code` is one of the SOAP contract, `status` one of HTTP, `reasons` are those of a row or of v1, and `retry_after`
    is in seconds.
    """

    code: str | None = None
    message: str | None = None
    detail: str | None = None
    status: int | None = None
    reasons: Sequence[Mapping[str, Any]] = ()
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Wire(Protocol):
    """What the edges know of calls."""

    @property
    def codes(self) -> frozenset[str]:
        """The fault codes of the SOAP contract."""
        ...

    @property
    def details(self) -> frozenset[str]:
        """The elements in which the contract carries faults."""
        ...

    @property
    def operations(self) -> frozenset[str]:
        """The names of all operations."""
        ...

    def describe(self, environ: Environ, body: bytes) -> Described:
        """The call; whatever cannot be told of it is left open."""
        ...

    def failure(self, environ: Environ, body: bytes, call: Described, failing: Failing) -> Spelled:
        """A failure as the edge of this call would spell it."""
        ...

    def near_misses(self, environ: Environ, body: bytes, call: Described) -> list[NearMiss]:
        """What may be mistyped in a call that was refused, apart from accounts."""
        ...
