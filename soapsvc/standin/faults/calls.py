"""A call for faults and the journal, and the interface of the edges for them: describe calls, and write answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """A description of a call, as far as it can be read.

    `protocol` is soap, rest or http (neither of them); `operation` is its name in WSDL or OpenAPI, `version` that of
    the contract in a SOAP URL. `accounts` are the ids and numbers that it names, `user` is the caller. `polls_runs`: it
    reads billing preview runs, and `makes_runs`: it creates one.
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
    """An answer in the form of its edge."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An unknown name and the nearest known one; `about` is the kind of name."""

    about: str
    said: str
    hint: str
    closest: str | None = None

    def document(self) -> dict[str, str | None]:
        """As JSON values for the journal."""
        return {"about": self.about, "said": self.said, "closest": self.closest, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Failing:
    """A failure for the answer.

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
    """The edges' knowledge of calls."""

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
        """The description of a call; unreadable parts are left empty."""
        ...

    def failure(self, environ: Environ, body: bytes, call: Described, failing: Failing) -> Spelled:
        """A failure in the form of this call's edge."""
        ...

    def near_misses(self, environ: Environ, body: bytes, call: Described) -> list[NearMiss]:
        """The likely typing errors in a refused call, except in accounts."""
        ...
