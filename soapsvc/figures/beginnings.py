"""A sentence on why the first line of a charge starts where it does, and through which day the charge is billed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from soapsvc.engine.account import Account, Charge
from soapsvc.figures.lines import Line

_DAY = timedelta(days=1)


def beginnings(account: Account, lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """For each charge's segment the number of its first line, and a sentence about that line's start.

    A charge without chargedThroughDate was never billed; with one it is billed through the day before it ("Date
    attributes for rate plan charges").
    """
    charges = {charge.id: charge for each in account.subscriptions for charge in each.charges}
    told: set[str] = set()
    for line in lines:
        charge = charges.get(line.segment_id)
        if charge is None or line.is_draft or line.applied_to is not None or line.segment_id in told:
            continue
        told.add(line.segment_id)
        yield line.number, _sentence(line, charge)


def _sentence(line: Line, charge: Charge) -> str:
    through, start = charge.charged_through_date, charge.effective_start_date
    if through is None:
        if line.start == start:
            event = f" ({charge.trigger_event})" if charge.trigger_event else ""
            return f"first period: nothing is billed yet, so it starts with the charge{event}, on {line.start}"
        began = f"; the charge starts on {start}" if start else ""
        return f"first period: nothing is billed yet, and the first period that is due starts on {line.start}{began}"
    billed = f"billed through {through - _DAY} (chargedThroughDate {through})"
    if line.start == through:
        return f"first period: {billed}, so it starts on the next day, {line.start}"
    if line.start < through:
        return f"first period: {billed}; this item covers a time before that, from {line.start} on"
    return f"first period: {billed}; the next period that is due starts on {line.start}"
