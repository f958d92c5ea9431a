"""Set the subscription and the charge of every usage record, which the engine needs.

Exports and upload files give ids or numbers, in either column; here each becomes the number. A record that names only
an account belongs to every charge of that account with its unit ("Usage file format"). Where one account pays for
another's subscriptions, such a record belongs to the subscriptions of its own account, never to the payer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from soapsvc.engine.account import Charge, Subscription, UsageRecord
from soapsvc.tenant.formats import PRODUCT_CHARGE


def foreign_accounts(account_id: str, subscriptions: Iterable[Subscription]) -> frozenset[str]:
    """The accounts other than `account_id` whose subscriptions these are."""
    owners = {subscription.account_id for subscription in subscriptions}
    return frozenset(owner for owner in owners if owner is not None and owner != account_id)


def matched_usage(
    usage: Mapping[str, Sequence[UsageRecord]], account_id: str, subscriptions: Sequence[Subscription]
) -> tuple[UsageRecord, ...]:
    """The usage of an invoice owner, by start date, with numbers instead of ids; `usage` is by account."""
    if usage.keys() == {account_id}:
        names = _Names(subscriptions)
        return tuple(names.complete(record) for record in usage[account_id])
    shared = [
        record
        for owner, records in usage.items()
        for record in _shared_out(records, [s for s in subscriptions if (s.account_id or account_id) == owner])
    ]
    return tuple(sorted(shared, key=lambda record: (record.start_date, record.sequence)))


def _shared_out(records: Sequence[UsageRecord], subscriptions: Sequence[Subscription]) -> Iterator[UsageRecord]:
    names = _Names(subscriptions)
    for record in map(names.complete, records):
        if record.charge_number is not None or record.subscription_number is not None:
            yield record
            continue
        for subscription in subscriptions:
            yield replace(record, subscription_number=subscription.subscription_number, subscription_id=subscription.id)


class _Names:
    """The numbers of an account's subscriptions and charges, by each id and number that a record may give."""

    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self._subscriptions = subscriptions
        self._by_key: dict[str, str] | None = None

    def complete(self, record: UsageRecord) -> UsageRecord:
        """The record with numbers for its ids; an unknown id is used as the number."""
        product_charge = record.fields.get(PRODUCT_CHARGE)
        if record.subscription_id is None and record.charge_id is None and product_charge is None:
            return record
        subscription = record.subscription_number or self._number(record.subscription_id)
        charge = record.charge_number or self._number(record.charge_id)
        if charge is None and product_charge is not None:
            charge = self._charge_of_product(str(product_charge), subscription)
        if subscription == record.subscription_number and charge == record.charge_number:
            return record
        return replace(record, subscription_number=subscription, charge_number=charge)

    def _number(self, key: str | None) -> str | None:
        if key is None:
            return None
        if self._by_key is None:
            self._by_key = {s.id: s.subscription_number for s in self._subscriptions}
            for charge in self._charges(None):
                self._by_key |= {charge.id: charge.number, charge.original_charge_id or charge.id: charge.number}
        return self._by_key.get(key, key)

    def _charge_of_product(self, product_charge: str, subscription: str | None) -> str | None:
        numbers = {c.number for c in self._charges(subscription) if c.product_rate_plan_charge_id == product_charge}
        return numbers.pop() if len(numbers) == 1 else None

    def _charges(self, subscription: str | None) -> Iterator[Charge]:
        for candidate in self._subscriptions:
            if subscription in {None, candidate.subscription_number}:
                yield from candidate.charges
