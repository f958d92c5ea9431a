"""The time of billing: calendar, terms, billing periods, and partial periods.

The room turns a subscription and a charge into spans of days: its terms with assumed renewals, its pauses and
cancellation, its segments, the grid of billing periods, the service periods that are due, and each one's share of a
full period. All spans are half-open, `[start, end)`. The room has no prices.

Read `calendar` and `billing_periods` (the grid); `statuses`, `terms` (each renewed end is counted from the first one,
so month ends do not drift), `cancellations`, `pauses` and `segments` (start and end of a charge); `service_periods`
(its due periods; which stubs at its start and end are billed) and `proration` (the price share of a part);
`delivery_counts`.
"""

from soapsvc.engine.schedule.billing_periods import (
    BillingGrid,
    billing_grid_of,
    first_bill_day_of,
    is_billed_by_terms,
    is_in_arrears,
    period_months,
    start_of,
    trigger_date,
)
from soapsvc.engine.schedule.calendar import (
    FIRST_DATE,
    FOREVER,
    DayGrid,
    Grid,
    ListGrid,
    MonthGrid,
    add_months,
    month_index,
    out_of_calendar,
)
from soapsvc.engine.schedule.cancellations import stop_of, with_cancellation
from soapsvc.engine.schedule.delivery_counts import deliveries
from soapsvc.engine.schedule.pauses import (
    PRICED_FROM,
    Pause,
    pause_of,
    pause_reasons,
    pause_under,
    pause_warnings,
    with_pause,
)
from soapsvc.engine.schedule.proration import (
    DaysInMonth,
    PartialMonthDenominator,
    Piece,
    ProrationRules,
    ProrationUnit,
    bills_full_periods,
    factor,
    factor_step,
    month_fraction,
    proration_option,
    proration_rules,
)
from soapsvc.engine.schedule.segments import (
    Segment,
    by_number,
    first_starts,
    followers,
    last_segments,
    placed,
    segment_order,
)
from soapsvc.engine.schedule.service_periods import (
    ServicePeriods,
    Span,
    billed_periods,
    closing,
    due_periods,
    first_period,
    opening,
)
from soapsvc.engine.schedule.statuses import is_billed, undated
from soapsvc.engine.schedule.terms import (
    FIRST_TERM_FROM,
    RENEWED_FROM,
    Terms,
    awaits_term,
    charge_end,
    is_cancelled,
    is_evergreen,
    own_end,
    terms_of,
)

__all__ = [
    "FIRST_DATE",
    "FIRST_TERM_FROM",
    "FOREVER",
    "PRICED_FROM",
    "RENEWED_FROM",
    "BillingGrid",
    "DayGrid",
    "DaysInMonth",
    "Grid",
    "ListGrid",
    "MonthGrid",
    "PartialMonthDenominator",
    "Pause",
    "Piece",
    "ProrationRules",
    "ProrationUnit",
    "Segment",
    "ServicePeriods",
    "Span",
    "Terms",
    "add_months",
    "awaits_term",
    "billed_periods",
    "billing_grid_of",
    "bills_full_periods",
    "by_number",
    "charge_end",
    "closing",
    "deliveries",
    "due_periods",
    "factor",
    "factor_step",
    "first_bill_day_of",
    "first_period",
    "first_starts",
    "followers",
    "is_billed",
    "is_billed_by_terms",
    "is_cancelled",
    "is_evergreen",
    "is_in_arrears",
    "last_segments",
    "month_fraction",
    "month_index",
    "opening",
    "out_of_calendar",
    "own_end",
    "pause_of",
    "pause_reasons",
    "pause_under",
    "pause_warnings",
    "period_months",
    "placed",
    "proration_option",
    "proration_rules",
    "segment_order",
    "start_of",
    "stop_of",
    "terms_of",
    "trigger_date",
    "undated",
    "with_cancellation",
    "with_pause",
]
