"""The tenant's billing rules by their names in `[billing_rules]`, and how each currency is rounded.

Names and values are those of the vendor's "Define billing rules" pages in camelCase. Decimals come, in this order, from
`[currencies.XXX]`, from `decimals` in `[billing_rules]`, and from ISO 4217's minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from functools import cache
from typing import get_type_hints

from soapsvc.engine.account import BillingRules, CreditMemoRule
from soapsvc.engine.charges import CreditMethod
from soapsvc.engine.documents import TaxInclusiveRounding
from soapsvc.engine.money import RoundingMode
from soapsvc.engine.schedule import DaysInMonth, PartialMonthDenominator, ProrationUnit
from soapsvc.tenant.reading import FieldProblem, camel, flag, kind, number, text, whole

RULE_VALUES: Mapping[str, tuple[str, ...]] = {
    "days_in_month": tuple(DaysInMonth),
    "proration_unit": tuple(ProrationUnit),
    "credit_method": tuple(CreditMethod),
    "stacked_discount_class": ("Ignore", "Follow"),
    "percent_discount_base": ("Rounded", "UnRounded"),
    "credit_memo_rule": (*CreditMemoRule, "AllNegativeAndZero"),
    "tax_inclusive_rounding": tuple(TaxInclusiveRounding),
    "rounding_mode": tuple(RoundingMode),
    "partial_month_denominator": tuple(PartialMonthDenominator),
}
"""The values of the rules that are words."""

RULE_FIELDS: Mapping[str, str] = {camel(field.name): field.name for field in fields(BillingRules)}
"""The rule names of tenant.toml and the fields that they set."""

_MOST_DECIMALS = 9
_ISO_DECIMALS: Mapping[str, int] = {
    currency: places
    for places, currencies in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for currency in currencies.split()
}
_USUAL_DECIMALS = 2


def read_rule(name: str, value: object) -> object:
    """The value of the rule `name` (snake_case); raises FieldProblem where the rule cannot have it."""
    hint = _hints()[name]
    if hint is bool:
        return flag(value)
    if hint is int:
        return decimals(value)
    if hint is str:
        return one_of(RULE_VALUES[name], value)
    return increment(value)


@cache
def _hints() -> Mapping[str, object]:
    """The type of each rule, cached: without the cache, this takes more time than the rest of reading a tenant."""
    return get_type_hints(BillingRules)


def one_of(values: tuple[str, ...], value: object) -> str:
    """One of the words `values`, spelled exactly."""
    if value not in values:
        raise FieldProblem("", f"is {kind(value)}; it must be one of {', '.join(values)}")
    return text(value)


def decimals(value: object) -> int:
    """The decimal places of amounts, 0 to 9."""
    places = whole(value)
    if not 0 <= places <= _MOST_DECIMALS:
        raise FieldProblem("", f"is {places}; it must be 0 to {_MOST_DECIMALS}")
    return places


def increment(value: object) -> Decimal:
    """A rounding increment such as 0.05."""
    step = number(value)
    if step <= 0:
        raise FieldProblem("", f"is {step}; it must be greater than 0")
    return step


def rules_for(
    currency: str, rules: Mapping[str, object], currencies: Mapping[str, Mapping[str, object]]
) -> BillingRules:
    """The billing rules of an account in `currency`; both mappings have fields of BillingRules as keys."""
    usual = {"decimals": _ISO_DECIMALS.get(currency, _USUAL_DECIMALS)}
    return replace(BillingRules(), **{**usual, **rules, **currencies.get(currency, {})})  # type: ignore[arg-type]
