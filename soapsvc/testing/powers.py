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
"""An instant. Without an offset it is in the tenant's time zone; a date means its first moment."""


def read_instant(given: Instant, stand_in: StandIn) -> datetime:
    """The given instant, read in the tenant's time zone if it has no offset. Raises Refused."""
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    return instant_of(given.isoformat() if isinstance(given, datetime) else given, stand_in.store.settings().zone)


class Clock:
    """The stand-in's clock."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    @property
    def now(self) -> datetime:
        """The clock's current instant, in UTC."""
        return self._stand_in.clock()

    @property
    def today(self) -> date:
        """The clock's current day, in the tenant's time zone."""
        return self.now.astimezone(self._stand_in.store.settings().zone).date()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._stand_in.clock.frozen

    def set(self, now: Instant, *, frozen: bool = True) -> None:
        """Set the clock, also backwards; it stands still there, or runs on. Raises Refused."""
        self._stand_in.set_clock(read_instant(now, self._stand_in), frozen)

    def advance(self, **span: float) -> None:
        """Move the clock by `years`, `months`, `weeks`, `days`, `hours`, `minutes`, `seconds`; each may be negative.

        Days and longer units follow the tenant's calendar. Raises Refused.
        """
        Times(self._stand_in).advance(span)

    def freeze(self) -> None:
        """Make the clock stand still."""
        self._stand_in.set_clock(None, True)

    def run(self) -> None:
        """Let the clock run on from where it is."""
        self._stand_in.set_clock(None, False)


class Faults:
    """The fault rules, which change the answers of chosen calls."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def add(self, effect: Mapping[str, Any] | str, **match: Any) -> str:
        """Add a rule: an effect, and conditions on a call; returns its id. A text means a SOAP fault with that code.

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
        """Remove all rules."""
        self._rules.clear()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rules as JSON values."""
        return iter(self._rules.all())

    def __len__(self) -> int:
        return len(self._rules.all())


@dataclass(frozen=True, slots=True)
class Request:
    """A call in the journal, with its answer. `document` has the whole entry as JSON values."""

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
    """The calls since the last reset, the oldest first."""

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
        """The calls that fit all given conditions; `kind` is the answer's kind: answer, fault, refused, broken."""
        accounts = None if account is None else names_of(self._stand_in.store, account)
        found = self._journal.entries(operation=operation, accounts=accounts, protocol=protocol, kind=kind)
        return [_request(entry.document()) for entry in found]

    def __iter__(self) -> Iterator[Request]:
        return iter(self())

    def __len__(self) -> int:
        return len(self._journal.entries())

    @property
    def last(self) -> Request:
        """The last call. Raises LookupError if there was none."""
        found = self()
        if not found:
            raise LookupError("no call has come yet")
        return found[-1]

    def clear(self) -> None:
        """Delete all calls."""
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
