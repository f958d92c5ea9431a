"""The account on a later day: terms renewed, suspensions and cancellations in effect.

    term start          term end               day
        |--- current term ---|--- renewal term ---|- - -        the second is the current term now

A preview that assumes these events has the items that the account is billed for after them. Sources: "Renewal of
subscriptions", "Subscription statuses", "Considerations of suspend a subscription".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soapsvc.engine.account import Account, Subscription
from soapsvc.engine.documents import by_currency
from soapsvc.engine.errors import RatingError
from soapsvc.engine.lifecycle.renewals import renewed
from soapsvc.engine.lifecycle.suspensions import split_by_pause, with_status_on
from soapsvc.engine.result import AssumeRenewal
from soapsvc.engine.schedule import is_billed, pause_under, stop_of, terms_of, with_cancellation


def advance(account: Account, day: date) -> Account:
    """The account as it is on a day, after all events on or before the day.

    - A suspension in the current term has ended every charge that it interrupts, and the resumption has started it
      again, as a segment of its own; also where both dates are in the future.
    - A subscription that renews by itself (`autoRenew`) is in the term that holds the day, at the prices of that term.
    - A scheduled cancellation, a suspension and a resumption show in the status.

    Time never goes back: an earlier day changes nothing. A subscription whose terms cannot be read is unchanged;
    `preview` reports the error.
    """
    accounts = by_currency(account).accounts.values()
    owner = {each.subscription_number: part for part in accounts for each in part.subscriptions}
    return replace(
        account,
        subscriptions=tuple(_on(day, each, owner[each.subscription_number]) for each in account.subscriptions),
    )


def _on(day: date, subscription: Subscription, account: Account) -> Subscription:
    """A subscription on a day; `account` has the rules and the catalogue of its currency."""
    if not is_billed(subscription):
        return subscription
    try:
        subscription = split_by_pause(subscription)
        stop = stop_of(subscription, pause_under(subscription, AssumeRenewal.AUTORENEW))
        terms = terms_of(with_cancellation(subscription), AssumeRenewal.AUTORENEW, day, account.rules, stop)
        if terms.renewed:
            subscription = split_by_pause(renewed(subscription, terms, account.catalog))
    except RatingError:
        return subscription
    if subscription.scheduled_cancel_date is not None and subscription.scheduled_cancel_date <= day:
        subscription = with_cancellation(subscription)
    return with_status_on(day, subscription)
