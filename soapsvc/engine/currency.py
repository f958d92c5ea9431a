"""One preview is in one currency: that of the subscriptions billed, which may differ from the account's own.

Source: "Multiple currencies"; a preview over several currencies has no total and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from soapsvc.engine.errors import RatingError
from soapsvc.engine.model import Account, Subscription
from soapsvc.engine.result import Note


def billed_currency(account: Account, billed: Iterable[Subscription]) -> tuple[str, Note | None]:
    """The currency of all amounts, with a warning where it is not the account's.

    Raises RatingError CURRENCY_MISMATCH when the charges of the billed subscriptions are in more than one currency.
    """
    seen: dict[str, str] = {}
    for subscription in billed:
        if subscription.currency and subscription.currency not in seen:
            seen[subscription.currency] = f"subscription {subscription.subscription_number}"
        for charge in subscription.charges:
            if charge.currency and charge.currency not in seen:
                where = f"charge {charge.number} of subscription {subscription.subscription_number}"
                seen[charge.currency] = where
    if len(seen) > 1:
        places = ", ".join(f"{currency} ({where})" for currency, where in seen.items())
        raise RatingError(
            "CURRENCY_MISMATCH", f"The account is billed in more than one currency: {places}.", "currency"
        )
    currency = next(iter(seen), account.currency)
    if not account.currency or currency == account.currency:
        return currency, None
    message = (
        f"Amounts are in {currency}, the currency of the subscriptions; the account itself says {account.currency}."
    )
    return currency, Note("warning", "CURRENCY_DIFFERS", message)
