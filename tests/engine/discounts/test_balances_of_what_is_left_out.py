"""A coupon that billed items have used stays used, though the request leaves these items out of the answer.

January's balance   |== 10 ==|     used by the billed item of C-1; nothing is left for C-2, whoever asks for it
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, Charge, TakenOff
from tests.support.building import (
    account,
    amount_off,
    answer,
    evergreen,
    metered,
    one_time,
    percent_off,
    recurring,
    statement,
    subscription,
    used,
)

NEW_YEAR, FEBRUARY = "2024-01-01", "2024-02-01"
BILLED = recurring(60, NEW_YEAR, charged_through_date=FEBRUARY)

pytestmark = pytest.mark.rule("8.4 balance: what was billed")


def coupon(amount: object = 10, **fields: Any) -> Charge:
    return amount_off(amount, NEW_YEAR, **{"charged_through_date": FEBRUARY, **fields})


def shown(whole: Account, *left_out: str, target: str = FEBRUARY, **options: Any) -> list[str]:
    """January's items of C-2 as `charge amount`, each with what reduces it, without the charge types left out."""
    lines = statement(whole, target, exclude=frozenset(left_out), **options)
    return [" ".join(line.split()[::2]) for line in lines if not line.startswith("C-1") and "2024-01" in line]


def metered_20(*charges: Charge, rules: dict[str, Any] | None = None) -> Account:
    """The charges, and January's usage of 20 at 1 each."""
    terms = subscription(*charges, metered(1, NEW_YEAR, number="C-2"), start=NEW_YEAR, end="2025-01-01")
    return account(terms, rules=rules, usage=(used("2024-01-05", 20, charge_number="C-2"),))


@pytest.mark.parametrize("left_out", [(), ("Recurring",), ("OneTime", "Recurring")])
def test_10_off_that_the_billed_month_of_60_used_are_not_taken_off_20_of_usage(left_out: tuple[str, ...]) -> None:
    assert shown(metered_20(BILLED, coupon()), *left_out) == ["C-2 20.00"]


@pytest.mark.parametrize("left_out", [(), ("OneTime",)])
def test_10_off_that_a_billed_one_time_charge_of_10_used_are_not_taken_off_the_next(left_out: tuple[str, ...]) -> None:
    setup = one_time(10, NEW_YEAR, number="C-1", charged_through_date="2024-01-02")
    terms = subscription(setup, recurring(310, "2024-01-11", number="C-2"), coupon(), start=NEW_YEAR, end="2025-01-01")
    assert shown(account(terms), *left_out, target="2024-01-31") == ["C-2 210.00"]


def test_of_a_coupon_of_70_the_billed_60_are_used_and_10_are_left() -> None:
    assert shown(metered_20(BILLED, coupon(70)), "Recurring") == ["C-2 20.00", "C-D1 -10.00"]


def test_what_the_coupon_records_counts_not_what_the_billed_item_would_have_used() -> None:
    recorded = coupon(taken_off=(TakenOff(BILLED.id, date(2024, 1, 1), Decimal(4)),))
    assert shown(metered_20(BILLED, recorded), "Recurring")[1] == "C-D1 -6.00"


@pytest.mark.parametrize("of_coupon", [{"charged_through_date": None}, {"apply_discount_to": "USAGE"}])
def test_a_coupon_that_billed_items_did_not_use_is_whole(of_coupon: dict[str, Any]) -> None:
    assert shown(metered_20(BILLED, coupon(**of_coupon)), "Recurring")[1] == "C-D1 -10.00"


def test_an_item_that_is_left_out_and_not_billed_yet_uses_nothing() -> None:
    """An invoice without it gives the coupon to the item that it shows (section 12.3)."""
    due = replace(BILLED, charged_through_date=None)
    whole = metered_20(due, coupon(charged_through_date=None))
    assert shown(whole) == ["C-2 20.00", "C-D1 -10.00"]
    assert shown(whole, "Recurring") == ["C-2 20.00", "C-D1 -10.00"]


def test_a_true_up_that_is_left_out_has_used_nothing() -> None:
    true_up = replace(BILLED, attributes={"chargeFunction": "CommitmentTrueUp"})
    for left_out in ((), ("Recurring",)):
        assert shown(metered_20(true_up, coupon()), *left_out)[1] == "C-D1 -10.00"


def without_end(*charges: Charge) -> Account:
    """An evergreen subscription of the charges, and one with C-2 from January 11 on and a coupon of the account."""
    terms = subscription(
        recurring(310, "2024-01-11", number="C-2"), coupon(discount_level="account"),
        start=NEW_YEAR, end="2025-01-01", subscription_number="A-S2",
    )  # fmt: skip
    return account(evergreen(*charges, subscription_number="A-S1"), terms)


@pytest.mark.parametrize("included", [True, False])
def test_10_off_the_account_that_an_evergreen_subscription_used_are_used_with_and_without_it(included: bool) -> None:
    whole = without_end(BILLED)
    assert shown(whole, target="2024-01-31", including_evergreen_subscription=included) == ["C-2 210.00"]


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("level", ["rateplan", "subscription", "account"])
def test_an_evergreen_subscriptions_own_54_off_60_leave_6_to_the_account_and_4_to_the_next(
    level: str, included: bool
) -> None:
    """Its own discount came first, so of the account's 10 it used 6; it reduces no item of others."""
    own = percent_off(90, NEW_YEAR, FEBRUARY, number="C-D0", discount_level=level, charged_through_date=FEBRUARY)
    usual = amount_off(3, NEW_YEAR, number="C-D2", apply_to_billing_period_partially=True)
    found = shown(without_end(BILLED, own, usual), target="2024-01-31", including_evergreen_subscription=included)
    assert [line for line in found if not line.startswith("C-D0")][1:] == ["C-D1 -4.00"]
    assert ("C-D0 -189.00" in found) is (level == "account" and included)


@pytest.mark.parametrize("level", ["rateplan", "subscription"])
def test_a_coupon_of_the_other_subscription_has_nothing_to_do_with_the_evergreen_one(level: str) -> None:
    whole = without_end(BILLED, replace(BILLED, number="C-1b", price=None))
    terms = whole.subscriptions[1]
    own = replace(terms, charges=(terms.charges[0], replace(terms.charges[1], discount_level=level)))
    whole = replace(whole, subscriptions=(whole.subscriptions[0], own))
    assert shown(whole, target="2024-01-31") == ["C-2 210.00", "C-D1 -10.00"]


@pytest.mark.parametrize("status", ["Draft", "Expired"])
def test_a_subscription_that_is_never_billed_has_used_nothing(status: str) -> None:
    whole = without_end(BILLED)
    never = replace(whole.subscriptions[0], status=status)
    found = shown(replace(whole, subscriptions=(never, whole.subscriptions[1])), target="2024-01-31")
    assert found == ["C-2 210.00", "C-D1 -10.00"]


def errors(whole: Account, *left_out: str) -> list[tuple[str, str | None, str | None]]:
    found = answer(whole, "2024-01-31", exclude=frozenset(left_out)).errors
    return [(error.code, error.subscription_number, error.charge_number) for error in found]


def test_billed_items_that_cannot_be_rated_are_an_error_where_they_may_have_used_a_coupon() -> None:
    unknown = replace(BILLED, price=None)
    assert errors(metered_20(unknown, coupon()), "Recurring") == [("MISSING_PRICE", "A-S1", "C-1")]
    assert errors(metered_20(unknown, coupon(charged_through_date=None)), "Recurring") == []
    assert errors(without_end(unknown)) == [("MISSING_PRICE", "A-S1", "C-1")]
    assert errors(without_end(replace(unknown, charged_through_date=None))) == []
