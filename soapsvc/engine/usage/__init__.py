"""The cost of usage: records, meters, prepaid funds, smoothing.

The room rates the records of given periods to unrounded amounts. The room `charges` decides which periods are due.

Read `records` (which records belong to which charge), `readings`, `meters` (which meter a charge has) with
`quantity_meters` and `record_meters` (the cost of one period's records), `period_amounts` (the entry: period by
period), then `late`, `smoothing` and `prepaid` (which prepaid fund is used up first).
"""

from soapsvc.engine.usage.late import rate_late_usage
from soapsvc.engine.usage.meters import is_on_demand
from soapsvc.engine.usage.period_amounts import Period, UsageRow, UsageSetting, needs_factors, needs_history, rate_usage
from soapsvc.engine.usage.prepaid import (
    FUNDS_FIELD,
    Fund,
    FundPool,
    credit_for,
    drawdown_of,
    draws_on_funds,
    pays_money,
    read_funds,
    uncovered_units,
)
from soapsvc.engine.usage.records import UsageIndex, span_of
from soapsvc.engine.usage.smoothing import is_smoothed

__all__ = [
    "FUNDS_FIELD",
    "Fund",
    "FundPool",
    "Period",
    "UsageIndex",
    "UsageRow",
    "UsageSetting",
    "credit_for",
    "drawdown_of",
    "draws_on_funds",
    "is_on_demand",
    "is_smoothed",
    "needs_factors",
    "needs_history",
    "pays_money",
    "rate_late_usage",
    "rate_usage",
    "read_funds",
    "span_of",
    "uncovered_units",
]
