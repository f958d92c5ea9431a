"""What a process remembers of the store: whether it changed, and the accounts that it loaded last.

An import raises the store's version; what was remembered under another version is forgotten. SQLite tells cheaply
whether any other connection has written (`PRAGMA data_version`), so the version itself is read only after a write.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from soapsvc.engine.account import Account

_COUNTER = "PRAGMA data_version"
_ACCOUNTS = 512
_LARGEST = 5_000
"""An account with more charges and usage records than this is not kept."""


class Watch(Protocol):
    """Tells the store's version."""

    def version(self) -> int:
        """The version now."""
        ...

    def changes(self) -> object:
        """What is equal to an earlier answer only if nothing at all was written in between."""
        ...

    def close(self) -> None:
        """Let go of what the watch holds."""
        ...


class DatabaseWatch:
    """Asks the database each time: for databases that have nothing cheaper."""

    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read

    def version(self) -> int:
        return self._read()

    def changes(self) -> object:
        return object()  # nobody can tell: as if something had been written

    def close(self) -> None:
        """There is nothing to let go of."""


class SqliteWatch:
    """Asks SQLite's own change counter, over a connection of its own, and reads the version only when that moved.

    SQLite is asked by one thread at a time, and that thread loses the interpreter meanwhile. Threads that came before
    it began share the answer, or each would wait its turn for the lock and for the interpreter.
    """

    def __init__(self, path: str, read: Callable[[], int]) -> None:
        self._path = path
        self._read = read
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opener = 0
        # A connection that was open before a fork belongs to the parent: it is neither used nor closed here.
        self._inherited: list[sqlite3.Connection] = []
        self._seen: tuple[int, int] | None = None
        self._questions = 0
        self._answered = 0
        self._answer = 0

    def version(self) -> int:
        before = self._questions
        with self._lock:
            changes = self._changes(before)
            if self._seen is None or self._seen[0] != changes:
                # The counter is read first: a write between the two makes the next call look again.
                self._seen = changes, self._read()
            return self._seen[1]

    def changes(self) -> object:
        before = self._questions
        with self._lock:
            changes = self._changes(before)
            return self._opener, id(self._connection), changes

    def _changes(self, before: int) -> int:
        """SQLite's counter, asked after the question `before`; an error is raised as SQLAlchemy raises the store's."""
        if self._answered > before and self._opener == os.getpid():
            return self._answer
        self._questions = question = self._questions + 1
        try:
            self._answer = int(self._own_connection().execute(_COUNTER).fetchone()[0])
        except sqlite3.Error as error:
            raise DatabaseError(_COUNTER, None, error) from error
        self._answered = question
        return self._answer

    def _own_connection(self) -> sqlite3.Connection:
        if self._connection is not None and self._opener != os.getpid():
            self._inherited.append(self._connection)
            self._connection = self._seen = None
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, check_same_thread=False)
            self._opener = os.getpid()
        return self._connection

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._opener == os.getpid():
                self._connection.close()
            self._connection = None
            self._seen = None


def watch(engine: Engine, read: Callable[[], int]) -> Watch:
    """The cheapest watch for a database; `read` reads the version from it."""
    path = engine.url.database
    if engine.dialect.name == "sqlite" and path and path != ":memory:":
        return SqliteWatch(path, read)
    return DatabaseWatch(read)


class AccountCache:
    """The accounts loaded last, as of one version of the store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    def get(self, ids: Iterable[str], version: int) -> dict[str, Account]:
        """Those of the accounts that are known at that version."""
        with self._lock:
            if self._version != version:
                return {}
            found = {account_id: self._accounts[account_id] for account_id in ids if account_id in self._accounts}
            for account_id in found:
                self._accounts.move_to_end(account_id)
            return found

    def put(self, accounts: Iterable[Account], version: int) -> None:
        """Remember accounts that were loaded at that version."""
        with self._lock:
            if self._version != version:
                self._version = version
                self._accounts.clear()
            for account in accounts:
                if _size(account) <= _LARGEST:
                    self._accounts[account.id] = account
            while len(self._accounts) > _ACCOUNTS:
                self._accounts.popitem(last=False)


def _size(account: Account) -> int:
    return len(account.usage) + sum(len(subscription.charges) for subscription in account.subscriptions)
