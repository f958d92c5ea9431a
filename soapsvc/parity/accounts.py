"""The engine's account from a recording's data, under any settings, read in the same way as a tenant directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from soapsvc.engine.account import Account, CatalogCharge, CurrencyTerms, DraftItem, Subscription, UsageRecord
from soapsvc.parity.recording import AccountData
from soapsvc.tenant.formats import (
    SubscriptionRecord,
    TenantSettings,
    catalog_charges,
    in_currency,
    read_account,
    read_draft,
    read_subscription,
    read_tax_rates,
    read_usage,
)
from soapsvc.tenant.reading import Document, at
from soapsvc.tenant.store import billed_currency, currencies_of, matched_usage

Catalog = Mapping[str, Mapping[str, CatalogCharge]]
"""The catalogue's charges by id and currency."""


def account_of(data: AccountData, settings: TenantSettings, catalog: Catalog | None = None) -> Account:
    """The account in `data`, billed under `settings`.

    `catalog` is used where the data have no catalogue. Tax rates of the data are added to those of the settings.
    Raises FieldProblem, naming the document and the field.
    """
    account = at("account", lambda document: read_account(document, "recorded"), data.account).account
    records = [at(f"subscriptions[{place}]", read_subscription, each) for place, each in enumerate(data.subscriptions)]
    subscriptions = tuple(_newest(records, account))
    currency = billed_currency(account.currency, subscriptions)
    known = _catalog(data.catalog) or catalog or {}
    return replace(
        account,
        subscriptions=subscriptions,
        usage=_usage(data.usage, account, subscriptions, settings),
        drafts=_drafts(data.drafts),
        catalog=_in(currency, known),
        tax_rates=(*settings.tax_rates, *read_tax_rates(data.tax_rates)),
        units_of_measure=settings.units_of_measure,
        rules=settings.rules_for(currency),
        currency_terms={
            other: CurrencyTerms(settings.rules_for(other), _in(other, known))
            for other in currencies_of(subscriptions)
            if other != currency
        },
    )


def _newest(records: Iterable[SubscriptionRecord], account: Account) -> Iterable[Subscription]:
    """The newest version of each subscription, by number as in a store, with the account that it belongs to."""
    newest: dict[str, SubscriptionRecord] = {}
    for record in records:
        number = record.subscription.subscription_number
        if number not in newest or record.version > newest[number].version:
            newest[number] = record
    for _, record in sorted(newest.items()):
        own = record.account.id or (record.account.number if record.account.number != account.account_number else None)
        yield replace(record.subscription, account_id=own or account.id)


def _usage(
    documents: Sequence[Document], account: Account, subscriptions: Sequence[Subscription], settings: TenantSettings
) -> tuple[UsageRecord, ...]:
    parties = {key: each.account_id for each in subscriptions for key in (each.id, each.subscription_number)}
    usage: dict[str, list[UsageRecord]] = {}
    for place, document in enumerate(documents):
        entry = at(
            f"usage[{place}]",
            lambda document, place=place: read_usage(document, settings.zone, "", place, settings.usage_date_order),  # type: ignore[misc]
            document,
        )
        named = {entry.account.id, entry.account.number} - {None}
        own = not named or not named.isdisjoint({account.id, account.account_number})
        key = entry.record.subscription_number or entry.record.subscription_id
        owner = (parties.get(key) if key else None) or (account.id if own else min(map(str, named)))
        usage.setdefault(owner, []).append(entry.record)
    if not usage:
        return ()
    by_start = {
        owner: sorted(found, key=lambda each: (each.start_date, each.sequence)) for owner, found in usage.items()
    }
    return matched_usage(by_start, account.id, subscriptions)


def _drafts(documents: Sequence[Document]) -> tuple[DraftItem, ...]:
    return tuple(
        item for place, each in enumerate(documents) for item in at(f"drafts[{place}]", read_draft, each).items
    )


def _catalog(documents: Sequence[Document]) -> Catalog:
    found: dict[str, dict[str, CatalogCharge]] = {}
    for place, document in enumerate(documents):
        for _, priced in at(f"catalog[{place}]", lambda each: list(catalog_charges(each)), document):
            for charge in priced:
                found.setdefault(charge.id, {})[charge.currency or ""] = charge
    return found


def _in(currency: str, catalog: Catalog) -> dict[str, CatalogCharge]:
    return {key: in_currency(charges, currency) for key, charges in catalog.items()}
