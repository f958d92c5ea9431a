"""Checks that run on every preview, in production too: what must hold for the items of every charge.

A violation is a defect of the engine or of the data: the account gets an error and no items.
"""

from __future__ import annotations

from datetime import date

from soapsvc.engine.account import ChargeType
from soapsvc.engine.charges.item_rows import ChargeRows, Rows
from soapsvc.engine.errors import RatingError


def check(charge: ChargeRows) -> None:
    """Raises RatingError unless the periods of a charge are sound.

    PERIODS_OVERLAP, PERIODS_NOT_CONTIGUOUS or BILLED_TWICE says what is wrong.

    Over all parts (segments, prices, terms) periods follow one another without gap or overlap; no period starts before
    the charged-through date. A gap between the segments themselves is allowed, and so is time that was billed before.
    """
    former, through = None, date.min
    for part in charge.parts:
        through = max(through, part.charge.charged_through_date or through)
        if part.credits is not None or charge.type is ChargeType.ONE_TIME:
            continue
        if charge.type is ChargeType.RECURRING:
            _check_part(part)
        if former is not None:
            if part.starts[0] < former.ends[-1]:
                raise overlap(part.starts[0])
            if charge.type is ChargeType.RECURRING and _leaves_out(former, part, through):
                raise _gap()
        former = part


def overlap(day: date) -> RatingError:
    """The error for two segments of a charge that would bill the same day."""
    return RatingError(
        "PERIODS_OVERLAP", f"Two segments would both bill {day}; check their effective dates.", "effectiveStartDate"
    )


def _gap() -> RatingError:
    return RatingError(
        "PERIODS_NOT_CONTIGUOUS",
        "The service periods of the charge have a gap; check its effective dates.",
        "billingPeriod",
    )


def _check_part(part: Rows) -> None:
    if list(part.ends[:-1]) != list(part.starts[1:]):
        raise _gap()
    through = part.charge.charged_through_date
    if through is not None and part.starts[0] < through:
        raise RatingError(
            "BILLED_TWICE",
            f"The period from {part.starts[0]} is due, but was billed through {through}; check chargedThroughDate.",
            "chargedThroughDate",
        )


def _leaves_out(former: Rows, part: Rows, through: date) -> bool:
    """True when neither part bills the days between them, although their segments leave no gap."""
    if former.ends[-1] == part.starts[0] or part.starts[0] <= through:
        return False
    ended, begins = former.charge.effective_end_date, part.charge.effective_start_date
    return ended is None or begins is None or ended >= begins
