"""Why a preview is empty: a sentence for every charge that could have contributed and did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soapsvc.engine.model import Account, Charge, Subscription
from soapsvc.engine.result import Note, PreviewRequest
from soapsvc.engine.subscription import SubscriptionRows


def reasons_for_nothing(account: Account, request: PreviewRequest, rated: Sequence[SubscriptionRows]) -> Iterator[Note]:
    """The reasons of an empty result, beside the notes that rating already made; never none."""
    if not account.subscriptions:
        yield Note(
            "reason", "NO_SUBSCRIPTIONS", f"Account {account.account_number or account.id} has no subscriptions."
        )
        return
    if not rated:
        yield Note("reason", "NO_SUBSCRIPTION_SELECTED", "None of the account's subscriptions was asked for.")
        return
    for rows in rated:
        told = {note.charge_number for note in rows.notes}
        if rows.notes and None in told:
            continue
        charges = [charge for charge in _latest(rows.subscription) if charge.number not in told]
        for charge in charges:
            yield _reason(charge, rows.subscription, request)
        if not rows.subscription.charges:
            number = rows.subscription.subscription_number
            yield Note("reason", "NO_CHARGES", f"Subscription {number} has no charges.", number)


def _latest(subscription: Subscription) -> list[Charge]:
    """The last segment of each charge."""
    return list({charge.number: charge for charge in subscription.charges}.values())


def _reason(charge: Charge, subscription: Subscription, request: PreviewRequest) -> Note:
    number, target = subscription.subscription_number, request.target_date
    start, end, through = charge.effective_start_date, charge.effective_end_date, charge.charged_through_date
    if start is not None and start > target:
        code, why = "STARTS_LATER", f"starts on {start}, after the target date {target}"
    elif through is not None and end is not None and through >= end and end == subscription.term_end_date:
        code, why = "TERM_ENDED", f"is billed to the end of the term, {end}; assume its renewal to see further"
    elif through is not None and end is not None and through >= end:
        code, why = "FULLY_BILLED", f"ended on {end} and is billed to its end"
    elif through is not None and through > target:
        code, why = "NOTHING_UNBILLED", f"is billed through {through}, beyond the target date {target}"
    else:
        code, why = "NOTHING_DUE", f"has no period due on or before {target}"
    return Note("reason", code, f"Charge {charge.number} of subscription {number} {why}.", number, charge.number)
