"""Counts guesses at secrets, in the store and before they are checked.

So parallel guesses, and those at other worker processes, count too. A guess counts for three keys:

- the name from this address: after a few wrong guesses each further answer is delayed more, and a guess whose answer
  would be due too late is refused without a check;
- the name from all addresses: answers are delayed, but never refused, so that strangers cannot lock the owner out;
- the address for all names: as the first key, after many more wrong guesses.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, text, update

from soapsvc.clock import Clock
from soapsvc.tenant.store import Store
from soapsvc.tenant.tables import GUESSES

_FORGIVEN_AFTER = 15 * 60 * 1000
_PURGE_SECONDS = 60.0
_FIRST_DELAY = 250
_REMEMBERED = 4096
_MAKE = text(
    f"INSERT INTO {GUESSES.name} (key, wrong, due, last) VALUES (:key, 0, 0, 0) ON CONFLICT DO NOTHING"  # noqa: S608
)


class TooManyGuesses(Exception):
    """A guess refused without a check, after many wrong ones; it may be repeated after `retry_after`."""

    def __init__(self, milliseconds: int) -> None:
        self.retry_after = timedelta(seconds=max(1, math.ceil(milliseconds / 1000)))
        super().__init__(f"too many guesses; the next one after {self.retry_after}")


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How many wrong guesses in 15 minutes have no delay, and the longest delay of a further one.

    `own` counts guesses at one name from one address, `name` those at one name, `address` those from one address.
    """

    own: int = 3
    name: int = 30
    address: int = 100
    longest_delay: timedelta = timedelta(seconds=4)


class _Key(NamedTuple):
    key: str
    patience: int
    refuses: bool


class _State(NamedTuple):
    wrong: int
    due: int


@dataclass(frozen=True, slots=True)
class Guess:
    """A counted guess: if it is wrong, its answer is due after `seconds`."""

    own: str
    keys: tuple[str, ...]
    seconds: float


class Guesses:
    """The counts of one tenant's store."""

    def __init__(self, store: Store, clock: Clock, limits: GuessLimits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._longest = int(limits.longest_delay.total_seconds() * 1000)
        self._lock = Lock()
        self._refused: OrderedDict[str, int] = OrderedDict()
        self._next_purge = 0.0

    def begin(self, name: str, address: str) -> Guess:
        """Count a guess at a name from a network address; raises TooManyGuesses without counting it."""
        source, now = _source(address), self._now()
        keys = [
            _Key(_digest("own", name, source), self._limits.own, refuses=True),
            _Key(_digest("name", name), self._limits.name, refuses=False),
            _Key(_digest("address", source), self._limits.address, refuses=True),
        ]
        self._check_refused(keys, now)
        self._purge(now)
        with self._store.begin() as connection:
            before = _locked(connection, [each.key for each in keys], now, make=True)
            after = {each.key: self._counted(each, before[each.key], now) for each in keys}
            for key, state in after.items():
                _put(connection, key, state, now)
        due = max(state.due for state in after.values())
        return Guess(keys[0].key, tuple(each.key for each in keys), min(due - now, self._longest) / 1000)

    def right(self, guess: Guess) -> None:
        """Uncount a right guess: the name has no more failures from this address."""
        now = self._now()
        with self._store.begin() as connection:
            for key, state in _locked(connection, guess.keys, now, make=False).items():
                if key == guess.own or state.wrong <= 1:
                    connection.execute(delete(GUESSES).where(GUESSES.c.key == key))
                else:
                    _put(connection, key, _State(state.wrong - 1, min(state.due, now)), now)

    def _counted(self, key: _Key, state: _State, now: int) -> _State:
        """The state with one more guess, whose answer is due after the answers to the guesses before it."""
        over = state.wrong - key.patience
        delay = 0 if over < 0 else min(self._longest, _FIRST_DELAY * 2 ** min(over, 16))
        due = max(state.due, now) + delay
        if key.refuses and due - now > 2 * self._longest:
            self._remember_refused(key.key, due - 2 * self._longest)
            raise TooManyGuesses(due - 2 * self._longest - now)
        return _State(state.wrong + 1, due if key.refuses else min(due, now + self._longest))

    def _check_refused(self, keys: Sequence[_Key], now: int) -> None:
        """Refuse again, without a query, what the store has just refused: guesses must not keep it busy."""
        with self._lock:
            until = max(self._refused.get(each.key, 0) for each in keys)
        if until > now:
            raise TooManyGuesses(until - now)

    def _remember_refused(self, key: str, until: int) -> None:
        with self._lock:
            self._refused[key] = until
            if len(self._refused) > _REMEMBERED:
                self._refused.popitem(last=False)

    def _purge(self, now: int) -> None:
        """Delete expired counts from time to time, in an own transaction: counting locks rows in a fixed order."""
        with self._lock:
            if time.monotonic() < self._next_purge:
                return
            self._next_purge = time.monotonic() + _PURGE_SECONDS
        with self._store.begin() as connection:
            connection.execute(delete(GUESSES).where(GUESSES.c.last < now - _FORGIVEN_AFTER))

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _locked(connection: Connection, keys: Sequence[str], now: int, *, make: bool) -> dict[str, _State]:
    """The states of these keys, locked until this transaction ends; expired ones are reset."""
    if make:
        connection.execute(_MAKE, [{"key": key} for key in sorted(keys)])
    columns = GUESSES.c
    rows = connection.execute(select(GUESSES).where(columns.key.in_(keys)).order_by(columns.key).with_for_update())
    return {row.key: _State(0, 0) if row.last < now - _FORGIVEN_AFTER else _State(row.wrong, row.due) for row in rows}


def _put(connection: Connection, key: str, state: _State, now: int) -> None:
    values = {"wrong": state.wrong, "due": state.due, "last": now}
    connection.execute(update(GUESSES).where(GUESSES.c.key == key).values(values))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def _source(address: str) -> str:
    """The key of an address: for IPv6 the network of 64 bits, which one subscriber has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ip_network((found, 64), strict=False))
    return str(found.ipv4_mapped or found) if found.version == 6 else str(found)
