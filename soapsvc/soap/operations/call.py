"""The types of a call and of an operation.

An operation is prepared from the call's element (which also gives the canonical body that Spyne validates), then run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from soapsvc.soap.contract import CanonicalBody, Shape
from soapsvc.soap.frame import NO_OPTIONS, Node, QueryOptions, SoapVersion

Run = Callable[[], Iterable[bytes]]
"""Runs the operation and returns the answer's envelope in pieces; raises SoapFault before the first piece."""


class Addresses(Protocol):
    """The addresses of a call, each worked out when it is asked for: few operations need one."""

    @property
    def server_url(self) -> str:
        """The endpoint as the caller addressed it."""
        ...

    @property
    def base_url(self) -> str:
        """The same without a path."""
        ...

    @property
    def client(self) -> str:
        """The caller's network address."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its element, its session token and its addresses."""

    node: Node
    soap: SoapVersion
    shape: Shape
    session: str | None
    addresses: Addresses
    options: QueryOptions = NO_OPTIONS


class Operation(Protocol):
    """One operation of the contract."""

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the call; put it into `body` in canonical form."""
        ...
