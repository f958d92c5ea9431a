"""Checks that stay on in production: what must hold for the items of a charge, whatever the data.

A violation is a defect of the engine or of the data, never something to bill: it makes the account fail loudly.
"""

from __future__ import annotations

from soapsvc.engine.enums import ChargeType
from soapsvc.engine.errors import RatingError
from soapsvc.engine.rows import ChargeRows, Rows


def check(charge: ChargeRows) -> None:
    """Raises RatingError unless the periods of a charge are sound.

    PERIODS_OVERLAP, PERIODS_NOT_CONTIGUOUS or BILLED_TWICE says what is wrong.

    Within a part periods follow one another without gap or overlap; no period starts before the charged-through date;
    parts (segments) do not overlap.
    """
    billed_to = None
    for part in charge.parts:
        if part.credits is not None or charge.type is ChargeType.ONE_TIME:
            continue
        _check_part(part, charge.type)
        if billed_to is not None and part.starts[0] < billed_to:
            raise RatingError(
                "PERIODS_OVERLAP",
                f"Two segments would both bill {part.starts[0]}; check their effective dates.",
                "effectiveStartDate",
            )
        billed_to = part.ends[-1]


def _check_part(part: Rows, charge_type: ChargeType) -> None:
    if charge_type is ChargeType.RECURRING:
        if list(part.ends[:-1]) != list(part.starts[1:]):
            raise RatingError(
                "PERIODS_NOT_CONTIGUOUS", "The service periods of a charge have a gap or overlap.", "billingPeriod"
            )
        through = part.charge.charged_through_date
        if through is not None and part.starts[0] < through:
            raise RatingError(
                "BILLED_TWICE", f"A period from {part.starts[0]} was billed through {through}.", "chargedThroughDate"
            )
