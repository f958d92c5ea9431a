"""An empty preview says why; what was approximated is a warning; every item can be explained."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Charge, DeliverySchedule, Tier
from tests.support.building import (
    Billable,
    account,
    amount_off,
    answer,
    evergreen,
    one_time,
    percent_off,
    recurring,
    segments,
    sound,
    subscription,
)


def reasons(what: Billable, target: str = "2024-06-15", **options: Any) -> list[tuple[str, str | None]]:
    """(code, charge) of each reason of a preview that must be empty."""
    result = sound(answer(what, target, **options))
    assert not list(result.items())
    assert {note.kind for note in result.notes} == {"reason"}
    return [(note.code, note.charge_number) for note in result.notes]


@pytest.mark.rule("0 an empty preview says why")
@pytest.mark.parametrize(
    ("charge", "code"),
    [
        (recurring(10, "2024-07-01"), "STARTS_LATER"),
        (recurring(10, "2024-01-01", charged_through_date="2024-07-01"), "NOTHING_UNBILLED"),
        (recurring(10, "2024-01-01", "2024-03-01", charged_through_date="2024-03-01"), "FULLY_BILLED"),
        (recurring(10, "2023-01-01", charged_through_date="2024-01-01"), "TERM_ENDED"),
        (recurring(10, "2024-06-01", billing_timing="IN_ARREARS"), "NOTHING_DUE"),
        (one_time(10, "2024-01-01", charged_through_date="2024-01-01"), "FULLY_BILLED"),
        (one_time(10, "2024-07-01"), "STARTS_LATER"),
        (percent_off(10, "2024-01-01"), "DISCOUNT_ALONE"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_why_a_charge_has_no_item(charge: Any, code: str) -> None:
    terms = subscription(charge, start="2023-01-01" if code == "TERM_ENDED" else "2024-01-01")
    assert reasons(terms) == [(code, charge.number)]


@pytest.mark.rule("0 an empty preview says why")
def test_a_cancelled_subscription_has_no_warning_about_its_renewal() -> None:
    charge = recurring(10, "2024-01-01", "2024-03-01", charged_through_date="2024-03-01")
    cancelled = subscription(charge, end="2024-03-01", status="Cancelled", subscription_end_date="2024-03-01")
    assert reasons(cancelled) == [("FULLY_BILLED", "C-1")]


@pytest.mark.rule("0 an empty preview says why")
def test_a_warning_about_a_subscription_does_not_hush_the_reasons_of_its_charges() -> None:
    charge = recurring(10, "2024-01-01", charged_through_date="2024-07-01")
    notes = answer(subscription(charge, status="Suspended"), "2024-05-31").notes
    assert [(note.kind, note.code) for note in notes] == [
        ("warning", "SUSPENSION_UNDATED"),
        ("reason", "NOTHING_UNBILLED"),
    ]


@pytest.mark.rule("0 an empty preview says why")
def test_a_credit_that_is_still_to_come_is_not_called_billed_to_the_end() -> None:
    """Ended on Jun 15, billed through Jul 1: on the day before there is nothing, on the day itself -5.33."""
    charge = recurring(10, "2024-01-01", "2024-06-15", charged_through_date="2024-07-01")
    terms = subscription(charge, end="2025-01-01")
    (note,) = answer(terms, "2024-06-14").notes
    assert (note.kind, note.code) == ("reason", "CREDIT_TO_COME")
    assert "ends on 2024-06-15 but is billed through 2024-07-01: the rest is credited then" in note.message
    assert [f"{item.amount}" for item in answer(terms, "2024-06-15").items()] == ["-5.33"]


@pytest.mark.rule("0 an empty preview says why")
def test_the_last_segment_in_time_decides() -> None:
    first, second = segments(
        recurring(10, "2024-01-01", charged_through_date="2024-02-01"),
        recurring(10, "2024-02-01", charged_through_date="2024-07-01"),
    )
    assert reasons((second, first)) == [("NOTHING_UNBILLED", "C-1")]


@pytest.mark.rule("0 an empty preview says why")
def test_an_account_without_anything_to_bill_says_so() -> None:
    assert reasons(account()) == [("NO_SUBSCRIPTIONS", None)]
    assert reasons(account(subscription(start="2024-01-01"))) == [("NO_CHARGES", None)]
    assert reasons(recurring(10, "2024-01-01"), subscription_numbers=frozenset({"A-S9"})) == [
        ("NO_SUBSCRIPTION_SELECTED", None)
    ]


@pytest.mark.rule("0 an empty preview says why")
def test_an_excluded_charge_type_or_evergreen_subscription_has_one_reason() -> None:
    charges = (one_time(10, "2024-01-01"), recurring(10, "2024-07-01"))
    assert reasons(charges, exclude=frozenset({"OneTime"})) == [
        ("CHARGE_TYPE_EXCLUDED", "C-O"),
        ("STARTS_LATER", "C-1"),
    ]
    assert reasons(evergreen(recurring(10, "2024-01-01"))) == [("EVERGREEN_LEFT_OUT", None)]


@pytest.mark.rule("0 an empty preview says why")
def test_reasons_are_sentences() -> None:
    (note,) = answer(recurring(10, "2024-07-01"), "2024-06-15").notes
    assert note.message == "Charge C-1 of subscription A-S1 starts on 2024-07-01, after the target date 2024-06-15."


@pytest.mark.rule("0 target before everything")
def test_a_target_before_all_that_is_unbilled_is_an_empty_success() -> None:
    result = answer(recurring(10, "2024-01-01", charged_through_date="2024-07-01"), "1999-12-31")
    assert result.success
    assert len(result) == 0


@pytest.mark.rule("0 currency")
def test_the_currency_is_that_of_the_subscriptions_with_a_warning_where_the_account_differs() -> None:
    result = answer(account(recurring(10, "2024-01-01", currency="EUR"), currency="GBP"), "2024-01-01")
    assert (result.currency, len(result)) == ("EUR", 1)
    assert [(note.kind, note.code) for note in result.notes] == [("warning", "CURRENCY_DIFFERS")]
    assert "EUR" in result.notes[0].message
    assert "GBP" in result.notes[0].message


@pytest.mark.rule("0 currency")
@pytest.mark.parametrize("currency", ["USD", ""])
def test_no_warning_where_the_currencies_agree_or_the_account_has_none(currency: str) -> None:
    result = answer(account(recurring(10, "2024-01-01", currency="USD"), currency=currency), "2024-01-01")
    assert (result.currency, result.notes) == ("USD", ())


@pytest.mark.rule("1.2 above the last tier")
def test_units_above_the_last_tier_are_a_warning() -> None:
    """7 units on tiers to 5: volume bills nothing, tiered up to 5; both say so, each once, whatever the periods."""
    tiers = (Tier(Decimal(0), Decimal(10), Decimal(5)),)
    charges = (
        recurring(None, "2024-01-01", number="C-1", model="Volume", quantity=7, tiers=tiers),
        one_time(None, "2024-01-01", number="C-2", model="Tiered", quantity=7, tiers=tiers),
    )
    result = sound(answer(charges, "2024-03-31"))
    assert [f"{item.facts.charge_number} {item.amount:f}" for item in result.items()] == [
        "C-2 50.00",
        *["C-1 0.00"] * 3,
    ]
    assert sorted((note.kind, note.code, note.charge_number) for note in result.notes) == [
        ("warning", "QUANTITY_ABOVE_LAST_TIER", "C-1"),
        ("warning", "QUANTITY_ABOVE_LAST_TIER", "C-2"),
    ]


def explained(what: Billable, target: str = "2024-01-31", **options: Any) -> list[list[str]]:
    items = sound(answer(what, target, explain=True, **options)).items()
    return [list(item.trace.lines()) if item.trace else [] for item in items]


@pytest.mark.rule("0 explanations")
def test_a_stub_is_explained_from_the_price_to_the_cent() -> None:
    quarter = recurring(100, "2024-01-16", billing_period="Quarter", list_price_base="Per_Month",
                        billing_period_alignment="AlignToSubscriptionStart")  # fmt: skip
    terms = subscription(quarter, start="2024-01-01")
    inputs = "service=2024-01-16…2024-04-01, full period=2024-01-01…2024-04-01, daysInMonth=UseActualDays"
    inputs += ", prorationUnit=ProrateByMonthFirst"
    assert explained(terms, rules={"proration_unit": "ProrateByMonthFirst"}) == [
        [
            "pricing.flat_fee: price = 100  [price=100]  (Flat fee pricing)",
            "list-price-base: x Per_Month = 3  (RatePlanCharge: ListPriceBase)",
            f"proration: (16/31 + 1 + 1) / 3 = 0.838709677419…  [{inputs}]  (Proration)",
            "rounding HALF_UP to 2 decimals: 251.612903225806… -> 251.61",
        ]
    ]


@pytest.mark.rule("0 explanations")
@pytest.mark.parametrize(
    ("discount", "formula", "inputs"),
    [
        (
            percent_off(10, "2024-01-01"),
            "discount.percentage: - base x percentage / 100 = -10",
            "[base=100, discountPercentage=10]  (Process discounts)",
        ),
        (
            amount_off(15, "2024-01-01"),
            "discount.fixed: - what the open period's balance and the item allow = -15",
            "[base=100, discountAmount=15]  (Discount balance)",
        ),
        (
            amount_off(15, "2024-01-01", apply_to_billing_period_partially=True),
            "discount.fixed: - the part of each period's amount that the item covers = -15",
            "[base=100, discountAmount=15]  (Enhanced discount use cases)",
        ),
    ],
)
def test_a_discount_is_explained(discount: Any, formula: str, inputs: str) -> None:
    assert explained((recurring(100, "2024-01-01"), discount))[1][0] == f"{formula}  {inputs}"


@pytest.mark.rule("0 explanations")
@pytest.mark.parametrize(
    ("method", "formula", "returned", "source"),
    [
        (
            "TotalMinusCharged",
            "kept - billed = -15",
            "what was taken off when billed - what is taken off the part kept",
            "How discounts work with prorated credits",
        ),
        (
            "CreditPeriod",
            "- price of the credited time = -15",
            "what was taken off when billed x the share of the time given back",
            "Cancel regular charges and percentage discounts in billed periods",
        ),
    ],
)
def test_a_credit_and_its_discount_are_explained(method: str, formula: str, returned: str, source: str) -> None:
    charge = recurring(31, "2024-01-01", "2024-01-17", charged_through_date="2024-02-01")
    half = percent_off(50, "2024-01-01", "2024-01-17", original_effective_end_date="2025-01-01")
    credit, discount = explained(subscription(charge, half, end="2025-01-01"), rules={"credit_method": method})
    dates = "billed period=2024-01-01…2024-02-01, credited from=2024-01-17"
    assert credit[1] == f"credit.{method}: {formula}  [billed=31.00, kept=16.00, {dates}]  (Proration credit)"
    assert discount[0] == f"discount.credit: {returned} = 7.5  [base=31, discountPercentage=50]  ({source})"
    assert discount[-1] == "rounding HALF_UP to 2 decimals: 7.5 -> 7.50"


@pytest.mark.rule("0 explanations")
def test_nothing_is_explained_without_a_request_for_it() -> None:
    charges = (recurring(100, "2024-01-01"), percent_off(10, "2024-01-01"), one_time(5, "2024-01-01"))
    assert {item.trace for item in answer(charges, "2024-01-31").items()} == {None}


@pytest.mark.rule("0 explanations")
def test_every_kind_of_item_can_be_explained() -> None:
    charges = (
        one_time(5, "2024-01-01"),
        recurring(5, "2024-01-01", number="C-2", model="Delivery", delivery_schedule=DeliverySchedule(sunday=True)),
        recurring(7, "2024-01-01", number="C-3", list_price_base="Per_Week"),
        recurring(7, "2024-01-16", number="C-4", proration_option="ChargeFullPeriod"),
    )
    texts = explained(charges)
    assert len(texts) == 4
    assert all(len(lines) >= 2 for lines in texts)
    assert texts[1][1] == "delivery: 4 deliveries = 4  (Delivery pricing)"
    assert texts[2][1] == ("list-price-base: length of the piece = 4.428571428571…  (RatePlanCharge: ListPriceBase)")
    assert texts[3][1] == (
        "proration: a stub costs a full period (ChargeFullPeriod) = 1  (Charge level proration option)"
    )


@pytest.mark.rule("0 explanations")
@pytest.mark.parametrize(
    ("charge", "formula"),
    [
        (recurring(31, "2024-01-16"), "16/31"),
        (recurring(60, "2024-01-16", billing_period="Specific_Months", specific_billing_period=2), "(16/31 + 1) / 2"),
        (recurring(90, "2024-02-01", billing_period="Quarter"), "(1 + 1) / 3"),
    ],
)
def test_a_share_is_explained_in_days_of_months_and_whole_months(charge: Charge, formula: str) -> None:
    """All lie on the grid of a subscription from Jan 1."""
    aligned = replace(charge, billing_period_alignment="AlignToSubscriptionStart")
    texts = explained(
        subscription(aligned, start="2024-01-01"), "2024-02-01", rules={"proration_unit": "ProrateByMonthFirst"}
    )
    assert texts[0][1].startswith(f"proration: {formula} = ")


@pytest.mark.rule("9.6 minimum commitment")
def test_a_commitment_true_up_is_left_out_with_a_warning() -> None:
    true_up = recurring(500, "2024-01-01", number="C-9", attributes={"chargeFunction": "CommitmentTrueUp"})
    result = sound(answer([recurring(10, "2024-01-01"), true_up], "2024-01-01"))
    assert [(item.facts.charge_number, item.amount) for item in result.items()] == [("C-1", 10)]
    assert [(note.kind, note.code) for note in result.notes] == [("warning", "COMMITMENT_TRUE_UP_LEFT_OUT")]
