"""Scheduled cancellations: the subscription is still active, ends on the cancellation date, and is not renewed then.

Sources: "Subscription statuses" (a cancelled subscription is billed to its cancellation date), "Retrieve a
subscription" (scheduledCancelDate).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soapsvc.engine.account import Subscription
from soapsvc.engine.schedule.pauses import Pause
from soapsvc.engine.schedule.statuses import is_running
from soapsvc.engine.schedule.terms import NEVER


def with_cancellation(subscription: Subscription) -> Subscription:
    """The subscription after a cancellation within its current term has taken effect."""
    day = _scheduled(subscription)
    if day == NEVER or day > (subscription.term_end_date or NEVER):
        return subscription
    return replace(subscription, status="Cancelled", subscription_end_date=day)


def stop_of(subscription: Subscription, pause: Pause | None) -> date:
    """The day from which a subscription is cancelled, or suspended for good; NEVER where none is scheduled.

    The day may lie in an assumed term.
    """
    return min(_scheduled(subscription), pause.start if pause is not None and pause.is_open else NEVER)


def _scheduled(subscription: Subscription) -> date:
    if subscription.scheduled_cancel_date is None or not is_running(subscription):
        return NEVER
    return subscription.scheduled_cancel_date
