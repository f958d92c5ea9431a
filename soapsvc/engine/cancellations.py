"""Cancellations that are scheduled: the subscription is still active, but it ends on that day and is not renewed.

Sources: "Subscription statuses" (a cancelled subscription is billed to its cancellation date), "Retrieve a
subscription" (scheduledCancelDate).
"""

from __future__ import annotations

from dataclasses import replace

from soapsvc.engine.calendar import FOREVER
from soapsvc.engine.model import Subscription
from soapsvc.engine.statuses import is_running


def with_cancellation(subscription: Subscription) -> Subscription:
    """The subscription as it is once a cancellation within its current term has taken effect.

    One that is scheduled for after the term changes nothing: the term must be renewed first.
    """
    day = subscription.scheduled_cancel_date
    if day is None or not is_running(subscription) or day > (subscription.term_end_date or FOREVER):
        return subscription
    return replace(subscription, status="Cancelled", subscription_end_date=day)
