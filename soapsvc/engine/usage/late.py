"""Late usage: records that arrive for a billed period, where the tenant's rule accepts them.

    closed period   90 units at 10 = 900, billed; 20 late: 110 at 9 = 990; the item: 20 units, 990 - 900 = 90
    17 of 31 days   31 units at 1 = 31 x 17/31 = 17, billed; 31 late: 62 x 17/31 = 34; the item: 31 units, 34 - 17 = 17

Sources: "Late Usage", "Usage charge proration".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat

from soapsvc.engine.account import BillingRules, Charge, UsageRecord
from soapsvc.engine.money import refusing_loss
from soapsvc.engine.trace import Step, decimal_text
from soapsvc.engine.usage.meters import meter_of
from soapsvc.engine.usage.period_amounts import Period, UsageRow, UsageSetting, prorated, with_overage_apart
from soapsvc.engine.usage.readings import Reading
from soapsvc.engine.usage.records import joined, span_of, used_in


def rate_late_usage(
    charge: Charge,
    closed: Sequence[Period],
    late: Sequence[UsageRecord],
    rules: BillingRules,
    *,
    explain: bool = False,
    setting: UsageSetting,
) -> list[UsageRow]:
    """The item of each billed period that has late records: the amount after re-rating less the billed amount.

    `late` are the charge's unbilled records and `setting.processed` its billed ones, both by start date;
    `setting.factors` are the shares of the closed periods. The quantity is that of the late records. Raises RatingError
    as `rate_usage` does.
    """
    rows: list[UsageRow] = []
    with refusing_loss("quantity"):
        meter = meter_of(charge, rules, setting.context, explain=explain)
        shares = setting.factors or repeat(Fraction(1), len(closed))
        for period, share in zip(closed, shares, strict=True):
            span = span_of(late, *period)
            if not span:
                continue
            billed = [setting.processed[position] for position in span_of(setting.processed, *period)]
            everything = joined(billed, late[span.start : span.stop])
            before = prorated(meter(Reading(billed, range(len(billed)))), share, explain=explain)
            after = prorated(meter(Reading(everything, range(len(everything)))), share, explain=explain)
            rest = after.amount - before.amount
            steps = after.steps
            if explain:
                formula = f"{decimal_text(after.amount)} - {decimal_text(before.amount)} billed for the period"
                steps = (*steps, Step("usage.late", "Late Usage", formula, rest))
            row = UsageRow(*period, rest, used_in(late, *period), steps, after.warnings)
            rows += with_overage_apart(charge, row, before.quantity, explain=explain)
    return rows
