"""The balances that billing leaves in the prepaid funds listed on a subscription or a charge.

Funds that prepayments make are not stored: the processed records show what was drawn. Source: "Bill prepaid customers".
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
"""Balances are rounded to 40 digits; the amounts drawn are exact fractions."""

Left = Mapping[int, Fraction]
"""The balance of a fund, by the `id()` of its entry in the list."""


def funds_left(shared: AccountContext) -> dict[int, Fraction]:
    """The balance of each listed fund after the usage rated in `shared`."""
    return {id(fund.entry): fund.balance for fund in shared.funds.funds if fund.entry is not None}


def with_funds_left(subscription: Subscription, left: Left) -> Subscription:
    """The subscription with its listed funds, and those of its charges, at their new balances."""
    charges = tuple(
        replace(charge, attributes=_with_balances(charge.attributes, left)) if charge.attributes else charge
        for charge in subscription.charges
    )
    return replace(subscription, charges=charges, attributes=_with_balances(subscription.attributes, left))


def _with_balances(attributes: Mapping[str, object], left: Left) -> Mapping[str, object]:
    """Attributes with the listed funds at their new balances; other attributes are unchanged."""
    return {
        name: [_entry(entry, left) for entry in value]
        if squeeze(name) == squeeze(FUNDS_FIELD) and isinstance(value, list | tuple)
        else value
        for name, value in attributes.items()
    }


def _entry(entry: Mapping[str, object], left: Left) -> Mapping[str, object]:
    """A copy of a listed fund at its new balance."""
    balance = left[id(entry)]
    total = _UNITS.divide(Decimal(balance.numerator), balance.denominator)
    return {name: total if squeeze(name) == "totalbalance" else value for name, value in entry.items()}
