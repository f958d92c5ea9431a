"""With Invoice Settlement: the items of invoices and the items of credit memos; existing drafts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, DraftItem, UsageRecord
from tests.support.building import (
    account,
    answer,
    evergreen,
    line,
    one_time,
    percent_off,
    recurring,
    segments,
    sound,
    subscription,
)

NO_GROUPING, NET, ALL, ALL_AND_ZERO = (
    "NetNegativeNoGrouping",
    "NetNegative",
    "AllNegative",
    "AllNegativeAndZeroCredit",
)


def documents(rule: str, *parts: Any, target: str = "2024-01-01", **rules: Any) -> tuple[list[str], list[str]]:
    """(lines of the invoice, lines of the credit memo), each headed by the number of its charge."""
    whole = account(*parts, rules={"invoice_settlement": True, "credit_memo_rule": rule, **rules})
    result = sound(answer(whole, target))
    return [_line(item) for item in result.items()], [_line(item) for item in result.credit_memo_items()]


def _line(item: Any) -> str:
    return " ".join((item.facts.charge_number, line(item).split()[-1]))


def monthly(price: object, number: str, **fields: Any) -> Any:
    return recurring(price, "2024-01-01", number=number, **fields)


@pytest.mark.rule("11.1 without Invoice Settlement")
def test_without_invoice_settlement_all_items_are_on_the_invoice() -> None:
    result = answer(account(monthly(-10, "C-A"), rules={"credit_memo_rule": ALL}), "2024-01-01")
    assert [line(item) for item in result.items()] == ["2024-01-01…2024-01-31 -10.00"]
    assert not list(result.credit_memo_items())
    assert not result.invoice_settlement


@pytest.mark.rule("11.2 net negative without grouping")
@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((200, -201), ([], ["C-A -200.00", "C-B 201.00"])),
        ((200, -200), (["C-A 200.00", "C-B -200.00"], [])),
        ((200, -199), (["C-A 200.00", "C-B -199.00"], [])),
    ],
)
def test_all_items_go_to_the_memo_iff_the_total_is_negative(prices: tuple[int, int], expected: Any) -> None:
    assert documents(NO_GROUPING, monthly(prices[0], "C-A"), monthly(prices[1], "C-B")) == expected


@pytest.mark.rule("11.2 net negative")
def test_charges_with_a_negative_sum_go_to_the_memo_as_a_whole_when_the_total_is_negative() -> None:
    """A -15 and B 10 a month for three months: a memo of 3 x 15 and an invoice of 3 x 10."""
    assert documents(NET, monthly(-15, "C-A"), monthly(10, "C-B"), target="2024-03-31") == (
        ["C-B 10.00"] * 3,
        ["C-A 15.00"] * 3,
    )


@pytest.mark.rule("11.2 net negative")
def test_no_item_goes_to_the_memo_when_the_total_is_positive() -> None:
    assert documents(NET, monthly(-15, "C-A"), monthly(20, "C-B")) == (["C-A -15.00", "C-B 20.00"], [])


@pytest.mark.rule("11.2 net negative")
def test_a_price_lowered_after_billing_makes_a_memo_of_100_with_both_prices() -> None:
    parts = segments(
        recurring(100, "2024-01-01", charged_through_date="2024-04-01"),
        recurring(50, "2024-02-01"),
    )
    assert documents(NET, *parts, target="2024-03-31") == (
        [],
        ["C-1 100.00", "C-1 100.00", "C-1 -50.00", "C-1 -50.00"],
    )


@pytest.mark.rule("11.2 all negative")
def test_every_negative_item_goes_to_the_memo_at_any_total() -> None:
    assert documents(ALL, monthly(-10, "C-A"), monthly(50, "C-B")) == (["C-B 50.00"], ["C-A 10.00"])


@pytest.mark.rule("11.2 all negative")
def test_only_the_negative_items_of_a_charge_go_to_the_memo() -> None:
    parts = segments(
        recurring(100, "2024-01-01", charged_through_date="2024-03-01"),
        recurring(50, "2024-02-01"),
    )
    assert documents(ALL, *parts, target="2024-03-01") == (["C-1 50.00", "C-1 50.00"], ["C-1 100.00"])


@pytest.mark.rule("11.2 all negative")
def test_discounts_are_counted_and_moved_with_their_item() -> None:
    """A charge credited with its discount: -916.67 + 458.33 < 0, so both go, with their signs turned."""
    through = {"charged_through_date": "2025-01-01"}
    ended = recurring(1000, "2024-01-01", "2024-02-01", billing_period="Annual", **through)
    half = percent_off(50, "2024-01-01", "2024-02-01", original_effective_end_date="2025-01-01")
    other = monthly(10, "C-B", charged_through_date="2024-02-01")
    terms = subscription(ended, half, other, end="2025-01-01")
    invoice, memo = documents(ALL, terms, target="2024-02-01", proration_unit="ProrateByMonthFirst")
    assert (invoice, memo) == (["C-B 10.00"], ["C-1 916.67", "C-D1 -458.33"])


@pytest.mark.rule("11.2 all negative")
@pytest.mark.parametrize("rule", [ALL, NET, NO_GROUPING])
def test_applied_to_still_points_to_the_item(rule: str) -> None:
    parts = (monthly(-15, "C-A"), monthly(10, "C-B"), percent_off(50, "2024-01-01"))
    whole = account(*parts, rules={"invoice_settlement": True, "credit_memo_rule": rule})
    result = sound(answer(whole, "2024-02-01"))
    for items in (list(result.items()), list(result.credit_memo_items())):
        for position, item in enumerate(items):
            if item.applied_to is not None:
                assert items[position - 1].row == item.applied_to


@pytest.mark.rule("11.2 all negative and zero")
@pytest.mark.parametrize(("rule", "memo"), [(ALL, []), (ALL_AND_ZERO, ["C-1 0.00"])])
@pytest.mark.parametrize("suffixes", [True, False])
def test_a_credit_of_zero_goes_to_the_document_of_the_rule(rule: str, memo: list[str], suffixes: bool) -> None:
    """A credited free charge makes a credit of 0; a billed free charge is not a credit, whatever its name."""
    ended = recurring(0, "2024-01-01", "2024-01-16", charged_through_date="2024-02-01", name="Plan")
    free = monthly(0, "C-B", name="Gift Credit")
    terms = subscription(ended, free, end="2025-01-01")
    invoice, found = documents(rule, terms, target="2024-01-16", proration_suffixes=suffixes)
    assert found == memo
    assert "C-B 0.00" in invoice


@pytest.mark.rule("11.2 spelling")
@pytest.mark.parametrize("spelling", ["AllNegativeAndZero", "All Negative and Zero Credit", "ALL_NEGATIVE_AND_ZERO"])
def test_the_rule_may_be_written_in_several_ways(spelling: str) -> None:
    ended = recurring(0, "2024-01-01", "2024-01-16", charged_through_date="2024-02-01")
    assert documents(spelling, subscription(ended, end="2025-01-01"), target="2024-01-16") == ([], ["C-1 0.00"])


@pytest.mark.rule("11.2 documents")
def test_the_rule_is_applied_to_each_document_apart() -> None:
    """
    The account's document: A -10 and B 20. Invoiced separately: C -5. Group G: D -7 and E 3.
    """
    parts = (
        subscription(monthly(-10, "C-A"), subscription_number="A-1"),
        subscription(monthly(20, "C-B"), subscription_number="A-2"),
        subscription(monthly(-5, "C-C"), subscription_number="A-3", invoice_separately=True),
        subscription(monthly(-7, "C-D"), subscription_number="A-4", invoice_group_number="G"),
        subscription(monthly(3, "C-E"), subscription_number="A-5", invoice_group_number="G"),
    )
    assert documents(NO_GROUPING, *parts) == (
        ["C-A -10.00", "C-B 20.00"],
        ["C-C 5.00", "C-D 7.00", "C-E -3.00"],
    )


@pytest.mark.rule("11.2 documents")
def test_a_bill_to_contact_of_its_own_makes_a_document_of_its_own() -> None:
    parts = (
        subscription(monthly(-10, "C-A"), subscription_number="A-1", attributes={"billToContactId": "other"}),
        subscription(monthly(20, "C-B"), subscription_number="A-2"),
    )
    assert documents(NO_GROUPING, *parts) == (["C-B 20.00"], ["C-A 10.00"])


@pytest.mark.rule("11.2 inclusive tax")
def test_totals_count_inclusive_tax() -> None:
    """-99.17 net, -19.83 tax and 118 without tax: -1 in total, though the nets sum to 18.83."""
    taxed = monthly(-119, "C-A", tax_mode="TaxInclusive", tax_rate="0.2")
    whole = account(taxed, monthly(118, "C-B"), rules={"invoice_settlement": True})
    result = sound(answer(whole, "2024-01-01"))
    assert [(f"{item.amount:f}", f"{item.tax_amount:f}") for item in result.credit_memo_items()] == [
        ("99.17", "19.83"),
        ("-118.00", "0"),
    ]


def test_explanations_and_deliveries_move_along() -> None:
    parts = (monthly(-15, "C-A"), monthly(10, "C-B"))
    whole = account(*parts, rules={"invoice_settlement": True, "credit_memo_rule": ALL})
    result = sound(answer(whole, "2024-01-01", explain=True))
    (memo,) = result.credit_memo_items()
    assert memo.trace is not None
    assert memo.trace.rounded == -15


def test_an_unknown_rule_is_named() -> None:
    whole = account(monthly(1, "C-A"), rules={"invoice_settlement": True, "credit_memo_rule": "Guess"})
    assert [error.field for error in answer(whole, "2024-01-01").errors] == ["billing_rules.creditMemoRule"]


def drafted(**fields: Any) -> Account:
    items = (
        DraftItem("invoice", "d1", "sub", "A-9", date(2023, 12, 1), date(2023, 12, 31), Decimal(5)),
        DraftItem("creditMemo", "d2", "sub", "A-9", date(2023, 12, 1), date(2023, 12, 31), Decimal(3)),
    )
    return account(evergreen(one_time(7, "2024-01-01")), drafts=items, **fields)


@pytest.mark.rule("11.4 drafts")
@pytest.mark.parametrize(("included", "ids"), [(False, []), (True, ["d1", "d2"])])
def test_drafts_are_added_on_request_without_regard_to_other_filters(included: bool, ids: list[str]) -> None:
    """The evergreen subscription is left out, one-time charges are excluded, and the target lies before the drafts."""
    result = answer(
        drafted(), "2023-01-01", including_draft_items=included, exclude=frozenset({"OneTime", "Recurring"})
    )
    assert [draft.id for draft in result.draft_items] == ids
    assert not list(result.items())


def test_some_items_of_a_series_go_to_the_memo_and_others_stay() -> None:
    """
    Usage at 10 a unit: 3 in January, -2 in February, 4 in March, less 10 %: only February's -20 goes, with no discount.
    """
    usage = recurring(10, "2024-01-01", number="C-U", type="Usage", model="PerUnit", uom="Each", billing_timing=None)
    records = tuple(
        UsageRecord(date(2024, month, 5), Decimal(quantity), "Each", charge_number="C-U")
        for month, quantity in ((1, 3), (2, -2), (3, 4))
    )
    whole = account(
        subscription(usage, percent_off(10, "2024-01-01")),
        usage=records,
        rules={"invoice_settlement": True, "credit_memo_rule": ALL},
    )
    result = sound(answer(whole, "2024-04-01", explain=True))
    assert [_line(item) for item in result.items()] == ["C-U 30.00", "C-D1 -3.00", "C-U 40.00", "C-D1 -4.00"]
    assert [(_line(item), f"{item.quantity:f}") for item in result.credit_memo_items()] == [("C-U 20.00", "-2")]
    march = list(result.items())[2:]
    assert march[1].applied_to == march[0].row
    assert march[1].trace is not None
    assert march[1].trace.rounded == -4
