"""Suspensions that have happened: split each charge into two segments, and set the status on a day.

    S           suspension          resumption        E
    |-- segment 1 --|    (paused)        |-- segment 2 --|

Source: "Considerations of suspend a subscription".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soapsvc.engine.account import Charge, StatusSpan, Subscription
from soapsvc.engine.lifecycle.segment_ids import segment_id
from soapsvc.engine.schedule import FOREVER, is_evergreen, pause_of, start_of, with_pause


def split_by_pause(subscription: Subscription) -> Subscription:
    """The subscription with the charges that a suspension within its current term meets as two segments each.

    So each segment has a charged-through date of its own. A suspension in a future term is handled when that term
    begins.
    """
    pause = pause_of(subscription)
    last = FOREVER if is_evergreen(subscription) else subscription.term_end_date or FOREVER
    if pause is None or pause.start >= last:
        return subscription
    split = with_pause(subscription, pause)
    seen: set[str] = set()
    charges = []
    for charge in split.charges:
        charges.append(_resumed(charge) if charge.id in seen else charge)
        seen.add(charge.id)
    return replace(split, charges=tuple(charges))


def _resumed(charge: Charge) -> Charge:
    """The part of a segment after the suspension, as a segment of its own."""
    return replace(
        charge,
        id=segment_id(charge, start_of(charge)),
        original_charge_id=charge.original_charge_id or charge.id,
        segment=(charge.segment or 1) + 1,
    )


def with_status_on(day: date, subscription: Subscription) -> Subscription:
    """The subscription with status Suspended while a suspension holds on the day, Active once it has ended."""
    pause = pause_of(subscription)
    if pause is None or day < pause.start:
        return subscription
    former = tuple(span for span in subscription.status_history if span.start_date < pause.start)
    suspended = StatusSpan("Suspended", pause.start, None if pause.is_open else pause.end)
    if day < pause.end:
        return replace(subscription, status="Suspended", status_history=(*former, suspended))
    return replace(
        subscription,
        status="Active",
        status_history=(*former, suspended, StatusSpan("Active", pause.end)),
        scheduled_suspend_date=None,
        scheduled_resume_date=None,
    )
