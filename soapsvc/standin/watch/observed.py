"""Faults and the journal over HTTP."""

from __future__ import annotations

from soapsvc.standin.faults import Faults
from soapsvc.standin.problems import Refused
from soapsvc.standin.routes import Answer, Call, Route
from soapsvc.standin.seeds.names import names_of
from soapsvc.standin.stand_in import StandIn
from soapsvc.standin.times import instant_of
from soapsvc.standin.watch.journal import Journal

_FILTERS = ("operation", "protocol", "account", "kind", "since", "until", "limit")


class Observed:
    """GET, POST, DELETE /faults, and one of them; GET, DELETE /requests."""

    def __init__(self, stand_in: StandIn, faults: Faults, journal: Journal) -> None:
        self._stand_in = stand_in
        self._faults = faults
        self._journal = journal

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("GET", "/faults", lambda _call: Answer({"faults": self._faults.all()})),
            Route("POST", "/faults", lambda call: Answer(self._faults.add(call.document()), 201)),
            Route("DELETE", "/faults", self._clear_faults),
            Route("GET", "/faults/{id}", lambda call: Answer(self._faults.one(call.path["id"]))),
            Route("DELETE", "/faults/{id}", self._remove_fault),
            Route("GET", "/requests", self._requests),
            Route("DELETE", "/requests", self._clear_requests),
        ]

    def _clear_faults(self, _call: Call) -> Answer:
        self._faults.clear()
        return Answer(None, 204)

    def _remove_fault(self, call: Call) -> Answer:
        self._faults.remove(call.path["id"])
        return Answer(None, 204)

    def _requests(self, call: Call) -> Answer:
        call.known_parameters(*_FILTERS)
        zone = self._stand_in.store.settings().zone
        account = call.parameter("account")
        times = {
            name: instant_of(given, zone, name) if (given := call.parameter(name)) is not None else None
            for name in ("since", "until")
        }
        entries = self._journal.entries(
            operation=call.parameter("operation"),
            protocol=call.parameter("protocol"),
            kind=call.parameter("kind"),
            accounts=None if account is None else names_of(self._stand_in.store, account),
            **times,
        )
        shown = entries[-_limit(call) :]
        requests = [entry.document() for entry in shown]
        return Answer({"requests": requests, "total": len(entries), "dropped": self._journal.dropped})

    def _clear_requests(self, _call: Call) -> Answer:
        self._journal.clear()
        return Answer(None, 204)


def _limit(call: Call) -> int:
    given = call.parameter("limit") or "1000"
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= 1000):
        raise Refused("limit must be 1 to 1000", field="limit")
    return int(given)
