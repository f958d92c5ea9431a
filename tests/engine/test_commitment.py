"""Minimum commitments under the rule commitmentTrueUp: each month owes 500 less the usage that credits it.

Jan 1        Feb 1        Mar 1
  |--- 320 ---|--- 600 ---|      usage, at 1 a unit
  |    180    |     -     |      the true-up, in arrears
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from soapsvc.engine.invoices import upcoming_invoices
from soapsvc.engine.model import Account, Charge, UsageRecord
from tests.support.building import account, answer, metered, recurring, sound, statement, subscription, used

YEAR = "2024-01-01"
USED = (used("2024-01-10", 200), used("2024-01-20", 120), used("2024-02-10", 600))
TRUE_UP = recurring(500, YEAR, number="C-T", attributes={"chargeFunction": "CommitmentTrueUp"})
CREDITING = metered(1, YEAR, attributes={"chargeFunction": "CreditCommitment"})

pytestmark = pytest.mark.rule("9.6 minimum commitment")


def committed(*charges: Charge, records: tuple[UsageRecord, ...] = USED) -> Account:
    return account(subscription(*charges), usage=records, rules={"commitment_true_up": True})


def owed(whole: Account, target: str) -> list[str]:
    return [text for text in statement(whole, target) if text.startswith("C-T ")]


def codes(whole: Account, target: str) -> list[tuple[str, str]]:
    return [(note.kind, note.code) for note in sound(answer(whole, target)).notes]


def test_500_committed_and_320_used_leave_180_and_600_used_leave_nothing() -> None:
    whole = committed(CREDITING, TRUE_UP)
    assert owed(whole, "2024-01-31") == []
    assert owed(whole, "2024-02-01") == ["C-T 2024-01-01…2024-01-31 180.00"]
    assert owed(whole, "2024-03-01") == ["C-T 2024-01-01…2024-01-31 180.00"]
    assert codes(whole, "2024-03-01") == [("reason", "COMMITMENT_REACHED")]


def test_a_commitment_that_was_reached_has_no_item_at_all() -> None:
    whole = committed(CREDITING, TRUE_UP, records=(used("2024-01-10", 600),))
    assert owed(whole, "2024-02-01") == []
    assert codes(whole, "2024-02-01") == [("reason", "COMMITMENT_REACHED")]


def test_what_was_billed_beyond_its_end_comes_back_whole() -> None:
    """Billed to the end of February, removed as of February 1."""
    end, through = date(2024, 2, 1), date(2024, 3, 1)
    removed = replace(TRUE_UP, effective_end_date=end, charged_through_date=through)
    assert owed(committed(removed), "2024-03-01") == ["C-T 2024-02-01…2024-02-29 -500.00"]


@pytest.mark.parametrize(("function", "left"), [("DrawdownAndCreditCommitment", "180.00"), ("Standard", "500.00")])
def test_only_usage_that_credits_the_commitment_counts(function: str, left: str) -> None:
    whole = committed(replace(CREDITING, attributes={"chargeFunction": function}), TRUE_UP)
    assert owed(whole, "2024-02-01") == [f"C-T 2024-01-01…2024-01-31 {left}"]


def test_without_any_usage_all_of_the_500_is_owed() -> None:
    assert owed(committed(TRUE_UP), "2024-02-01") == ["C-T 2024-01-01…2024-01-31 500.00"]


def test_a_month_whose_usage_was_billed_before_is_left_out_with_a_warning() -> None:
    """January's usage was billed; what it came to is not known. February's was not."""
    billed = replace(CREDITING, charged_through_date=date(2024, 2, 1))
    whole = committed(billed, TRUE_UP, records=(used("2024-02-10", 100),))
    assert owed(whole, "2024-03-01") == ["C-T 2024-02-01…2024-02-29 400.00"]
    assert codes(whole, "2024-03-01") == [("warning", "COMMITMENT_TRUE_UP_LEFT_OUT")]


def test_the_180_land_on_the_invoice_of_the_day_after_the_month() -> None:
    whole = committed(CREDITING, TRUE_UP)
    result = replace(sound(answer(whole, "2024-02-01")), as_of=datetime(2023, 12, 1, tzinfo=UTC))
    found = upcoming_invoices(whole, result)
    assert [(str(each.day), each.amount, sum(map(len, each.blocks))) for each in found] == [
        ("2024-02-01", 500, 2)
    ]  # 320 of usage + 180


def test_the_180_are_explained() -> None:
    result = sound(answer(committed(CREDITING, TRUE_UP), "2024-02-01", explain=True))
    (item,) = [item for item in result.items() if item.facts.charge_number == "C-T"]
    assert item.trace is not None
    assert [str(step.value) for step in item.trace.steps] == ["500", "180"]
    assert item.trace.steps[-1].formula == "500 committed - 320 of usage credited"


def test_a_true_up_that_does_not_recur_is_left_out_with_a_warning() -> None:
    once = replace(TRUE_UP, type="OneTime")
    assert owed(committed(once), "2024-02-01") == []
    assert codes(committed(once), "2024-02-01") == [("warning", "COMMITMENT_TRUE_UP_LEFT_OUT")]
