"""The currencies of an account: its own, and those of its subscriptions."""

from __future__ import annotations

from collections.abc import Sequence

from soapsvc.engine.account import Subscription


def billed_currency(own: str, subscriptions: Sequence[Subscription]) -> str:
    """The currency whose prices and rounding count: the account's own unless no subscription is in it."""
    first = None
    for subscription in subscriptions:
        currencies = [subscription.currency, *[charge.currency for charge in subscription.charges]]
        if own in currencies:
            return own
        first = first or next(filter(None, currencies), None)
    return first or own


def currencies_of(subscriptions: Sequence[Subscription]) -> set[str]:
    """The currencies of subscriptions; a subscription's currency is also that of its charges."""
    named = ((each.currency, *(charge.currency for charge in each.charges)) for each in subscriptions)
    return {currency for currencies in named if (currency := next(filter(None, currencies), None))}
