"""The items of a usage charge: which of its periods are due, and what its usage records cost in them.

    S              charged through                       target        E
    |--- billed ---|--- ended, due ---|--- ended, due ---|-- open --)  |
Sources: "Rate usage charges", "Proration" (usage stubs), "Usage charge proration", "Rating by billing period",
"On-demand usage rating overview", "Late Usage", "Overage smoothing pricing".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from soapsvc.engine.billable import billings_of, cut_on_grids, segment_spans, warnings_of
from soapsvc.engine.context import Context
from soapsvc.engine.enums import ChargeType
from soapsvc.engine.exact import exact
from soapsvc.engine.late_usage import rate_late_usage
from soapsvc.engine.model import BillingRules, Charge, UnitOfMeasure
from soapsvc.engine.money import unit_rounding
from soapsvc.engine.periods import Billing, start_of
from soapsvc.engine.proration import factor, proration_rules
from soapsvc.engine.result import Note
from soapsvc.engine.rows import SUFFIX_CREDIT, Rows, facts_of
from soapsvc.engine.smoothing import is_smoothed
from soapsvc.engine.spans import Cut, Span, cut, without_first
from soapsvc.engine.terms import charge_end
from soapsvc.engine.trace import Step
from soapsvc.engine.usage import UsageRow, UsageSetting, needs_factors, needs_history, rate_usage
from soapsvc.engine.usage_meters import is_on_demand


def usage_rows(charge: Charge, context: Context, begins: bool, ends: bool, notes: list[Note]) -> list[Rows]:
    """The items of a usage segment's ended periods, and of the open one where usage is rated on demand.

    One `Rows` per price that the segment has. What rating approximated is added to `notes`.
    """
    end = charge_end(charge, context.terms, context.account.rules)
    billings = billings_of(charge, context)
    since = _counted_from(charge, billings[0][1])
    late = _late_rows(charge, billings[0][1], context)
    notes += warnings_of(charge, (warning for row in late for warning in row.warnings), context)
    found = [_as_rows(late, charge, context)] if late else []
    for priced, span, _ in segment_spans(charge, since, end, context, begins, ends):
        for billing, pieces in cut_on_grids(billings, span, context.request.target_date, in_arrears=True):
            due = _billable_stubs(pieces, span, billing, context.account.rules)
            due, is_open = _with_open_period(priced, span, due, context.request.target_date)
            if not due.starts:
                continue
            setting = _setting(charge, span, billing, due, is_open, context)
            rows = _rated(priced, due, setting, context)
            notes += warnings_of(charge, (warning for row in rows for warning in row.warnings), context)
            found += [_as_rows(rows, priced, context)] if rows else []
    return found


def _late_rows(charge: Charge, billing: Billing, context: Context) -> list[UsageRow]:
    """What records that came late add to periods billed already, where the tenant takes late usage.

    Smoothing and rating on demand look back by themselves.
    """
    rules, through = context.account.rules, charge.charged_through_date
    if not rules.late_usage or through is None or is_smoothed(charge) or is_on_demand(charge):
        return []
    closed = cut(Span(start_of(charge), through), billing, through, in_arrears=True)
    records = context.usage.of_charge(charge, context.subscription)
    periods = list(zip(closed.starts, closed.ends, strict=True))
    setting = UsageSetting(
        processed=context.usage.of_charge(charge, context.subscription, processed=True),
        context=context.formulas(),
    )
    return rate_late_usage(charge, periods, records, rules, explain=context.request.explain, setting=setting)


def _counted_from(charge: Charge, billing: Billing) -> date | None:
    """Where the periods to be rated start: the charged-through date, but for charges whose rating looks back.

    A smoothing window counts what was billed before, so its periods start with the charge; on demand, the whole
    period is rated again and what was billed in it is deducted.
    """
    through, start = charge.charged_through_date, charge.effective_start_date
    if through is None or start is None:
        return None
    if is_smoothed(charge):
        return None
    return max(start, billing.grid.holding(through)[0]) if is_on_demand(charge) else through


def _billable_stubs(ended: Cut, span: Span, billing: Billing, rules: BillingRules) -> Cut:
    """The ended periods, less a leading stub where the tenant does not bill usage in partial months or weeks."""
    first = ended.partial.get(0)
    bills = rules.bill_usage_partial_month if billing.months else rules.bill_usage_partial_week
    if bills or first is None or not span.begins or first.start == first.period_start:
        return ended
    return without_first(ended)


def _with_open_period(charge: Charge, span: Span, ended: Cut, target: date) -> tuple[Cut, bool]:
    """The ended periods and, for usage rated on demand, the open one up to the target date (exclusive)."""
    start = ended.ends[-1] if len(ended) else span.start
    stop = min(target, span.end)
    if not is_on_demand(charge) or start >= stop:
        return ended, False
    return Cut([*ended.starts, start], [*ended.ends, stop], ended.partial), True


def _setting(charge: Charge, span: Span, billing: Billing, due: Cut, is_open: bool, context: Context) -> UsageSetting:
    rules = context.account.rules
    history = needs_history(charge, rules)
    return UsageSetting(
        factors=_factors(charge, billing, due, rules) if needs_factors(charge) else (),
        processed=context.usage.of_charge(charge, context.subscription, processed=True) if history else (),
        billed_through=charge.charged_through_date,
        charge_ends=span.ends and due.ends[-1] == span.end,
        open_end=is_open,
        funds=context.funds,
        context=context.formulas(),
    )


def _factors(charge: Charge, billing: Billing, due: Cut, rules: BillingRules) -> list[Fraction]:
    """Each period's share of a full one; empty when all are full."""
    if not due.partial:
        return []
    proration = proration_rules(charge, rules)
    shares = [Fraction(1)] * len(due)
    for position, piece in due.partial.items():
        shares[position] = factor(piece, billing, proration)
    return shares


def _rated(charge: Charge, due: Cut, setting: UsageSetting, context: Context) -> list[UsageRow]:
    records = context.usage.of_charge(charge, context.subscription)
    periods = list(zip(due.starts, due.ends, strict=True))
    return rate_usage(charge, periods, records, context.account.rules, explain=context.request.explain, setting=setting)


def _as_rows(rated: Sequence[UsageRow], charge: Charge, context: Context) -> Rows:
    exact_amounts = [row.amount for row in rated]
    rows = Rows(
        charge,
        facts_of(charge, context.subscription, ChargeType.USAGE, context.transient),
        [row.start for row in rated],
        [row.end for row in rated],
        context.rounding.all(exact_amounts),
        exact_amounts,
        [row.quantity for row in rated],
    )
    if any(row.credit for row in rated):
        rows.suffixes = [SUFFIX_CREDIT if row.credit else "" for row in rated]
    if context.request.explain:
        unit = context.usage.unit_of(charge)
        rows.steps = [row.steps if unit is None else (_unit_step(unit, row), *row.steps) for row in rated]
    return rows


def _unit_step(unit: UnitOfMeasure, row: UsageRow) -> Step:
    formula = f"the records' quantities, each rounded {unit_rounding(unit)}"
    inputs = (("unitOfMeasure", unit.name),)
    return Step(
        "usage.unit_of_measure", "Customization of units of measure", formula, exact(row.quantity, "quantity"), inputs
    )
