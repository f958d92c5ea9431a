"""The item of a one-time charge: due on its start, and credited where the charge has been removed.

A suspension that covers its start removes the charge earlier (`schedule.pauses`).

Source: "Billing timing"; the tenant's rule creditOneTime.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from soapsvc.engine.account import ZERO, Charge, ChargeType
from soapsvc.engine.charges.item_rows import SUFFIX_CREDIT, CreditBasis, RatedItems, Rows, facts_of, warnings_of
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.pricing import billed_quantity, list_fee
from soapsvc.engine.schedule import FIRST_DATE, FOREVER, Segment, out_of_calendar, start_of

_DAY = timedelta(1)


def one_time_rows(segments: Sequence[Segment], context: Context) -> RatedItems:
    """The item of an unbilled one-time charge, or the credit of a billed one that was removed (rule creditOneTime).

    Dates decide, as for other credits: a billed charge is credited where it ends on its day or before, until its
    charged-through date is that end again.
    """
    found = [item for segment in segments if (item := _segment_item(segment, context)) is not None]
    return RatedItems([rows for item in found for rows in item.parts], [note for item in found for note in item.notes])


def _segment_item(segment: Segment, context: Context) -> RatedItems | None:
    charge, start = segment.charge, start_of(segment.charge)
    due, gone = start <= context.shared.request.target_date, is_gone(segment)
    through = charge.charged_through_date
    if through is not None and through >= start:
        gives_back = gone and through > start and due and context.shared.account.rules.credit_one_time
        return one_time_item(charge, start, context, credit=True) if gives_back else None
    if gone or not due:
        return None
    if not FIRST_DATE <= start <= FOREVER:
        raise out_of_calendar(start, "effectiveStartDate")
    return one_time_item(charge, start, context, credit=False)


def is_gone(segment: Segment) -> bool:
    """Whether a one-time charge was removed: it ends before its day is over.

    No length alone does not prove it: some exports write every one-time charge so.
    """
    start, end = start_of(segment.charge), segment.end.end
    return end < start or (end == start and (segment.charge.removed or segment.charge.effective_end_date != start))


def one_time_item(charge: Charge, start: date, context: Context, *, credit: bool) -> RatedItems:
    """The item of a one-time charge on its day, or the credit of it."""
    rated = list_fee(charge, billed_quantity(charge), explain=context.shared.request.explain, formulas=context.formulas)
    value = -rated.value if credit else rated.value
    rows = Rows(
        charge,
        facts_of(charge, context.subscription, ChargeType.ONE_TIME, context.transient),
        (start,),
        (start + _DAY,),
        [context.shared.rounding(value)],
        [value],
        (billed_quantity(charge),),
    )
    if credit:
        rows.suffixes = [SUFFIX_CREDIT]
        rows.credits = [CreditBasis(start, -rows.amounts[0], ZERO, rated.value, Fraction(0), rated.value)]
    if context.shared.request.explain:
        rows.steps = [rated.steps]
    return RatedItems([rows], list(warnings_of(charge, rated.warnings, context)))
