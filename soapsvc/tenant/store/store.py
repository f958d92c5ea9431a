"""The tenant store: one account's aggregate at a time, tenant settings, users and sessions; reads change nothing.

The states of the tenant are numbered by the store's version; an import makes the next one. Data that are read together
are of one state: the current one, or one that the caller names and keeps while the tenant changes.

SQLite is embedded (write-ahead log, so that readers and writers do not wait for each other); any other database that
SQLAlchemy reaches with the same statements, PostgreSQL above all, serves several machines.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from soapsvc.engine.account import Account
from soapsvc.scratch import ScratchFolder
from soapsvc.tenant import users
from soapsvc.tenant.database import ImportUnderWay, batched, connected, file_of, import_lock, time_statements
from soapsvc.tenant.formats import TenantSettings, UserEntry
from soapsvc.tenant.migrations import migrate, migrations_problem
from soapsvc.tenant.store.aggregates import Aggregates
from soapsvc.tenant.store.cache import AccountCache, Watch, watch
from soapsvc.tenant.store.health import Health
from soapsvc.tenant.tables import (
    ACCOUNT_ID,
    ACCOUNTS,
    VERSION_NAME,
    Selection,
    alive,
    drop_states,
    read_number,
)

_PAGE = 500


class Current(NamedTuple):
    """The current state: its version, the tenant's settings at it, and `Store.changes`."""

    version: int
    settings: TenantSettings
    changes: object


class Store:
    """One tenant's data. Safe to share among threads; a forked process calls `reconnect` first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._aggregates = Aggregates(engine)
        self._watch = watch(engine, partial(_version, engine))
        self._cache = AccountCache()
        self._lookups: Callable[[int, int], None] | None = None
        self._health = Health(engine)
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        weakref.finalize(self, _close, engine, self._watch, os.getpid())

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Store:
        """Open the store at a SQLAlchemy URL, and create it if it does not exist; without `create`, raise NoDatabase.

        Raises the other StoreErrors too, and sqlalchemy.exc.OperationalError where no database answers.
        """
        return cls(connected(url, create=create))

    @classmethod
    def temporary(cls) -> Store:
        """A new, empty store in a file that goes when the process ends that made it."""
        folder = ScratchFolder()
        try:
            engine = connected(f"sqlite:///{folder.path / 'tenant.sqlite'}")
            store = cls(engine)
        except BaseException:
            folder.remove()
            raise
        weakref.finalize(store, _remove, folder, engine, store._watch, os.getpid())
        return store

    @property
    def url(self) -> str:
        """The URL under which another process opens the same store."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for every other one."""
        return file_of(self._engine.url)

    def reconnect(self) -> None:
        """Drop inherited connections after a fork."""
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close all connections."""
        self._watch.close()
        self._engine.dispose()

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction: committed at its end, rolled back on an exception."""
        return self._engine.begin()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for statements that change nothing."""
        return self._engine.connect()

    def version(self) -> int:
        """A number that every import raises: cached data of another version are stale."""
        return self._watch.version()

    def check(self) -> None:
        """Raise sqlalchemy.exc.SQLAlchemyError where the database cannot be read, without use of caches."""
        self._health.check()

    def changes(self) -> object:
        """A value that is equal to an earlier one only if nothing was written to the store in between."""
        return self._watch.changes()

    def forget(self) -> None:
        """Clear all caches: the database was replaced by another one, whose states have the same numbers.

        No call may be under way.
        """
        self._aggregates = Aggregates(self._engine)
        self._cache = AccountCache()

    def observe(self, lookups: Callable[[int, int], None], seconds: Callable[[float], None]) -> None:
        """Report for every read of accounts how many were cached and how many not, and how long statements take."""
        self._lookups = lookups
        time_statements(self._engine, seconds)

    def migrations_problem(self) -> str | None:
        """Why this release cannot use the store's tables; None where they have its version."""
        with self._engine.connect() as connection:
            return migrations_problem(connection)

    def settings(self) -> TenantSettings:
        """The tenant's settings."""
        return self.current()[1]

    def current(self) -> Current:
        """The current state, at the price of one question to the database."""
        version, changes = self._watch.state()
        return Current(version, self.settings_at(version), changes)

    def settings_at(self, state: int) -> TenantSettings:
        """The tenant's settings in that state."""
        return self._aggregates.settings(state)

    def import_lock(self) -> AbstractContextManager[Connection]:
        """Keeps other imports out for as long as the context lasts; gives the connection to import over."""
        return import_lock(self._engine)

    def drop_states(self, *, in_use: Iterable[int], superseded_before: datetime) -> int:
        """Delete rows that belong only to states superseded before then and not `in_use`; returns their number.

        While an import is under way nothing is deleted: the next call will.
        """
        try:
            with import_lock(self._engine, wait=False) as connection:
                return drop_states(connection, in_use=in_use, superseded_before=superseded_before)
        except ImportUnderWay:
            return 0

    def account(self, *, id: str | None = None, number: str | None = None) -> Account | None:  # noqa: A002
        """The account with this id, number, or both, with everything invoiced to it; None if it does not exist."""
        if id is None and number is None:
            raise ValueError("an account is found by its id or its number")
        state = self._watch.version()
        if number is not None:
            found = self._account_id(number, state)
            if found is None or id not in {None, found}:
                return None
            id = found  # noqa: A001
        return next(self.accounts_by_id([str(id)], state), None)

    def account_id(self, number: str, state: int | None = None) -> str | None:
        """The id of the account with this number, in that state (by default the current one)."""
        return self._account_id(number, self._watch.version() if state is None else state)

    def _account_id(self, number: str, state: int) -> str | None:
        with self._engine.connect() as connection:
            found: str | None = connection.execute(ACCOUNT_ID, {"number": number, "state": state}).scalar()
            return found

    def accounts(self, selection: Selection | None = None) -> Iterator[Account]:
        """The selected accounts by ascending id, all in the state in which the first one is read."""
        state = self._watch.version()
        for page in batched(self.account_ids(selection, state=state), _PAGE):
            yield from self.accounts_once(page, state)

    def accounts_once(self, ids: Sequence[str], state: int) -> Iterator[Account]:
        """The accounts with these ids in that state, for callers that read each account only once.

        They are not cached, and do not displace cached accounts. Each is unpacked when it is yielded.
        """
        return self._aggregates.read(ids, state)

    def accounts_by_id(self, ids: Iterable[str], version: int | None = None) -> Iterator[Account]:
        """The accounts with these ids (a few hundred at most) by ascending id; unknown ids are left out.

        Accounts that were loaded lately are cached until the next import. `version` is the one from `current`, if the
        caller has just read it.
        """
        wanted = set(ids)
        state = self._watch.version() if version is None else version
        known = self._cache.get(wanted, state)
        missing = sorted(wanted.difference(known))
        if self._lookups is not None:
            self._lookups(len(known), len(missing))
        if missing:
            loaded = list(self._aggregates.read(missing, state))
            self._cache.put(loaded, state)
            known |= {account.id: account for account in loaded}
        yield from (known[account_id] for account_id in sorted(known))

    def account_ids(
        self, selection: Selection | None = None, after: str = "", *, state: int | None = None
    ) -> Iterator[str]:
        """The ids of the selected accounts in that state (by default the current one) after `after`, ascending."""
        seen = self._watch.version() if state is None else state
        statement = (selection or Selection()).apply(select(ACCOUNTS.c.id).where(alive(ACCOUNTS, seen)))
        statement = statement.order_by(ACCOUNTS.c.id).limit(_PAGE)
        while True:
            with self._engine.connect() as connection:
                page = connection.execute(statement.where(ACCOUNTS.c.id > after)).scalars().all()
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1]

    def count_accounts(self, selection: Selection | None = None) -> int:
        """How many accounts are selected."""
        current = alive(ACCOUNTS, self._watch.version())
        statement = (selection or Selection()).apply(select(func.count()).select_from(ACCOUNTS).where(current))
        with self._engine.connect() as connection:
            return int(connection.execute(statement).scalar_one())

    def user(self, username: str) -> users.User | None:
        """The user of that name."""
        with self._engine.connect() as connection:
            return users.find_user(connection, username)

    def put_user(self, entry: UserEntry) -> None:
        """Add or replace one user."""
        with self._engine.begin() as connection:
            users.put_user(connection, entry)

    def login(self, username: str) -> users.Login | None:
        """The login to check a password of the user of that name."""
        with self._engine.connect() as connection:
            return users.find_login(connection, username)

    def client_login(self, client_id: str) -> users.Login | None:
        """The login to check a secret of the OAuth client of that id."""
        with self._engine.connect() as connection:
            return users.find_client_login(connection, client_id)

    def create_session(self, username: str, expires: int) -> str:
        """A new session until `expires` (seconds since 1970); returns its token."""
        with self._engine.begin() as connection:
            return users.create_session(connection, username, expires)

    def session(self, token: str, now: int) -> users.Session | None:
        """The session of that token, if it is still open at `now` (seconds since 1970)."""
        with self._engine.connect() as connection:
            return users.find_session(connection, token, now)

    def purge_sessions(self, now: int) -> int:
        """Delete the sessions that ended before `now`; returns their number."""
        with self._engine.begin() as connection:
            return users.purge_sessions(connection, now)


def _version(engine: Engine) -> int:
    with engine.connect() as connection:
        return read_number(connection, VERSION_NAME)


def _close(engine: Engine, watching: Watch, maker: int) -> None:
    """Close the connections of a store without references; a forked process leaves those of its parent open."""
    if os.getpid() == maker:
        watching.close()
        engine.dispose()


def _remove(folder: ScratchFolder, engine: Engine, watching: Watch, maker: int) -> None:
    if os.getpid() == maker:
        _close(engine, watching, maker)
        folder.remove()
