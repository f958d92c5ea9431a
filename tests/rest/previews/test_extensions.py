"""Extensions of the vendor's API: the same from the body and from the query."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.documents import upcoming_credit_memos, upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.tenant import Store
from tests.rest.client import NDJSON, Rest
from tests.rest.conftest import NOW

NUMBER, METERING = "A00000014", "402892154627d9a2014627e1b0b60114"
FIELDS = {"accountNumber": NUMBER, "targetDate": "2014-09-01"}
EVERYTHING = {"includingEvergreenSubscription": True, "assumeRenewal": "All"}


def shown(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Items without what is made up for each answer."""
    made_up = {"id", "subscriptionId", "appliedToItemId", "chargeDate"}
    return [tuple(value for key, value in item.items() if key not in made_up) for item in items]


@pytest.mark.parametrize("way", [{"explain": True}, {"explain": "true"}, {"query": "?explain=true"}])
def test_explain_says_how_each_amount_comes_about(rest: Rest, way: dict[str, Any]) -> None:
    items = rest.preview(**FIELDS, **way).json["invoiceItems"]
    stub = next(item for item in items if item["chargeName"].endswith("Proration"))
    explanation = stub["explanation"]
    assert Decimal(explanation["rounded"]) == stub["chargeAmount"]
    assert Decimal(explanation["unrounded"].rstrip("…")) == pytest.approx(stub["chargeAmount"], abs=Decimal("0.005"))
    assert len(explanation["lines"]) == len(explanation["steps"]) + 1
    assert all(step.keys() == {"rule", "source", "inputs", "formula", "value"} for step in explanation["steps"])
    assert list(stub)[:-1] == list(rest.preview(**FIELDS).json["invoiceItems"][0])


def test_every_item_of_the_tenant_can_be_explained(rest: Rest, store: Store) -> None:
    for account_id in store.account_ids():
        answer = rest.preview(accountId=account_id, targetDate="2027-01-01", explain=True, **EVERYTHING).json
        for item in answer.get("invoiceItems", ()):
            assert item["explanation"]["lines"]


def test_an_empty_preview_says_why_to_who_asks(rest: Rest) -> None:
    fields = {"accountNumber": "A00001011", "targetDate": "2026-06-01"}
    assert "notes" not in rest.preview(**fields).json
    answer = rest.preview(**fields, notes=True).json
    assert list(answer) == ["accountId", "invoiceItems", "notes", "success"]
    assert answer["notes"] == [
        {
            "kind": "reason",
            "code": "NO_SUBSCRIPTIONS",
            "message": "Account A00001011 has no subscriptions.",
            "subscriptionNumber": None,
            "chargeNumber": None,
        }
    ]
    typed = rest.account_preview("A00001011", target_date="2026-06-01", notes=True).json["notes"]
    assert list(typed[0]) == ["kind", "code", "message", "subscription_number", "charge_number"]


@pytest.mark.parametrize(
    ("given", "charge_date"),
    [
        ("2024-01-31T08:30:00+01:00", "2024-01-31 15:30:00"),
        ("2024-01-31T08:30:00Z", "2024-01-31 16:30:00"),
        ("2024-01-31T08:30:00", "2024-01-31 08:30:00"),
        ("2024-01-31", "2024-01-31 00:00:00"),
    ],
)
def test_as_of_is_the_instant_of_the_preview(rest: Rest, given: str, charge_date: str) -> None:
    """The tenant's time zone is Asia/Shanghai, UTC+8."""
    items = rest.preview(**FIELDS, asOf=given).json["invoiceItems"]
    assert {item["chargeDate"] for item in items} == {charge_date}


def test_twenty_years_count_from_as_of(rest: Rest) -> None:
    fields = {"accountNumber": NUMBER, "targetDate": "2044-03-01"}
    assert rest.preview(**fields, asOf="2024-02-29").json["success"] is False
    assert rest.preview(**{**fields, "targetDate": "2044-02-29"}, asOf="2024-02-29").json["success"] is True
    assert rest.preview(**{**fields, "targetDate": "2043-03-01"}, asOf="2023-03-01").json["success"] is True


@pytest.mark.parametrize(
    "way",
    [
        {"subscriptionNumbers": ["A-S00000021"]},
        {"subscriptionNumbers": "A-S00000021, A-S-unknown"},
        {"query": "?subscriptionNumbers=A-S00000021&subscriptionNumbers=other"},
    ],
)
def test_only_some_subscriptions(rest: Rest, way: dict[str, Any]) -> None:
    items = rest.preview(**FIELDS, **way).json["invoiceItems"]
    assert {item["subscriptionNumber"] for item in items} == {"A-S00000021"}


def test_grouped_items_are_the_same_items(rest: Rest, store: Store) -> None:
    for account_id in store.account_ids():
        fields = {"accountId": account_id, "targetDate": "2027-06-01", **EVERYTHING}
        plain = rest.preview(**fields).json
        if not plain["success"]:
            continue
        grouped = rest.preview(**fields, groupBy="invoice").json
        assert list(grouped) == ["accountId", "invoices", "success"]
        items = [item for invoice in grouped["invoices"] for item in invoice["invoiceItems"]]
        assert sorted(shown(items)) == sorted(shown(plain["invoiceItems"]))
        for invoice in grouped["invoices"]:
            assert invoice["amount"] == sum(item["chargeAmount"] for item in invoice["invoiceItems"])
            assert invoice["taxAmount"] == sum(item["taxAmount"] for item in invoice["invoiceItems"])
            assert invoice["totalAmount"] == invoice["amount"] + invoice["taxAmount"]
            own = {item["id"] for item in invoice["invoiceItems"]}
            assert {item["appliedToItemId"] for item in invoice["invoiceItems"]} <= own | {None}


def test_invoices_come_by_day_and_not_before_today(rest: Rest) -> None:
    fields = {**FIELDS, "asOf": "2014-05-28", "includingEvergreenSubscription": True}
    invoices = rest.preview(**fields, groupBy="invoice").json["invoices"]
    days = [date.fromisoformat(invoice["invoiceDate"]) for invoice in invoices]
    assert days == [date(2014, 5, 28), date(2014, 6, 1), date(2014, 7, 1), date(2014, 8, 1), date(2014, 9, 1)]


def every_item(store: Store) -> Iterator[tuple[str, str, date]]:
    """Account, charge and day of each invoice and memo of the demo tenant within a year."""
    as_of = NOW.replace(year=2013)
    for account in store.accounts():
        request = PreviewRequest(date(2027, 3, 1), AssumeRenewal.ALL, including_evergreen_subscription=True)
        result = preview(account, request, as_of)
        for document in upcoming_invoices(account, result) + upcoming_credit_memos(account, result):
            for block in document.blocks:
                yield account.id, block.series.facts.charge_number, document.day


def test_an_invoice_has_what_a_preview_up_to_its_day_shows_and_the_day_before_does_not(store: Store) -> None:
    """The day on which an item is invoiced is the first target date that shows it, for every charge of the tenant."""
    as_of = NOW.replace(year=2013)
    accounts = {account.id: account for account in store.accounts()}
    seen = set()
    for account_id, charge_number, day in every_item(store):
        if day <= as_of.date() or (account_id, charge_number) in seen:
            continue
        seen.add((account_id, charge_number))
        counts = []
        for target in (day - timedelta(1), day):
            request = PreviewRequest(target, AssumeRenewal.ALL, including_evergreen_subscription=True)
            items = preview(accounts[account_id], request, as_of).items()
            counts.append(sum(item.facts.charge_number == charge_number for item in items))
        assert counts[0] < counts[1], (account_id, charge_number, day)
    assert len(seen) > 30


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_next_invoices_need_no_target_date(rest: Rest, count: int) -> None:
    fields = {"accountNumber": NUMBER, "asOf": "2014-05-28", "includingEvergreenSubscription": True}
    invoices = rest.preview(**fields, nextInvoices=count).json["invoices"]
    assert len(invoices) == count
    whole = rest.preview(**fields, targetDate="2014-12-01", groupBy="invoice").json["invoices"]
    assert [shown(each["invoiceItems"]) for each in invoices] == [shown(each["invoiceItems"]) for each in whole[:count]]


def test_the_next_invoices_may_be_fewer(rest: Rest) -> None:
    assert rest.preview(accountNumber="A00001011", nextInvoices=3).json["invoices"] == []
    within = rest.preview(**FIELDS, asOf="2014-08-15", includingEvergreenSubscription=True, nextInvoices=9).json
    assert [invoice["invoiceDate"] for invoice in within["invoices"]] == ["2014-08-15", "2014-09-01"]


def test_a_subscription_that_is_invoiced_separately(rest: Rest, store: Store) -> None:
    account = store.account(number=NUMBER)
    assert account is not None
    request = PreviewRequest(date(2014, 9, 1), including_evergreen_subscription=True)
    as_of = NOW.replace(year=2013)
    for separate in account.subscriptions:
        object.__setattr__(separate, "invoice_separately", separate.subscription_number == "A-S00000021")
    documents = upcoming_invoices(account, preview(account, request, as_of))
    of_one_day = [(each.day, each.group) for each in documents if each.day == date(2014, 6, 1)]
    assert of_one_day == [(date(2014, 6, 1), ""), (date(2014, 6, 1), "A-S00000021")]


class TestSeveralAccounts:
    ACCOUNTS = (
        {"accountNumber": NUMBER},
        {"accountId": "nobody"},
        {"accountNumber": "A00001012"},
        {"accountId": METERING},
    )

    def test_each_has_its_own_answer_in_the_same_order(self, rest: Rest) -> None:
        answer = rest.preview(accounts=self.ACCOUNTS, targetDate="2026-06-01").json
        assert list(answer) == ["results", "success"]
        assert [result["success"] for result in answer["results"]] == [True, False, False, True]
        assert answer["success"] is False
        single = rest.preview(accountNumber=NUMBER, targetDate="2026-06-01").json
        for result in (answer["results"][0], answer["results"][3]):
            assert shown(result["invoiceItems"]) == shown(single["invoiceItems"])
        assert answer["results"][1]["accountId"] == "nobody"
        assert answer["results"][1]["reasons"][0]["code"] == 50000040
        assert answer["results"][2]["accountNumber"] == "A00001012"

    def test_it_is_a_success_if_all_are(self, rest: Rest) -> None:
        assert rest.preview(accounts=[{"accountNumber": NUMBER}] * 2, targetDate="2026-06-01").json["success"] is True
        assert rest.preview(accounts=[], targetDate="2026-06-01").json == {"results": [], "success": True}

    def test_as_lines_each_account_has_an_end(self, rest: Rest) -> None:
        headers = {"Accept": NDJSON}
        lines = rest.preview(accounts=self.ACCOUNTS, targetDate="2026-06-01", headers=headers).lines
        ends = [line["end"] for line in lines if "end" in line]
        assert [end["success"] for end in ends] == [True, False, False, True]
        assert sum("invoiceItem" in line for line in lines) == ends[0]["invoiceItems"] + ends[3]["invoiceItems"]


class TestLines:
    def test_an_item_a_line_and_an_end(self, rest: Rest) -> None:
        lines = rest.preview(**FIELDS, headers={"Accept": f"{NDJSON}, application/json;q=0.5"}).lines
        items = rest.preview(**FIELDS).json["invoiceItems"]
        assert shown([line["invoiceItem"] for line in lines[:-1]]) == shown(items)
        assert lines[-1] == {"end": {"accountId": METERING, "invoiceItems": len(items), "success": True}}

    def test_drafts_and_notes_are_in_them(self, rest: Rest) -> None:
        fields = {"accountNumber": "A00001009", "targetDate": "2014-06-01", "includingDraftItems": True, "notes": True}
        *items, end = rest.preview(**fields, headers={"Accept": NDJSON}).lines
        assert len(items) == end["end"]["invoiceItems"] == 1
        assert end["end"]["notes"] == []

    def test_an_invoice_a_line(self, rest: Rest) -> None:
        *invoices, end = rest.preview(**FIELDS, groupBy="invoice", headers={"Accept": NDJSON}).lines
        assert all(line.keys() == {"invoice"} for line in invoices)
        assert end["end"]["invoices"] == len(invoices)

    def test_of_quickstart(self, rest: Rest) -> None:
        *items, end = rest.account_preview(NUMBER, target_date="2014-09-01", headers={"Accept": NDJSON}).lines
        assert all(line.keys() == {"invoice_item"} for line in items)
        assert end["end"] == {"account_id": METERING, "invoice_items": len(items), "success": True}

    def test_a_failure_is_json(self, rest: Rest) -> None:
        reply = rest.preview(accountId="nobody", targetDate="2014-09-01", headers={"Accept": NDJSON})
        assert reply.reasons[0][0] == 50000040


def test_quickstart_spells_extensions_in_snake_case(rest: Rest) -> None:
    fields = {"include_evergreen_subscriptions": True, "as_of": "2014-05-28", "next_invoices": 2, "explain": True}
    (first, _) = rest.account_preview(NUMBER, **fields, subscription_numbers="A-S00000021").json["invoices"]
    assert list(first) == ["invoice_date", "group", "currency", "amount", "tax_amount", "total_amount", "invoice_items"]
    assert first["invoice_items"][0]["explanation"]["lines"]
