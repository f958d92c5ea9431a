"""Prepaid funds and drawdowns; credits for removed prepayments; prepayments of the older kind.

Sources: "Bill prepaid customers", "Prepayment charge", "Prepayments".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import (
    Charge,
    UsageRecord,
    charge_function,
    date_of,
    decimal_at,
    field_of,
    mappings_at,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import exact

FUNDS_FIELD = "prepaidBalanceFunds"
"""The list of funds of a subscription or a charge."""
_DAY = timedelta(1)
_UNITS = Context(prec=40)
_CREDIT_OPTIONS = ("timebased", "consumptionbased", "fullcreditback")
_DRAWDOWN_FUNCTIONS = frozenset({"drawdown", "drawdownandcreditcommitment"})


@dataclass(slots=True)
class Fund:
    """The balance of a prepaid fund, in units of `uom` (or in money when `uom` is None), valid `[start, end)`.

    `entry` is the listed fund that it was read from, None for one that a prepayment makes.
    """

    start: date
    end: date | None
    balance: Fraction
    uom: str | None = None
    entry: Mapping[str, object] | None = field(default=None, compare=False, repr=False)

    def serves(self, start: date, end: date) -> bool:
        """True when it is valid on some day of `[start, end)`."""
        return self.start < end and (self.end is None or start < self.end)


@dataclass(slots=True)
class FundPool:
    """The funds of an account during one preview; drawing changes the balances, so make one pool per preview.

    Funds are used by start date, then in the order given, which is that of their creation.
    """

    funds: list[Fund] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.funds.sort(key=lambda fund: fund.start)

    def draw(self, start: date, end: date, amount: Fraction, uom: str | None) -> Fraction:
        """Takes `amount` from the funds in `uom` valid on some day of `[start, end)`; returns the uncovered part."""
        for fund in self.funds:
            if fund.uom == uom and fund.serves(start, end):
                taken = max(min(fund.balance, amount), Fraction(0))
                fund.balance -= taken
                amount -= taken
        return amount

    def has(self, uom: str | None) -> bool:
        """True when there is any fund in `uom`, used up or not."""
        return any(fund.uom == uom for fund in self.funds)

    def serves(self, uom: str | None, start: date, end: date) -> bool:
        """Whether a fund in `uom` is valid on some day of `[start, end)`."""
        return any(fund.uom == uom and fund.serves(start, end) for fund in self.funds)

    def drawdown_of(self, charge: Charge) -> Drawdown | None:
        """The drawdown of a usage charge. A drawdown rate without a unit draws on the only unit of the funds.

        Raises RatingError as the function `drawdown_of` does.
        """
        drawdown = drawdown_of(charge)
        if drawdown is None or drawdown.uom is None or field_of(charge, "drawdownRate") is None:
            return drawdown
        if field_of(charge, "drawdownUom") is not None or self.has(drawdown.uom):
            return drawdown
        units = {fund.uom for fund in self.funds if fund.uom is not None}
        return drawdown._replace(uom=units.pop()) if len(units) == 1 else drawdown

    def balance(self, uom: str | None) -> Fraction:
        """The total balance in `uom`."""
        return sum((fund.balance for fund in self.funds if fund.uom == uom), Fraction(0))


def read_funds(record: object) -> list[Fund]:
    """The funds in the field `prepaidBalanceFunds` of a subscription or charge, under the vendor's field names.

    Each holds `startDate`, `endDate` (exclusive, absent is open), `totalBalance`, and `uom` (absent for money).
    Raises RatingError MISSING_VALUE, BAD_NUMBER, BAD_DATE.
    """
    return [_fund(fund) for fund in mappings_at(record, FUNDS_FIELD)]


def _fund(fund: Mapping[str, object]) -> Fund:
    balance = decimal_at(fund, "totalBalance", f"{FUNDS_FIELD}.")
    start, end, uom = (field_of(fund, name) for name in ("startDate", "endDate", "uom"))
    if balance is None or start is None:
        name = "startDate" if start is None else "totalBalance"
        raise RatingError("MISSING_VALUE", f"A prepaid balance fund has no {name}.", f"{FUNDS_FIELD}.{name}")
    last = None if end is None else date_of(end, f"{FUNDS_FIELD}.endDate")
    begins, unit = date_of(start, f"{FUNDS_FIELD}.startDate"), None if uom is None else str(uom)
    return Fund(begins, last, Fraction(balance), unit, fund)


class Drawdown(NamedTuple):
    """How a usage charge draws on funds: fund units per unit of usage and their unit; money when `uom` is None."""

    rate: Fraction
    uom: str | None


def draws_on_funds(charge: Charge) -> bool:
    """Whether a usage charge draws on prepaid funds."""
    if not charge.attributes:
        return False
    operation = squeeze(str(field_of(charge, "prepaidOperationType") or ""))
    return operation == "drawdown" or charge_function(charge) in _DRAWDOWN_FUNCTIONS


def drawdown_of(charge: Charge) -> Drawdown | None:
    """The drawdown of a usage charge, None for a charge without one.

    Raises RatingError BAD_NUMBER or BAD_VALUE for a rate that is not a number above 0.
    """
    if not draws_on_funds(charge):
        return None
    if pays_money(charge):
        return Drawdown(Fraction(1), None)
    rate = decimal_at(charge, "drawdownRate")
    if rate is not None and rate <= 0:
        raise RatingError("BAD_VALUE", f"drawdownRate is {rate}, but it must be above 0.", "drawdownRate")
    uom = field_of(charge, "drawdownUom") or charge.uom
    return Drawdown(Fraction(1) if rate is None else Fraction(rate), None if uom is None else str(uom))


def pays_money(charge: Charge) -> bool:
    """True for a prepayment or a drawdown of money, False for one of units."""
    kind = field_of(charge, "prepaymentUnitType") or field_of(charge, "commitmentType") or "UNIT"
    return squeeze(str(kind)) == "currency"


def uncovered_units(pool: FundPool, drawdown: Drawdown, records: Iterable[UsageRecord]) -> list[Decimal]:
    """The uncovered units of each record after the funds of its day, in units of the fund, in the records' order.

    60 hours at 2 points each are 120 points: funds of 100 leave 20 points to bill.
    """
    found = []
    for record in records:
        need = exact(record.quantity, "quantity") * drawdown.rate
        lacking = pool.draw(record.start_date, record.start_date + _DAY, need, drawdown.uom)
        found.append(_UNITS.divide(Decimal(lacking.numerator), lacking.denominator))
    return found


class PrepaymentCredit(NamedTuple):
    """The credit for a removed prepayment by each of the three credit options."""

    time_based: Fraction
    consumption_based: Fraction
    full: Fraction


def prepayment_credit(
    price: Decimal, validity: tuple[date, date], removed: date, remaining: Decimal, units: Decimal
) -> PrepaymentCredit:
    """The credit for a prepayment of `price` for `units`, valid `[start, end)`, removed with `remaining` units left.

    Time based: by the days from `removed` on; consumption based: by the units left. Raises RatingError BAD_VALUE when
    the validity is empty or no units were prepaid.
    """
    start, end = validity
    days = (end - start).days
    if days <= 0 or units <= 0:
        raise RatingError("BAD_VALUE", "A prepayment needs a validity period and prepaid units.", "validityPeriodType")
    left = min(max((end - removed).days, 0), days)
    full = Fraction(price)
    return PrepaymentCredit(full * Fraction(left, days), full * Fraction(remaining) / Fraction(units), full)


def credit_for(charge: Charge, paid: Decimal, validity: tuple[date, date], removed: date) -> Fraction:
    """The credit by the charge's creditOption, of `paid` for `validity`, when it is removed; time based by default.

    Raises RatingError UNKNOWN_VALUE, and for a credit by consumption MISSING_VALUE where units or funds are unknown.
    """
    option = squeeze(str(field_of(charge, "creditOption") or "TimeBased"))
    if option not in _CREDIT_OPTIONS:
        raise RatingError(
            "UNKNOWN_VALUE", f"creditOption is {option!r}; known values: {', '.join(_CREDIT_OPTIONS)}.", "creditOption"
        )
    units = remaining = Decimal(1)
    if option == "consumptionbased":
        units, remaining = _prepaid_units(charge)
    return prepayment_credit(paid, validity, removed, remaining, units)[_CREDIT_OPTIONS.index(option)]


def _prepaid_units(charge: Charge) -> tuple[Decimal, Decimal]:
    """(units prepaid, units left) of a prepayment."""
    units = decimal_at(charge, "prepaidTotalQuantity") or decimal_at(charge, "prepaidQuantity")
    funds = read_funds(charge)
    if units is None or not funds:
        name = FUNDS_FIELD if units is not None else "prepaidTotalQuantity"
        raise RatingError("MISSING_VALUE", f"A credit by consumption needs {name}.", name)
    left = sum((fund.balance for fund in funds), Fraction(0))
    return units, _UNITS.divide(Decimal(left.numerator), left.denominator)
