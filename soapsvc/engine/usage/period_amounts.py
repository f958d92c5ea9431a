"""The unrounded amounts of a usage charge, period by period, from its usage records.

    periods      |--- closed, billed ---|--- due ---|--- due ---|- open, on demand -)
    records         late                   .  . ..     . .          . .

Sources: "Rate usage charges", "Usage charge proration", "Rating by billing period", "Overage smoothing pricing",
"Bill prepaid customers", "Late Usage".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import ZERO, BillingRules, Charge, ChargeModel, ProrationOption, UsageRecord, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, exact, number_text, refusing_loss
from soapsvc.engine.pricing import FormulaContext, RatingWarning, included_units, overage_price
from soapsvc.engine.schedule import proration_option
from soapsvc.engine.trace import Step, decimal_text
from soapsvc.engine.usage.meters import is_on_demand, meter_of
from soapsvc.engine.usage.prepaid import Drawdown, FundPool, uncovered_units
from soapsvc.engine.usage.readings import Measured, Reading
from soapsvc.engine.usage.records import joined, span_of, used_in
from soapsvc.engine.usage.smoothing import PeriodUsage, SmoothedUnits, is_smoothed, smooth

Period = tuple[date, date]


class UsageRow(NamedTuple):
    """One item of a usage charge over `[start, end)`: `amount` is unrounded.

    `credit` marks a credit for unused units, `overage` an item for the units above the included ones.
    """

    start: date
    end: date
    amount: Fraction
    quantity: Decimal
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()
    credit: bool = False
    overage: bool = False


@dataclass(frozen=True, slots=True)
class UsageSetting:
    """The inputs of rating besides the charge, its due periods and its records.

    - `factors`: the share that each period has of the full billing period on the grid; empty when all are full, and for
      charges for which `needs_factors` is false.
    - `processed`: the charge's billed records, by start date; given for charges for which `needs_history` is true.
      - `billed_through`: smoothing only: periods up to this day are billed; they are given because windows count them.
    - `leading_partial`: smoothing only: the first period is not a full one, whatever its share of the price is.
    - `price_ends`: smoothing only: the charge, or its price, ends with the last period: a short window is settled.
    - `open_end`: the last period has not ended; it is rated on demand.
    - `funds`: prepaid funds that drawdown charges use up.
    - `context`: the records and custom objects that formulas look up.
    """

    factors: Sequence[Fraction] = ()
    processed: Sequence[UsageRecord] = ()
    billed_through: date | None = None
    leading_partial: bool = False
    price_ends: bool = False
    open_end: bool = False
    funds: FundPool | None = None
    context: FormulaContext = field(default_factory=FormulaContext)


_PLAIN = UsageSetting()
_NO_RECORDS = range(0)


def needs_history(charge: Charge, rules: BillingRules) -> bool:
    """Whether rating a charge needs its billed records too, and, when it is smoothed, its billed periods."""
    return is_smoothed(charge) or is_on_demand(charge) or rules.late_usage


def needs_factors(charge: Charge) -> bool:
    """Whether a partial period's usage costs only its share of a full one ("Usage charge proration")."""
    return proration_option(charge) is ProrationOption.TIME_BASED_PRORATION


def rate_usage(
    charge: Charge,
    periods: Sequence[Period],
    records: Sequence[UsageRecord],
    rules: BillingRules,
    *,
    explain: bool = False,
    setting: UsageSetting = _PLAIN,
) -> list[UsageRow]:
    """The items of a usage charge for its due periods, which are half-open, contiguous and ascending.

    `records` are the charge's unbilled ones by start date; those outside the periods are ignored. Every period has an
    item, even without usage, with four exceptions: no records under the rule skip_usage_without_records, usage that
    prepaid funds cover, no new usage on demand, and smoothed periods without overage. Raises RatingError for prices,
    tiers, formulas and records that cannot be rated, and TOO_MANY_RECORDS.
    """
    with refusing_loss("quantity"):
        if is_smoothed(charge):
            return _smoothed(charge, periods, records, setting, explain)
        rating = _Rating(charge, rules, records, explain, setting)
        found: list[UsageRow] = []
        for index, period in enumerate(periods):
            found += rating.rows(index, period, index == len(periods) - 1)
        return found


def with_overage_apart(charge: Charge, row: UsageRow, before: Decimal, *, explain: bool) -> list[UsageRow]:
    """The items of a row of units, `before` of which were billed in its period already.

    With the Overage model, the included units and the units above them are two items, the first at 0 ("Overage
    pricing", sample answer of BillingPreview()). A row with only one of the two, or of another model, is one item.
    """
    if parse(ChargeModel, charge.model, "model") is not ChargeModel.OVERAGE:
        return [row]
    left = max(ZERO, EXACT.subtract(included_units(charge), before))
    over = EXACT.subtract(row.quantity, left)
    if over <= ZERO:
        return [row]
    above = row._replace(quantity=over, overage=True)
    if not left:
        return [above]
    included = row._replace(amount=Fraction(0), quantity=left)
    if explain:
        formula = f"{number_text(left)} of {number_text(included_units(charge))} included units cost nothing"
        included = included._replace(steps=(Step("usage.included", "Overage pricing", formula, Fraction(0)),))
    return [included, above]


def prorated(measured: Measured, share: Fraction, *, explain: bool) -> Measured:
    """The cost of a partial period that has a share of a full one ("Usage charge proration")."""
    if share == 1:
        return measured
    amount = measured.amount * share
    steps = measured.steps
    if explain:
        formula = f"{decimal_text(measured.amount)} x {share} of the billing period"
        steps = (*steps, Step("usage.proration", "Usage charge proration", formula, amount))
    return measured._replace(amount=amount, steps=steps)


class _Rating:
    """Rates the periods of one charge, one after the other."""

    def __init__(
        self, charge: Charge, rules: BillingRules, records: Sequence[UsageRecord], explain: bool, setting: UsageSetting
    ) -> None:
        self.charge = charge
        self.setting = setting
        self.explain = explain
        self.drawdown = None if setting.funds is None else setting.funds.drawdown_of(charge)
        # Billed usage has drawn on the funds already, so only new records draw on the rest of the funds.
        self.on_demand = is_on_demand(charge) and self.drawdown is None
        self.records = joined(setting.processed, records) if self.on_demand else records
        self.meter = meter_of(charge, rules, setting.context, explain=explain)
        self.skips_empty = rules.skip_usage_without_records and not rules.unbilled_usage
        self.time_based = needs_factors(charge)
        self._of_nothing: Measured | None = None

    def rows(self, index: int, period: Period, last: bool) -> list[UsageRow]:
        """The items of a period; usually one."""
        span = span_of(self.records, *period) if self.records else _NO_RECORDS
        if not span and (self.skips_empty or self.drawdown is not None or (last and self.setting.open_end)):
            return []
        if self.drawdown is None or self.setting.funds is None:
            whole = self.meter(Reading(self.records, span)) if span else self._unused()
            measured = self._prorated(index, whole)
        else:
            uncovered = self._uncovered(self.drawdown, self.setting.funds, index, period, span)
            if uncovered is None:
                return []
            measured = uncovered
        if self.on_demand and index == 0:
            return self._rest(period, measured)
        return self._apart(UsageRow(*period, measured.amount, measured.quantity, measured.steps, measured.warnings))

    def _apart(self, row: UsageRow, before: Decimal = ZERO) -> list[UsageRow]:
        return with_overage_apart(self.charge, row, before, explain=self.explain)

    def _unused(self) -> Measured:
        """The cost of a period without records, which is the same for every period."""
        if self._of_nothing is None:
            self._of_nothing = self.meter(Reading((), _NO_RECORDS))
        return self._of_nothing

    def _prorated(self, index: int, measured: Measured) -> Measured:
        """The amount of a partial period, where the charge prorates usage by time."""
        factors = self.setting.factors
        if not self.time_based or not factors:
            return measured
        return prorated(measured, factors[index], explain=self.explain)

    def _uncovered(
        self, drawdown: Drawdown, funds: FundPool, index: int, period: Period, span: range
    ) -> Measured | None:
        """The units, or the money, that the funds do not cover; None when they cover everything.

        Money pays what the usage costs, which is its share in a partial period; units are drawn before they are priced.
        """
        if drawdown.uom is None:
            measured = self._prorated(index, self.meter(Reading(self.records, span)))
            left = funds.draw(*period, measured.amount, None)
            drawn = self._drawn(measured._replace(amount=left), measured.amount - left, left)
        else:
            units = uncovered_units(funds, drawdown, (self.records[position] for position in span))
            measured = self.meter(Reading(self.records, span, units))
            used = sum((exact(self.records[position].quantity, "quantity") for position in span), Fraction(0))
            left = exact(measured.quantity, "quantity")
            drawn = self._prorated(index, self._drawn(measured, used * drawdown.rate - left, left))
        return drawn if left else None

    def _drawn(self, measured: Measured, covered: Fraction, left: Fraction) -> Measured:
        """What is left to bill, with the step that says so."""
        if not self.explain:
            return measured
        formula = f"{decimal_text(covered)} covered by prepaid funds, {decimal_text(left)} left to bill"
        step = Step("usage.drawdown", "Bill prepaid customers", formula, measured.amount)
        return measured._replace(steps=(*measured.steps, step))

    def _rest(self, period: Period, measured: Measured) -> list[UsageRow]:
        """The rest of an on-demand period after the amount billed in it; no item without new usage."""
        charge = self.charge
        billed = Measured(Fraction(0), ZERO)
        processed = span_of(self.setting.processed, *period)
        if charge.billed_amount_in_period is not None:
            amount = exact(charge.billed_amount_in_period, "billedAmountInPeriod")
            billed = Measured(amount, charge.billed_quantity_in_period or ZERO)
        elif processed:
            billed = self._prorated(0, self.meter(Reading(self.setting.processed, processed)))
        rest = measured.amount - billed.amount
        quantity = EXACT.subtract(measured.quantity, billed.quantity)
        # Records of no units, or at no price, were billed by an item of nothing.
        if (processed or billed.amount or billed.quantity) and not rest and not quantity:
            return []
        steps = measured.steps
        if self.explain:
            formula = f"{decimal_text(measured.amount)} - {decimal_text(billed.amount)} billed in the period"
            steps = (*steps, Step("usage.on_demand", "Rating by billing period", formula, rest))
        return self._apart(UsageRow(*period, rest, quantity, steps, measured.warnings), billed.quantity)


def _smoothed(
    charge: Charge, periods: Sequence[Period], records: Sequence[UsageRecord], setting: UsageSetting, explain: bool
) -> list[UsageRow]:
    """The items of smoothed overage that end after the billed time."""
    everything = joined(setting.processed, records)
    usage = [PeriodUsage(*period, used_in(everything, *period)) for period in periods]
    smoothed = smooth(charge, usage, leading_partial=setting.leading_partial, ends=setting.price_ends)
    since = setting.billed_through
    return [_smoothed_row(charge, units, explain) for units in smoothed if since is None or units.end > since]


def _smoothed_row(charge: Charge, smoothed: SmoothedUnits, explain: bool) -> UsageRow:
    if smoothed.credit:
        rate = charge.unused_units_credit_rates
        if rate is None:
            message = "The charge credits unused units, but has no unusedUnitsCreditRates."
            raise RatingError("MISSING_PRICE", message, "unusedUnitsCreditRates")
        price = -rate
    else:
        price = overage_price(charge)
    amount = exact(EXACT.multiply(smoothed.units, price), "overagePrice")
    steps: tuple[Step, ...] = ()
    if explain:
        formula = f"({smoothed.formula}) x {number_text(price)}"
        inputs = (("units", number_text(smoothed.units)), ("price", number_text(price)))
        steps = (Step("usage.smoothing", "Overage smoothing pricing", formula, amount, inputs),)
    return UsageRow(smoothed.start, smoothed.end, amount, smoothed.units, steps, (), smoothed.credit)
