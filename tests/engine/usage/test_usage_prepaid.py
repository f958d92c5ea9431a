"""Prepaid funds that usage draws on, credits for prepayments, and minimum commitments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from soapsvc.engine.subscription.true_ups import true_up
from soapsvc.engine.usage import Fund, FundPool, drawdown_of, read_funds
from soapsvc.engine.usage.prepaid import prepayment_credit
from tests.support.rating import day, months, priced, problem, rated, rows_of, tiers, told, used

YEAR = (date(2024, 1, 1), date(2025, 1, 1))


def drawdown(**fields: Any) -> Charge:
    """2 per GB, drawn from funds in GB first."""
    attributes = {"chargeFunction": "Drawdown", **fields.pop("attributes", {})}
    return priced(fields.pop("model", "PerUnit"), **{"price": 2, "attributes": attributes, **fields})


def fund(balance: object, start: str = "01-01", end: str | None = "2025-01-01", uom: str | None = "GB") -> Fund:
    """A fund that is valid in 2024 by default."""
    return Fund(day(start), None if end is None else day(end), Fraction(str(balance)), uom)


@pytest.mark.rule("9.6 drawdown")
def test_only_units_beyond_the_funds_are_billed_of_250_with_180_left() -> None:
    pool = FundPool([fund(180)])
    charge = drawdown()
    assert rated(charge, used("01-05", 150), used("01-09", 100), funds=pool) == [
        "2024-01-01…2024-01-31 140 for 70 units"
    ]
    assert pool.balance("GB") == 0


@pytest.mark.rule("9.6 drawdown: covered")
def test_usage_that_the_funds_cover_has_no_item_and_months_share_them() -> None:
    """100 of 120 in January, the other 20 in February: 50 - 20 are left to bill."""
    pool = FundPool([fund(120)])
    records = [used("01-05", 100), used("02-05", 50), used("03-05", 1)]
    assert rated(drawdown(), *records, periods=months(3), funds=pool) == [
        "2024-02-01…2024-02-29 60 for 30 units",
        "2024-03-01…2024-03-31 2 for 1 units",
    ]


def test_a_month_without_usage_has_no_item_either() -> None:
    assert rated(drawdown(), funds=FundPool([fund(120)])) == []


@pytest.mark.rule("9.6 drawdown: order of funds")
def test_funds_are_used_by_start_date_and_only_while_they_are_valid() -> None:
    """
    Jan 1          Feb 1         Mar 1
    |--- 30 -------|                       ends before the second record
    |--- 50, made later ------------------|
                   |--- 70 --------------- no end
    """
    pool = FundPool([fund(70, "02-01", None), fund(30, "01-01", "02-01"), fund(50, "01-01", "03-01")])
    records = [used("01-31", 20), used("02-01", 100), used("03-05", 30)]
    assert rated(drawdown(), *records, periods=months(3), funds=pool) == ["2024-03-01…2024-03-31 20 for 10 units"]
    assert [found.balance for found in pool.funds] == [10, 0, 0]


@pytest.mark.parametrize(("on", "billed"), [("01-31", 5), ("02-01", 0), ("02-29", 0), ("03-01", 5)])
def test_a_fund_serves_its_first_day_but_not_the_day_it_ends(on: str, billed: int) -> None:
    pool = FundPool([fund(50, "02-01", "03-01")])
    rows = rows_of(drawdown(), [used(on, 5)], months(3), funds=pool)
    assert sum(row.quantity for row in rows) == billed
    assert pool.balance("GB") == 45 + billed


@pytest.mark.parametrize(("end", "billed"), [("01-01", 20), ("01-02", 0)])
def test_a_drawdown_of_money_takes_funds_that_serve_some_day_of_the_period(end: str, billed: int) -> None:
    charge = drawdown(attributes={"prepaymentUnitType": "CURRENCY"})
    pool = FundPool([fund(50, "2023-01-01", end, uom=None), fund(50, "02-01", uom=None)])
    assert sum(row.amount for row in rows_of(charge, [used("01-20", 10)], funds=pool)) == billed


def test_funds_in_another_unit_are_left_alone() -> None:
    pool = FundPool([fund(100, uom="Each")])
    assert rated(drawdown(), used("01-05", 3), funds=pool) == ["2024-01-01…2024-01-31 6 for 3 units"]
    assert pool.balance("Each") == 100


@pytest.mark.rule("9.6 drawdown: rate")
def test_a_drawdown_rate_turns_units_into_those_of_the_fund() -> None:
    """10 GB at 3 credits each need 30, 24 are there; 6 credits at 2 each are left to bill."""
    charge = drawdown(attributes={"drawdownRate": "3", "drawdownUom": "Credit"})
    pool = FundPool([fund(24, uom="Credit")])
    rows = rows_of(charge, [used("01-05", 10)], funds=pool, explain=True)
    assert [(row.quantity, row.amount) for row in rows] == [(6, 12)]
    assert rows[0].steps[-1].formula == "24 covered by prepaid funds, 6 left to bill"


def test_the_tiers_are_those_of_the_units_left_over() -> None:
    charge = drawdown(model="Tiered", tiers=tiers("0-10 5", "11- 1"))
    assert rated(charge, used("01-05", 32), funds=FundPool([fund(20)])) == ["2024-01-01…2024-01-31 52 for 12 units"]


@pytest.mark.rule("9.6 drawdown: currency")
def test_a_drawdown_of_money_takes_the_rated_amount_from_the_fund() -> None:
    charge = drawdown(attributes={"prepaymentUnitType": "CURRENCY"})
    pool = FundPool([fund("25.5", uom=None)])
    assert rated(charge, used("01-05", 10), used("02-05", 10), periods=months(2), funds=pool) == [
        "2024-02-01…2024-02-29 14.5 for 10 units"
    ]


@pytest.mark.rule("9.6 drawdown: currency")
def test_money_pays_the_share_of_a_partial_month_31_x_17_of_31_minus_10() -> None:
    """
    Jan 1      Jan 15              Feb 1
      |- - - - - |==== 31 units =====|      17 of 31 days: 17.00, of which the fund pays 10
    """
    charge = drawdown(price=1, proration_option="TimeBasedProration", attributes={"prepaymentUnitType": "CURRENCY"})
    half = [(day("01-15"), day("02-01"))]
    pool = FundPool([fund(10, uom=None)])
    rows = rows_of(charge, [used("01-20", 31)], half, funds=pool, factors=[Fraction(17, 31)], explain=True)
    assert [row.amount for row in rows] == [7]
    assert told(rows[0].steps)[1:] == [
        "usage.proration: 31 x 17/31 of the billing period = 17  (Usage charge proration)",
        "usage.drawdown: 10 covered by prepaid funds, 7 left to bill = 7  (Bill prepaid customers)",
    ]
    covers = FundPool([fund(20, uom=None)])
    assert rated(charge, used("01-20", 31), periods=half, funds=covers, factors=[Fraction(17, 31)]) == []
    assert covers.balance(None) == 3


def test_units_are_drawn_before_what_is_left_is_prorated_21_x_17_of_31() -> None:
    """31 units, 10 prepaid: the other 21 cost their share of the partial month."""
    charge = drawdown(price=1, proration_option="TimeBasedProration")
    rows = rows_of(
        charge, [used("01-20", 31)], [(day("01-15"), day("02-01"))], funds=FundPool([fund(10)]),
        factors=[Fraction(17, 31)], explain=True,
    )  # fmt: skip
    assert [(row.quantity, row.amount) for row in rows] == [(21, Fraction(21 * 17, 31))]
    assert [step.rule for step in rows[0].steps][1:] == ["usage.drawdown", "usage.proration"]


def test_drawdown_is_explained() -> None:
    rows = rows_of(drawdown(), [used("01-05", 10)], funds=FundPool([fund(4)]), explain=True)
    assert told(rows[0].steps)[1:] == [
        "usage.drawdown: 4 covered by prepaid funds, 6 left to bill = 12  (Bill prepaid customers)"
    ]


def test_a_drawdown_of_money_is_explained() -> None:
    """10 x 2 = 20, and 4.50 of them are paid."""
    charge = drawdown(attributes={"prepaymentUnitType": "CURRENCY"})
    rows = rows_of(charge, [used("01-05", 10)], funds=FundPool([fund("4.5", uom=None)]), explain=True)
    assert told(rows[0].steps)[1:] == [
        "usage.drawdown: 4.5 covered by prepaid funds, 15.5 left to bill = 15.5  (Bill prepaid customers)"
    ]


def test_without_known_funds_everything_is_billed() -> None:
    assert rated(drawdown(), used("01-05", 10)) == ["2024-01-01…2024-01-31 20 for 10 units"]
    assert rated(drawdown()) == ["2024-01-01…2024-01-31 0 for 0 units"]


def test_a_charge_that_draws_on_nothing_leaves_the_funds_alone() -> None:
    pool = FundPool([fund(100)])
    assert rated(priced("PerUnit", price=2), used("01-05", 3), funds=pool) == ["2024-01-01…2024-01-31 6 for 3 units"]
    assert pool.balance("GB") == 100


@pytest.mark.parametrize(
    ("attributes", "draws"),
    [
        ({"chargeFunction": "Drawdown"}, True),
        ({"chargeFunction": "DrawdownAndCreditCommitment"}, True),
        ({"prepaidOperationType": "drawdown"}, True),
        ({"prepaidOperationType": "topup"}, False),
        ({"chargeFunction": "Standard"}, False),
        ({}, False),
    ],
)
def test_which_charges_draw_on_funds(attributes: dict[str, object], draws: bool) -> None:
    assert (drawdown_of(priced("PerUnit", attributes=attributes)) is not None) is draws


def test_a_drawdown_rate_may_be_below_1() -> None:
    found = drawdown_of(drawdown(attributes={"drawdownRate": "0.5", "drawdownUom": "Credit"}))
    assert found == (Fraction(1, 2), "Credit")


def test_the_unit_of_a_drawdown_is_that_of_the_charge_unless_it_names_one() -> None:
    found = drawdown_of(drawdown())
    nameless = drawdown_of(drawdown(uom=None))
    assert (found, nameless) == ((1, "GB"), (1, None))


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_drawdown_rate_must_be_above_0(rate: str) -> None:
    assert problem(lambda: drawdown_of(drawdown(attributes={"drawdownRate": rate}))) == ("BAD_VALUE", "drawdownRate")


# Funds as the tenant holds them.


@pytest.mark.rule("9.6 imported funds")
def test_funds_are_read_from_a_subscription_with_the_vendors_names() -> None:
    documents = [
        {"startDate": "2024-03-01", "totalBalance": "70.5", "uom": "GB"},
        {"startDate": date(2024, 1, 1), "endDate": "2025-01-01T00:00:00", "totalBalance": 30},
    ]
    found = read_funds(Subscription("s", "A-S", attributes={"prepaidBalanceFunds": documents}))
    assert found == [fund("70.5", "03-01", None), fund(30, uom=None)]
    assert read_funds(Subscription("s", "A-S")) == []


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        ({"totalBalance": 1}, "MISSING_VALUE", "prepaidBalanceFunds.startDate"),
        ({"startDate": "2024-01-01"}, "MISSING_VALUE", "prepaidBalanceFunds.totalBalance"),
        ({"startDate": "then", "totalBalance": 1}, "BAD_DATE", "prepaidBalanceFunds.startDate"),
        ({"startDate": "2024-01-01", "totalBalance": "lots"}, "BAD_NUMBER", "prepaidBalanceFunds.totalBalance"),
    ],
)
def test_a_fund_that_cannot_be_read_names_the_field(document: dict[str, object], code: str, field: str) -> None:
    charge = priced("PerUnit", attributes={"prepaidBalanceFunds": [document]})
    assert problem(lambda: read_funds(charge)) == (code, field)


# Prepayments that are removed, prepayments of the older kind, commitments.


@pytest.mark.rule("9.6 prepayment credit")
@pytest.mark.parametrize(
    ("removed", "left", "by_time"),
    [
        ("04-01", 40, Fraction(200) * 275 / 366),  # 275 of the year's 366 days are left
        ("2023-12-01", 200, 200),
        ("2025-03-01", 0, 0),
    ],
)
def test_a_removed_prepayment_of_200_units_for_200_is_credited_by_time_by_consumption_or_in_full(
    removed: str, left: int, by_time: Fraction
) -> None:
    credit = prepayment_credit(Decimal(200), YEAR, day(removed), Decimal(left), Decimal(200))
    assert credit == (by_time, left, 200)


def test_one_unit_may_be_prepaid_for_one_day() -> None:
    one_day = (date(2024, 1, 1), date(2024, 1, 2))
    assert prepayment_credit(Decimal(9), one_day, one_day[0], Decimal(1), Decimal(1)) == (9, 9, 9)


@pytest.mark.parametrize(("validity", "units"), [((YEAR[0], YEAR[0]), 5), (YEAR, 0)])
def test_a_prepayment_needs_time_and_units(validity: tuple[date, date], units: int) -> None:
    found = problem(lambda: prepayment_credit(Decimal(9), validity, YEAR[0], Decimal(0), Decimal(units)))
    assert found == ("BAD_VALUE", "validityPeriodType")


@pytest.mark.rule("9.6 minimum commitment")
@pytest.mark.parametrize(("consumed", "expected"), [("740.5", "259.5"), ("1000", "0"), ("1200", "0")])
def test_a_commitment_of_1000_owes_the_unused_part(consumed: str, expected: str) -> None:
    assert true_up(Decimal(1000), Decimal(consumed)) == Decimal(expected)
