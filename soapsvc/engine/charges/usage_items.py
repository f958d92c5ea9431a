"""The items of a usage charge: what its usage records cost in the periods that are due.

Sources: "Rate usage charges", "Usage charge proration", "Rating by billing period", "On-demand usage rating overview",
"Late Usage", "Overage smoothing pricing".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from soapsvc.engine.account import Charge, ChargeType, UnitOfMeasure
from soapsvc.engine.charges.bill_day_change import with_open_period
from soapsvc.engine.charges.item_rows import (
    SUFFIX_CREDIT,
    SUFFIX_OVERAGE,
    RatedItems,
    Rows,
    UsageRead,
    facts_of,
    warnings_of,
)
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring import grids_of, segment_spans
from soapsvc.engine.charges.usage_periods import (
    Billings,
    DuePeriods,
    closed_periods,
    counted_from,
    due_periods,
    usage_opening,
)
from soapsvc.engine.money import exact, unit_rounding
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import Segment, Span, start_of, trigger_date
from soapsvc.engine.trace import Step
from soapsvc.engine.usage import (
    Period,
    UsageRow,
    UsageSetting,
    is_on_demand,
    is_smoothed,
    needs_factors,
    needs_history,
    rate_late_usage,
    rate_usage,
    span_of,
)


def usage_rows(segments: Sequence[Segment], context: Context) -> RatedItems:
    """The items of a usage charge's ended periods, and of the open one where usage is rated on demand.

    One `Rows` per price that a segment has. Usage is never credited: a segment keeps all that it was billed beyond its
    end, and the next segment continues after it.
    """
    reads: list[UsageRead] = []
    found = RatedItems([], [], reads)
    kept = date.min
    for segment in segments:
        items = _segment_items(segment, kept, context)
        found.parts.extend(items.parts)
        found.notes.extend(items.notes)
        reads.extend(items.usage)
        kept = max(kept, _kept_to(segment.charge))
    return found


def _kept_to(charge: Charge) -> date:
    """The day up to which usage was billed, none for rating that looks back: the records show what was billed."""
    looks_back = is_on_demand(charge) or is_smoothed(charge)
    return date.min if looks_back else charge.charged_through_date or date.min


def _segment_items(segment: Segment, kept: date, context: Context) -> RatedItems:
    charge = segment.charge
    grids, unknown = with_open_period(charge, grids_of(charge, context), context)
    notes = [] if unknown is None else [unknown]
    since = counted_from(charge, segment.end.latest, grids)
    opens = max(kept, usage_opening(segment.charge_started, grids, context))
    closed = _late_periods(charge, grids, opens, context)
    late = _late_rows(charge, closed, context) if closed.periods else []
    notes += warnings_of(charge, (warning for row in late for warning in row.warnings), context)
    found = [_as_rows(late, charge, context)] if late else []
    looked_at: list[Period] = []
    is_open = False
    for position, (priced, span, _) in enumerate(segment_spans(segment, since, opens, context)):
        due = due_periods(priced, span, grids, context.shared.request.target_date, context.shared.account.rules)
        if not due.periods:
            continue
        looked_at += due.periods
        is_open = due.is_open
        # The amount billed in the period is stored for the whole period: the part at the first price deducts it.
        rated = replace(priced, billed_amount_in_period=None) if position else priced
        rows = _rated(rated, due, _setting(rated, span, due, context), context)
        notes += warnings_of(charge, (warning for row in rows for warning in row.warnings), context)
        found += [_as_rows(rows, priced, context)] if rows else []
    if looked_at and not found:
        notes.append(_nothing_billed(charge, looked_at, context))
    return RatedItems(found, notes, (UsageRead(charge, looked_at, closed.periods, is_open),))


def _nothing_billed(charge: Charge, periods: Sequence[Period], context: Context) -> Note:
    """Why due periods have no item: prepaid funds covered their usage, or there is no new usage."""
    records = context.shared.usage.of_charge(charge, context.subscription)
    used = any(span_of(records, *period) for period in periods)
    if used and context.funds.drawdown_of(charge) is not None:
        code, why = "PREPAID_COVERED", "is covered by prepaid funds"
    else:
        code, why = "NOTHING_USED", "has nothing to bill"
    last, number = periods[-1][1], context.subscription.subscription_number
    text = f"The usage of charge {charge.number} of subscription {number} {why} from {periods[0][0]} to {last}."
    return Note("reason", code, text, number, charge.number)


def _late_periods(charge: Charge, grids: Billings, opens: date, context: Context) -> DuePeriods:
    """The billed periods, from the day `opens` on, in which the tenant accepts late usage.

    Smoothing and rating on demand read billed periods in any case.
    """
    rules, through = context.shared.account.rules, charge.charged_through_date
    if not rules.late_usage or through is None or is_smoothed(charge) or is_on_demand(charge):
        return DuePeriods([], {}, is_open=False)
    return closed_periods(charge, grids, through, max(start_of(charge), opens))


def _late_rows(charge: Charge, closed: DuePeriods, context: Context) -> list[UsageRow]:
    """The amounts that late records add to billed periods.

    Late records that draw on funds: the uncovered units are rated without the records billed before.
    """
    rules, records = context.shared.account.rules, context.shared.usage.of_charge(charge, context.subscription)
    explain = context.shared.request.explain
    shares = closed.shares(charge, rules) if needs_factors(charge) else ()
    if context.funds.drawdown_of(charge) is not None:
        drawn = UsageSetting(factors=shares, funds=context.funds, context=context.formulas())
        return rate_usage(charge, closed.periods, records, rules, explain=explain, setting=drawn)
    setting = UsageSetting(
        factors=shares,
        processed=context.shared.usage.of_charge(charge, context.subscription, processed=True),
        context=context.formulas(),
    )
    return rate_late_usage(charge, closed.periods, records, rules, explain=explain, setting=setting)


def billed_usage_rows(charge: Charge, through: date, context: Context) -> Rows:
    """The rows of a usage segment up to its charged-through date, rated again from its processed records."""
    grids = grids_of(charge, context)
    since = max(start_of(charge), usage_opening(trigger_date(charge), grids, context))
    closed = closed_periods(charge, grids, through, since)
    rules = context.shared.account.rules
    setting = UsageSetting(
        factors=closed.shares(charge, rules), leading_partial=closed.opens_partial, context=context.formulas()
    )
    records = context.shared.usage.of_charge(charge, context.subscription, processed=True)
    whole = replace(charge, billed_amount_in_period=None)
    return _as_rows(rate_usage(whole, closed.periods, records, rules, setting=setting), charge, context)


def _setting(charge: Charge, span: Span, due: DuePeriods, context: Context) -> UsageSetting:
    rules = context.shared.account.rules
    history = needs_history(charge, rules)
    return UsageSetting(
        factors=due.shares(charge, rules) if needs_factors(charge) else (),
        processed=context.shared.usage.of_charge(charge, context.subscription, processed=True) if history else (),
        billed_through=charge.charged_through_date,
        leading_partial=due.opens_partial,
        price_ends=due.reach_end(span, context.shared.request.target_date),
        open_end=due.is_open,
        funds=context.funds,
        context=context.formulas(),
    )


def _rated(charge: Charge, due: DuePeriods, setting: UsageSetting, context: Context) -> list[UsageRow]:
    records = context.shared.usage.of_charge(charge, context.subscription)
    rules = context.shared.account.rules
    return rate_usage(charge, due.periods, records, rules, explain=context.shared.request.explain, setting=setting)


def _as_rows(rated: Sequence[UsageRow], charge: Charge, context: Context) -> Rows:
    exact_amounts = [row.amount for row in rated]
    facts = facts_of(charge, context.subscription, ChargeType.USAGE, context.transient)
    drawdown = context.funds.drawdown_of(charge)
    if drawdown is not None and drawdown.uom is not None:
        facts = facts._replace(unit_of_measure=drawdown.uom)
    rows = Rows(
        charge,
        facts,
        [row.start for row in rated],
        [row.end for row in rated],
        context.shared.rounding.all(exact_amounts),
        exact_amounts,
        [row.quantity for row in rated],
    )
    if any(row.credit or row.overage for row in rated):
        rows.suffixes = [SUFFIX_CREDIT if row.credit else SUFFIX_OVERAGE if row.overage else "" for row in rated]
    if context.shared.request.explain:
        unit = context.shared.usage.unit_of(charge)
        rows.steps = [row.steps if unit is None else (_unit_step(unit, row), *row.steps) for row in rated]
    return rows


def _unit_step(unit: UnitOfMeasure, row: UsageRow) -> Step:
    formula = f"the records' quantities, each rounded {unit_rounding(unit)}"
    inputs = (("unitOfMeasure", unit.name),)
    return Step(
        "usage.unit_of_measure", "Customization of units of measure", formula, exact(row.quantity, "quantity"), inputs
    )
