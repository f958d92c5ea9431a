"""Usage records from the API's JSON and from the upload file, and which subscription and charge they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from soapsvc.engine.account import UsageRecord
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.tenant import Store, import_tenant, open_tenant
from tests.support.documents import ACCOUNT_ID, account, charge, subscription, usage
from tests.support.tenants import write_tenant

HEADER = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION"


def records(tmp_path: Path, content: object, toml: str = 'time_zone = "UTC"') -> Sequence[UsageRecord]:
    """The usage of the only account, which has charge C-1 in subscription A-S1."""
    folder = write_tenant(
        tmp_path / "tenant", toml, accounts=account(), subscriptions=[subscription(charge("C-1"))], usage=content
    )
    (found,) = open_tenant(folder).accounts()
    return found.usage


@pytest.mark.parametrize(
    "document",
    [
        {"Quantity": 2.50, "StartDateTime": "2026-01-15T10:00:00", "UOM": "Each", "RbeStatus": "Pending"},
        {"quantity": "2.50", "startDateTime": "2026-01-15", "uom": "Each", "rbeStatus": "Pending"},
        {"QTY": "2.50", "STARTDATE": "01/15/2026", "UOM": "Each", "RBE_STATUS": "Pending"},
    ],
)
def test_every_spelling_of_the_keys_means_the_same(tmp_path: Path, document: dict[str, object]) -> None:
    (record,) = records(tmp_path, [document])
    assert (record.quantity, record.start_date, record.uom) == (Decimal("2.5"), date(2026, 1, 15), "Each")
    assert record.rbe_status == "Pending"


@pytest.mark.parametrize("wrapper", ["usage", "records"])
def test_lists_may_be_wrapped(tmp_path: Path, wrapper: str) -> None:
    assert len(records(tmp_path, {wrapper: [usage(1), usage(2)], "done": True})) == 2


def test_the_upload_file(tmp_path: Path) -> None:
    rows = ["A-1,Each,10,01/05/2026,1/6/2026,A-S1,C-1,first", "", 'A-1,Each,2.5,2026-01-04,,,,"two, and a half"']
    order = 'usage_date_order = "MM/DD/YYYY"'
    second, first = records(tmp_path, {"january.csv": "\n".join([HEADER, *rows])}, order)
    assert (first.start_date, first.end_date) == (date(2026, 1, 5), date(2026, 1, 6))
    assert (first.subscription_number, first.charge_number) == ("A-S1", "C-1")
    assert (first.file_name, first.fields) == ("january.csv", {"DESCRIPTION": "first"})
    assert (second.quantity, second.charge_number) == (Decimal("2.5"), None)
    assert second.fields == {"DESCRIPTION": "two, and a half"}


@pytest.mark.parametrize(
    ("zone", "written", "day"),
    [
        ("Asia/Shanghai", "2014-05-23T23:30:00.000-08:00", date(2014, 5, 24)),
        ("America/Los_Angeles", "2014-05-24T02:00:00Z", date(2014, 5, 23)),
        ("America/Los_Angeles", "2014-05-24T02:00:00+0800", date(2014, 5, 23)),
        ("Asia/Shanghai", "2014-05-23T23:30:00", date(2014, 5, 23)),
        ("America/Los_Angeles", "2014-05-23", date(2014, 5, 23)),
    ],
)
def test_a_start_is_a_day_in_the_tenants_zone(tmp_path: Path, zone: str, written: str, day: date) -> None:
    (record,) = records(tmp_path, [usage(1, written)], f'time_zone = "{zone}"')
    assert record.start_date == day


def test_another_zone_moves_the_usage_of_earlier_imports(tmp_path: Path) -> None:
    store = Store.temporary()
    folder = write_tenant(
        tmp_path / "1", 'time_zone = "UTC"', accounts=account(), usage=[usage(1, "2026-01-31T22:00:00Z")]
    )
    import_tenant(store, folder)
    import_tenant(store, write_tenant(tmp_path / "2", 'time_zone = "Asia/Tokyo"', accounts=account()))
    (found,) = store.accounts()
    assert [record.start_date for record in found.usage] == [date(2026, 2, 1)]


def test_records_stand_by_day_then_in_the_order_of_their_file(tmp_path: Path) -> None:
    days = ["2026-01-20", "2026-01-10", "2026-01-20", "2026-01-05"]
    found = records(tmp_path, [usage(n, day) for n, day in enumerate(days)])
    assert [(str(record.quantity), record.start_date.day) for record in found] == [
        ("3", 5),
        ("1", 10),
        ("0", 20),
        ("2", 20),
    ]


def test_fields_that_the_model_does_not_know_are_kept(tmp_path: Path) -> None:
    (record,) = records(tmp_path, [usage(1, totalAmount="10.50", Region__c="North", Nothing=None)])
    assert record.fields == {"totalAmount": "10.50", "Region__c": "North"}


def test_processed_usage_is_kept_with_its_status(tmp_path: Path) -> None:
    (record,) = records(tmp_path, [usage(1, RbeStatus="Processed")])
    assert record.rbe_status == "Processed"


@pytest.mark.parametrize("status", ["Importing", "Pending", "Processed"])
def test_the_status_of_a_v1_row_says_whether_it_was_billed(tmp_path: Path, status: str) -> None:
    """GET /v1/usage/accounts tells it in `status`; where a row has RbeStatus too, this counts."""
    (record,) = records(tmp_path, [usage(1, status=status)])
    assert (record.rbe_status, record.fields) == (status, {})
    (record,) = records(tmp_path, [usage(1, status="Pending", rbeStatus=status)])
    assert record.rbe_status == status


def test_late_usage_of_v1_rows_bills_only_what_is_not_processed(tmp_path: Path) -> None:
    """10000 were processed, 5000 came late: 5000 x 0.01 = 50.00, not 150.00."""
    nodes = charge(
        "C-1", type="Usage", model="PerUnit", price=0.01, uom="node-seconds", billingPeriod="Month",
        effectiveStartDate="2018-01-01", chargedThroughDate="2018-02-01",
    )  # fmt: skip
    row = {"unitOfMeasure": "node-seconds", "chargeNumber": "C-1"}
    rows = [
        {**row, "quantity": 10000, "startDateTime": "2018-01-05 00:00:00", "status": "Processed"},
        {**row, "quantity": 5000, "startDateTime": "2018-01-20 00:00:00", "status": "Pending"},
    ]
    term = subscription(nodes, termStartDate="2018-01-01", termEndDate="2019-01-01", contractEffectiveDate="2018-01-01")
    folder = write_tenant(
        tmp_path, "[billing_rules]\nlateUsage = true", accounts=account(), subscriptions=[term], usage={"usage": rows}
    )
    (found,) = open_tenant(folder).accounts()
    result = preview(found, PreviewRequest(date(2018, 2, 1)), datetime(2018, 3, 1, tzinfo=UTC))
    assert [item.amount for item in result.items()] == [50]


@pytest.mark.parametrize(
    "reference",
    [
        {"SubscriptionNumber": "A-S1", "ChargeNumber": "C-1"},
        {"SubscriptionId": "id-of-A-S1", "ChargeId": "id-of-C-1"},
        {"SubscriptionId": "A-S1", "ChargeId": "C-1"},
    ],
)
def test_ids_and_numbers_name_the_same_charge(tmp_path: Path, reference: dict[str, str]) -> None:
    (record,) = records(tmp_path, [usage(1, **reference)])
    assert (record.subscription_number, record.charge_number) == ("A-S1", "C-1")


def test_a_product_rate_plan_charge_names_the_only_charge_made_from_it(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path,
        accounts=account(),
        subscriptions=[
            subscription(charge("C-1", productRatePlanChargeId="p1"), charge("C-2", productRatePlanChargeId="p2"))
        ],
        usage={"u.csv": f"{HEADER},PRODUCT_RATE_PLAN_CHARGE_ID,UNIQUE_KEY\nA-1,Each,1,2026-01-01,,,,,p2,k1"},
    )
    (found,) = open_tenant(folder).accounts()
    assert [(record.charge_number, record.unique_key) for record in found.usage] == [("C-2", "k1")]


def test_a_subscription_is_enough_to_find_the_account(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path,
        accounts=[account("A-1", id="one"), account("A-2", id="two")],
        subscriptions=[subscription(number="A-S2", accountId="two")],
        usage=[usage(1, SubscriptionNumber="A-S2")],
    )
    assert {found.id: len(found.usage) for found in open_tenant(folder).accounts()} == {"one": 0, "two": 1}


def test_usage_of_a_missing_subscription_is_reported(tmp_path: Path) -> None:
    store = Store.temporary()
    folder = write_tenant(tmp_path, accounts=account(), usage=[usage(1), usage(1, SubscriptionNumber="A-S9")])
    report = import_tenant(store, folder)
    assert [str(warning) for warning in report.warnings] == [
        "usage/1.json: [1]: names subscription A-S9, which does not exist: this usage is not billed"
    ]


def test_an_account_that_pays_for_another_gets_its_usage_and_only_there(tmp_path: Path) -> None:
    """`child` uses 7 without saying by what; `payer` pays for child's A-S2 and has A-S1 itself, both in Each."""
    folder = write_tenant(
        tmp_path,
        accounts=[account("A-1", id="payer"), account("A-2", id="child")],
        subscriptions=[
            subscription(charge("C-1"), number="A-S1", accountId="payer"),
            subscription(charge("C-2"), number="A-S2", accountId="child", invoiceOwnerAccountId="payer"),
        ],
        usage=[usage(3, AccountId="payer"), usage(7, AccountId="child")],
    )
    payer = open_tenant(folder).account(id="payer")
    assert payer is not None
    assert [(str(record.quantity), record.subscription_number) for record in payer.usage] == [
        ("3", "A-S1"),
        ("7", "A-S2"),
    ]


def test_usage_may_name_the_account_that_pays_for_its_subscription(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path,
        accounts=[account("A-1", id="payer"), account("A-2", id="child")],
        subscriptions=[subscription(charge("C-2"), number="A-S2", accountId="child", invoiceOwnerAccountId="payer")],
        usage=[usage(7, AccountId="payer", SubscriptionId="id-of-A-S2", ChargeId="id-of-C-2")],
    )
    payer = open_tenant(folder).account(id="payer")
    assert payer is not None
    assert [(record.subscription_number, record.charge_number) for record in payer.usage] == [("A-S2", "C-2")]


def test_the_id_column_of_an_upload_file_may_hold_the_account_id(tmp_path: Path) -> None:
    (record,) = records(tmp_path, {"u.csv": f"{HEADER}\n{ACCOUNT_ID},Each,4,2026-01-01,,,,"})
    assert record.quantity == Decimal(4)
