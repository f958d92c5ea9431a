"""Bill runs: what a preview shows is billed, documents can be read, and the next preview starts after them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from soapsvc.standin.bill_runs.kept import Kept, kept_of
from tests.soap.client import API, envelope, escape, session_header
from tests.standin.client import Standing
from tests.standin.conftest import TENANT
from tests.support.stores.store_hash import store_hash

PLAN = {"number": "S-1", "plan": "Gold", "start": "2026-01-01"}
GOLD = {**PLAN, "price": 31}


def put(stand: Standing, *subscriptions: dict[str, Any], **more: Any) -> None:
    """Put account A-2 with these subscriptions, which are billed in euros on the first of the month."""
    stand.ok("PUT", "/accounts/A-2", {"currency": "EUR", "subscriptions": list(subscriptions), **more})


def run(stand: Standing, target: str | None = None, **more: Any) -> Any:
    return stand.ok("POST", "/bill-runs", {"targetDate": target, **more} if target else more)


def rows(stand: Standing, query: str) -> list[dict[str, str]]:
    """The records that a ZOQL query finds: the fields of each, dates as dates."""
    service = stand.soap
    service.login("tests@example.com", "tests")
    asked = f"<a:query><a:queryString>{escape(query)}</a:queryString></a:query>"
    reply = service.post(envelope(asked, session_header(service.token)))
    assert reply.status == 200, reply.text
    records = reply.root.iter(f"{{{API}}}records")
    return [
        {etree.QName(field).localname: (field.text or "").removesuffix("T00:00:00") for field in record}
        for record in records
        if len(record)
    ]


def test_the_next_preview_starts_after_the_billed_items_of_the_first(stand: Standing) -> None:
    """
    Jan 1     Feb 1     Mar 1     Apr 1
      |-- INV00000001 ----|-- previewed --|
    """
    put(stand, GOLD)
    shown = stand.amounts("A-2", "2026-02-01")
    (invoice,) = run(stand, "2026-02-01")["invoices"]
    assert shown == [("2026-01-01", "2026-01-31", "31"), ("2026-02-01", "2026-02-28", "31")]
    assert (invoice["number"], invoice["amount"], invoice["items"]) == ("INV00000001", 62, 2)
    assert stand.amounts("A-2", "2026-03-01") == [("2026-03-01", "2026-03-31", "31")]
    (again,) = run(stand, "2026-03-01")["invoices"]
    assert again["number"] == "INV00000002"
    assert run(stand, "2026-03-01")["invoices"] == []


def test_the_results_of_bill_runs_can_be_queried(stand: Standing) -> None:
    coupon = {"charge": "Coupon", "discount": 10}
    put(stand, {**PLAN, "charges": [{"charge": "Fee", "price": 31}, coupon]})
    run(stand, "2026-01-15")
    (invoice,) = rows(stand, "select Id, InvoiceNumber, Amount, Status, TargetDate, InvoiceDate from Invoice")
    told = {name: invoice[name] for name in ("InvoiceNumber", "Status", "TargetDate", "InvoiceDate")}
    assert told == {
        "InvoiceNumber": "INV00000001", "Status": "Posted", "TargetDate": "2026-01-15", "InvoiceDate": "2026-01-15",
    }  # fmt: skip
    assert Decimal(invoice["Amount"]) == Decimal("27.90")
    fields = "ChargeName, ChargeAmount, ServiceStartDate, ServiceEndDate, SubscriptionNumber"
    items = rows(stand, f"select {fields} from InvoiceItem where InvoiceId = '{invoice['Id']}'")  # noqa: S608 - ZOQL
    assert [(each["ChargeName"], Decimal(each["ChargeAmount"]), each["ServiceEndDate"]) for each in items] == [
        ("Fee", 31, "2026-01-31"), ("Coupon", Decimal("-3.1"), "2026-01-31"),
    ]  # fmt: skip
    (charge,) = rows(stand, "select ChargedThroughDate, ProcessedThroughDate from RatePlanCharge where Name = 'Fee'")
    assert (charge["ChargedThroughDate"], charge["ProcessedThroughDate"]) == ("2026-02-01", "2026-01-01")


def test_usage_that_was_billed_is_processed(stand: Standing) -> None:
    calls = {
        "number": "S-1",
        "plan": "Calls",
        "uom": "Call",
        "price": 2,
        "period": "Month",
        "type": "Usage",
        "start": "2026-01-01",
    }
    usage = [
        {"uom": "Call", "quantity": 5, "startDateTime": "2026-01-20"},
        {"uom": "Call", "quantity": 7, "startDateTime": "2026-02-20"},
    ]
    put(stand, calls, usage=usage)
    (invoice,) = run(stand, "2026-02-01")["invoices"]
    assert invoice["amount"] == 10
    found = rows(stand, "select Quantity, RbeStatus from Usage")
    assert {float(each["Quantity"]): each.get("RbeStatus") for each in found} == {5: "Processed", 7: None}
    assert stand.amounts("A-2", "2026-03-01") == [("2026-02-01", "2026-02-28", "14")]


def test_a_fixed_amount_is_used_up_over_runs(stand: Standing) -> None:
    """A coupon of 40 a quarter on 31 a month: 31, then 9, then nothing; it is kept what it took off."""
    coupon = {
        "charge": "Coupon", "type": "Recurring", "model": "DiscountFixedAmount", "discountAmount": 40,
        "period": "Quarter", "discountLevel": "subscription", "applyDiscountTo": "ONETIMERECURRINGUSAGE",
    }  # fmt: skip
    put(stand, {**PLAN, "charges": [{"charge": "Fee", "price": 31}, coupon]})
    amounts = []
    for target in ("2026-01-01", "2026-02-01", "2026-03-01"):
        amounts += [invoice["amount"] for invoice in run(stand, target)["invoices"]]
    assert amounts == [0, 22, 31]


@pytest.mark.parametrize("settlement", [False, True])
def test_a_credit_is_on_an_invoice_or_with_settlement_on_a_memo(stand: Standing, settlement: bool) -> None:
    rules = f"[billing_rules]\ninvoiceSettlement = {str(settlement).lower()}\n"
    stand.ok("POST", "/seed", {"tenant.toml": f"{TENANT}{rules}", "accounts": [{"accountNumber": "A-1"}]})
    put(stand, {**GOLD, "billedTo": "2026-07-01", "scheduledCancelDate": "2026-06-01"})
    told = run(stand, "2026-07-01")
    found = {kind: [(each["number"], each["amount"]) for each in told[kind]] for kind in ("invoices", "creditMemos")}
    memo = {"invoices": [], "creditMemos": [("CM00000001", 31)]}
    assert found == (memo if settlement else {"invoices": [("INV00000001", -31)], "creditMemos": []})
    assert stand.amounts("A-2", "2026-12-01") == []
    assert run(stand, "2026-07-01")["creditMemos"] == []


def test_a_memo_can_be_read_where_the_vendor_has_it_and_not_by_query(stand: Standing) -> None:
    """June, billed at 31 less 10 %, is credited: 27.90. ZOQL has no object of Invoice Settlement."""
    rules = "[billing_rules]\ninvoiceSettlement = true\n"
    stand.ok("POST", "/seed", {"tenant.toml": f"{TENANT}{rules}", "accounts": [{"accountNumber": "A-1"}]})
    fees = [{"charge": "Fee", "price": 31, "billedTo": "2026-07-01"}, {"charge": "Coupon", "discount": 10}]
    put(stand, {**PLAN, "charges": fees, "scheduledCancelDate": "2026-06-01"})
    (told,) = run(stand, "2026-07-01")["creditMemos"]
    stand.rest.token = stand.token()
    account = stand.rest.get("/v1/accounts/A-2").json["basicInfo"]["id"]
    (memo,) = stand.rest.get(f"/v1/credit-memos?accountId={account}&status=Posted").json["creditmemos"]
    assert {name: memo[name] for name in ("id", "number", "creditMemoDate", "targetDate", "status", "source")} == {
        "id": told["id"], "number": "CM00000001", "creditMemoDate": "2026-01-15", "targetDate": "2026-07-01",
        "status": "Posted", "source": "BillRun",
    }  # fmt: skip
    assert memo["amount"] == told["amount"]
    items = stand.rest.get(f"/v1/credit-memos/{memo['id']}/items").json["items"]
    assert sum(Decimal(str(each["amountWithoutTax"])) for each in items) == Decimal(str(told["amount"]))
    assert {(each["skuName"], each["serviceStartDate"], each["serviceEndDate"]) for each in items} >= {
        ("Fee -- Credit", "2026-06-01", "2026-06-30")
    }
    refused = stand.rest.post("/v1/action/query", {"queryString": "select Id from CreditMemo"})
    assert refused.status == 400
    assert "CreditMemo" in str(refused.json)


def test_other_fields_of_an_accounts_records_are_kept(stand: Standing) -> None:
    """Older versions, segments beside each other, other names, custom fields, usage of any spelling."""
    segments = [
        {
            "segment": 1,
            "effectiveStartDate": "2026-01-01",
            "effectiveEndDate": "2026-02-01",
            "price": 28,
            "note__c": "a",
        },
        {"segment": 2, "effectiveStartDate": "2026-02-01", "effectiveEndDate": "2027-01-01", "price": 56},
    ]
    charge = {
        "number": "C-1", "name": "Fee", "type": "Recurring", "model": "FlatFee", "billingPeriod": "Month",
        "billingDay": "DefaultFromCustomer", "endDateCondition": "Subscription_End", "chargeSegments": segments,
    }  # fmt: skip
    terms = {
        "subscriptionNumber": "S-1", "status": "Active", "termType": "TERMED", "termStartDate": "2026-01-01",
        "termEndDate": "2027-01-01", "subscriptionStartDate": "2026-01-01", "custom__c": "kept",
    }  # fmt: skip
    versions = [
        {
            **terms,
            "version": version,
            "status": status,
            "ratePlans": [{"ratePlanName": "Gold", "ratePlanCharges": [charge]}],
        }
        for version, status in ((1, "Expired"), (2, "Active"))
    ]
    usage = [{"UOM": "Call", "QTY": 3, "STARTDATE": "2026-01-03", "status": "Pending", "remark": "kept"}]
    put(stand, *versions, usage=usage)
    before = kept(stand)
    assert [invoice["amount"] for invoice in run(stand, "2026-02-10")["invoices"]] == [84]
    after = kept(stand)
    assert (after.former, after.usage[0].document) == (before.former, before.usage[0].document)
    now = after.subscriptions["S-1"]
    assert (now["custom__c"], now["version"]) == ("kept", 2)
    found = now["ratePlans"][0]["ratePlanCharges"][0]["chargeSegments"]
    assert [(each["segment"], each["chargedThroughDate"]) for each in found] == [(1, "2026-02-01"), (2, "2026-03-01")]
    assert found[0]["note__c"] == "a"
    assert after.account == before.account


def kept(stand: Standing) -> Kept:
    store = stand.stand_in.store
    account = store.account_id("A-2")
    assert account is not None
    with store.reading() as connection:
        return kept_of(connection, store.version(), account)


def test_a_record_of_two_charges_waits_for_the_second_one(stand: Standing) -> None:
    calls = {"uom": "Call", "price": 2, "type": "Usage"}
    charges = [{**calls, "charge": "Monthly", "period": "Month"}, {**calls, "charge": "Quarterly", "period": "Quarter"}]
    usage = [{"subscriptionNumber": "S-1", "uom": "Call", "quantity": 5, "startDateTime": "2026-01-20"}]
    put(stand, {"number": "S-1", "plan": "Calls", "start": "2026-01-01", "charges": charges}, usage=usage)
    assert [invoice["amount"] for invoice in run(stand, "2026-02-01")["invoices"]] == [10]
    assert kept(stand).usage[0].document["billedCharges"] == ["C-S-1-1"]
    assert [invoice["amount"] for invoice in run(stand, "2026-04-01")["invoices"]] == [10]
    assert "billedCharges" not in kept(stand).usage[0].document


RENEWING = {**GOLD, "term": 2, "autoRenew": True, "renewalTerm": 3}


def test_a_term_renews_when_the_clock_passes_its_end(stand: Standing) -> None:
    """
    Jan 1        Mar 1                 Jun 1
      |-- term -----|-- renewal of 3 months --|
    """
    put(stand, RENEWING)
    assert term(stand) == ("2026-01-01", "2026-03-01")
    stand.ok("POST", "/clock/advance", {"days": 44})
    assert term(stand) == ("2026-01-01", "2026-03-01")
    stand.ok("POST", "/clock/advance", {"days": 1})
    assert term(stand) == ("2026-03-01", "2026-06-01")
    stand.ok("PUT", "/clock", {"now": "2027-01-01"})
    assert term(stand) == ("2026-12-01", "2027-03-01")
    stand.ok("PUT", "/clock", {"now": "2026-01-15"})
    assert term(stand) == ("2026-12-01", "2027-03-01")
    stand.ok("POST", "/reset")
    assert rows(stand, "select Name from Subscription") == []


def term(stand: Standing) -> tuple[str, str]:
    (found,) = rows(stand, "select TermStartDate, TermEndDate from Subscription where Name = 'S-1'")
    return found["TermStartDate"], found["TermEndDate"]


def test_in_steps_over_renewals_the_invoices_are_what_one_preview_shows(stand: Standing) -> None:
    dearer = {"priceChangeOption": "SpecificPercentageValue", "priceIncreasePercentage": 10}
    put(stand, {**RENEWING, **dearer})
    shown = stand.preview("A-2", "2026-12-15", assumeRenewal="Autorenew")["invoiceItems"]
    total = 0
    for month in range(1, 13):
        stand.ok("PUT", "/clock", {"now": f"2026-{month:02}-15"})
        total += sum(Decimal(str(invoice["amount"])) for invoice in run(stand)["invoices"])
    assert total == sum(Decimal(str(item["chargeAmount"])) for item in shown)
    assert len(rows(stand, "select Id from RatePlanCharge")) > 1


def test_a_suspension_and_a_cancellation_show_on_their_day(stand: Standing) -> None:
    paused = {"number": "S-1", "scheduledSuspendDate": "2026-02-10", "scheduledResumeDate": "2026-02-20"}
    put(stand, {**GOLD, **paused}, {**GOLD, "number": "S-2", "scheduledCancelDate": "2026-02-12"})
    seen = []
    for now in ("2026-02-09", "2026-02-12", "2026-02-20"):
        stand.ok("PUT", "/clock", {"now": now})
        seen.append({each["Name"]: each["Status"] for each in rows(stand, "select Name, Status from Subscription")})
    assert seen == [
        {"S-1": "Active", "S-2": "Active"},
        {"S-1": "Suspended", "S-2": "Cancelled"},
        {"S-1": "Active", "S-2": "Cancelled"},
    ]


def test_an_account_that_cannot_be_rated_is_reported_and_others_are_billed(stand: Standing) -> None:
    put(stand, GOLD)
    stand.ok("PUT", "/accounts/A-3", {"subscriptions": [{**GOLD, "number": "S-3", "listPriceBase": "Per_Moon"}]})
    told = run(stand, "2026-01-15")
    assert [each["accountNumber"] for each in told["invoices"]] == ["A-2"]
    (error,) = told["errors"]
    assert (error["accountNumber"], error["code"], error["field"]) == ("A-3", "UNKNOWN_VALUE", "listPriceBase")


def test_single_accounts_may_be_billed(stand: Standing) -> None:
    put(stand, GOLD)
    stand.ok("PUT", "/accounts/A-3", {"subscriptions": [{**GOLD, "number": "S-3"}]})
    told = run(stand, "2026-01-15", accountNumbers=["A-3", "A-3"])
    assert [each["accountNumber"] for each in told["invoices"]] == ["A-3"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"targetDate": "soon"}, 400, "targetDate"),
        ({"targetDay": "2026-01-15"}, 400, "targetDay"),
        ({"accountNumbers": "A-1"}, 400, "accountNumbers"),
        ({"accountNumbers": ["A-9"]}, 404, "accountNumbers"),
    ],
)
def test_a_wrong_request_changes_nothing(stand: Standing, body: dict[str, object], status: int, field: str) -> None:
    put(stand, GOLD)
    before = store_hash(stand.stand_in.store)
    found, error = stand.error("POST", "/bill-runs", body)
    assert (found, error["field"]) == (status, field)
    assert store_hash(stand.stand_in.store) == before


def test_the_same_calls_make_the_same_documents(stand: Standing) -> None:
    told = []
    for _ in range(2):
        stand.ok("POST", "/reset")
        put(stand, GOLD)
        told.append(run(stand, "2026-01-15"))
    assert told[0] == told[1]


def test_a_loaded_state_continues_its_numbers(stand: Standing) -> None:
    put(stand, GOLD)
    run(stand, "2026-01-15")
    state = stand.admin("GET", "/state").body
    stand.ok("POST", "/reset")
    stand.ok("PUT", "/state", state)
    (invoice,) = run(stand, "2026-02-15")["invoices"]
    assert invoice["number"] == "INV00000002"
