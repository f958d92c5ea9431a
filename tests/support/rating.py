"""Charges, tiers and usage records in a few words, and their prices as short lines of text.

`tiers("0-10 2", "11-20 30 flat", "21- 5")` are three tiers; `used("01-05", 3)` is 3 units on January 5, 2024;
`rated(charge, used(…), …)` are lines such as "2024-01-01…2024-01-31 35 for 15 units", amounts exact and unrounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import BillingRules, Charge, Subscription, Tier, UsageRecord
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import number_text
from soapsvc.engine.pricing import list_fee
from soapsvc.engine.pricing.models.model_rules import Rated
from soapsvc.engine.schedule import add_months
from soapsvc.engine.trace import Step, Trace, decimal_text
from soapsvc.engine.usage import Period, UsageIndex, UsageRow, UsageSetting, rate_usage

_NUMBERS = (
    "price",
    "quantity",
    "included_units",
    "overage_price",
    "unused_units_credit_rates",
    "billed_amount_in_period",
    "billed_quantity_in_period",
)
_TIER = re.compile(r"(?P<start>[-\d.]+?)-(?P<end>[\d.]*) (?P<price>-?[\d.]+)(?P<flat> flat)?")

SUBSCRIPTION = Subscription("sub-1", "A-S1")


def priced(model: str, **fields: Any) -> Charge:
    """A charge C-1 of a model, in units of GB; numbers may be written as int or str."""
    values = {name: Decimal(str(value)) if name in _NUMBERS else value for name, value in fields.items()}
    values = {"id": "c1", "number": "C-1", "type": "Usage", "uom": "GB", **values}
    return Charge(model=model, **values)


def tiers(*texts: str) -> tuple[Tier, ...]:
    """Tiers written as "FROM-TO PRICE", open as "FROM- PRICE", with a flat price as "FROM-TO PRICE flat"."""
    found = []
    for text in texts:
        match = _TIER.fullmatch(text)
        assert match, text
        end = Decimal(match["end"]) if match["end"] else None
        kind = "FlatFee" if match["flat"] else "PerUnit"
        found.append(Tier(Decimal(match["start"]), Decimal(match["price"]), end, kind))
    return tuple(found)


def fee(charge: Charge, quantity: object = 1) -> str:
    """The list fee as text."""
    return decimal_text(list_fee(charge, Decimal(str(quantity))).value)


def explained(charge: Charge, quantity: object = 1) -> Rated:
    """The list fee with its steps."""
    return list_fee(charge, Decimal(str(quantity)), explain=True)


def told(steps: Sequence[Step]) -> list[str]:
    """The steps as lines: rule, formula, value, inputs, source."""
    return list(Trace(tuple(steps), Fraction(0), Decimal(0), "").lines())[:-1]


def problem(action: Callable[[], object]) -> tuple[str, str | None]:
    """Code and field of the RatingError that an action raises."""
    return error_of(action)[:2]


def error_of(action: Callable[[], object]) -> tuple[str, str | None, str]:
    """Code, field and message of the RatingError that an action raises; the message must be readable."""
    with pytest.raises(RatingError) as caught:
        action()
    error = caught.value
    assert error.message.strip()
    return error.code, error.field, error.message


def day(text: str) -> date:
    """A date; a date without a year is in 2024."""
    return date.fromisoformat(text if len(text) > 5 else f"2024-{text}")


def used(start: str, quantity: object, **fields: Any) -> UsageRecord:
    """A record of units of GB."""
    return UsageRecord(day(start), Decimal(str(quantity)), **{"uom": "GB", **fields})


def months(count: int, start: str = "01-01") -> list[Period]:
    """Consecutive months."""
    first = day(start)
    return [(add_months(first, number), add_months(first, number + 1)) for number in range(count)]


JANUARY = months(1)


def rows_of(
    charge: Charge,
    records: Sequence[UsageRecord],
    periods: Sequence[Period] = JANUARY,
    rules: BillingRules | None = None,
    **options: Any,
) -> list[UsageRow]:
    """The rows of a usage charge, from records of any order; `options` are `explain` and fields of UsageSetting."""
    explain = options.pop("explain", False)
    index = UsageIndex(records)
    setting = UsageSetting(**{"processed": index.of_charge(charge, SUBSCRIPTION, processed=True), **options})
    unbilled = index.of_charge(charge, SUBSCRIPTION)
    return rate_usage(charge, periods, unbilled, rules or BillingRules(), explain=explain, setting=setting)


def rated(
    charge: Charge,
    *records: UsageRecord,
    periods: Sequence[Period] = JANUARY,
    rules: BillingRules | None = None,
    **options: Any,
) -> list[str]:
    """The rows of a usage charge as lines."""
    return [line(row) for row in rows_of(charge, records, periods, rules, **options)]


def line(row: UsageRow) -> str:
    """A row as a line: service dates (the end inclusive), unrounded amount, quantity."""
    last = row.end - timedelta(1)
    credit = " credit" if row.credit else ""
    return f"{row.start}…{last} {decimal_text(row.amount)} for {number_text(row.quantity)} units{credit}"
