"""Read accounts as aggregates: everything that an account is invoiced for, in one state, with a few statements.

Data that all accounts of a state share (settings, catalogue) are read once and kept for the states that were used last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from soapsvc.engine.account import Account, CatalogCharge, CurrencyTerms, DraftItem, Subscription, UsageRecord, squeeze
from soapsvc.tenant.formats import TenantSettings, in_currency, load_settings, read_catalog_charge
from soapsvc.tenant.reading import FieldProblem, mapping, parse_json
from soapsvc.tenant.store.currencies import billed_currency, currencies_of
from soapsvc.tenant.store.matching import foreign_accounts, matched_usage
from soapsvc.tenant.tables import (
    ACCOUNT_PART,
    CATALOG,
    DRAFT_PART,
    ONE_ACCOUNT,
    SEVERAL_ACCOUNTS,
    STATES,
    SUBSCRIPTION_PART,
    USAGE_OF,
    USAGE_PART,
    AggregateRow,
    alive,
    unpack_account,
    unpack_catalog_charge,
    unpack_drafts,
    unpack_subscriptions,
    unpack_usage,
)

_STATES_KEPT = 4


@dataclass(slots=True)
class _Shared:
    """The data that all accounts of one state share."""

    settings: TenantSettings
    catalog: dict[str, dict[str, CatalogCharge]]
    catalog_by_currency: dict[str, dict[str, CatalogCharge]]

    def catalog_in(self, currency: str) -> dict[str, CatalogCharge]:
        found = self.catalog_by_currency.get(currency)
        if found is None:
            found = {key: in_currency(charges, currency) for key, charges in self.catalog.items()}
            self.catalog_by_currency[currency] = found
        return found


class Aggregates:
    """Reads aggregates over an engine's connections. Safe to share among threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared: dict[int, _Shared] = {}

    def settings(self, state: int) -> TenantSettings:
        """The tenant's settings in that state."""
        if (shared := self._shared.get(state)) is not None:
            return shared.settings
        with self._engine.connect() as connection:
            return self._shared_at(connection, state).settings

    def read(self, ids: Sequence[str], state: int) -> Iterator[Account]:
        """The accounts with these ids in that state, by ascending id; each is unpacked when it is yielded."""
        if ids:
            with self._engine.connect() as connection:
                yield from self._unpacked(connection, ids, state)

    def _unpacked(self, connection: Connection, ids: Sequence[str], state: int) -> Iterator[Account]:
        several = len(ids) > 1
        statement = SEVERAL_ACCOUNTS if several else ONE_ACCOUNT
        given: dict[str, object] = {"ids": ids} if several else {"id": ids[0]}
        rows: Sequence[AggregateRow] = connection.execute(statement, {**given, "state": state}).all()
        parts: dict[str, dict[int, list[bytes]]] = {}
        for owner, part, blob in rows:
            parts.setdefault(owner, {}).setdefault(part, []).append(blob)
        for owned in parts.values():
            if ACCOUNT_PART in owned:
                yield _account(connection, owned, self._shared_at(connection, state), state)

    def _shared_at(self, connection: Connection, state: int) -> _Shared:
        if (known := self._shared.get(state)) is not None:
            return known
        stored = connection.execute(select(STATES.c.settings).where(STATES.c.number == state)).scalar()
        shared = _Shared(load_settings(stored), catalog_prices(connection, state), {})
        # Replaced, never changed, because other threads may read it. Several are kept, as runs may read older states.
        self._shared = dict([*self._shared.items(), (state, shared)][-_STATES_KEPT:])
        return shared


def catalog_prices(connection: Connection, state: int) -> dict[str, dict[str, CatalogCharge]]:
    """The prices of the catalogue in a state, by product rate plan charge and currency.

    An import by a former release may not have unpacked all that a price needs: that is read from the document.
    """
    catalog: dict[str, dict[str, CatalogCharge]] = {}
    columns = CATALOG.c
    stored = select(columns.id, columns.currency, columns.blob).where(alive(CATALOG, state))
    for row in connection.execute(stored):
        catalog.setdefault(row.id, {})[row.currency] = unpack_catalog_charge(row.blob)
    lacking = {(key, currency) for key, found in catalog.items() for currency in found if _is_partial(found[currency])}
    if not lacking:
        return catalog
    documents = select(columns.id, columns.currency, columns.document).where(alive(CATALOG, state))
    for row in connection.execute(documents):
        # A field that no release has read before may hold anything: the price is then used as it was.
        with suppress(FieldProblem):
            if (row.id, row.currency) in lacking:
                whole = {each.currency or "": each for each in read_catalog_charge(mapping(parse_json(row.document)))}
                catalog[row.id][row.currency] = whole.get(row.currency, catalog[row.id][row.currency])
    return catalog


def _is_partial(charge: CatalogCharge) -> bool:
    """Whether a price lacks the number of its billing period, or its overage price."""
    counted = charge.specific_billing_period is None and squeeze(charge.billing_period or "").startswith("specific")
    return counted or (charge.overage_price is None and "overage" in squeeze(charge.model or ""))


def _account(connection: Connection, parts: Mapping[int, list[bytes]], shared: _Shared, state: int) -> Account:
    facts = unpack_account(parts[ACCOUNT_PART][0])
    subscriptions = unpack_subscriptions(parts.get(SUBSCRIPTION_PART, ()))
    currency = billed_currency(facts["currency"], subscriptions)
    return Account(
        **facts,
        subscriptions=subscriptions,
        usage=_usage(connection, facts["id"], parts.get(USAGE_PART, ()), subscriptions, state),
        drafts=_drafts(parts.get(DRAFT_PART, ())),
        catalog=shared.catalog_in(currency),
        tax_rates=shared.settings.tax_rates,
        units_of_measure=shared.settings.units_of_measure,
        rules=shared.settings.rules_for(currency),
        currency_terms={
            other: CurrencyTerms(shared.settings.rules_for(other), shared.catalog_in(other))
            for other in currencies_of(subscriptions)
            if other != currency
        },
    )


def _drafts(packed: Sequence[bytes]) -> tuple[DraftItem, ...]:
    return tuple(item for blob in packed for item in unpack_drafts(blob)) if packed else ()


def _usage(
    connection: Connection,
    account_id: str,
    packed: Sequence[bytes],
    subscriptions: Sequence[Subscription],
    state: int,
) -> tuple[UsageRecord, ...]:
    usage: dict[str, list[bytes]] = {account_id: list(packed)} if packed else {}
    if foreign := foreign_accounts(account_id, subscriptions):
        for owner, blob in connection.execute(USAGE_OF, {"ids": sorted(foreign), "state": state}):
            usage.setdefault(owner, []).append(blob)
    if not usage:
        return ()
    records = {owner: unpack_usage(blobs) for owner, blobs in usage.items()}
    return matched_usage(records, account_id, subscriptions)
