"""The powers of a stand-in in Python: clock, faults, journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from soapsvc.standin import StandIn, Times, instant_of
from soapsvc.standin.faults import Faults as Rules
from soapsvc.standin.seeds.names import names_of
from soapsvc.standin.watch.journal import Journal

Instant = datetime | date | str
"""An instant; one without an offset is by the tenant's clock, a date is its first moment."""


def read_instant(given: Instant, stand_in: StandIn) -> datetime:
    """The instant that is given. Raises Refused."""
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    return instant_of(given.isoformat() if isinstance(given, datetime) else given, stand_in.store.settings().zone)


class Clock:
    """The stand-in's clock."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    @property
    def now(self) -> datetime:
        """The instant that it shows, in UTC."""
        return self._stand_in.clock()

    @property
    def today(self) -> date:
        """The day that it shows, in the tenant's zone."""
        return self.now.astimezone(self._stand_in.store.settings().zone).date()

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._stand_in.clock.frozen

    def set(self, now: Instant, *, frozen: bool = True) -> None:
        """Set it, also backwards; it stands still there, or continues. Raises Refused."""
        self._stand_in.set_clock(read_instant(now, self._stand_in), frozen)

    def advance(self, **span: float) -> None:
        """Move it by `years`, `months`, `weeks`, `days`, `hours`, `minutes`, `seconds`, each also negative.

        Days and longer are by the tenant's calendar. Raises Refused.
        """
        Times(self._stand_in).advance(span)

    def freeze(self) -> None:
        """Have it stand still where it is."""
        self._stand_in.set_clock(None, True)

    def run(self) -> None:
        """Let it run on from where it is."""
        self._stand_in.set_clock(None, False)


class Faults:
    """The fault rules, which change the answers of chosen calls."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def add(self, effect: Mapping[str, Any] | str, **match: Any) -> str:
        """Add a rule: an effect, and the conditions on a call; returns its id. A text is the code of a SOAP fault.

        `faults.add("INVALID_SESSION", operation="billingPreview", times=1)`,
        `faults.add({"status": 429, "retryAfter": 2}, protocol="rest", nth=3)`. Raises Refused.
        """
        said = {"fault": effect} if isinstance(effect, str) else dict(effect)
        return str(self._rules.add({**match, "effect": said})["id"])

    def hits(self, key: str) -> int:
        """How many calls a rule has changed. Raises Refused for an unknown rule."""
        return int(self._rules.one(key)["hits"])

    def remove(self, key: str) -> None:
        """Remove a rule. Raises Refused for an unknown rule."""
        self._rules.remove(key)

    def clear(self) -> None:
        """Take all away."""
        self._rules.clear()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rules as JSON has them."""
        return iter(self._rules.all())

    def __len__(self) -> int:
        return len(self._rules.all())


@dataclass(frozen=True, slots=True)
class Request:
    """A call in the journal, with its answer. `document` has all of it as JSON values."""

    operation: str | None
    protocol: str
    user: str | None
    accounts: frozenset[str]
    headers: Mapping[str, str]
    body: Any
    answer: Mapping[str, Any]
    near_misses: tuple[Mapping[str, Any], ...]
    document: Mapping[str, Any]


class Requests:
    """The calls that came since the last reset, the oldest first."""

    def __init__(self, stand_in: StandIn, journal: Journal) -> None:
        self._stand_in = stand_in
        self._journal = journal

    def __call__(
        self,
        operation: str | None = None,
        *,
        account: str | None = None,
        protocol: str | None = None,
        kind: str | None = None,
    ) -> list[Request]:
        """Those that fit all that is given; `kind` is that of the answer: answer, fault, refused, broken."""
        accounts = None if account is None else names_of(self._stand_in.store, account)
        found = self._journal.entries(operation=operation, accounts=accounts, protocol=protocol, kind=kind)
        return [_request(entry.document()) for entry in found]

    def __iter__(self) -> Iterator[Request]:
        return iter(self())

    def __len__(self) -> int:
        return len(self._journal.entries())

    @property
    def last(self) -> Request:
        """The last one. Raises LookupError where none came."""
        found = self()
        if not found:
            raise LookupError("no call has come yet")
        return found[-1]

    def clear(self) -> None:
        """Forget all."""
        self._journal.clear()


def _request(document: dict[str, Any]) -> Request:
    return Request(
        document["operation"],
        document["protocol"],
        document["user"],
        frozenset(document["accounts"]),
        document["headers"],
        document["request"],
        document["answer"] or {},
        tuple(document["nearMisses"]),
        document,
    )
