"""Quickstart: `POST /accounts/{account_id}/preview`, also under /v2, at once and asynchronously."""

from __future__ import annotations

import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from soapsvc.rest.http import QUICKSTART, Call, Reply, RestLimits, Scope
from soapsvc.rest.replays import ASYNC_REQUESTS, Deferred, StoredReplies
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.tenant import Store, User, UserEntry, open_tenant
from tests.rest.client import Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.tenants import write_tenant

METERING, NUMBER = "402892154627d9a2014627e1b0b60114", "A00000014"
INVOICE_ITEM_KEYS = {
    "amount",
    "applied_to_item_id",
    "document_date",
    "subscription_item_description",
    "subscription_item_id",
    "subscription_item_name",
    "subscription_item_number",
    "product_name",
    "service_start_date",
    "service_end_date",
    "subscription_id",
    "subscription_number",
    "subscription_name",
    "tax",
}
CREDIT_MEMO_ITEM_KEYS = {
    "amount",
    "subtotal",
    "applied_to_item_id",
    "document_item_date",
    "document_item_number",
    "charge_type",
    "description",
    "id",
    "processing_type",
    "quantity",
    "subscription_item_id",
    "service_start_date",
    "service_end_date",
    "sku",
    "sku_name",
    "subscription_id",
    "subscription_number",
    "unit_of_measure",
}
"""The fields that the vendor's page lists ("Preview an account")."""
LIMITS = RestLimits()


@pytest.mark.parametrize("base", ["", "/v2"])
@pytest.mark.parametrize("key", [METERING, NUMBER])
def test_an_account_by_id_or_number_under_either_path(rest: Rest, base: str, key: str) -> None:
    answer = rest.account_preview(key, base=base, target_date="2014-06-01", exclude="one_time,recurring").json
    assert list(answer) == ["account_id", "invoice_items"]
    assert answer["account_id"] == METERING
    first, second = answer["invoice_items"]
    assert first.keys() >= INVOICE_ITEM_KEYS
    assert second == {
        "id": second["id"],
        "amount": 10,
        "applied_to_item_id": None,
        "charge_type": "usage",
        "document_date": "2026-03-15",
        "processing_type": "subscription_item",
        "quantity": 5,
        "subscription_item_description": "",
        "subscription_item_id": second["subscription_item_id"],
        "subscription_item_name": "Readings",
        "subscription_item_number": "C-00000063",
        "product_name": "Gateway",
        "service_start_date": "2014-05-23",
        "service_end_date": "2014-05-31",
        "subscription_id": second["subscription_id"],
        "subscription_number": "A-S00000021",
        "subscription_name": "A-S00000021",
        "tax": 0,
        "unit_of_measure": "Each",
    }


def test_evergreen_subscriptions_are_left_out_by_default(rest: Rest) -> None:
    fields = {"target_date": "2026-06-01"}
    assert rest.account_preview("A00001005", **fields).json["invoice_items"] == []
    assert rest.account_preview("A00001005", **fields, include_evergreen_subscriptions=True).json["invoice_items"]


def test_draft_items(rest: Rest) -> None:
    fields = {"target_date": "2014-06-01"}
    assert rest.account_preview("A00001009", **fields).json["invoice_items"] == []
    assert len(rest.account_preview("A00001009", **fields, include_draft_items=True).json["invoice_items"]) == 1


def test_discounts_and_tax(rest: Rest) -> None:
    items = rest.account_preview("A00001010", target_date="2026-12-31").json["invoice_items"]
    discount = next(item for item in items if item["processing_type"] == "discount")
    reduced = next(item for item in items if item["id"] == discount["applied_to_item_id"])
    assert reduced["processing_type"] == "subscription_item"
    assert any(item["tax"] for item in items)


def test_renewals_can_be_assumed(rest: Rest) -> None:
    counts = [
        len(rest.account_preview("A00001009", target_date="2029-01-01", assume_renewal=renewal).json["invoice_items"])
        for renewal in ("none", "auto_renew_only", "all")
    ]
    assert counts[0] < counts[1] <= counts[2]


def test_credit_memo_items_under_invoice_settlement(folder: Path) -> None:
    """100 a month, billed to the end of March and ended at the end of January: 2 x -100 go to a credit memo."""
    charge = {
        "id": "8a128f5e9f01fcf4019f1af23ad97f52",
        "number": "C-1",
        "name": "Support",
        "type": "Recurring",
        "model": "FlatFee",
        "price": 100,
        "billingPeriod": "Month",
        "billingTiming": "IN_ADVANCE",
        "billingDay": "DefaultFromCustomer",
        "effectiveStartDate": "2026-01-01",
        "effectiveEndDate": "2026-02-01",
        "chargedThroughDate": "2026-04-01",
    }
    subscription = {
        "id": "s",
        "subscriptionNumber": "A-S1",
        "accountId": "a",
        "termType": "TERMED",
        "termStartDate": "2026-01-01",
        "termEndDate": "2027-01-01",
        "ratePlans": [{"id": "p", "productSku": "SKU-1", "productName": "Support", "ratePlanCharges": [charge]}],
    }
    toml = 'time_zone = "Europe/London"\n[billing_rules]\ninvoiceSettlement = true'
    account = {"id": "a", "accountNumber": "A1", "billCycleDay": 1, "currency": "GBP"}
    store = open_tenant(write_tenant(folder, toml, accounts=account, subscriptions=subscription))
    store.put_user(UserEntry("user", password="x"))
    token = store.create_session("user", int(NOW.timestamp()) + 900)
    rest = Rest(application(store, Options(), MovableClock(NOW)), token)
    answer = rest.account_preview("A1", target_date="2026-06-01").json
    assert list(answer) == ["account_id", "invoice_items", "credit_memo_items"]
    assert answer["invoice_items"] == []
    items = answer["credit_memo_items"]
    assert sum(item["amount"] for item in items) == 200
    for item in items:
        assert item.keys() == CREDIT_MEMO_ITEM_KEYS
        assert (item["sku"], item["subtotal"]) == ("SKU-1", item["amount"])
        assert datetime.fromisoformat(item["document_item_date"]) == NOW
        assert item["document_item_date"].endswith("+00:00")
    v1 = rest.preview(accountNumber="A1", targetDate="2026-06-01").json
    assert list(v1) == ["accountId", "invoiceItems", "creditMemoItems", "success"]
    assert [item["amount"] for item in v1["creditMemoItems"]] == [item["amount"] for item in items]
    grouped = rest.preview(accountNumber="A1", targetDate="2026-06-01", groupBy="invoice").json
    assert grouped["invoices"] == []
    assert sum((memo["totalAmount"] for memo in grouped["creditMemos"]), Decimal()) == 200


@pytest.mark.parametrize(
    ("key", "fields", "status", "kind", "error"),
    [
        ("nobody", {"target_date": "2026-06-01"}, 404, "not_found", ("not_found", "account_id")),
        (NUMBER, {}, 400, "invalid_request", ("missing_parameter", "target_date")),
        (NUMBER, {"target_date": "soon"}, 400, "invalid_request", ("invalid_value", "target_date")),
        (NUMBER, {"target_date": "2046-03-16"}, 400, "invalid_request", ("invalid_value", "target_date")),
        (
            NUMBER,
            {"target_date": "2026-06-01", "exclude": "OneTime"},
            400,
            "invalid_request",
            ("invalid_value", "exclude"),
        ),
        ("A00001012", {"target_date": "2026-06-01"}, 422, "invalid_request", ("rule_violated", "price")),
    ],
)
def test_typed_errors(
    rest: Rest, key: str, fields: dict[str, object], status: int, kind: str, error: tuple[str, str]
) -> None:
    reply = rest.account_preview(key, **fields)
    assert reply.status == status
    assert list(reply.json) == ["type", "errors", "retryable"]
    assert (reply.json["type"], reply.json["retryable"]) == (kind, False)
    (told,) = reply.json["errors"]
    assert list(told) == ["code", "parameter", "message"]
    assert (told["code"], told["parameter"]) == error


def test_a_body_that_is_not_json(rest: Rest) -> None:
    reply = rest.post(f"/accounts/{NUMBER}/preview", b"{")
    assert (reply.status, reply.json["errors"][0]["code"]) == (400, "malformed_request")


class TestAsynchronously:
    def fetched(self, rest: Rest, location: str) -> dict[str, object]:
        for _ in range(1500):
            state = rest.get(location).json
            if state["status"] != "processing":
                return dict(state)
            threading.Event().wait(0.02)
        raise AssertionError("no answer in thirty seconds")

    @pytest.mark.parametrize("base", ["", "/v2"])
    def test_accepted_now_and_fetched_later(self, rest: Rest, base: str) -> None:
        accepted = rest.account_preview(NUMBER, base=base, headers={"async": "true"}, target_date="2014-06-01")
        assert accepted.status == 202
        assert list(accepted.json) == ["request_id"]
        assert accepted.headers["location"] == f"{base}/async_requests/{accepted.json['request_id']}"
        state = self.fetched(rest, accepted.headers["location"])
        assert (state["status"], state["status_code"]) == ("completed", 200)
        at_once = rest.account_preview(NUMBER, target_date="2014-06-01").json
        assert len(state["response"]["invoice_items"]) == len(at_once["invoice_items"])  # type: ignore[index]

    def test_a_failure_is_fetched_too(self, rest: Rest) -> None:
        accepted = rest.account_preview("nobody", headers={"async": "true"}, target_date="2014-06-01")
        state = self.fetched(rest, accepted.headers["location"])
        assert (state["status"], state["status_code"]) == ("failed", 404)
        assert state["response"]["type"] == "not_found"  # type: ignore[index]

    def test_a_wrong_request_is_refused_at_once(self, rest: Rest) -> None:
        reply = rest.account_preview(NUMBER, headers={"async": "true"}, target_date="soon")
        assert (reply.status, reply.json["errors"][0]["parameter"]) == (400, "target_date")

    def test_a_key_that_no_account_can_have_is_refused_at_once(self, rest: Rest) -> None:
        for key, status in (("n" * 255, 202), ("n" * 256, 404)):
            assert rest.account_preview(key, headers={"async": "true"}, target_date="2014-06-01").status == status

    def test_async_in_the_body_is_refused_and_the_header_is_named(self, rest: Rest) -> None:
        reply = rest.account_preview(NUMBER, target_date="2014-06-01", **{"async": True})
        (error,) = reply.json["errors"]
        assert (reply.status, error["parameter"]) == (400, "async")
        assert "header" in error["message"]
        assert rest.account_preview(NUMBER, target_date="2014-06-01", **{"async": False}).status == 200

    def test_async_in_the_query_is_refused_and_the_header_is_named(self, rest: Rest) -> None:
        reply = rest.post(f"/accounts/{NUMBER}/preview?async=true", {"target_date": "2014-06-01"})
        assert (reply.status, reply.json["errors"][0]["parameter"]) == (400, "async")

    def test_async_is_true_or_false(self, rest: Rest) -> None:
        assert rest.account_preview(NUMBER, headers={"async": "false"}, target_date="2014-06-01").status == 200
        reply = rest.account_preview(NUMBER, headers={"async": "later"}, target_date="2014-06-01")
        assert (reply.status, reply.json["errors"][0]["parameter"]) == (400, "async")

    def test_only_the_caller_of_a_request_may_fetch_its_answer(self, rest: Rest, store: Store) -> None:
        accepted = rest.account_preview(NUMBER, headers={"async": "true"}, target_date="2014-06-01")
        store.put_user(UserEntry("curious", password="x"))
        curious = Rest(rest.application, store.create_session("curious", int(NOW.timestamp()) + 900))
        assert curious.get(accepted.headers["location"]).status == 404
        assert rest.get("/async_requests/unknown").status == 404

    def test_an_idempotent_request_is_accepted_once(self, rest: Rest) -> None:
        headers = {"async": "true", "Idempotency-Key": "once"}
        first, again = (rest.account_preview(NUMBER, headers=headers, target_date="2014-06-01") for _ in range(2))
        assert (again.status, again.body) == (202, first.body)
        assert again.headers["location"] == first.headers["location"]

    def test_after_a_kill_the_next_one_who_is_asked_answers(self, store: Store, clock: MovableClock) -> None:
        """A process accepted the request and was killed before it answered: its lease is not renewed."""
        asked: list[Call] = []

        def operation(call: Call) -> Reply:
            asked.append(call)
            return Reply([b'{"answered": true}'])

        answers = StoredReplies(store, clock, ASYNC_REQUESTS, LIMITS.lease, LIMITS.async_result)
        heir = Deferred(operation, str, lambda _: None, QUICKSTART, answers, "/async_requests", InFlight(1))
        scope = Scope(User("1", "user", "", "", frozenset({"org-1"})), entities=frozenset({"ent-1"}))
        call = Call("POST", "/", {"account_id": "A1"}, {"explain": ["true"]}, {}, "r", body=b"{}", scope=scope)
        assert answers.claim("orphan", {"username": "user", "request": msgspec.json.encode(call)}) is not None
        fetch = Call("GET", "/", {"request_id": "orphan"}, {}, {}, "r", scope=scope)
        assert b"processing" in b"".join(heir.result(fetch).pieces)
        clock.now += LIMITS.lease
        heir.result(fetch)
        heir._threads.shutdown()
        assert asked == [call]
        assert b'"response":{"answered": true}' in b"".join(heir.result(fetch).pieces)
