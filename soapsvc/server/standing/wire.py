"""The edges, through the interface of a stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from soapsvc.server.standing import calls, near_misses, spelling
from soapsvc.soap.contract import ERROR_CODES
from soapsvc.standin.faults.calls import Described, Environ, Failing, NearMiss, Spelled
from soapsvc.standin.stand_in import StandIn


@dataclass(frozen=True)
class Edges:
    """Reads calls and writes failures as the edges do."""

    stand_in: StandIn

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(ERROR_CODES)

    @cached_property
    def details(self) -> frozenset[str]:
        return spelling.DETAILS

    @cached_property
    def operations(self) -> frozenset[str]:
        return frozenset(name for names in near_misses.known_names().values() for name in names)

    def describe(self, environ: Environ, body: bytes) -> Described:
        return calls.describe(self.stand_in, environ, body)

    def failure(self, environ: Environ, body: bytes, call: Described, failing: Failing) -> Spelled:
        if call.protocol == "soap":
            return spelling.soap_failure(environ, body, call, failing)
        return spelling.rest_failure(environ.get("PATH_INFO", ""), failing)

    def near_misses(self, environ: Environ, body: bytes, call: Described) -> list[NearMiss]:
        return near_misses.near_misses(environ, body, call)
