"""Minimum commitments under the rule commitmentTrueUp: each month owes 500 less the usage that credits it.

Jan 1        Feb 1        Mar 1
  |--- 320 ---|--- 600 ---|      usage, at 1 a unit
  |    180    |     0     |      the true-up, in arrears
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from soapsvc.engine.account import Account, Charge, UsageRecord
from soapsvc.engine.documents import upcoming_invoices
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
    assert owed(whole, "2024-03-01") == ["C-T 2024-01-01…2024-01-31 180.00", "C-T 2024-02-01…2024-02-29 0.00"]
    assert codes(whole, "2024-03-01") == []


def month(commitment: str, used_units: str, price: str = "1", **options: object) -> list[str]:
    """The items of January as `charge amount quantity`, of a commitment and of units used at a price."""
    true_up = replace(TRUE_UP, price=Decimal(commitment))
    usage = replace(CREDITING, price=Decimal(price))
    whole = committed(usage, true_up, records=(used("2024-01-10", used_units),))
    items = sound(answer(whole, "2024-02-01", **options)).items()
    return [f"{item.facts.charge_number} {item.amount} {item.quantity:f}" for item in items]


@pytest.mark.parametrize(
    ("commitment", "units", "price", "expected"),
    [
        ("7885", "8388", "1", ["C-U 7885.00 7885", "C-U 503.00 503", "C-T 0.00 1"]),  # a billed invoice
        ("7885", "4194", "2", ["C-U 7885.00 3942.5", "C-U 503.00 251.5", "C-T 0.00 1"]),
        ("100", "101", "3", ["C-U 100.00 33.333333333", "C-U 203.00 67.666666667", "C-T 0.00 1"]),
        ("500", "500", "1", ["C-U 500.00 500", "C-T 0.00 1"]),
        ("500", "499", "1", ["C-U 499.00 499", "C-T 1.00 1"]),
    ],
)
def test_usage_beyond_the_commitment_is_an_item_of_its_own_and_the_true_up_one_of_0(
    commitment: str, units: str, price: str, expected: list[str]
) -> None:
    assert month(commitment, units, price) == expected


def test_the_item_that_crosses_the_commitment_is_divided_also_before_the_true_up_is_due() -> None:
    """
    Jan 1          Feb 1          Mar 1          Apr 1
      |--- 300 ------|--- 400 ------|--- 100 …              500 committed for the quarter: 300, 200 + 200, 100
    """
    quarter = replace(TRUE_UP, billing_period="Quarter")
    records = (used("2024-01-10", 300), used("2024-02-10", 400), used("2024-03-10", 100))
    whole = committed(CREDITING, quarter, records=records)
    usage = ["C-U 2024-01-01…2024-01-31 300.00", "C-U 2024-02-01…2024-02-29 200.00", "C-U 2024-02-01…2024-02-29 200.00"]
    assert statement(whole, "2024-03-01") == usage
    assert statement(whole, "2024-04-01") == [
        *usage, "C-U 2024-03-01…2024-03-31 100.00", "C-T 2024-01-01…2024-03-31 0.00"
    ]  # fmt: skip


QUARTER = replace(TRUE_UP, billing_period="Quarter", price=Decimal(25000))
THREE_MONTHS = (("2024-01-10", "5380.50"), ("2024-02-10", "10084.50"), ("2024-03-10", "6985.50"))


@pytest.mark.parametrize(
    "through", [None, "2024-02-01", "2024-03-01", "2024-04-01"], ids=["none", "one", "two", "all three"]
)
def test_25000_less_three_months_of_usage_is_2549_50_however_many_were_billed_before(through: str | None) -> None:
    """5380.50 + 10084.50 + 6985.50 = 22450.50; the processed records say what was billed."""
    billed = date.fromisoformat(through) if through else None
    records = tuple(
        used(day, units, rbe_status="Processed" if through and day < through else "Pending")
        for day, units in THREE_MONTHS
    )
    whole = committed(replace(CREDITING, charged_through_date=billed), QUARTER, records=records)
    assert owed(whole, "2024-04-01") == ["C-T 2024-01-01…2024-03-31 2549.50"]
    assert codes(whole, "2024-04-01") == []


def test_usage_billed_before_uses_up_the_commitment() -> None:
    """400 of 500 were billed in January; 300 in February are 100 within the commitment and 200 beyond it."""
    quarter = replace(TRUE_UP, billing_period="Quarter")
    records = (used("2024-01-10", 400, rbe_status="Processed"), used("2024-02-10", 300))
    whole = committed(replace(CREDITING, charged_through_date=date(2024, 2, 1)), quarter, records=records)
    assert statement(whole, "2024-03-01") == ["C-U 2024-02-01…2024-02-29 100.00", "C-U 2024-02-01…2024-02-29 200.00"]


def test_usage_that_the_request_excludes_counts_all_the_same() -> None:
    whole = committed(CREDITING, TRUE_UP)
    items = sound(answer(whole, "2024-02-01", exclude=frozenset({"Usage"}))).items()
    assert [(item.facts.charge_number, item.amount) for item in items] == [("C-T", 180)]


def test_a_true_up_that_the_request_excludes_divides_the_usage_all_the_same() -> None:
    assert month("500", "600", exclude=frozenset({"Recurring"})) == ["C-U 500.00 500", "C-U 100.00 100"]


def test_two_usage_charges_share_the_commitment() -> None:
    """300 and 400 of 500: the second reaches beyond it."""
    second = replace(CREDITING, id="C-V-1", number="C-V")
    records = (used("2024-01-10", 300, charge_number="C-U"), used("2024-01-05", 400, charge_number="C-V"))
    assert statement(committed(CREDITING, second, TRUE_UP, records=records), "2024-02-01") == [
        "C-U 2024-01-01…2024-01-31 300.00",
        "C-V 2024-01-01…2024-01-31 200.00",
        "C-V 2024-01-01…2024-01-31 200.00",
        "C-T 2024-01-01…2024-01-31 0.00",
    ]


def test_the_parts_of_an_overage_keep_their_names_and_are_explained() -> None:
    """10 units are included; 5 above at 200 each are 1000, and 500 of them are committed."""
    usage = replace(CREDITING, model="Overage", included_units=Decimal(10), overage_price=Decimal(200), name="U")
    whole = committed(usage, TRUE_UP, records=(used("2024-01-10", 15),))
    items = [*sound(answer(whole, "2024-02-01", explain=True)).items()][:3]
    assert [(item.charge_name, item.amount, item.quantity) for item in items] == [
        ("U", 0, 10), ("U -- Overage", 500, Decimal("2.5")), ("U -- Overage", 500, Decimal("2.5"))
    ]  # fmt: skip
    assert [item.trace.steps[-1].formula for item in items[1:] if item.trace] == [
        "500 of 1000 within the commitment", "500 of 1000 beyond the commitment"
    ]  # fmt: skip


def test_a_charge_whose_start_is_not_known_takes_no_part() -> None:
    pending = replace(CREDITING, id="C-V-1", number="C-V", effective_start_date=None)
    assert owed(committed(CREDITING, pending, TRUE_UP), "2024-02-01") == ["C-T 2024-01-01…2024-01-31 180.00"]


def test_excluded_usage_that_cannot_be_rated_is_an_error() -> None:
    priceless = replace(CREDITING, price=None)
    whole = committed(priceless, TRUE_UP)
    result = answer(whole, "2024-02-01", exclude=frozenset({"Usage"}))
    assert [(error.code, error.subscription_number) for error in result.errors] == [("MISSING_PRICE", "A-S1")]


def test_a_period_billed_beyond_the_end_is_credited_in_full() -> None:
    """Billed to the end of February, removed as of February 1."""
    end, through = date(2024, 2, 1), date(2024, 3, 1)
    removed = replace(TRUE_UP, effective_end_date=end, charged_through_date=through)
    assert owed(committed(removed), "2024-03-01") == ["C-T 2024-02-01…2024-02-29 -500.00"]


@pytest.mark.parametrize(("function", "left"), [("DrawdownAndCreditCommitment", "180.00"), ("Standard", "500.00")])
def test_only_usage_that_credits_the_commitment_counts(function: str, left: str) -> None:
    whole = committed(replace(CREDITING, attributes={"chargeFunction": function}), TRUE_UP)
    assert owed(whole, "2024-02-01") == [f"C-T 2024-01-01…2024-01-31 {left}"]


def test_without_usage_the_whole_500_are_owed() -> None:
    assert owed(committed(TRUE_UP), "2024-02-01") == ["C-T 2024-01-01…2024-01-31 500.00"]


@pytest.mark.parametrize("function", ["CreditCommitment", "DrawdownAndCreditCommitment"])
def test_a_month_without_records_of_its_billed_usage_is_left_out_with_a_warning(function: str) -> None:
    """January's usage was billed, but no record has it or the part that a fund paid; February's was not billed."""
    drawn = [used("2024-01-10", 7, rbe_status="Processed")] if "Drawdown" in function else []
    billed = replace(CREDITING, charged_through_date=date(2024, 2, 1), attributes={"chargeFunction": function})
    whole = committed(billed, TRUE_UP, records=(*drawn, used("2024-02-10", 100)))
    assert owed(whole, "2024-03-01") == ["C-T 2024-02-01…2024-02-29 400.00"]
    assert owed(whole, "2024-02-01") == []
    assert ("warning", "COMMITMENT_TRUE_UP_LEFT_OUT") in codes(whole, "2024-03-01")


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


@pytest.mark.parametrize("target", ["2023-12-31", "2024-01-01", "2024-01-31"])
def test_a_commitment_that_has_not_begun_or_not_ended_owes_nothing_yet(target: str) -> None:
    assert owed(committed(CREDITING, TRUE_UP), target) == []
