"""Bill runs: what an account looks like once a preview was billed, and that the next preview starts after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, Charge, TakenOff
from soapsvc.engine.lifecycle import bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from tests.support.building import (
    AS_OF,
    account,
    amount_off,
    answer,
    billed,
    metered,
    one_time,
    percent_off,
    recurring,
    segments,
    sound,
    statement,
    subscription,
    used,
)

RULE = pytest.mark.rule("12 bill runs")


def after(whole: Account, target: str, **options: Any) -> Account:
    """The account after a bill run up to the target."""
    request = PreviewRequest(date.fromisoformat(target), **options)
    return bill(whole, request, sound(preview(whole, request, AS_OF)))


def charge(whole: Account, number: str = "C-1") -> Charge:
    return next(each for part in whole.subscriptions for each in part.charges if each.number == number)


def dates(whole: Account, number: str = "C-1") -> tuple[str, str]:
    """When the charge is charged and processed through."""
    found = charge(whole, number)
    return f"{found.charged_through_date}", f"{found.processed_through_date}"


@RULE
@pytest.mark.parametrize(
    ("what", "target", "through"),
    [
        (recurring(30, "2024-01-16"), "2024-03-05", ("2024-04-01", "2024-03-01")),
        (recurring(30, "2024-01-16", billing_timing="IN_ARREARS"), "2024-03-05", ("2024-03-01", "2024-03-01")),
        (one_time(99, "2024-01-16", number="C-1"), "2024-03-05", ("2024-01-17", "2024-01-17")),
        (metered(2, "2024-01-01", number="C-1"), "2024-03-05", ("2024-03-01", "2024-03-01")),
        (recurring(30, "2024-01-16"), "2024-01-15", ("None", "None")),
    ],
    ids=["in advance", "in arrears", "once", "usage", "nothing due"],
)
def test_charges_are_charged_through_the_end_of_what_was_billed(what: Charge, target: str, through: object) -> None:
    """In advance the last period is yet to pass, so that only what comes before it is processed."""
    whole = after(account(what), target)
    assert dates(whole) == through
    assert billed(whole, target) == []


@RULE
def test_the_next_preview_starts_after_the_invoice() -> None:
    whole = after(account(recurring(30, "2024-01-16")), "2024-02-01")
    assert billed(whole, "2024-03-01") == ["2024-03-01…2024-03-31 30.00"]


@RULE
def test_a_credit_moves_the_charged_through_date_back_to_its_start() -> None:
    """
    Jan 1              Mar 15                        Jan 1
      |---- kept --------|------------ back -----------|
    """
    yearly = recurring(366, "2024-01-01", "2024-03-15", billing_period="Annual", charged_through_date="2025-01-01")
    for processed in (None, date(2024, 1, 1)):
        began = replace(yearly, processed_through_date=processed)
        whole = after(account(subscription(began, end="2025-01-01")), "2024-03-15")
        assert dates(whole) == ("2024-03-15", f"{processed}")
        assert billed(whole, "2024-12-31") == []


@RULE
def test_a_removed_one_time_charge_is_credited_once() -> None:
    gone = one_time(99, "2024-01-16", number="C-1", charged_through_date="2024-01-17", removed=True)
    gone = replace(gone, effective_end_date=date(2024, 1, 16))
    whole = account(subscription(gone, end="2025-01-01"), rules={"credit_one_time": True, "invoice_settlement": True})
    assert len(answer(whole, "2024-02-01").credit_memo_blocks) == 1
    assert not answer(after(whole, "2024-02-01"), "2024-02-01").credit_memo_blocks


@RULE
def test_an_account_that_cannot_be_rated_stays_as_it_is() -> None:
    whole = account(recurring(None, "2024-01-16"))
    request = PreviewRequest(date(2024, 2, 1))
    result = preview(whole, request, AS_OF)
    assert result.errors
    assert bill(whole, request, result) is whole


@RULE
def test_a_bill_run_bills_all_subscriptions_of_an_account() -> None:
    whole = account(recurring(30, "2024-01-16"))
    request = PreviewRequest(date(2024, 2, 1), subscription_numbers=frozenset({"A-S1"}))
    with pytest.raises(ValueError, match="select all of them"):
        bill(whole, request, preview(whole, request, AS_OF))


@RULE
def test_an_excluded_charge_type_is_not_billed() -> None:
    whole = account(metered(2, "2024-01-01"), recurring(30, "2024-01-16"), usage=(used("2024-01-20", 5),))
    whole = after(whole, "2024-02-01", exclude=frozenset({"Usage"}))
    assert statement(whole, "2024-02-01") == ["C-U 2024-01-01…2024-01-31 10.00"]


@RULE
def test_subscriptions_in_two_currencies_are_billed_together() -> None:
    parts = [
        subscription(recurring(30, "2024-01-01", number=number), subscription_number=name, currency=currency)
        for number, name, currency in (("C-1", "A-S1", "USD"), ("C-2", "A-S2", "EUR"))
    ]
    whole = after(account(*parts), "2024-02-01")
    assert [dates(whole, number)[0] for number in ("C-1", "C-2")] == ["2024-03-01", "2024-03-01"]


def statuses(whole: Account) -> list[tuple[str | None, tuple[str, ...] | None]]:
    return [(record.rbe_status, record.billed_charges) for record in whole.usage]


@RULE
def test_the_records_of_billed_periods_are_processed_those_of_open_ones_wait() -> None:
    usage = (used("2024-01-20", 5), used("2024-02-20", 7), used("2024-01-20", 5, uom="Hour"))
    whole = after(account(metered(2, "2024-01-01"), usage=usage), "2024-02-15")
    assert statuses(whole) == [("Processed", None), (None, None), (None, None)]
    assert billed(whole, "2024-03-01") == ["2024-02-01…2024-02-29 14.00"]


@RULE
def test_a_record_of_two_charges_waits_for_the_second_one() -> None:
    """
    monthly      |-- Jan --|-- Feb --|-- Mar --|      5 units of January: billed in February …
    quarterly    |-------- 1st quarter --------|      … and in April
    """
    charges = (metered(2, "2024-01-01"), metered(3, "2024-01-01", number="C-Q", billing_period="Quarter"))
    whole = after(account(*charges, usage=(used("2024-01-20", 5),)), "2024-02-01")
    assert statuses(whole) == [("Processed", ("C-U",))]
    assert statement(whole, "2024-03-01") == ["C-U 2024-02-01…2024-02-29 0.00"]
    whole = after(whole, "2024-03-01")
    assert statement(whole, "2024-04-01") == ["C-Q 2024-01-01…2024-03-31 15.00", "C-U 2024-03-01…2024-03-31 0.00"]
    assert statuses(after(whole, "2024-04-01")) == [("Processed", None)]


@RULE
def test_late_records_that_a_later_run_bills_are_processed_too() -> None:
    whole = after(account(metered(2, "2024-01-01"), rules={"late_usage": True}), "2024-02-01")
    late = replace(whole, usage=(used("2024-01-20", 5),))
    assert billed(late, "2024-02-01") == ["2024-01-01…2024-01-31 10.00"]
    assert statuses(after(late, "2024-02-01")) == [("Processed", None)]


@RULE
def test_late_usage_of_an_unbilled_stub_has_no_item() -> None:
    """
    Jan 10        Feb 1         Mar 1
      |-- skipped --|--- billed ---|      5 units of January are not late, but never billed
    """
    rules = {"late_usage": True, "bill_usage_partial_month": False}
    whole = account(metered(2, "2024-01-10"), usage=(used("2024-01-20", 5),), rules=rules)
    assert billed(whole, "2024-04-01")[0] == "2024-02-01…2024-02-29 0.00"
    assert billed(after(whole, "2024-03-01"), "2024-04-01") == ["2024-03-01…2024-03-31 0.00"]


@RULE
@pytest.mark.parametrize(
    ("told", "target", "left"),
    [
        ({}, "2024-01-20", (None, None)),
        ({"billed_amount_in_period": 4, "billed_quantity_in_period": 2}, "2024-01-20", ("10.00", "5")),
        ({"billed_amount_in_period": 4}, "2024-01-20", ("10.00", "5")),
        ({"billed_amount_in_period": 4, "billed_quantity_in_period": 2}, "2024-02-01", (None, None)),
        ({"billed_amount_in_period": 4, "billed_quantity_in_period": 2}, "2024-02-10", ("2.00", "1")),
    ],
    ids=["not told", "the period goes on", "amount only", "the period has ended", "the next one is open"],
)
def test_the_amount_billed_in_an_open_period_on_demand_is_kept(
    told: Mapping[str, Any], target: str, left: tuple[str | None, str | None]
) -> None:
    """Billed on demand to Jan 10: 2 units of 5 until Jan 20, and one in February."""
    on_demand = metered(
        2, "2024-01-01", usage_record_rating_option="OnDemand", charged_through_date="2024-01-10", **told
    )
    usage = (used("2024-01-05", 2, rbe_status="Processed"), used("2024-01-15", 3), used("2024-02-05", 1))
    found = charge(after(account(on_demand, usage=usage), target), "C-U")
    amount, quantity = found.billed_amount_in_period, found.billed_quantity_in_period
    assert (amount and f"{amount:f}", quantity and f"{quantity:f}") == left
    assert f"{found.charged_through_date}" == target


@RULE
def test_an_on_demand_period_that_ended_with_its_charge_is_not_billed_again() -> None:
    """
    Jan 1         Jan 20      Feb 1
      |-- 6.50 ------|           the fee of a month without usage, once
    """
    fee = metered("6.5", "2024-01-01", "2024-01-20", model="FlatFee", usage_record_rating_option="OnDemand")
    whole = account(subscription(fee, end="2025-01-01"))
    assert billed(whole, "2024-02-01") == ["2024-01-01…2024-01-19 6.50"]
    assert billed(after(whole, "2024-02-01"), "2024-03-01") == []


@RULE
def test_a_period_that_prepaid_funds_cover_is_billed_without_an_item() -> None:
    funds = [{"startDate": "2024-01-01", "totalBalance": Decimal(8), "uom": "Each", "note": "kept"}]
    draws = {"prepaidOperationType": "drawdown"}
    drawing = metered(2, "2024-01-01", attributes=draws)
    usage = (used("2024-01-20", 5), used("2024-02-20", 5))
    whole = account(subscription(drawing, attributes={"prepaidBalanceFunds": funds, "other": 1}), usage=usage)
    whole = after(whole, "2024-02-01")
    assert dates(whole, "C-U")[0] == "2024-02-01"
    (terms,) = whole.subscriptions
    assert terms.attributes == {"prepaidBalanceFunds": [{**funds[0], "totalBalance": Decimal(3)}], "other": 1}  # type: ignore[dict-item]
    assert billed(whole, "2024-03-01") == ["2024-02-01…2024-02-29 4.00"]


@RULE
def test_funds_of_a_charge_are_drawn_too_those_of_others_stay() -> None:
    def listed(unit: str, left: object) -> dict[str, Any]:
        return {"prepaidBalanceFunds": [{"startDate": "2024-01-01", "totalBalance": left, "uom": unit}]}

    draws = {"prepaidOperationType": "drawdown"}
    charges = (
        metered(2, "2024-01-01", attributes={**draws, **listed("Each", 8)}),
        recurring(9, "2024-01-01", attributes=listed("Hour", 4)),
    )
    whole = after(account(*charges, usage=(used("2024-01-20", 5),)), "2024-02-01")
    assert charge(whole, "C-U").attributes == {**draws, **listed("Each", 3)}
    assert charge(whole, "C-1").attributes == listed("Hour", 4)


@RULE
def test_a_fixed_amount_remembers_which_items_used_it_usage_too() -> None:
    """25 a month on usage of 10 a month and a fee of 30: in February 10 and 15 of them are taken off."""
    charges = (metered(2, "2024-01-01"), recurring(30, "2024-01-01"), amount_off(25, "2024-01-01"))
    usage = tuple(used(f"2024-0{month}-20", 5) for month in (1, 2, 3))
    whole = account(*charges, usage=usage, bill_cycle_day=1)
    first = after(whole, "2024-02-01")
    assert charge(first, "C-D1").taken_off == (
        TakenOff("C-1-1", date(2024, 1, 1), Decimal("25.00")),
        TakenOff("C-1-1", date(2024, 2, 1), Decimal("25.00")),
    )
    second = after(replace(whole, subscriptions=(subscription(charges[0], charges[2]),)), "2024-02-01")
    assert charge(second, "C-D1").taken_off == (TakenOff("C-U-1", date(2024, 1, 1), Decimal("10.00")),)


@RULE
def test_a_balance_that_usage_has_used_is_not_given_twice() -> None:
    """
    balance of a quarter   |=========== 25 ===========|
    usage of 20 a month    |- 20 off -|- 5 off -|- 0 -|      one invoice a month
    """
    charges = (metered(2, "2024-01-01"), amount_off(25, "2024-01-01", billing_period="Quarter"))
    whole = account(*charges, usage=tuple(used(f"2024-0{month}-20", 10) for month in (1, 2, 3)))
    taken = []
    for target in ("2024-02-01", "2024-03-01", "2024-04-01"):
        taken += [line for line in statement(whole, target) if line.startswith("C-D1")]
        whole = after(whole, target)
    assert taken == ["C-D1 2024-01-01…2024-01-31 -20.00", "C-D1 2024-02-01…2024-02-29 -5.00"]


@RULE
def test_the_credit_of_a_fixed_amount_restores_its_balance() -> None:
    """
    Jan 1      Jan 11                    Jan 1
      |-- 10 -----|--------- back ---------|      366 a year, 100 off; what is kept, 10, takes 10 of the balance
    """
    yearly = recurring(366, "2024-01-01", billing_period="Annual")
    whole = after(account(yearly, amount_off(100, "2024-01-01", billing_period="Annual")), "2024-01-01")
    assert charge(whole, "C-D1").taken_off == (TakenOff("C-1-1", date(2024, 1, 1), Decimal("100.00")),)
    removed = replace(charge(whole), effective_end_date=date(2024, 1, 11), removed=True)
    (terms,) = whole.subscriptions
    whole = replace(whole, subscriptions=(replace(terms, charges=(removed, charge(whole, "C-D1"))),))
    assert statement(whole, "2024-02-01") == [
        "C-1 2024-01-11…2024-12-31 -356.00",
        "C-D1 2024-01-11…2024-12-31 90.00",
    ]
    whole = after(whole, "2024-02-01")
    assert charge(whole, "C-D1").taken_off == (TakenOff("C-1-1", date(2024, 1, 1), Decimal("10.00")),)


@RULE
def test_a_fixed_amount_that_does_not_know_what_it_took_off_stays_unknown() -> None:
    known = {"charged_through_date": "2024-02-01"}
    whole = account(recurring(30, "2024-01-01", **known), amount_off(5, "2024-01-01", **known))
    assert charge(after(whole, "2024-02-01"), "C-D1").taken_off is None


@RULE
@pytest.mark.parametrize(
    ("known", "comes_back"),
    [({}, ["C-D1 2024-03-15…2024-12-31 226.00"]), ({"taken_off": ()}, [])],
    ids=["taken to have been taken off", "known not to have been"],
)
def test_a_fixed_amount_that_did_not_reduce_an_item_has_no_credit(known: dict[str, Any], comes_back: list[str]) -> None:
    """
    Jan 1        Mar 15                       Jan 1
      |-- 74 kept --|-------- 292 back ---------|      300 off: 74 of them stay with what is kept
    """
    yearly = recurring(366, "2024-01-01", "2024-03-15", billing_period="Annual", charged_through_date="2025-01-01")
    coupon = amount_off(300, "2024-01-01", billing_period="Annual", **known)
    whole = account(subscription(yearly, coupon, end="2025-01-01"))
    assert statement(whole, "2024-03-15") == ["C-1 2024-03-15…2024-12-31 -292.00", *comes_back]
    assert not charge(after(whole, "2024-03-15"), "C-D1").taken_off


@RULE
def test_a_discount_that_continues_after_a_pause_has_a_new_balance() -> None:
    """25 a year, 20 of them taken off before the pause: after it the balance is that of the rest of the year."""
    before = amount_off(25, "2024-01-01", "2024-02-01", billing_period="Annual")
    taken = (TakenOff("C-1-1", date(2024, 1, 1), Decimal(20)),)
    rest = replace(before, id="C-D1-2", segment=2, effective_start_date=date(2024, 7, 1), taken_off=taken)
    rest = replace(rest, effective_end_date=date(2025, 1, 1), charged_through_date=date(2024, 2, 1))
    fee = recurring(20, "2024-01-01", charged_through_date="2024-07-01")
    found = statement(account(subscription(fee, before, rest, end="2025-01-01")), "2024-07-01")
    assert found[1] == "C-D1 2024-07-01…2024-07-31 -12.57"


@RULE
def test_a_discount_is_charged_through_its_item_but_no_further_than_it_lasts() -> None:
    yearly = recurring(366, "2024-01-01", billing_period="Annual")
    for until, through in ((None, "2025-01-01"), ("2024-03-15", "2024-03-15")):
        whole = account(subscription(yearly, percent_off(10, "2024-01-01", until), end="2025-01-01"))
        assert dates(after(whole, "2024-02-01"), "C-D1") == (through, "2024-01-01")


@RULE
def test_segments_of_a_charge_have_their_own_dates() -> None:
    first, second = segments(recurring(30, "2024-01-01"), recurring(60, "2024-02-10"))
    whole = after(account(subscription(first, second, end="2025-01-01")), "2024-02-20")
    assert [f"{each.charged_through_date}" for each in whole.subscriptions[0].charges] == ["2024-02-10", "2024-03-01"]


@RULE
def test_billed_usage_of_zero_units_is_known_to_be_zero() -> None:
    """A true-up after a bill run without usage is the whole commitment; without the run the usage is unknown."""
    charges = (
        metered(1, "2024-01-01", attributes={"chargeFunction": "CreditCommitment"}),
        recurring(300, "2024-01-01", number="C-T", billing_period="Quarter",
                  attributes={"chargeFunction": "CommitmentTrueUp"}),
    )  # fmt: skip
    whole = after(account(*charges, rules={"commitment_true_up": True}), "2024-02-01")
    assert "C-T 2024-01-01…2024-03-31 300.00" in statement(whole, "2024-04-01")
    unknown = replace(charges[0], charged_through_date=date(2024, 2, 1))
    result = answer(account(unknown, charges[1], rules={"commitment_true_up": True}), "2024-04-01")
    assert "COMMITMENT_TRUE_UP_LEFT_OUT" in {note.code for note in result.notes}


@RULE
def test_a_day_later_everything_is_billed_still() -> None:
    whole = after(account(recurring(30, "2024-01-16")), "2024-02-01")
    again = after(whole, str(date(2024, 2, 1) + timedelta(1)))
    assert again == whole


@RULE
@pytest.mark.parametrize(("price", "units"), [(2, 0), (0, 3)])
def test_on_demand_records_of_no_amount_are_billed_once_by_an_item_of_nothing(price: int, units: int) -> None:
    charge = metered(price, "2024-01-01", usage_record_rating_option="OnDemand")
    whole = account(charge, usage=(used("2024-01-01", units),))
    assert billed(whole, "2024-01-02") == ["2024-01-01…2024-01-01 0.00"]
    assert billed(after(whole, "2024-01-02"), "2024-02-01") == []


@RULE
@pytest.mark.parametrize("until", ["2024-05-01", "2024-05-20"])
def test_usage_on_demand_after_the_term_is_billed_also_if_a_bill_run_fell_into_its_period(until: str) -> None:
    """
    2 an hour; the term ends on May 1 and is not renewed; a bill run on May 1 or 20, and one on Jul 1.

    Apr 1 - 3 hours -   May 1    May 20    - 4 hours, May 25 -     Jul 1
      |----- 6 -----------|--------|-------------- 8 ---------------|
    """
    rules = {"invoice_past_end_of_term_auto_renew_off": True}
    hours = metered(2, "2024-01-01", "2024-05-01", billing_period="Quarter", usage_record_rating_option="OnDemand")
    terms = subscription(hours, start="2024-01-01", end="2024-05-01")
    whole = account(terms, rules=rules, usage=(used("2024-04-10", 3), used("2024-05-25", 4)))
    first = after(whole, until)
    last = answer(first, "2024-07-01")
    assert [f"{item.amount:f} for {item.quantity:f}" for item in last.items()] == ["8.00 for 4"]
    assert statement(after(first, "2024-07-01"), "2024-10-01") == []
