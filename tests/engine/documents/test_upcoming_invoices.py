"""The invoices and credit memos on which the items of a preview would land, and existing drafts as items."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, DraftItem
from soapsvc.engine.documents import (
    UpcomingInvoice,
    billed_documents,
    draft_series,
    upcoming_credit_memos,
    upcoming_invoices,
)
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest, PreviewResult
from tests.support.building import account, metered, one_time, percent_off, recurring, sound, subscription, used


def previewed(whole: Account, target: str, today: str = "2023-12-01") -> PreviewResult:
    as_of = datetime.fromisoformat(today).replace(tzinfo=UTC)
    return sound(preview(whole, PreviewRequest(date.fromisoformat(target)), as_of))


def lines(documents: list[UpcomingInvoice]) -> list[str]:
    """`day group amount items` of each document."""
    return [
        f"{each.day} {each.group or '-'} {each.amount:f} {sum(len(block) for block in each.blocks)}"
        for each in documents
    ]


@pytest.mark.rule("11 upcoming invoices")
def test_each_item_lands_on_the_invoice_of_the_day_on_which_it_falls_due() -> None:
    """
    In advance on the first day, in arrears and usage on the day after the last, with their discounts.
    """
    parts = (
        one_time(5, "2024-01-10", apply_discount_to=None),
        recurring(10, "2024-01-01", number="C-1"),
        recurring(20, "2024-01-01", number="C-2", billing_timing="IN_ARREARS"),
        metered(1, "2024-01-01"),
        percent_off(50, "2024-02-01", apply_discount_to="RECURRING"),
    )
    whole = account(subscription(*parts), usage=(used("2024-01-20", 7),))
    assert lines(upcoming_invoices(whole, previewed(whole, "2024-02-01"))) == [
        "2024-01-01 - 10.00 1",
        "2024-01-10 - 5.00 1",
        "2024-02-01 - 32.00 4",  # 10 - 5 + 20 + 7
    ]


@pytest.mark.rule("11 upcoming invoices")
def test_an_overdue_item_is_on_today_s_invoice() -> None:
    whole = account(recurring(10, "2024-01-01"))
    assert lines(upcoming_invoices(whole, previewed(whole, "2024-04-01", today="2024-03-15"))) == [
        "2024-03-15 - 30.00 3",
        "2024-04-01 - 10.00 1",
    ]


@pytest.mark.rule("11 upcoming invoices")
def test_subscriptions_and_groups_that_are_invoiced_apart_have_invoices_of_their_own() -> None:
    """A subscription that is invoiced separately has its own invoice, even within an invoice group."""
    parts = [
        subscription(recurring(price, "2024-01-01"), subscription_number=number, **apart)
        for price, number, apart in (
            (1, "A-1", {}),
            (2, "A-2", {"invoice_separately": True}),
            (3, "A-3", {"invoice_group_number": "G"}),
            (4, "A-4", {"invoice_group_number": "G", "invoice_separately": True}),
        )
    ]
    whole = account(*parts)
    assert lines(upcoming_invoices(whole, previewed(whole, "2024-01-01"))) == [
        "2024-01-01 - 1.00 1",
        "2024-01-01 A-2 2.00 1",
        "2024-01-01 A-4 4.00 1",
        "2024-01-01 G 3.00 1",
    ]


@pytest.mark.rule("11 flexible billing attributes")
@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("billToContactId", "bill-to contact"),
        ("paymentTerm", "payment term"),
        ("invoiceTemplateId", "invoice template"),
        ("sequenceSetId", "sequence set"),
        ("communicationProfileId", "communication profile"),
    ],
)
def test_a_subscription_with_an_attribute_of_its_own_is_invoiced_with_those_that_share_it(
    name: str, label: str
) -> None:
    """Values that it lacks or shares with the account are the account's; sold-to and ship-to contacts do not count."""
    parts = [
        subscription(recurring(price, "2024-01-01"), subscription_number=number, attributes=attributes, **apart)
        for price, number, attributes, apart in (
            (1, "A-1", {}, {}),
            (2, "A-2", {name: "usual"}, {}),
            (3, "A-3", {name: "own"}, {}),
            (4, "A-4", {name: "own", "soldToContactId": "S", "shipToContactId": "T"}, {}),
            (5, "A-5", {name: "own"}, {"invoice_group_number": "G"}),
            (6, "A-6", {name: "own"}, {"invoice_separately": True}),
        )
    ]
    whole = account(*parts, attributes={name: "usual"})
    assert lines(upcoming_invoices(whole, previewed(whole, "2024-01-01"))) == [
        "2024-01-01 - 3.00 2",
        "2024-01-01 A-6 6.00 1",
        f"2024-01-01 G, {label} own 5.00 1",
        f"2024-01-01 {label} own 7.00 2",
    ]


@pytest.mark.rule("11 upcoming invoices")
def test_taxes_are_added_apart() -> None:
    whole = account(recurring(120, "2024-01-01", tax_rate="0.2"))
    (invoice,) = upcoming_invoices(whole, previewed(whole, "2024-01-01"))
    assert (invoice.amount, invoice.tax_amount) == (100, 20)


@pytest.mark.rule("11 upcoming invoices")
def test_credits_of_several_periods_are_on_one_credit_memo() -> None:
    """Billed to Apr 1, ended on Jan 16: three credits, all on that day."""
    ended = recurring(31, "2024-01-01", "2024-01-16", charged_through_date="2024-04-01")
    whole = account(subscription(ended, end="2025-01-01"), rules={"invoice_settlement": True})
    result = previewed(whole, "2024-12-31")
    assert lines(upcoming_invoices(whole, result)) == []
    assert lines(upcoming_credit_memos(whole, result)) == ["2024-01-16 - 78.00 3"]


@pytest.mark.rule("11.4 drafts")
def test_a_draft_s_item_is_a_series_of_one() -> None:
    facts: dict[str, Any] = {
        "charge_number": "C-9",
        "charge_name": "Old",
        "product_name": "Paper",
        "unit_of_measure": "Each",
    }
    draft = DraftItem(
        "invoice", "d1", "sub", "A-9", date(2023, 12, 1), date(2023, 12, 31), Decimal(5), Decimal(1), **facts
    )
    item = draft_series(draft).item(0, 0, None)
    assert (item.service_start, item.service_end, item.amount, item.tax_amount, item.quantity) == (
        date(2023, 12, 1),
        date(2024, 1, 1),
        5,
        1,
        1,
    )
    assert (item.facts.subscription_number, item.charge_name, item.facts.product_name) == ("A-9", "Old", "Paper")


@pytest.mark.rule("12 documents of a bill run")
def test_a_bill_run_makes_one_document_for_each_group_and_currency() -> None:
    """For items of any day; credits are on a memo, with the memo's sign."""
    gone = recurring(30, "2024-01-01", "2024-02-01", number="C-3", charged_through_date="2024-03-01")
    whole = account(
        subscription(recurring(10, "2024-01-01"), subscription_number="A-S1"),
        subscription(recurring(20, "2024-01-01", number="C-2"), subscription_number="A-S2", invoice_separately=True),
        subscription(gone, subscription_number="A-S3", invoice_separately=True, end="2025-01-01"),
        rules={"invoice_settlement": True},
    )
    found = billed_documents(whole, previewed(whole, "2024-03-01"))
    assert [(each.kind, each.group, f"{each.amount:f}", each.currency) for each in found] == [
        ("invoice", "", "30.00", "USD"),
        ("invoice", "A-S2", "60.00", "USD"),
        ("creditMemo", "A-S3", "30.00", "USD"),
    ]
