"""The cache of a process: whether the store has changed, and the accounts that were loaded last.

An import raises the store's version; entries of another version are dropped. In SQLite, `PRAGMA data_version` is a
cheap test for writes of other connections, so the version itself is read only after a write.
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
    """Reads the store's version."""

    def version(self) -> int:
        """The current version."""
        ...

    def changes(self) -> object:
        """A value that is equal to an earlier one only if nothing was written in between."""
        ...

    def state(self) -> tuple[int, object]:
        """The version and the changes, from one question to the database."""
        ...

    def close(self) -> None:
        """Release the watch's resources."""
        ...


class DatabaseWatch:
    """Reads the version from the database each time, for databases without a cheaper way."""

    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read

    def version(self) -> int:
        return self._read()

    def changes(self) -> object:
        return object()  # unknown, so it counts as a write

    def state(self) -> tuple[int, object]:
        return self._read(), self.changes()

    def close(self) -> None:
        """Nothing: it has no resources."""


class SqliteWatch:
    """Reads SQLite's change counter, over its own connection, and the version only when the counter has changed.

    Only one thread at a time reads the counter, and it releases the interpreter meanwhile. Threads that wait since
    before the read share its answer; otherwise each would wait in turn for the lock and for the interpreter.
    """

    def __init__(self, path: str, read: Callable[[], int]) -> None:
        self._path = path
        self._read = read
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opener = 0
        # A connection that was open before a fork belongs to the parent: it is neither used nor closed here.
        self._inherited: list[sqlite3.Connection] = []
        self._seen: tuple[object, int] | None = None
        self._questions = 0
        self._answered = 0
        self._answer = 0

    def version(self) -> int:
        return self.state()[0]

    def state(self) -> tuple[int, object]:
        before = self._questions
        with self._lock:
            changes = self._mark(before)
            if self._seen is None or self._seen[0] != changes:
                # The counter is read first: a write between the two makes the next call look again.
                self._seen = changes, self._read()
            return self._seen[1], changes

    def changes(self) -> object:
        before = self._questions
        with self._lock:
            return self._mark(before)

    def _mark(self, before: int) -> object:
        """The counter, with the connection that it belongs to."""
        changes = self._changes(before)
        return self._opener, id(self._connection), changes

    def _changes(self, before: int) -> int:
        """SQLite's counter, read after the read number `before`; an error is raised in SQLAlchemy's form."""
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
        """The accounts, among these ids, that are cached at that version."""
        with self._lock:
            if self._version != version:
                return {}
            found = {account_id: self._accounts[account_id] for account_id in ids if account_id in self._accounts}
            for account_id in found:
                self._accounts.move_to_end(account_id)
            return found

    def put(self, accounts: Iterable[Account], version: int) -> None:
        """Cache accounts that were loaded at that version."""
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
