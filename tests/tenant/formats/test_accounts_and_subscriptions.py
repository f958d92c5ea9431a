"""The meaning of the vendor's v1 JSON: the account and subscriptions that a store returns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soapsvc.engine.account import Account, DeliverySchedule, DiscountApplyDetail, StatusSpan, Tier
from soapsvc.tenant import open_tenant
from tests.support.documents import ACCOUNT_ID, account, charge, subscription
from tests.support.tenants import write_tenant


def imported(tmp_path: Path, accounts: object, subscriptions: object = ()) -> Account:
    """The only account of a tenant that holds these documents."""
    folder = write_tenant(tmp_path / "tenant", accounts=accounts, subscriptions=list(subscriptions))  # type: ignore[call-overload]
    (found,) = open_tenant(folder).accounts()
    return found


def imported_charge(tmp_path: Path, **facts: Any) -> Any:
    return imported(tmp_path, account(), [subscription(charge(**facts))]).subscriptions[0].charges[0]


def test_an_account_as_the_api_returns_it(tmp_path: Path) -> None:
    document = account(
        number="A00000001",
        batch="Batch7",
        organizationId="org-1",
        billCycleDay=31,
        currency="EUR",
        Segment__c="Gold",
        billToContact={"country": "France"},
        soldToContact={"country": "Spain"},
    )
    found = imported(tmp_path, document)
    assert replace(found, catalog={}, attributes={}) == Account(
        ACCOUNT_ID,
        account_number="A00000001",
        currency="EUR",
        bill_cycle_day=31,
        name="Finch & Co",
        batch="Batch7",
        country="Spain",
        organization_id="org-1",
    )
    assert found.attributes == {"Segment__c": "Gold"}


def test_the_country_of_a_bill_to_contact_counts_where_there_is_no_sold_to(tmp_path: Path) -> None:
    assert imported(tmp_path, account(billToContact={"country": "France"})).country == "France"


@pytest.mark.parametrize("written", [17, "17", 17.0])
def test_a_flat_account(tmp_path: Path, written: object) -> None:
    found = imported(
        tmp_path, {"id": "x", "billCycleDay": written, "currency": "GBP", "country": "Chile", "batch": None}
    )
    assert (found.id, found.bill_cycle_day, found.currency, found.country) == ("x", 17, "GBP", "Chile")


def test_an_account_without_bill_cycle_day_sets_it_by_its_first_charge(tmp_path: Path) -> None:
    assert imported(tmp_path, {"id": "x", "currency": "GBP", "billCycleDay": None}).bill_cycle_day == 0


def test_an_account_without_id_gets_one_that_is_the_same_every_time(tmp_path: Path) -> None:
    first = imported(tmp_path / "1", {"currency": "GBP"})
    again = imported(tmp_path / "2", {"currency": "GBP"})
    assert first.id == again.id
    assert len(first.id) == 32
    assert first.account_number == "1", "the name of its file"


def test_the_facts_of_the_rate_plan_stand_on_each_charge(tmp_path: Path) -> None:
    plan = {
        "id": "plan-7",
        "productRatePlanId": "prp-7",
        "productName": "Rack",
        "productSku": "SKU-1",
        "ratePlanName": "Monthly",
        "ratePlanCharges": [charge("C-1"), charge("C-2")],
    }
    found = imported(tmp_path, account(), [subscription(ratePlans=[plan])]).subscriptions[0]
    facts = {
        (c.rate_plan_id, c.product_rate_plan_id, c.product_name, c.product_sku, c.rate_plan_name) for c in found.charges
    }
    assert facts == {("plan-7", "prp-7", "Rack", "SKU-1", "Monthly")}


@pytest.mark.parametrize(
    ("change", "removed"), [("Remove", True), ("REMOVE", True), ("Add", False), ("Update", False), (None, False)]
)
def test_a_removed_rate_plan_marks_its_charges(tmp_path: Path, change: str | None, removed: bool) -> None:
    document = subscription(charge())
    document["ratePlans"][0]["lastChangeType"] = change
    (found,) = imported(tmp_path, account(), [document]).subscriptions[0].charges
    assert found.removed is removed


def test_amounts_keep_every_digit_and_their_scale(tmp_path: Path) -> None:
    written = json.dumps(subscription(charge(price=0, quantity="3.50")))
    written = written.replace('"price": 0', '"price": 0.10000000000000000555')
    folder = write_tenant(tmp_path, accounts=account(), subscriptions=written)
    (found,) = open_tenant(folder).accounts()
    read = found.subscriptions[0].charges[0]
    assert (str(read.price), str(read.quantity)) == ("0.10000000000000000555", "3.50")


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-31",
        "2026-03-31T23:59:59",
        "2026-03-31T00:00:00.000-08:00",
        "2026-03-31 10:00:00",
        "2026-03-31T22:00:00Z",
    ],
)
def test_a_date_is_what_is_written_before_any_time(tmp_path: Path, written: str) -> None:
    assert imported_charge(tmp_path, chargedThroughDate=written).charged_through_date == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("written", "meant"), [(True, True), ("true", True), ("False", False), (None, False), ("", False)]
)
def test_booleans_come_as_strings_too(tmp_path: Path, written: object, meant: bool) -> None:
    assert imported_charge(tmp_path, isStackedDiscount=written).is_stacked_discount is meant


def test_enumerations_stay_as_written(tmp_path: Path) -> None:
    read = imported_charge(tmp_path, model="Flat Fee Pricing", billingPeriod="Semi-Annual", billingTiming="In Advance")
    assert (read.model, read.billing_period, read.billing_timing) == ("Flat Fee Pricing", "Semi-Annual", "In Advance")


def test_tiers_follow_their_numbers(tmp_path: Path) -> None:
    tiers = [
        {"tier": 2, "startingUnit": 10.1, "endingUnit": None, "price": "0.9", "priceFormat": "PerUnit"},
        {"tier": 1, "startingUnit": 0, "endingUnit": 10, "price": 1, "priceFormat": "FlatFee"},
    ]
    assert imported_charge(tmp_path, model="Tiered", tiers=tiers).tiers == (
        Tier(Decimal(0), Decimal(1), Decimal(10), "FlatFee"),
        Tier(Decimal("10.1"), Decimal("0.9"), None, "PerUnit"),
    )


def test_schedules_and_discount_scopes_are_read_whole(tmp_path: Path) -> None:
    read = imported_charge(
        tmp_path,
        subscriptionChargeDeliverySchedule={"frequency": "Weekly", "monday": True, "sunday": "true"},
        discountApplyDetails=[{"appliedProductRatePlanChargeId": "prpc", "appliedProductName": "ignored"}],
    )
    assert read.delivery_schedule == DeliverySchedule("Weekly", monday=True, sunday=True)
    assert read.discount_apply_details == (DiscountApplyDetail("prpc"),)


def test_fields_that_the_model_does_not_know_are_kept(tmp_path: Path) -> None:
    document = subscription(charge(mrr=12.5, chargeModelConfiguration={"formula": "1+1"}), cancelReason="Moved")
    found = imported(tmp_path, account(), [document]).subscriptions[0]
    assert found.attributes == {"cancelReason": "Moved"}
    assert found.charges[0].attributes == {"mrr": "12.5", "chargeModelConfiguration": {"formula": "1+1"}}


def test_the_status_history_has_an_open_end(tmp_path: Path) -> None:
    history = [
        {"startDate": "2026-01-01", "endDate": "2026-05-01", "status": "Active"},
        {"startDate": "2026-05-01", "status": "Suspended"},
    ]
    found = imported(tmp_path, account(), [subscription(statusHistory=history)]).subscriptions[0]
    assert found.status_history == (
        StatusSpan("Active", date(2026, 1, 1), date(2026, 5, 1)),
        StatusSpan("Suspended", date(2026, 5, 1)),
    )


def test_all_segments_share_what_the_charge_says(tmp_path: Path) -> None:
    """One charge in three segments:  |-- 10 a month --|-- 12 --|-- 15 …"""
    common = {
        key: value
        for key, value in charge().items()
        if key not in {"id", "price", "effectiveStartDate", "effectiveEndDate"}
    }
    segments = [
        {"id": f"s{n}", "segment": n, "price": price, "effectiveStartDate": start, "effectiveEndDate": end}
        for n, price, start, end in [
            (1, 10, "2026-01-01", "2026-04-01"),
            (2, 12, "2026-04-01", "2026-07-01"),
            (3, 15, "2026-07-01", "2027-01-01"),
        ]
    ]
    read = (
        imported(tmp_path, account(), [subscription({**common, "chargeSegments": segments})]).subscriptions[0].charges
    )
    assert [(c.id, c.segment, str(c.price), c.number, c.billing_period) for c in read] == [
        ("s1", 1, "10", "C-1", "Month"),
        ("s2", 2, "12", "C-1", "Month"),
        ("s3", 3, "15", "C-1", "Month"),
    ]
    assert {c.original_effective_start_date for c in read} == {date(2026, 1, 1)}


def test_the_last_segment_alone_does_not_claim_to_be_the_first(tmp_path: Path) -> None:
    assert imported_charge(tmp_path, segment=3).original_effective_start_date is None


def test_an_object_without_an_id_gets_one_from_its_numbers(tmp_path: Path) -> None:
    document = subscription({k: v for k, v in charge().items() if k != "id"}, id=None)
    one = imported(tmp_path / "1", account(), [document]).subscriptions[0]
    two = imported(tmp_path / "2", account(), [document]).subscriptions[0]
    assert (one.id, one.charges[0].id) == (two.id, two.charges[0].id)
    assert one.id != one.charges[0].id


def test_the_newest_version_of_a_subscription_counts(tmp_path: Path) -> None:
    versions = [
        subscription(charge(price=price), id=f"v{version}", version=version)
        for version, price in [(2, 20), (3, 30), (1, 10)]
    ]
    (found,) = imported(tmp_path, account(), versions).subscriptions
    assert (found.id, found.charges[0].price) == ("v3", Decimal(30))


def test_the_invoice_owner_is_billed_not_the_account_that_subscribes(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path,
        accounts=[account("A-1", id="payer"), account("A-2", id="child")],
        subscriptions=[
            subscription(number="A-S1", accountId="child", invoiceOwnerAccountNumber="A-1"),
            subscription(number="A-S2", accountNumber="A-2"),
        ],
    )
    payer, child = sorted(open_tenant(folder).accounts(), key=lambda found: found.account_number)
    assert [(s.subscription_number, s.account_id) for s in payer.subscriptions] == [("A-S1", "child")]
    assert [s.subscription_number for s in child.subscriptions] == ["A-S2"]
