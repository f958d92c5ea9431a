"""Suspended subscriptions: no service from the suspension to the resumption, which may be open.

    S           suspension          resumption        E
    |-- billed ----|    (paused)        |-- billed ----|

A suspension splits every charge that it meets, as the vendor does when it takes effect; one that is only scheduled, or
an export that does not show the split, is treated alike. Source: "Considerations of suspend a subscription".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from soapsvc.engine.calendar import FOREVER
from soapsvc.engine.enums import squeeze
from soapsvc.engine.model import Charge, Subscription
from soapsvc.engine.periods import trigger_date


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension: no service in `[start, end)`; `end` is FOREVER while no resumption is known."""

    start: date
    end: date

    @property
    def is_open(self) -> bool:
        """True when no resumption is known: such a subscription is not renewed."""
        return self.end == FOREVER


def pause_of(subscription: Subscription) -> Pause | None:
    """The suspension that holds or is scheduled; None without one, or where its date is unknown."""
    start = subscription.scheduled_suspend_date
    if squeeze(subscription.status) == "suspended":
        spans = [span.start_date for span in subscription.status_history if squeeze(span.status) == "suspended"]
        start = max(spans, default=start)
    if start is None:
        return None
    resumption = subscription.scheduled_resume_date
    return Pause(start, resumption if resumption is not None and resumption > start else FOREVER)


def with_pause(subscription: Subscription, pause: Pause | None) -> Subscription:
    """The subscription with its charges split by the pause."""
    if pause is None:
        return subscription
    term_end = subscription.term_end_date
    parts = (part for charge in subscription.charges for part in _split(charge, pause, term_end))
    return replace(subscription, charges=tuple(parts))


def _split(charge: Charge, pause: Pause, term_end: date | None) -> Iterator[Charge]:
    start, end, through = charge.effective_start_date, charge.effective_end_date, charge.charged_through_date
    if start is None or start >= pause.end or (end is not None and end <= pause.start):
        yield charge
        return
    charge = replace(charge, original_effective_start_date=trigger_date(charge))
    billed = through if through is None else min(through, pause.end)
    yield replace(charge, effective_end_date=max(start, pause.start), charged_through_date=billed)
    goes_on = end is None or end > pause.end or end == term_end  # the term's end moves when the term is renewed
    if goes_on and not pause.is_open:
        yield replace(charge, effective_start_date=pause.end)
