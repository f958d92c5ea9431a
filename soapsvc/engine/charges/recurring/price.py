"""Amounts of recurring charges: list price base, cumulative rounding, proration, one rounding per item.

Sources: "Get started with annual list price" and its examples (cumulative rounding), "Recurring charge for different
initial and renewal terms" (Subscription_Term), "Delivery pricing", "Total amount calculation with partial period
proration".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import ONE, BillingPeriod, Charge, ChargeModel, ListPriceBase, parse, parse_or
from soapsvc.engine.charges.item_rows import SUFFIX_PRORATION, Rows
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import Rounding
from soapsvc.engine.pricing import RatingWarning, billed_quantity, list_fee
from soapsvc.engine.result import ItemFacts
from soapsvc.engine.schedule import (
    FOREVER,
    BillingGrid,
    Piece,
    ProrationRules,
    ProrationUnit,
    ServicePeriods,
    add_months,
    deliveries,
    factor,
    factor_step,
    month_fraction,
    month_index,
    period_months,
)
from soapsvc.engine.trace import Step

_UNIT = Fraction(1)
_CUMULATIVE = frozenset({ListPriceBase.PER_YEAR, ListPriceBase.PER_SPECIFIC_MONTHS, ListPriceBase.PER_VALIDITY_PERIOD})


class RecurringPrice(NamedTuple):
    """Prices pieces of a recurring charge's periods, exactly.

    `fee` is the fee at list price, for `base_months` months where `base` is a span of months; `base_factor` turns it
    into the price of a full billing period (None where every piece is priced by its own length).
    """

    charge: Charge
    billing_grid: BillingGrid
    rules: ProrationRules
    model: ChargeModel
    fee: Fraction
    base: ListPriceBase
    base_months: int
    base_factor: Fraction | None
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()

    def full(self) -> Fraction:
        """The price of a full period."""
        return self.fee if self.base_factor is None or self.base_factor is _UNIT else self.fee * self.base_factor

    def amount(self, piece: Piece) -> Fraction:
        """The price of a piece."""
        if self.model is ChargeModel.DELIVERY:
            return self.fee * self.delivered(piece.start, piece.end)
        if self.base_factor is None:
            return self.fee * self._length(piece)
        return self.full() * factor(piece, self.billing_grid, self._rules(piece))

    def _rules(self, piece: Piece) -> ProrationRules:
        """The proration rules of a piece: whole months of a price per months count as months, even under rules of days.

        A price per billing period is not counted in months: half of an annual one is 184 days of 365 ("Tax Selection
        for Calculation"). Sources: "Create Orders containing multiple subscriptions and multiple charges with odd
        terms", "… with terms aligned with Specific Months List Price Base".
        """
        if self.base_months and not piece.whole:
            months = self.billing_grid.grid.month_starts(piece.period_start, piece.period_end)
            if piece.start in months and piece.end in months:
                return replace(self.rules, unit=ProrationUnit.MONTH_FIRST)
        return self.rules

    def quantity(self) -> Decimal:
        """The quantity that an item shows: 1 for deliveries."""
        return ONE if self.model is ChargeModel.DELIVERY else billed_quantity(self.charge)

    def delivered(self, start: date, end: date) -> int:
        """The number of deliveries in `[start, end)` of a Delivery charge."""
        if self.charge.delivery_schedule is None:
            raise RatingError(
                "MISSING_VALUE", "A Delivery charge needs a delivery schedule.", "subscriptionChargeDeliverySchedule"
            )
        return deliveries(self.charge.delivery_schedule, start, end)

    def _length(self, piece: Piece) -> Fraction:
        """The length of a piece in the list price's own unit: months or years of a term, or weeks of any period.

        A piece that is not prorated counts as the whole period that it lies in.
        """
        if not self.rules.prorates:
            piece = Piece(piece.period_start, piece.period_end, piece.period_start, piece.period_end)
        if self.base is ListPriceBase.PER_WEEK:
            return Fraction((piece.end - piece.start).days, 7)
        months = self.billing_grid.grid.month_starts(piece.period_start, piece.period_end)
        if self.rules.partial_month and self.rules.prorates:  # a term's rest is a part of a month
            months = (*months[:-1], add_months(months[0], len(months) - 1))
        return month_fraction(months, piece.start, piece.end, self.rules.days_in_month) / self.base_months

    @property
    def varies(self) -> bool:
        """True when full periods do not all cost the same."""
        return self.model is ChargeModel.DELIVERY or self.base_factor is None

    @property
    def cumulative(self) -> bool:
        """True when items are differences of rounded totals."""
        return self.base in _CUMULATIVE

    def explain(self, piece: Piece) -> tuple[Step, ...]:
        """The steps from the list price to the piece's price."""
        steps = list(self.steps)
        if self.model is ChargeModel.DELIVERY:
            count = self.delivered(piece.start, piece.end)
            steps.append(Step("delivery", "Delivery pricing", f"{count} deliveries", Fraction(count)))
            return tuple(steps)
        if self.base_factor is None:
            length = self._length(piece)
            steps.append(Step("list-price-base", "RatePlanCharge: ListPriceBase", "length of the piece", length))
            return tuple(steps)
        if self.base_factor != 1:
            steps.append(Step("list-price-base", "RatePlanCharge: ListPriceBase", f"x {self.base}", self.base_factor))
        if not piece.whole:
            steps.append(factor_step(piece, self.billing_grid, self._rules(piece)))
        return tuple(steps)


def recurring_price(
    charge: Charge, billing_grid: BillingGrid, rules: ProrationRules, context: Context
) -> RecurringPrice:
    """Reads how a recurring charge is priced; a price may be for the whole of the current term.

    Raises RatingError for an unknown model or base, or missing prices.
    """
    model = parse(ChargeModel, charge.model, "model")
    base = parse_or(ListPriceBase, charge.list_price_base, "listPriceBase", ListPriceBase.PER_BILLING_PERIOD)
    rated = list_fee(charge, billed_quantity(charge), explain=context.shared.request.explain, formulas=context.formulas)
    base_months = 0
    base_factor: Fraction | None = _UNIT
    if base is not ListPriceBase.PER_BILLING_PERIOD:
        base_months = _base_months(charge, base, context.current_term)
        base_factor = _base_factor(charge, base, base_months, billing_grid)
    return RecurringPrice(
        charge, billing_grid, rules, model, rated.value, base, base_months, base_factor, rated.steps, rated.warnings
    )


def _base_factor(charge: Charge, base: ListPriceBase, base_months: int, billing_grid: BillingGrid) -> Fraction | None:
    if base is ListPriceBase.PER_WEEK:
        return Fraction(billing_grid.days, 7) or None
    if billing_grid.months:
        return Fraction(billing_grid.months, base_months)
    if not billing_grid.days:
        return None
    raise RatingError(
        "UNSUPPORTED_LIST_PRICE_BASE",
        f"listPriceBase {base.value} needs a billing period in months, but it is {charge.billing_period}.",
        "listPriceBase",
    )


def _base_months(charge: Charge, base: ListPriceBase, term: tuple[date, date]) -> int:
    """The months that the list price is for; 0 where its base is not a number of months."""
    if base is ListPriceBase.PER_MONTH:
        return 1
    if base is ListPriceBase.PER_YEAR:
        return 12
    if base is ListPriceBase.PER_SPECIFIC_MONTHS:
        specific = charge.specific_list_price_base
        if specific is None or not 1 <= specific <= 200:
            raise RatingError(
                "INVALID_LIST_PRICE_BASE",
                f"specificListPriceBase is {specific}; it must be 1 to 200.",
                "specificListPriceBase",
            )
        return specific
    return _validity_months(charge, term) if base is ListPriceBase.PER_VALIDITY_PERIOD else 0


def _validity_months(charge: Charge, term: tuple[date, date]) -> int:
    validity = parse(BillingPeriod, charge.validity_period or "", "validityPeriodType")
    months = period_months(validity, charge.specific_billing_period)
    if validity is BillingPeriod.SUBSCRIPTION_TERM and term[1] < FOREVER:
        months = month_index(term[1]) - month_index(term[0])
        if add_months(term[0], months) != term[1]:
            months = 0
    if months < 1:
        raise RatingError(
            "INVALID_VALIDITY_PERIOD", "validityPeriodType must be a number of whole months.", "validityPeriodType"
        )
    return months


def recurring_rows(
    price: RecurringPrice,
    periods: ServicePeriods,
    facts: ItemFacts,
    segment_start: date,
    rounding: Rounding,
    explain: bool,
) -> Rows:
    """The rows of service periods: the full-period price is rounded once and repeated; stubs are priced apart.

    `segment_start` is where the segment began, billed or not: cumulative rounding counts its periods from there,
    unless it began with a stub ("Create Orders containing charges with Annual Pricing and Leading Partial Periods").
    """
    count = len(periods.starts)
    exact, amounts = priced(price, periods, segment_start, rounding)
    rows = Rows(price.charge, facts, periods.starts, periods.ends, amounts, exact, [price.quantity()] * count)
    if periods.partial and price.rules.prorates:
        rows.suffixes = [SUFFIX_PRORATION if position in periods.partial else "" for position in range(count)]
    if price.model is ChargeModel.DELIVERY:
        rows.deliveries = [price.delivered(start, end) for start, end in zip(periods.starts, periods.ends, strict=True)]
        rows.suffixes = None
    if explain:
        rows.steps = [_explained(price, periods.piece(position), exact[position]) for position in range(count)]
    return rows


def _explained(price: RecurringPrice, piece: Piece, exact: Fraction) -> tuple[Step, ...]:
    steps = price.explain(piece)
    if exact == price.amount(piece):
        return steps
    source, formula = "Get started with annual list price", "due since the segment began - billed since then"
    return (*steps, Step("cumulative-rounding", source, formula, exact))


def priced(
    price: RecurringPrice, periods: ServicePeriods, segment_start: date, rounding: Rounding
) -> tuple[list[Fraction], list[Decimal]]:
    """The price of every period: exact, and rounded as billed."""
    if price.varies:
        exact = [price.amount(periods.piece(position)) for position in range(len(periods))]
        return exact, rounding.all(exact)
    full = price.full()
    exact = [full] * len(periods.starts)
    for position, piece in periods.partial.items():
        exact[position] = price.amount(piece)
    if price.cumulative and _on_grid(price, segment_start) and _on_grid(price, periods.starts[0]):
        grid = price.billing_grid.grid
        before = full * (grid.index(periods.starts[0]) - grid.index(segment_start))
        return _cumulative(before, exact, rounding)
    amounts = [rounding(full)] * len(exact)
    for position in periods.partial:
        amounts[position] = rounding(exact[position])
    return exact, amounts


def _on_grid(price: RecurringPrice, day: date) -> bool:
    grid = price.billing_grid.grid
    return grid.boundary(grid.index(day)) == day


def _cumulative(
    before: Fraction, exact: Sequence[Fraction], rounding: Rounding
) -> tuple[list[Fraction], list[Decimal]]:
    """The running total after each period less the total before it: exact, and rounded."""
    differences, amounts = [], []
    total, billed = before, rounding(before)
    for value in exact:
        total += value
        due = rounding(total)
        differences.append(total - Fraction(billed))
        amounts.append(due - billed)
        billed = due
    return differences, amounts
