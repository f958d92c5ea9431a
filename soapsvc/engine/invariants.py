"""Checks that stay on in production: what must hold for the items of a charge, whatever the data.

A violation is a defect of the engine or of the data, never something to bill: it makes the account fail loudly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from soapsvc.engine.discount_scope import Discount
from soapsvc.engine.enums import ChargeType
from soapsvc.engine.errors import RatingError
from soapsvc.engine.rows import ChargeRows, Rows


def check(charge: ChargeRows) -> None:
    """Raises RatingError unless the periods of a charge are sound.

    PERIODS_OVERLAP, PERIODS_NOT_CONTIGUOUS or BILLED_TWICE says what is wrong.

    Over all parts (segments, prices, terms) periods follow one another without gap or overlap; no period starts before
    the charged-through date. A gap is none where the segments themselves leave one, or where the time was billed.
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
                raise _overlap(part.starts[0])
            if charge.type is ChargeType.RECURRING and _leaves_out(former, part, through):
                raise _gap()
        former = part


def check_windows(discounts: Sequence[Discount]) -> None:
    """Raises RatingError PERIODS_OVERLAP unless the segments of one discount hold one after the other."""
    for former, latter in pairwise(each for each in discounts if each.start < each.end):
        if latter.start < former.end:
            raise _overlap(latter.start)


def _overlap(day: date) -> RatingError:
    return RatingError(
        "PERIODS_OVERLAP", f"Two segments would both bill {day}; check their effective dates.", "effectiveStartDate"
    )


def _gap() -> RatingError:
    return RatingError(
        "PERIODS_NOT_CONTIGUOUS", "The service periods of a charge have a gap or overlap.", "billingPeriod"
    )


def _check_part(part: Rows) -> None:
    if list(part.ends[:-1]) != list(part.starts[1:]):
        raise _gap()
    through = part.charge.charged_through_date
    if through is not None and part.starts[0] < through:
        raise RatingError(
            "BILLED_TWICE", f"A period from {part.starts[0]} was billed through {through}.", "chargedThroughDate"
        )


def _leaves_out(former: Rows, part: Rows, through: date) -> bool:
    """True when days between two parts are billed by neither, though one segment follows the other at once."""
    if former.ends[-1] == part.starts[0] or part.starts[0] <= through:
        return False
    ended, begins = former.charge.effective_end_date, part.charge.effective_start_date
    return ended is None or begins is None or ended >= begins
