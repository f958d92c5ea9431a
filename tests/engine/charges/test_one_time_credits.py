"""One-time charges that were billed and then removed: they are credited once, under the tenant's rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from soapsvc.engine.account import Charge
from tests.support.building import amount_off, answer, billed, one_time, percent_off, recurring, statement, subscription


def set_up_removed(day: str, through: str) -> Charge:
    """A set-up fee of 150 on Mar 11 whose plan is removed from `day` on, billed through the day before `through`."""
    fee = one_time(150, "2024-03-11", charged_through_date=through, removed=True, name="Set-up")
    return replace(fee, effective_end_date=date.fromisoformat(day))


@pytest.mark.rule("7.5 one-time credits")
@pytest.mark.parametrize(("allowed", "expected"), [(False, []), (True, ["2024-03-11 -150.00"])])
def test_a_one_time_charge_billed_and_then_removed_on_its_day(allowed: bool, expected: list[str]) -> None:
    removed = set_up_removed("2024-03-11", through="2024-03-12")
    assert billed(removed, "2024-12-31", rules={"credit_one_time": allowed}) == expected
    names = [item.charge_name for item in answer(removed, "2024-12-31", rules={"credit_one_time": allowed}).items()]
    assert names == ["Set-up -- Credit"] * len(expected)


@pytest.mark.rule("7.5 one-time credits")
@pytest.mark.parametrize(("day", "through"), [("2024-03-11", "2024-03-11"), ("2024-03-12", "2024-03-12")])
def test_a_one_time_charge_credited_already_or_removed_after_its_day_is_not_credited(day: str, through: str) -> None:
    """
             Mar 11  Mar 12
    billed     |-------|         comes back where the charge ends on Mar 11
    given back |                 the charged-through date is the end again, and no preview gives it back once more
    """
    assert billed(set_up_removed(day, through), "2024-12-31", rules={"credit_one_time": True}) == []


@pytest.mark.rule("7.5 one-time credits")
@pytest.mark.parametrize(
    ("allowed", "expected"), [(False, []), (True, ["2024-03-11 -150.00", "2024-03-11…2024-03-11 75.00"])]
)
def test_a_one_time_charge_billed_and_then_cancelled(allowed: bool, expected: list[str]) -> None:
    """With its discount of half. Cancelled on its very day, from the start."""
    charge = one_time(150, "2024-03-11", charged_through_date="2024-03-12")
    half = percent_off(50, "2024-03-11", "2024-03-11", original_effective_end_date="2025-03-11")
    cancelled = subscription(charge, half, end="2024-03-11", status="Cancelled")
    assert billed(cancelled, "2024-12-31", rules={"credit_one_time": allowed}) == expected


@pytest.mark.rule("7.5 one-time credits")
def test_a_one_time_credit_is_not_given_before_its_day() -> None:
    removed = set_up_removed("2024-03-11", through="2024-03-12")
    assert billed(removed, "2024-03-10", rules={"credit_one_time": True}) == []


@pytest.mark.rule("8.4 balance: what was billed")
@pytest.mark.parametrize(("through", "given_back"), [("2024-03-12", ["C-O -150.00", "C-D1 20.00"]), ("2024-03-11", [])])
def test_a_fee_that_is_credited_restores_the_coupon_of_20(through: str, given_back: list[str]) -> None:
    """The fee of 150 took 20 off in March. A charge of half a month takes all 20 after it."""
    fee, coupon = set_up_removed("2024-03-11", through), amount_off(20, "2024-03-01", charged_through_date="2024-04-01")
    other = recurring(100, "2024-03-16", "2024-04-01")
    terms = subscription(fee, other, coupon, start="2024-03-01")
    lines = statement(terms, "2024-03-31", rules={"credit_one_time": True})
    assert [" ".join(each.split()[::2]) for each in lines] == [*given_back, "C-1 51.61", "C-D1 -20.00"]
