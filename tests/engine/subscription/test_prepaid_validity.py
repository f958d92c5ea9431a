"""Which prepayment holds in which validity period, what lapses with it, and who is named where that is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from tests.engine.subscription.test_prepaid_funds import billed, drawdown, previewed, processed, topup, used
from tests.support.building import metered, segments, subscription

BY_QUARTER = {"validity_period": "Quarter"}


def units(charges: Subscription | tuple[Charge, ...], *records: Any, target: str) -> list[str]:
    """The month and the billed units of each item of usage, but for those of none."""
    lines = [line.split() for line in billed(charges, *records, target=target)]
    return [f"{line[0][:7]} {line[2]}" for line in lines if line[2] != "0"]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_unused_units_of_a_quarter_lapse_in_the_next() -> None:
    """
    Jan 1            Apr 1            Jul 1
      |---- 120 h -----|---- 120 h -----|
                          150 h in May                30 h beyond
    """
    assert units((topup(**BY_QUARTER), drawdown()), used("2024-05-10", 150), target="2024-06-01") == ["2024-05 30"]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_a_validity_period_may_be_of_two_months() -> None:
    """120 h for January and February, all unused, and 120 h from March on."""
    two = topup(validity_period="Specific_Months", specific_billing_period=2)
    assert units((two, drawdown()), used("2024-03-10", 100), used("2024-04-10", 50), target="2024-05-01") == [
        "2024-04 30"
    ]


@pytest.mark.rule("9.6 drawdown: validity periods")
def test_a_segment_that_starts_with_a_validity_period_holds_from_that_on() -> None:
    """120 h a quarter, 200 h from Apr 1 on: 150 h in February are 30 beyond, 250 h in May 50."""
    changed = segments(topup(**BY_QUARTER), topup(200, "2024-04-01", "2025-01-01", **BY_QUARTER))
    records = (used("2024-02-10", 150), used("2024-05-10", 250))
    assert units((*changed, drawdown()), *records, target="2024-06-01") == ["2024-02 30", "2024-05 50"]


@pytest.mark.rule("9.6 drawdown: validity periods")
@pytest.mark.parametrize(
    "end", [{"until": "2024-03-01"}, {"end_date_condition": "Specific_End_Date", "specific_end_date": "2024-03-01"}]
)
def test_a_monthly_prepayment_that_ends_on_mar_1_makes_no_fund_for_march(end: dict[str, Any]) -> None:
    ended = topup(validity_period="Month", **end)
    terms = (ended, drawdown())
    records = (used("2024-02-10", 120), used("2024-03-10", 50))
    assert units(terms, *records, target="2024-04-01") == ["2024-03 50"]


@pytest.mark.rule("9.6 drawdown: derived funds")
def test_a_prepayment_without_a_number_of_units_counts_once() -> None:
    prepaid = topup(None, attributes={"prepaidQuantity": 40})
    assert units((prepaid, drawdown()), used("2024-01-10", 50), target="2024-02-01") == ["2024-01 10"]


@pytest.mark.rule("9.6 drawdown: derived funds")
def test_usage_without_a_drawdown_is_billed_next_to_one_with_it() -> None:
    """The plain charge comes first, of hours too: both bill their own, and only one draws."""
    plain = metered(1, "2024-01-01", number="C-A", uom="Call", charged_through_date="2024-02-01")
    drawn = drawdown(charged_through_date="2024-02-01")
    records = (processed("2024-01-10", 100), used("2024-02-10", 50), used("2024-02-10", 7, uom="Call"))
    assert billed((topup(), plain, drawn), *records, target="2024-03-01") == [
        "2024-02-01…2024-02-29 7.00 7 Call",
        "2024-02-01…2024-02-29 60.00 30 Hour",
    ]


@pytest.mark.rule("9.6 drawdown: billed before")
def test_each_segment_of_a_drawdown_has_drawn_what_was_processed_in_it() -> None:
    """40 h in January and 40 h in February were billed by two segments: 40 of 120 are left for March."""
    first = drawdown(charged_through_date="2024-02-01")
    second = metered(3, "2024-02-01", uom="Hour", attributes=drawdown().attributes, charged_through_date="2024-03-01")
    records = (processed("2024-01-10", 40), processed("2024-02-10", 40), used("2024-03-10", 50))
    assert units((topup(), *segments(first, second)), *records, target="2024-04-01") == ["2024-03 10"]


@pytest.mark.rule("9.6 drawdown: unknown balances")
def test_a_warning_names_subscription_and_charge() -> None:
    notes = previewed((drawdown(),), used("2024-01-10", 5), target="2024-02-01").notes
    named = [(note.subscription_number, note.charge_number) for note in notes if note.code == "PREPAID_BALANCE_UNKNOWN"]
    assert named == [("A-S1", "C-U")]


@pytest.mark.parametrize(
    ("charge", "field"),
    [(topup(validity_period="Fortnight"), "validityPeriodType"), (topup(type="Sometimes"), "type")],
)
def test_a_prepayment_that_cannot_be_read_names_its_field(charge: Charge, field: str) -> None:
    errors = previewed(subscription(charge, drawdown()), used("2024-01-10", 5), target="2024-02-01").errors
    assert {(error.code, error.field) for error in errors} == {("UNKNOWN_VALUE", field)}


@pytest.mark.rule("9.6 drawdown: billed before")
def test_a_segment_that_was_billed_before_the_fund_began_hides_no_later_one() -> None:
    """Prepaid from Feb 1: of 120 h 40 were drawn in February, so that 100 h in March are 20 beyond."""
    first = drawdown(charged_through_date="2024-02-01")
    second = metered(3, "2024-02-01", uom="Hour", attributes=drawdown().attributes, charged_through_date="2024-03-01")
    charges = (topup(start="2024-02-01"), *segments(first, second))
    assert units(charges, processed("2024-02-10", 40), used("2024-03-10", 100), target="2024-04-01") == ["2024-03 20"]


@pytest.mark.rule("9.6 drawdown: unknown balances")
def test_a_drawdown_that_is_charged_through_its_start_was_not_billed_so_no_record_is_missed() -> None:
    begins = metered(2, "2024-02-01", uom="Hour", attributes=drawdown().attributes, charged_through_date="2024-02-01")
    assert units((topup(), begins), used("2024-02-10", 130), target="2024-03-01") == ["2024-02 10"]


@pytest.mark.rule("5 unknown trigger date")
def test_a_drawdown_with_an_unknown_start_draws_nothing_yet() -> None:
    pending = replace(drawdown(number="C-V"), effective_start_date=None)
    terms = subscription(topup(), drawdown())
    both = replace(terms, charges=(*terms.charges, pending))
    assert units(both, used("2024-01-10", 130), target="2024-02-01") == ["2024-01 10"]
