"""Why a preview is empty: a sentence for every charge that could have an item and has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from soapsvc.engine.account import Charge, ChargeType, Subscription, squeeze
from soapsvc.engine.charges import AccountContext
from soapsvc.engine.discounts import is_discount
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import is_cancelled, last_segments, pause_of
from soapsvc.engine.subscription import SubscriptionRows


def reasons_for_nothing(shared: AccountContext, chosen: Sequence[SubscriptionRows]) -> Iterator[Note]:
    """The reasons of an empty result, besides the notes that rating already made; at least one.

    `chosen` are the subscriptions that the request asks for.
    """
    account = shared.account
    if not account.subscriptions:
        yield Note(
            "reason", "NO_SUBSCRIPTIONS", f"Account {account.account_number or account.id} has no subscriptions."
        )
        return
    if not chosen:
        yield Note("reason", "NO_SUBSCRIPTION_SELECTED", "The request selects none of the account's subscriptions.")
        return
    for rows in chosen:
        told = {note.charge_number for note in rows.notes if note.kind == "reason" or note.charge_number}
        if rows.notes and None in told:
            continue
        charges = [charge for number, charge in last_segments(rows.subscription.charges).items() if number not in told]
        for charge in charges:
            yield _reason(charge, rows.subscription, shared.request.target_date)
        if not rows.subscription.charges:
            number = rows.subscription.subscription_number
            yield Note("reason", "NO_CHARGES", f"Subscription {number} has no charges.", number)


def _reason(charge: Charge, subscription: Subscription, target: date) -> Note:
    code, why = _why(charge, subscription, target)
    number = subscription.subscription_number
    return Note("reason", code, f"Charge {charge.number} of subscription {number} {why}.", number, charge.number)


def _why(charge: Charge, subscription: Subscription, target: date) -> tuple[str, str]:
    start, end, through = charge.effective_start_date, charge.effective_end_date, charge.charged_through_date
    if is_discount(charge):
        return "DISCOUNT_ALONE", "is a discount, and there is no item that it reduces"
    is_one_time = squeeze(charge.type) == squeeze(ChargeType.ONE_TIME)
    pause = None if is_one_time else pause_of(subscription)  # no suspension splits a one-time charge
    if pause is not None and pause.start <= target < pause.end and (start == pause.end or end == pause.start):
        return "SUSPENDED", f"is {pause}"
    if start is not None and start > target:
        return "STARTS_LATER", f"starts on {start}, after the target date {target}"
    if charge.removed and end is not None and (through or start or end) >= end:
        return "REMOVED", f"was removed on {end}, {'to which it is billed' if through else 'before it was billed'}"
    if through is not None and is_one_time:
        return "FULLY_BILLED", "is a one-time charge that was billed already"
    if through is not None and end is not None and through > end and squeeze(charge.type) != squeeze(ChargeType.USAGE):
        return _billed_beyond(subscription, target, through, end)
    if through is not None and end is not None and through >= end:
        if end == subscription.term_end_date and not is_cancelled(subscription):
            return "TERM_ENDED", f"is billed to the end of the term, {end}; assume its renewal to see further"
        return "FULLY_BILLED", f"ended on {end} and is billed to its end"
    if through is not None and through > target:
        return "NOTHING_UNBILLED", f"is billed through {through}, beyond the target date {target}"
    return "NOTHING_DUE", f"has no period due on or before {target}"


def _billed_beyond(subscription: Subscription, target: date, through: date, end: date) -> tuple[str, str]:
    """Why time that was billed beyond a charge's end is not credited (yet)."""
    if end == subscription.term_end_date and not is_cancelled(subscription):
        why = "the time after it is credited on the next bill day, unless the term is renewed"
        return "TERM_ENDED", f"is billed to {through}, past the end of the term, {end}; {why}"
    if end > target:
        return "CREDIT_TO_COME", f"ends on {end} but is billed through {through}: the rest is credited then"
    return "FULLY_BILLED", f"ended on {end} and is billed to {through}; the billing rules credit nothing of it"
