"""The currencies of an account: each has invoices of its own, so each is previewed by itself.

A subscription has one currency. Subscriptions share discounts of the account, prepaid funds, and the total that decides
about a credit memo only with those of the same currency. Source: "Multiple currencies"; our reading for discounts of
the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from soapsvc.engine.account import Account, CurrencyTerms, Subscription
from soapsvc.engine.charges import auto_set_bill_cycle_day
from soapsvc.engine.result import BillingDataError, Note


class Currencies(NamedTuple):
    """The account divided by currency, and the errors of subscriptions, by number, that name several currencies.

    An account of one currency is kept as it is. The currency is "" where no field gives one.
    """

    accounts: Mapping[str, Account]
    errors: Mapping[str, BillingDataError]


def by_currency(account: Account) -> Currencies:
    """The currencies of an account's subscriptions; the error of a subscription in several is CURRENCY_MISMATCH."""
    known = account.rating_cache.currencies
    if isinstance(known, Currencies):
        return known
    found: dict[str, list[Subscription]] = {}
    errors = {}
    for subscription in account.subscriptions:
        seen = _seen(subscription)
        if len(seen) > 1:
            errors[subscription.subscription_number] = _mismatch(subscription, seen)
        found.setdefault(next(iter(seen), ""), []).append(subscription)
    if len(found) > 1 and (unsaid := found.pop("", None)):
        found.setdefault(account.currency if len(found) > 1 else next(iter(found)), []).extend(unsaid)
    accounts = _divided(account, found) if len(found) > 1 else {next(iter(found), "") or account.currency: account}
    account.rating_cache.currencies = known = Currencies(accounts, errors)
    return known


def _seen(subscription: Subscription) -> dict[str, str]:
    """The currencies that a subscription and its charges name, and where."""
    seen: dict[str, str] = {subscription.currency: "the subscription"} if subscription.currency else {}
    for charge in subscription.charges:
        if charge.currency and charge.currency not in seen:
            seen[charge.currency] = f"charge {charge.number}"
    return seen


def _mismatch(subscription: Subscription, seen: Mapping[str, str]) -> BillingDataError:
    places = ", ".join(f"{currency} ({where})" for currency, where in seen.items())
    number = subscription.subscription_number
    message = f"Subscription {number} has several currencies: {places}. It must have one."
    return BillingDataError("CURRENCY_MISMATCH", message, "currency", number)


def _divided(account: Account, subscriptions: Mapping[str, Sequence[Subscription]]) -> dict[str, Account]:
    """An account for each currency, with the bill cycle day of the whole account, and without its drafts."""
    bill_cycle_day = account.bill_cycle_day or auto_set_bill_cycle_day(account)
    own = CurrencyTerms(account.rules, account.catalog)
    accounts = {}
    for currency, chosen in subscriptions.items():
        terms = account.currency_terms.get(currency, own)
        accounts[currency] = replace(
            account,
            currency=currency,
            bill_cycle_day=bill_cycle_day,
            subscriptions=tuple(chosen),
            rules=terms.rules,
            catalog=terms.catalog,
            drafts=(),
        )
    return accounts


def currency_warning(account: Account, billed: Mapping[str, Account]) -> Note | None:
    """A warning where amounts are not all in the account's own currency: the items do not show their currency."""
    if len(billed) > 1:
        parts = (
            f"{currency} ({', '.join(sorted(each.subscription_number for each in part.subscriptions))})"
            for currency, part in sorted(billed.items())
        )
        message = f"The account is billed in several currencies, each with invoices of its own: {', '.join(parts)}."
        return Note("warning", "SEVERAL_CURRENCIES", message)
    (currency,) = billed
    if not account.currency or currency == account.currency:
        return None
    message = (
        f"Amounts are in {currency}, the currency of the subscriptions; the account itself says {account.currency}."
    )
    return Note("warning", "CURRENCY_DIFFERS", message)
