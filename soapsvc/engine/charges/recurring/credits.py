"""Credits for time that was billed beyond the end of a segment: its charged-through date lies after its end.

    p0            E (new end)           charged through
    |---- kept ---|------ credited ------|

Sources: "Proration credit", "Credit amount calculation with partial period proration", "Tax Selection for Calculation".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from soapsvc.engine.account import ChargeModel, parse
from soapsvc.engine.charges.item_rows import SUFFIX_CREDIT, SUFFIX_PRORATION_CREDIT, CreditBasis, Rows
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring.price import RecurringPrice, priced
from soapsvc.engine.money import Rounding
from soapsvc.engine.result import ItemFacts
from soapsvc.engine.schedule import BillingGrid, Piece, ProrationRules, Span, billed_periods
from soapsvc.engine.trace import Step
from soapsvc.engine.usage import credit_for


class CreditMethod(StrEnum):
    """How a credit is computed: what was billed less what is kept, or the price of the credited time."""

    TOTAL_MINUS_CHARGED = "TotalMinusCharged"
    CREDIT_PERIOD = "CreditPeriod"


@dataclass(frozen=True, slots=True)
class _Credit:
    period: Piece
    start: date
    amount: Decimal
    exact: Fraction
    basis: CreditBasis


def credit_rows(
    price: RecurringPrice, facts: ItemFacts, context: Context, billed_span: Span, end: date, due: date
) -> Rows | None:
    """One negative row for each billed period that reaches past the segment's `end`; all are due on `due`.

    `billed_span` reaches from the segment's start to its charged-through date. None when there are none, or when the
    charge bills full periods and so never credits.
    """
    if price.rules.full_period or due > context.shared.request.target_date:
        return None
    rules = context.shared.account.rules
    method = parse(CreditMethod, rules.credit_method, "billing_rules.creditMethod")
    periods = billed_periods(billed_span, price.billing_grid)
    if not periods.starts:
        return None
    exact, amounts = priced(price, periods, billed_span.start, context.shared.rounding)
    found = []
    # A period that ended before is not credited, and its months do not reach the end.
    for position in range(bisect_right(periods.ends, end), len(periods)):
        credit = _credit(
            price, periods.piece(position), end, context.shared.rounding, method, (exact[position], amounts[position])
        )
        found += [credit] if credit is not None else []
    if not found:
        return None
    rows = _as_rows(found, price, facts, method, context.shared.request.explain)
    rows.due = due
    return rows


def _credit(
    price: RecurringPrice,
    piece: Piece,
    end: date,
    rounding: Rounding,
    method: CreditMethod,
    cost: tuple[Fraction, Decimal],
) -> _Credit | None:
    """The credit of a period that cost `cost` (exact, rounded), when the charge ends at `end`."""
    start = _credit_start(piece, max(end, piece.start), price.billing_grid, price.rules)
    if start >= piece.end:
        return None
    whole, amount = cost
    if price.rules.prepaid:
        whole = Fraction(amount)  # What was paid is credited, so the rounded amount counts.
        kept = whole - credit_for(price.charge, amount, (piece.start, piece.end), start)
    else:
        kept = price.amount(_part(piece, piece.start, start))
    kept_amount = rounding(kept)
    if method is CreditMethod.TOTAL_MINUS_CHARGED or start == piece.start or price.rules.prepaid:
        exact, credited = kept - whole, kept_amount - amount
    else:
        exact = -price.amount(_part(piece, start, piece.end))
        credited = rounding(exact)
    basis = CreditBasis(piece.start, amount, kept_amount, whole, kept, -exact)
    return _Credit(piece, start, credited, exact, basis)


def kept_to(billed_span: Span, billing_grid: BillingGrid, rules: ProrationRules, end: date) -> date:
    """The day up to which a segment that ends at `end` keeps its billed time; its follower is billed from there on."""
    if rules.full_period or (rules.partial_month and rules.partial_period):
        return end
    periods = billed_periods(billed_span, billing_grid)
    position = bisect_right(periods.ends, end)
    if position == len(periods):
        return end
    piece = periods.piece(position)
    return _credit_start(piece, max(end, piece.start), billing_grid, rules)


def _part(piece: Piece, start: date, end: date) -> Piece:
    return Piece(start, end, piece.period_start, piece.period_end)


def _credit_start(piece: Piece, end: date, billing_grid: BillingGrid, rules: ProrationRules) -> date:
    """The first credited day: the end itself, or the next whole month or period where partial ones are not prorated."""
    if end == piece.start or (rules.partial_month and rules.partial_period) or billing_grid.days:
        return end
    if not rules.partial_period:
        return piece.end
    months = billing_grid.grid.month_starts(piece.period_start, piece.period_end)
    return min(months[bisect_left(months, end)], piece.end)


def _as_rows(
    found: list[_Credit], price: RecurringPrice, facts: ItemFacts, method: CreditMethod, explain: bool
) -> Rows:
    rows = Rows(
        price.charge,
        facts,
        [credit.start for credit in found],
        [credit.period.end for credit in found],
        [credit.amount for credit in found],
        [credit.exact for credit in found],
        [price.quantity()] * len(found),
    )
    rows.suffixes = [
        SUFFIX_PRORATION_CREDIT if credit.start > credit.period.start else SUFFIX_CREDIT for credit in found
    ]
    rows.credits = [credit.basis for credit in found]
    if price.model is ChargeModel.DELIVERY:
        rows.deliveries = [price.delivered(credit.start, credit.period.end) for credit in found]
    if explain:
        rows.steps = [_explain(credit, method, price) for credit in found]
    return rows


def _explain(credit: _Credit, method: CreditMethod, price: RecurringPrice) -> tuple[Step, ...]:
    inputs = (
        ("billed", f"{credit.basis.billed:f}"),
        ("kept", f"{credit.basis.kept:f}"),
        ("billed period", f"{credit.period.start}…{credit.period.end}"),
        ("credited from", str(credit.start)),
    )
    formula = "kept - billed" if method is CreditMethod.TOTAL_MINUS_CHARGED else "- price of the credited time"
    return (*price.steps, Step(f"credit.{method.value}", "Proration credit", formula, credit.exact, inputs))
