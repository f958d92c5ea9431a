"""Which statuses of a subscription are billed.

Sources: "Subscription statuses"; "Catch-up bill run" and the vendor's support: each charge of a pending subscription is
billed as soon as its trigger date is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.engine.account import Subscription, squeeze
from soapsvc.engine.result import Note
from soapsvc.engine.schedule.calendar import FOREVER

_PENDING = frozenset({"pendingactivation", "pendingacceptance"})
_RUNNING = _PENDING | {"active", "suspended"}
_STOPPED = frozenset({"suspended", "cancelled", "canceled"})
_BILLED = _RUNNING | {"outofterm", "cancelled", "canceled"}


def is_billed(subscription: Subscription) -> bool:
    """False for a draft, and for a version that has expired."""
    return squeeze(subscription.status) in _BILLED


def is_running(subscription: Subscription) -> bool:
    """True for a status in which a cancellation can still end the subscription."""
    return squeeze(subscription.status) in _RUNNING


def is_pending(subscription: Subscription) -> bool:
    """True before service activation or customer acceptance: its term may not have begun."""
    return squeeze(subscription.status) in _PENDING


def undated(subscription: Subscription) -> Iterator[Note]:
    """A warning where a subscription is suspended or cancelled without a date, and a charge lasts to the term's end.

    There is none where the suspension or the cancellation has ended the charges.
    """
    status, end = squeeze(subscription.status), subscription.term_end_date or FOREVER
    if status not in _STOPPED or not any(
        (charge.effective_end_date or FOREVER) >= end for charge in subscription.charges
    ):
        return
    number = subscription.subscription_number
    told = subscription.scheduled_suspend_date or [
        span for span in subscription.status_history if squeeze(span.status) == "suspended"
    ]
    if status == "suspended" and not told:
        fields = "neither statusHistory nor scheduledSuspendDate"
        message = f"Subscription {number} is suspended, but {fields} says since when, so it is billed on."
        yield Note("warning", "SUSPENSION_UNDATED", message, number)
    if status in ("cancelled", "canceled") and subscription.subscription_end_date is None:
        message = (
            f"Subscription {number} is cancelled, but has no subscriptionEndDate, so it is billed to the "
            "end of its term."
        )
        yield Note("warning", "CANCELLATION_UNDATED", message, number)
