"""Usage that draws on prepayments without a list of funds: each prepayment makes one for every validity period.

prepaid    |---- 120 h ----|---- 120 h ----|
used       |---- 100 h ----|-- 100 + 30 h -|
billed              -            10 h
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription, UsageRecord
from soapsvc.engine.result import PreviewResult
from tests.support.building import (
    account,
    answer,
    line,
    metered,
    one_time,
    recurring,
    segments,
    sound,
    subscription,
)
from tests.support.building import used as recorded

YEAR = "2024-01-01"


def topup(units: object = 120, start: str = YEAR, until: str | None = None, **fields: Any) -> Charge:
    """A prepayment of units, by default for the term."""
    told = {"prepaidOperationType": "topup", "prepaidTotalQuantity": units, "prepaidUom": "Hour"}
    attributes = {**told, **fields.pop("attributes", {})}
    usual = {"number": "C-P", "billing_period": "Annual", "attributes": attributes}
    return recurring(1000, start, until, **{**usual, **fields})


def drawdown(price: object = 2, **fields: Any) -> Charge:
    attributes = {"prepaidOperationType": "drawdown", **fields.pop("attributes", {})}
    return metered(price, YEAR, **{"uom": "Hour", "attributes": attributes, **fields})


def used(start: str, units: object, **fields: Any) -> UsageRecord:
    return recorded(start, units, **{"uom": "Hour", **fields})


def processed(start: str, units: object, **fields: Any) -> UsageRecord:
    return used(start, units, rbe_status="Processed", **fields)


def previewed(
    what: Subscription | tuple[Charge, ...], *records: UsageRecord, target: str, **options: Any
) -> PreviewResult:
    terms = what if isinstance(what, Subscription) else subscription(*what)
    rules = options.pop("rules", {})
    told = {"formerBillCycleDay": 1}  # on demand: the bill cycle day has not changed
    return answer(account(terms, usage=records, rules=rules, attributes=told), target, **options)


def billed(what: Subscription | tuple[Charge, ...], *records: UsageRecord, target: str, **options: Any) -> list[str]:
    """The items of usage as `first day … last day amount quantity unit`; there must be no warning."""
    result = sound(previewed(what, *records, target=target, **options))
    assert [note.code for note in result.notes if note.kind == "warning"] == []
    return [
        f"{line(item)} {item.quantity:f} {item.facts.unit_of_measure}"
        for item in result.items()
        if item.facts.charge_type == "Usage"
    ]


def warnings(what: Subscription | tuple[Charge, ...], *records: UsageRecord, target: str, **options: Any) -> list[str]:
    notes = sound(previewed(what, *records, target=target, **options)).notes
    return [f"{note.code} {note.message}" for note in notes if note.kind == "warning"]


JANUARY = "2024-01-01…2024-01-31"


@pytest.mark.rule("9.6 drawdown: derived funds")
@pytest.mark.parametrize(("units", "expected"), [(100, []), (120, []), (150, [f"{JANUARY} 60.00 30 Hour"])])
def test_100_of_120_prepaid_hours_have_no_item_and_of_150_the_30_beyond_are_billed(
    units: int, expected: list[str]
) -> None:
    """A billed invoice; the charges have only their prepaidOperationType."""
    assert billed((topup(), drawdown()), used("2024-01-10", units), target="2024-02-01") == expected


@pytest.mark.rule("9.6 drawdown: derived funds")
@pytest.mark.parametrize("told", [{"drawdownUom": "Point"}, {}])
def test_60_hours_at_2_points_from_100_points_leave_20_to_bill(told: dict[str, object]) -> None:
    """The drawdown need not name the unit where there is only one."""
    prepaid = topup(100, attributes={"prepaidUom": "Point"})
    draws = drawdown(1, attributes={"drawdownRate": 2, **told})
    assert billed((prepaid, draws), used("2024-01-10", 60), target="2024-02-01") == [f"{JANUARY} 20.00 20 Point"]


@pytest.mark.rule("9.6 drawdown: derived funds")
def test_a_drawdown_without_a_unit_draws_on_the_fund_in_its_charges_unit() -> None:
    prepaid = (topup(100, attributes={"prepaidUom": "Point"}), topup(30, number="C-Q"))
    draws = drawdown(1, attributes={"drawdownRate": 1})
    assert billed((*prepaid, draws), used("2024-01-10", 50), target="2024-02-01") == [f"{JANUARY} 20.00 20 Hour"]
    third = drawdown(1, uom="Day", attributes={"drawdownRate": 1})
    assert billed_in_full(*prepaid, third, units=50) == "50.00"


def billed_in_full(*charges: Charge, units: int) -> str:
    result = sound(previewed(charges, used("2024-01-10", units, uom=charges[-1].uom), target="2024-02-01"))
    assert "PREPAID_BALANCE_UNKNOWN" in [note.code for note in result.notes]
    return next(f"{item.amount:f}" for item in result.items() if item.facts.charge_type == "Usage")


@pytest.mark.rule("9.6 drawdown: validity periods")
@pytest.mark.parametrize(
    ("validity", "expected"),
    [
        (None, ["2024-04-01…2024-04-30 140.00 70 Hour"]),
        ("SUBSCRIPTION_TERM", ["2024-04-01…2024-04-30 140.00 70 Hour"]),
        ("Annual", ["2024-04-01…2024-04-30 140.00 70 Hour"]),
        ("QUARTER", ["2024-03-01…2024-03-31 40.00 20 Hour"]),
        ("Month", ["2024-04-01…2024-04-30 0.00 0 Hour"]),
    ],
)
def test_every_validity_period_has_its_units_and_what_is_left_lapses(validity: str | None, expected: list[str]) -> None:
    """
    Jan       Feb       Mar       Apr
     |-- 20 ---|-- 20 ---|-- 100 --|-- 50 --|    120 prepaid for the term, or anew for every quarter or month
    """
    records = [used("2024-01-10", 20), used("2024-02-10", 20), used("2024-03-10", 100), used("2024-04-10", 50)]
    found = billed((topup(validity_period=validity), drawdown()), *records, target="2024-05-01")
    if validity in (None, "SUBSCRIPTION_TERM", "Annual"):
        assert found == ["2024-03-01…2024-03-31 40.00 20 Hour", "2024-04-01…2024-04-30 100.00 50 Hour"]
    else:
        assert found == ([] if validity == "Month" else expected)


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_a_renewal_prepays_anew() -> None:
    records = [used("2024-12-10", 120), used("2025-01-10", 130)]
    charges = (topup(), drawdown())
    assert billed(charges, *records, target="2025-02-01", renew="All") == ["2025-01-01…2025-01-31 20.00 10 Hour"]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_a_one_time_prepayment_is_valid_once() -> None:
    told = {"prepaidOperationType": "topup", "prepaidQuantity": 60, "prepaidUom": "Hour"}
    once = one_time(500, YEAR, number="C-P", quantity=2, validity_period="Quarter", attributes=told)
    records = [used("2024-02-10", 120), used("2024-04-10", 5)]
    assert billed((once, drawdown()), *records, target="2024-05-01") == ["2024-04-01…2024-04-30 10.00 5 Hour"]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_a_prepayment_that_ends_takes_its_fund_along() -> None:
    """
    Jan 1                 Feb 10           the prepayment ends on Feb 10
      |-- 120 h ------------|
          . 50    . 20 (Feb 5)    . 30 (Feb 20, billed)
    """
    terms = subscription(topup(until="2024-02-10"), drawdown(), end="2025-01-01")
    records = [used("2024-01-10", 50), used("2024-02-05", 20), used("2024-02-20", 30)]
    assert billed(terms, *records, target="2024-03-01") == ["2024-02-01…2024-02-29 60.00 30 Hour"]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_the_latest_segment_of_a_prepayment_says_what_its_validity_period_holds() -> None:
    """120 h a year, raised to 200 h on March 1: 130 + 60 h are covered, of 20 more 10 are billed."""
    prepaid = segments(topup(120), topup(200, "2024-03-01"))
    records = [used("2024-01-10", 130), used("2024-03-10", 60), used("2024-04-10", 20)]
    found = billed((*prepaid, drawdown()), *records, target="2024-05-01")
    assert found == ["2024-04-01…2024-04-30 20.00 10 Hour"]


@pytest.mark.rule("9.6 drawdown: derived funds")
def test_a_prepayment_that_begins_after_the_target_prepays_nothing_yet() -> None:
    prepaid = (topup(10), topup(500, "2024-02-15", number="C-Q", validity_period="Month"))
    records = [used("2024-01-10", 30), used("2024-02-20", 7)]
    assert billed((*prepaid, drawdown()), *records, target="2024-02-01") == [f"{JANUARY} 40.00 20 Hour"]
    assert billed((*prepaid, drawdown()), *records, target="2024-03-01") == [f"{JANUARY} 40.00 20 Hour"]


@pytest.mark.rule("9.6 drawdown: covered")
@pytest.mark.parametrize(
    ("units", "code", "why"),
    [
        (100, "PREPAID_COVERED", "is covered by prepaid funds from 2024-01-01 to 2024-02-01"),
        (0, "NOTHING_USED", "has nothing to bill from 2024-01-01 to 2024-02-01"),
    ],
)
def test_an_empty_preview_says_that_the_funds_cover_the_usage(units: int, code: str, why: str) -> None:
    records = [used("2024-01-10", units)] if units else [used("2024-03-10", 1)]
    result = previewed((topup(), drawdown()), *records, target="2024-02-01", exclude=frozenset({"Recurring"}))
    text = f"The usage of charge C-U of subscription A-S1 {why}."
    assert (code, text) in [(note.code, note.message) for note in sound(result).notes]
    assert len(result) == 0


# Usage that was billed before has drawn on the funds.


@pytest.mark.rule("9.6 drawdown: billed before")
def test_processed_records_have_drawn_on_the_fund() -> None:
    """100 of 120 h were processed; of 50 new ones 20 are covered."""
    charges = (topup(), drawdown(charged_through_date="2024-02-01"))
    records = [processed("2024-01-10", 100), used("2024-02-10", 50)]
    assert billed(charges, *records, target="2024-03-01") == ["2024-02-01…2024-02-29 60.00 30 Hour"]


@pytest.mark.rule("9.6 drawdown: billed before")
def test_without_processed_records_the_fund_counts_in_full_with_a_warning() -> None:
    charges = (topup(), drawdown(charged_through_date="2024-02-01"))
    (text,) = warnings(charges, used("2024-02-10", 50), target="2024-03-01")
    assert text == (
        "PREPAID_BALANCE_UNKNOWN Charge C-U: it was billed to 2024-02-01, but no processed usage record shows what it "
        "drew until then; it is assumed that the funds are unused. Import the processed usage records."
    )


def test_usage_billed_before_the_funds_start_needs_no_record() -> None:
    charges = (topup(start="2024-02-01"), drawdown(charged_through_date="2024-02-01"))
    assert billed(charges, used("2024-02-10", 50), target="2024-03-01") == []
    untouched = (topup(), drawdown(charged_through_date=YEAR))
    assert billed(untouched, used("2024-01-10", 50), target="2024-02-01") == []


@pytest.mark.rule("9.6 drawdown: billed before")
def test_on_demand_only_the_new_units_draw_on_the_rest_of_the_funds() -> None:
    """120 h, 110 processed; 30 new ones: 20 are left to bill."""
    draws = drawdown(usage_record_rating_option="OnDemand", charged_through_date="2024-01-11")
    records = [processed("2024-01-10", 110), used("2024-01-15", 30)]
    assert billed((topup(), draws), *records, target="2024-01-20") == ["2024-01-01…2024-01-19 40.00 20 Hour"]


@pytest.mark.rule("9.6 drawdown: billed before")
def test_late_records_draw_on_the_fund_too() -> None:
    draws = drawdown(charged_through_date="2024-02-01")
    records = [processed("2024-01-10", 100), used("2024-01-20", 50)]
    late = {"late_usage": True}
    assert billed((topup(), draws), *records, target="2024-02-01", rules=late) == [f"{JANUARY} 60.00 30 Hour"]


MONEY = {"prepaymentUnitType": "CURRENCY"}


@pytest.mark.rule("9.6 drawdown: derived funds")
@pytest.mark.parametrize("field", ["prepaidTotalQuantity", "prepaidCommittedAmount"])
def test_prepaid_money_pays_what_usage_came_to_also_before(field: str) -> None:
    """300 of money: 200 were billed in January (100 h at 2), February's 80 h at 2 are 160, the fund pays 100."""
    told = {"prepaidTotalQuantity": None, field: 300, **MONEY}
    charges = (topup(attributes=told), drawdown(attributes=MONEY, charged_through_date="2024-02-01"))
    records = [processed("2024-01-10", 100), used("2024-02-10", 80)]
    assert billed(charges, *records, target="2024-03-01") == ["2024-02-01…2024-02-29 60.00 80 Hour"]


def test_processed_records_of_a_charge_that_was_never_billed_draw_no_money() -> None:
    charges = (topup(attributes=MONEY), drawdown(attributes=MONEY))
    records = [processed("2024-01-10", 100), used("2024-01-20", 80)]
    assert billed(charges, *records, target="2024-02-01") == [f"{JANUARY} 40.00 80 Hour"]


# Unknown values have warnings.


@pytest.mark.rule("9.6 drawdown: unknown balances")
@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        (
            {"prepaidTotalQuantity": None},
            "Charge C-P: it has no prepaidTotalQuantity, so the prepaid quantity is unknown.",
        ),
        ({"prepaidOperationType": ""}, "Charge C-U: no prepaid fund in Hour is known, so its usage is billed in full."),
        (
            {"isRollover": True},
            "Charge C-P: it is assumed that unused units lapse with their validity period and do not roll over.",
        ),
    ],
)
def test_an_unknown_balance_of_a_prepayment_is_a_warning(attributes: dict[str, object], told: str) -> None:
    found = warnings((topup(attributes=attributes), drawdown()), used("2024-01-10", 50), target="2024-02-01")
    assert f"PREPAID_BALANCE_UNKNOWN {told}" in found


@pytest.mark.rule("9.6 drawdown: unknown balances")
def test_a_drawdown_of_money_without_a_prepayment_is_said() -> None:
    (text,) = warnings((drawdown(attributes=MONEY),), used("2024-01-10", 50), target="2024-02-01")
    assert "no prepaid fund in money is known" in text


def test_a_prepayment_without_a_start_makes_no_fund() -> None:
    terms = subscription(drawdown())
    whole = replace(terms, charges=(*terms.charges, replace(topup(), effective_start_date=None)))
    assert "no prepaid fund in Hour is known" in warnings(whole, used("2024-01-10", 50), target="2024-02-01")[0]


def test_a_validity_period_in_weeks_is_an_error() -> None:
    result = previewed((topup(validity_period="Week"), drawdown()), used("2024-01-10", 5), target="2024-02-01")
    assert [(error.code, error.field) for error in result.errors] == [("INVALID_VALIDITY_PERIOD", "validityPeriodType")]


def test_a_drawdown_that_only_draws_when_there_is_usage_is_left_alone() -> None:
    """No usage at all, no drawdown, a subscription of its own: nothing is derived, nothing warned of."""
    assert billed((topup(), drawdown()), target="2024-02-01") == []
    assert billed((topup(), metered(2, YEAR, uom="Hour")), used("2024-01-10", 5), target="2024-02-01") == [
        f"{JANUARY} 10.00 5 Hour"
    ]


@pytest.mark.rule("9.6 imported funds")
def test_a_list_of_funds_is_believed_before_the_prepayment() -> None:
    """120 h are prepaid, but the list says that 30 are left."""
    listed = {"prepaidBalanceFunds": [{"startDate": YEAR, "totalBalance": 30, "uom": "Hour"}]}
    charges = (topup(attributes=listed), drawdown())
    assert billed(charges, used("2024-01-10", 50), target="2024-02-01") == [f"{JANUARY} 40.00 20 Hour"]


@pytest.mark.rule("9.6 drawdown: derived funds")
def test_a_prepayment_serves_its_own_subscription() -> None:
    own = subscription(topup(), drawdown(), subscription_number="A-S1")
    other = subscription(drawdown(number="C-V"), topup(10, number="C-Q"), subscription_number="A-S2")
    records = (used("2024-01-10", 50, charge_number="C-U"), used("2024-01-10", 50, charge_number="C-V"))
    result = sound(answer(account(own, other, usage=records), "2024-02-01"))
    assert [line(item) for item in result.items() if item.facts.charge_type == "Usage"] == [f"{JANUARY} 80.00"]
