"""The tenant store: one account's aggregate at a time, tenant settings, users and sessions; reads change nothing.

SQLite is embedded (write-ahead log, so that readers and an import do not wait for each other); any other database that
SQLAlchemy reaches with the same statements, PostgreSQL above all, serves several machines.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from soapsvc.engine.model import Account, CatalogCharge, CurrencyTerms, DraftItem, Subscription, UsageRecord
from soapsvc.tenant import queries, users
from soapsvc.tenant.batches import batched
from soapsvc.tenant.cache import AccountCache, Watch, watch
from soapsvc.tenant.catalog import in_currency
from soapsvc.tenant.engines import connected
from soapsvc.tenant.matching import foreign_accounts, matched_usage
from soapsvc.tenant.migrations import migrate
from soapsvc.tenant.packing import (
    unpack_account,
    unpack_catalog_charge,
    unpack_drafts,
    unpack_subscriptions,
    unpack_usage,
)
from soapsvc.tenant.queries import Selection
from soapsvc.tenant.schema import ACCOUNTS, CATALOG, STATE
from soapsvc.tenant.settings import TenantSettings, UserEntry, load_settings

_PAGE = 500


@dataclass(slots=True)
class _Shared:
    """What all accounts share, as of one version of the store."""

    version: int
    settings: TenantSettings
    catalog: dict[str, dict[str, CatalogCharge]]
    catalog_by_currency: dict[str, dict[str, CatalogCharge]]

    def catalog_in(self, currency: str) -> dict[str, CatalogCharge]:
        found = self.catalog_by_currency.get(currency)
        if found is None:
            found = {key: in_currency(charges, currency) for key, charges in self.catalog.items()}
            self.catalog_by_currency[currency] = found
        return found


class Store:
    """One tenant's data. Safe to share among threads; a forked process calls `reconnect` first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared: _Shared | None = None
        self._watch = watch(engine, partial(_version, engine))
        self._cache = AccountCache()
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        weakref.finalize(self, _close, engine, self._watch, os.getpid())

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Store:
        """Open the store at a SQLAlchemy URL, and make it where there is none; without `create`, raise NoDatabase.

        Raises the other StoreErrors too, and sqlalchemy.exc.OperationalError where nothing answers.
        """
        return cls(connected(url, create=create))

    @classmethod
    def temporary(cls) -> Store:
        """A new, empty store in a file that goes when the process ends that made it."""
        folder = tempfile.mkdtemp(prefix="soapsvc-")
        engine = connected(f"sqlite:///{Path(folder) / 'tenant.sqlite'}")
        store = cls(engine)
        weakref.finalize(store, _remove, folder, engine, store._watch, os.getpid())
        return store

    @property
    def url(self) -> str:
        """The URL under which another process opens the same store."""
        return self._engine.url.render_as_string(hide_password=False)

    def reconnect(self) -> None:
        """Forget inherited connections after a fork."""
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close all connections."""
        self._watch.close()
        self._engine.dispose()

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction: committed at its end, rolled back on an exception."""
        return self._engine.begin()

    def version(self) -> int:
        """A number that every import raises: what was cached under another one is stale."""
        return self._watch.version()

    def changes(self) -> object:
        """What is equal to an earlier answer only if nothing at all was written to the store in between."""
        return self._watch.changes()

    def settings(self) -> TenantSettings:
        """The tenant's settings."""
        return self.current()[1]

    def current(self) -> tuple[int, TenantSettings]:
        """The version, and the tenant's settings at it."""
        version, shared = self._watch.version(), self._shared
        if shared is not None and shared.version == version:
            return version, shared.settings
        with self._engine.connect() as connection:
            return version, self._shared_at(connection, version).settings

    def account(self, *, id: str | None = None, number: str | None = None) -> Account | None:  # noqa: A002
        """The account with this id, number, or both, with all that it is invoiced for; None where there is none."""
        if id is None and number is None:
            raise ValueError("an account is found by its id or its number")
        if number is not None:
            found = self.account_id(number)
            if found is None or id not in {None, found}:
                return None
            id = found  # noqa: A001
        return next(self.accounts_by_id([str(id)]), None)

    def account_id(self, number: str) -> str | None:
        """The id of the account with this number."""
        with self._engine.connect() as connection:
            found: str | None = connection.execute(queries.ACCOUNT_ID, {"number": number}).scalar()
            return found

    def accounts(self, selection: Selection | None = None) -> Iterator[Account]:
        """The selected accounts by ascending id, a page in memory at a time."""
        for page in batched(self.account_ids(selection), _PAGE):
            yield from self.accounts_once(page)

    def accounts_once(self, ids: Sequence[str]) -> Iterator[Account]:
        """The accounts with these ids as `accounts_by_id` has them, for those who look at each only once.

        None is remembered, and none of those that are is forgotten for them. Each is unpacked when its turn comes.
        """
        if ids:
            with self._engine.connect() as connection:
                yield from self._read(connection, ids)[0]

    def accounts_by_id(self, ids: Iterable[str], version: int | None = None) -> Iterator[Account]:
        """The accounts with these ids (a few hundred at most) by ascending id; unknown ids are left out.

        Accounts that were loaded lately are remembered for as long as nothing is imported. `version` is that of
        `current`, where the caller asked for it a moment ago.
        """
        wanted = set(ids)
        known = self._cache.get(wanted, self._watch.version() if version is None else version)
        missing = sorted(wanted.difference(known))
        if missing:
            loaded, version = self._load(missing)
            self._cache.put(loaded, version)
            known |= {account.id: account for account in loaded}
        yield from (known[account_id] for account_id in sorted(known))

    def _load(self, ids: Sequence[str]) -> tuple[list[Account], int]:
        """As `_read`, all of them unpacked."""
        with self._engine.connect() as connection:
            accounts, version = self._read(connection, ids)
            return list(accounts), version

    def _read(self, connection: Connection, ids: Sequence[str]) -> tuple[Iterator[Account], int]:
        """The accounts by ascending id, and the version of the store that they are of (0 without any)."""
        several = len(ids) > 1
        statement = queries.SEVERAL_ACCOUNTS if several else queries.ONE_ACCOUNT
        given: dict[str, object] = {"ids": ids} if several else {"id": ids[0]}
        rows: Sequence[queries.AggregateRow] = connection.execute(statement, given).all()
        version = next((number for _, part, number, _ in rows if part == queries.ACCOUNT_PART), None) or 0
        return self._aggregates(connection, rows, version), version

    def account_ids(self, selection: Selection | None = None, after: str = "") -> Iterator[str]:
        """The ids of the selected accounts that come after `after`, ascending."""
        statement = (selection or Selection()).apply(select(ACCOUNTS.c.id)).order_by(ACCOUNTS.c.id).limit(_PAGE)
        while True:
            with self._engine.connect() as connection:
                page = connection.execute(statement.where(ACCOUNTS.c.id > after)).scalars().all()
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1]

    def count_accounts(self, selection: Selection | None = None) -> int:
        """How many accounts are selected."""
        statement = (selection or Selection()).apply(select(func.count()).select_from(ACCOUNTS))
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
        """What a password of the user of that name is checked against."""
        with self._engine.connect() as connection:
            return users.find_login(connection, username)

    def client_login(self, client_id: str) -> users.Login | None:
        """What a secret of the OAuth client of that id is checked against."""
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
        """Forget the sessions that ended before `now`; returns how many."""
        with self._engine.begin() as connection:
            return users.purge_sessions(connection, now)

    def _shared_at(self, connection: Connection, version: int) -> _Shared:
        shared = self._shared
        if shared is None or shared.version != version:
            stored = connection.execute(select(STATE.c.content).where(STATE.c.name == queries.SETTINGS)).scalar()
            catalog: dict[str, dict[str, CatalogCharge]] = {}
            for row in connection.execute(select(CATALOG.c.id, CATALOG.c.currency, CATALOG.c.blob)):
                catalog.setdefault(row.id, {})[row.currency] = unpack_catalog_charge(row.blob)
            settings = load_settings(stored) if stored is not None else TenantSettings()
            shared = self._shared = _Shared(version, settings, catalog, {})
        return shared

    def _aggregates(
        self, connection: Connection, rows: Iterable[queries.AggregateRow], version: int
    ) -> Iterator[Account]:
        """Accounts from the rows of `queries`: sorted by owner, each owner's account row first."""
        parts: dict[str, dict[int, list[bytes]]] = {}
        for owner, part, _, blob in rows:
            parts.setdefault(owner, {}).setdefault(part, []).append(blob)
        for owned in parts.values():
            if queries.ACCOUNT_PART in owned:
                yield _account(connection, owned, self._shared_at(connection, version))


def _version(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(queries.VERSION).scalar() or 0)


def _account(connection: Connection, parts: Mapping[int, list[bytes]], shared: _Shared) -> Account:
    facts = unpack_account(parts[queries.ACCOUNT_PART][0])
    subscriptions = unpack_subscriptions(parts.get(queries.SUBSCRIPTION_PART, ()))
    currency = _billed_currency(facts["currency"], subscriptions)
    return Account(
        **facts,
        subscriptions=subscriptions,
        usage=_usage(connection, facts["id"], parts.get(queries.USAGE_PART, ()), subscriptions),
        drafts=_drafts(parts.get(queries.DRAFT_PART, ())),
        catalog=shared.catalog_in(currency),
        tax_rates=shared.settings.tax_rates,
        units_of_measure=shared.settings.units_of_measure,
        rules=shared.settings.rules_for(currency),
        currency_terms={
            other: CurrencyTerms(shared.settings.rules_for(other), shared.catalog_in(other))
            for other in _currencies(subscriptions)
            if other != currency
        },
    )


def _drafts(packed: Sequence[bytes]) -> tuple[DraftItem, ...]:
    return tuple(item for blob in packed for item in unpack_drafts(blob)) if packed else ()


def _billed_currency(own: str, subscriptions: Sequence[Subscription]) -> str:
    """The currency whose prices and rounding count: the account's own unless no subscription is in it."""
    first = None
    for subscription in subscriptions:
        currencies = [subscription.currency, *[charge.currency for charge in subscription.charges]]
        if own in currencies:
            return own
        first = first or next(filter(None, currencies), None)
    return first or own


def _currencies(subscriptions: Sequence[Subscription]) -> set[str]:
    """The currencies that subscriptions are in; that of a subscription is also that of its charges."""
    named = ((each.currency, *(charge.currency for charge in each.charges)) for each in subscriptions)
    return {currency for currencies in named if (currency := next(filter(None, currencies), None))}


def _usage(
    connection: Connection, account_id: str, packed: Sequence[bytes], subscriptions: Sequence[Subscription]
) -> tuple[UsageRecord, ...]:
    usage: dict[str, list[bytes]] = {account_id: list(packed)} if packed else {}
    if foreign := foreign_accounts(account_id, subscriptions):
        for owner, blob in connection.execute(queries.USAGE_OF, {"ids": sorted(foreign)}):
            usage.setdefault(owner, []).append(blob)
    if not usage:
        return ()
    records = {owner: unpack_usage(blobs) for owner, blobs in usage.items()}
    return matched_usage(records, account_id, subscriptions)


def _close(engine: Engine, watching: Watch, maker: int) -> None:
    """A store that nobody refers to any more closes its connections; those of a forked process are its parent's."""
    if os.getpid() == maker:
        watching.close()
        engine.dispose()


def _remove(folder: str, engine: Engine, watching: Watch, maker: int) -> None:
    if os.getpid() == maker:
        _close(engine, watching, maker)
        shutil.rmtree(folder, ignore_errors=True)
