"""Tax-inclusive amounts are split into net and tax; tax-exclusive ones show no tax."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import CatalogCharge, TaxRate
from tests.support.building import account, answer, percent_off, recurring, sound


def split(*charges: Any, rules: dict[str, Any] | None = None, **fields: Any) -> list[tuple[str, str]]:
    """Net amount and tax of each item."""
    items = sound(answer(account(*charges, rules=rules, **fields), "2024-01-01")).items()
    return [(f"{item.amount:f}", f"{item.tax_amount:f}") for item in items]


def inclusive(price: object, rate: object, **fields: Any) -> Any:
    return recurring(price, "2024-01-01", tax_mode="TaxInclusive", tax_rate=rate, **fields)


@pytest.mark.rule("10 rounding of the split")
@pytest.mark.parametrize(
    ("price", "rate", "net", "by_net", "by_tax"),
    [
        ("2.99", "0.04", "2.88", ("2.88", "0.11"), ("2.87", "0.12")),
        ("24.99", "0.2", "20.83", ("20.83", "4.16"), ("20.82", "4.17")),
        ("119", "0.2", "99.17", ("99.17", "19.83"), ("99.17", "19.83")),
        ("-2.99", "0.04", "-2.88", ("-2.88", "-0.11"), ("-2.87", "-0.12")),
        ("0", "0.2", "0", ("0.00", "0.00"), ("0.00", "0.00")),
    ],
)
def test_the_net_is_rounded_and_the_tax_is_the_rest_or_the_other_way_round(
    price: str, rate: str, net: str, by_net: tuple[str, str], by_tax: tuple[str, str]
) -> None:
    """2.99 at 4 %: 2.875 net rounds to 2.88; 0.115 tax rounds to 0.12."""
    assert split(inclusive(price, rate)) == [by_net]
    assert split(inclusive(price, rate), rules={"tax_inclusive_rounding": "TaxAmount"}) == [by_tax]


@pytest.mark.rule("10 rounding of the split")
def test_equal_amounts_are_split_alike() -> None:
    items = sound(answer(account(inclusive("24.99", "0.2")), "2024-03-01")).items()
    assert [(f"{item.amount:f}", f"{item.tax_amount:f}") for item in items] == [("20.83", "4.16")] * 3


@pytest.mark.rule("10 discounts")
def test_a_discount_is_taken_off_the_gross_and_split_at_the_rate_of_its_charge() -> None:
    """8.99 at 2.35 %: half is 4.50 gross (from 4.495), 4.40 net."""
    assert split(inclusive("8.99", "0.0235"), percent_off(50, "2024-01-01")) == [("8.78", "0.21"), ("-4.40", "-0.10")]


@pytest.mark.rule("10 tax exclusive")
@pytest.mark.parametrize(("mode", "rate"), [("TaxExclusive", "0.2"), ("TaxInclusive", "0"), (None, None)])
def test_other_charges_show_no_tax(mode: str | None, rate: str | None) -> None:
    assert split(recurring(100, "2024-01-01", tax_mode=mode, tax_rate=rate)) == [("100.00", "0")]


PERCENT_20 = TaxRate(Decimal(20))


@pytest.mark.rule("10 configured rates")
@pytest.mark.parametrize(
    ("rates", "net"),
    [
        ([], "120.00"),
        ([TaxRate(Decimal(20))], "100.00"),
        ([TaxRate(Decimal(20), charge_number="C-1")], "100.00"),
        ([TaxRate(Decimal(20), charge_number="C-9")], "120.00"),
        ([TaxRate(Decimal(20), product_rate_plan_charge_id="prpc")], "100.00"),
        ([TaxRate(Decimal(20), tax_code="VAT")], "100.00"),
        ([TaxRate(Decimal(20), tax_code="GST")], "120.00"),
        ([TaxRate(Decimal(20), country="GB")], "100.00"),
        ([TaxRate(Decimal(20), country="FR")], "120.00"),
        ([TaxRate(Decimal(20), mode="TaxExclusive")], "120.00"),
        # the rate with the most selectors wins, the first of equals
        ([TaxRate(Decimal(50)), TaxRate(Decimal(20), tax_code="VAT")], "100.00"),
        ([TaxRate(Decimal(50), tax_code="VAT"), TaxRate(Decimal(20), tax_code="VAT", country="GB")], "100.00"),
        ([TaxRate(Decimal(20), tax_code="VAT"), TaxRate(Decimal(50), country="GB")], "100.00"),
    ],
)
def test_a_rate_may_come_from_the_configuration(rates: list[TaxRate], net: str) -> None:
    charge = recurring(120, "2024-01-01", product_rate_plan_charge_id="prpc", tax_code="VAT")
    assert split(charge, tax_rates=tuple(rates), country="GB")[0][0] == net


@pytest.mark.rule("10 configured rates")
@pytest.mark.parametrize(
    ("rate", "net"),
    [
        (TaxRate(Decimal(20)), "120.00"),
        (TaxRate(Decimal(20), tax_code="VAT"), "120.00"),
        (TaxRate(Decimal(20), charge_number="C-1"), "100.00"),
        (TaxRate(Decimal(20), product_rate_plan_charge_id="prpc"), "100.00"),
    ],
)
def test_a_tax_exclusive_charge_is_spared_unless_a_rate_names_it(rate: TaxRate, net: str) -> None:
    charge = recurring(120, "2024-01-01", product_rate_plan_charge_id="prpc", tax_code="VAT", tax_mode="TaxExclusive")
    assert split(charge, tax_rates=(rate,))[0][0] == net


@pytest.mark.rule("10 configured rates")
def test_mode_and_code_may_come_from_the_catalogue() -> None:
    charge = recurring(120, "2024-01-01", product_rate_plan_charge_id="prpc")
    rates = (TaxRate(Decimal(20), tax_code="VAT"),)
    known = {"prpc": CatalogCharge("prpc", tax_code="VAT", tax_mode="TaxInclusive")}
    spared = {"prpc": CatalogCharge("prpc", tax_code="VAT", tax_mode="TaxExclusive")}
    assert split(charge, tax_rates=rates, catalog=known)[0] == ("100.00", "20.00")
    assert split(charge, tax_rates=rates, catalog=spared)[0] == ("120.00", "0")


def test_an_unknown_rule_is_named() -> None:
    result = answer(inclusive("2.99", "0.04"), "2024-01-01", rules={"tax_inclusive_rounding": "Guess"})
    assert [(error.code, error.field) for error in result.errors] == [
        ("UNKNOWN_VALUE", "billing_rules.taxInclusiveRounding")
    ]
