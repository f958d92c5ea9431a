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


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its element and its session token.

    `server_url` is the endpoint as the caller addressed it, and `base_url` the same without a path;
    `client` is the caller's network address.
    """

    node: Node
    soap: SoapVersion
    shape: Shape
    session: str | None
    server_url: str
    base_url: str
    client: str
    options: QueryOptions = NO_OPTIONS


class Operation(Protocol):
    """One operation of the contract."""

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the call; put it into `body` in canonical form."""
        ...
