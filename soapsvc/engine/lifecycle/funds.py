"""What billing leaves of the prepaid funds that a subscription or a charge lists.

Funds that prepayments make need no mark: the processed records tell what was drawn. Source: "Bill prepaid customers".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

from soapsvc.engine.account import Subscription, squeeze
from soapsvc.engine.charges import AccountContext
from soapsvc.engine.usage import FUNDS_FIELD

_UNITS = Context(prec=40)
"""Balances keep 40 digits: money that is drawn is exact until then."""

Left = Mapping[int, Fraction]
"""What is left of a fund, by the identity of its entry in the list."""


def funds_left(shared: AccountContext) -> dict[int, Fraction]:
    """What the usage that was rated in `shared` has left of each listed fund that there is."""
    return {id(fund.entry): fund.balance for fund in shared.funds.funds if fund.entry is not None}


def with_funds_left(subscription: Subscription, left: Left) -> Subscription:
    """The subscription with its listed funds, and those of its charges, at the balances that are left."""
    charges = tuple(
        replace(charge, attributes=_with_balances(charge.attributes, left)) if charge.attributes else charge
        for charge in subscription.charges
    )
    return replace(subscription, charges=charges, attributes=_with_balances(subscription.attributes, left))


def _with_balances(attributes: Mapping[str, object], left: Left) -> Mapping[str, object]:
    """Attributes with the entries of a list of funds at their balances; others are kept as they are."""
    return {
        name: [_entry(entry, left) for entry in value]
        if squeeze(name) == squeeze(FUNDS_FIELD) and isinstance(value, list | tuple)
        else value
        for name, value in attributes.items()
    }


def _entry(entry: Mapping[str, object], left: Left) -> Mapping[str, object]:
    """An entry of a list of funds, which was read, at its balance."""
    balance = left[id(entry)]
    total = _UNITS.divide(Decimal(balance.numerator), balance.denominator)
    return {name: total if squeeze(name) == "totalbalance" else value for name, value in entry.items()}
