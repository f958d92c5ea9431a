"""Suspended subscriptions: no service from the suspension to the resumption, which may be open.

    S           suspension          resumption        E
    |-- billed ----|    (paused)        |-- billed ----|

A suspension ends every charge that it interrupts, and the resumption starts the charge anew, as the vendor does when
they take effect. Scheduled suspensions, and exports without the split, get the same treatment. Source:
"Considerations of suspend a subscription".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from soapsvc.engine.account import Charge, ChargeType, Subscription, squeeze
from soapsvc.engine.result import AssumeRenewal, Note
from soapsvc.engine.schedule.calendar import FOREVER
from soapsvc.engine.schedule.segments import first_starts, last_segments
from soapsvc.engine.schedule.terms import is_evergreen, is_renewed

PRICED_FROM = "pricedFrom"
"""Our own attribute: the day from which a resumed segment has its price. Renewals after that day change the price."""

_ONE_TIME, _USAGE = squeeze(ChargeType.ONE_TIME), squeeze(ChargeType.USAGE)


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension: no service in `[start, end)`; `end` is FOREVER while no resumption is known."""

    start: date
    end: date

    @property
    def is_open(self) -> bool:
        """True when no resumption is known: such a subscription is not renewed."""
        return self.end == FOREVER

    def __str__(self) -> str:
        return f"suspended from {self.start}" if self.is_open else f"suspended from {self.start} to {self.end}"


def pause_of(subscription: Subscription) -> Pause | None:
    """The suspension in force or scheduled; None without one, or where its date is unknown."""
    start = subscription.scheduled_suspend_date
    if squeeze(subscription.status) == "suspended":
        spans = [span.start_date for span in subscription.status_history if squeeze(span.status) == "suspended"]
        start = max(spans, default=start)
    if start is None:
        return None
    resumption = subscription.scheduled_resume_date
    return Pause(start, resumption if resumption is not None and resumption > start else FOREVER)


def pause_under(subscription: Subscription, assume: AssumeRenewal) -> Pause | None:
    """The suspension, if it lies in a term, or can lie in a renewed term.

    After the end of a term that is not renewed there is no service to suspend. Time that was billed past that end is
    credited by its own rule ("Billing Rules - Billing Document"), whether the suspension is scheduled, in force or
    over.
    """
    pause, end = pause_of(subscription), subscription.term_end_date
    if pause is None or end is None or pause.start < end or is_evergreen(subscription):
        return pause
    renewed = assume if assume is AssumeRenewal.ALL else AssumeRenewal.AUTORENEW
    return pause if is_renewed(subscription, renewed) else None


def with_pause(subscription: Subscription, pause: Pause) -> Subscription:
    """The subscription with its charges split by the pause, including charges that reach it only through a renewal."""
    lasts = {id(charge) for charge in last_segments(subscription.charges).values()}
    term_end = subscription.term_end_date or FOREVER
    starts = first_starts(subscription.charges)
    parts: list[Charge] = []
    for charge in subscription.charges:
        end = charge.effective_end_date or FOREVER
        moves = id(charge) in lasts and not charge.removed and not _is_one_time(charge)
        for half in _split(charge, pause, FOREVER if moves and end >= term_end else end):
            first = half.original_effective_start_date or starts.get(half.number)
            part = half if half is charge else replace(half, original_effective_start_date=first)
            parts.append(_without_credited(part, subscription, pause) if part.taken_off else part)
    return replace(subscription, charges=tuple(parts))


def pause_reasons(subscription: Subscription, pause: Pause, target: date) -> Iterator[Note]:
    """A reason for every charge whose first day is due by `target`, but lies in the pause."""
    for charge in subscription.charges:
        start = charge.effective_start_date
        if start is None or charge.charged_through_date is not None or "discount" in squeeze(charge.model):
            continue
        if pause.start <= start <= target and start < pause.end and (_is_one_time(charge) or pause.end > target):
            message = f"Charge {charge.number} starts on {start}, but is {pause}."
            yield Note("reason", "SUSPENDED", message, subscription.subscription_number, charge.number)


def pause_warnings(subscription: Subscription, pause: Pause, target: date) -> Iterator[Note]:
    """A warning for every recurring charge whose dates leave open whether the pause was invoiced already.

    One segment has one charged-through date. A date after the resumption may have been set before the suspension or
    after it.
    """
    if target < pause.start:
        return
    term_end = subscription.term_end_date or FOREVER
    for charge in subscription.charges:
        start, end = charge.effective_start_date or FOREVER, charge.effective_end_date or FOREVER
        goes_on = start < pause.start and (end > pause.end or end >= term_end)
        other = "discount" in squeeze(charge.model) or squeeze(charge.type) in (_ONE_TIME, _USAGE)
        if goes_on and (charge.charged_through_date or start) > pause.end and not other:
            text = (
                f"Charge {charge.number} is {pause}, but it is one segment, billed to {charge.charged_through_date}."
                " The credit from the suspension on, and the items from the resumption on, may be invoiced already."
                " Import all of its segments (charge-detail=all-segments)."
            )
            yield Note("warning", "PAUSE_NOT_SPLIT", text, subscription.subscription_number, charge.number)


def _is_one_time(charge: Charge) -> bool:
    return squeeze(charge.type) == _ONE_TIME


def _split(charge: Charge, pause: Pause, end: date) -> Iterator[Charge]:
    """The charge, which may last to `end`, before and after the pause.

    Time billed beyond the suspension belongs to the part before it, which credits it; usage has no credits. A one-time
    charge within the pause is never billed.
    """
    start, through = charge.effective_start_date, charge.charged_through_date
    if start is None or start >= pause.end:
        yield charge
        return
    if _is_one_time(charge):
        yield charge if start < pause.start else replace(charge, effective_end_date=start, removed=True)
        return
    if end <= pause.start:
        yield charge
        return
    ended = max(start, pause.start)
    before, after = through, None  # the next segment of a usage charge continues after it
    if squeeze(charge.type) == _USAGE and through is not None and end > pause.end:
        before, after = min(through, ended), through if through > pause.end else None
    yield replace(charge, effective_end_date=ended, charged_through_date=before)
    if end > pause.end:
        if after is None:
            # What was billed on demand is deducted from the part before the pause: once.
            charge = replace(charge, billed_amount_in_period=None, billed_quantity_in_period=None)
        yield replace(_as_priced_from(start, charge), effective_start_date=pause.end, charged_through_date=after)


def _without_credited(discount: Charge, subscription: Subscription, pause: Pause) -> Charge:
    """A fixed amount that resumes, without the records of items that the suspension credits: it reduces them anew.

    The part before the suspension credits its share of them. Items of other subscriptions, and of usage, stay billed.
    """
    if discount.effective_start_date != pause.end:
        return discount
    credited = {
        charge.id
        for charge in subscription.charges
        if (charge.effective_start_date or FOREVER) < pause.end and squeeze(charge.type) != _USAGE
    }
    return replace(
        discount, taken_off=tuple(each for each in discount.taken_off or () if each.charge_id not in credited)
    )


def _as_priced_from(day: date, charge: Charge) -> Charge:
    """The charge with the day as an attribute, if renewals may change its price: one may fall within the pause."""
    if not charge.price_change_option or PRICED_FROM in charge.attributes:
        return charge
    return replace(charge, attributes={**charge.attributes, PRICED_FROM: day})
