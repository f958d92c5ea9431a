"""The content of the file for download: columns, values, failed accounts, and no formulas."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from soapsvc.engine.preview import preview
from soapsvc.runs import Header, RunStatus, StorageOption
from soapsvc.runs.sinks import formula_safe
from soapsvc.tenant import Store, import_tenant
from tests.support.runs import AS_OF, EVERYTHING, archive_of, entry, finished, item_file, table
from tests.support.tenants import write_tenant

DOCUMENTED = (
    "Account: ID,Rate Plan Charge: ID,Invoice Item: Charge Amount,Invoice Item: Processing Type,"
    "Invoice Item: Service Start Date,Invoice Item: Service End Date,Invoice Item: Charge Date,Invoice Item: ID,"
    "Subscription: SubscriptionId,Invoice Item: AppliedToInvoiceItemId,Invoice Item: Quantity,Invoice Item: UOM,"
    "Invoice Item: ChargeType,Invoice Item: SubscriptionNumber,Invoice Item: ChargeNumber"
)
CREDIT_MEMOS = (
    "Legal Document Item: Type,Credit Memo Item: ID,Credit Memo Item: Amount,Credit Memo Item: Description,"
    "Credit Memo Item: Sku,Credit Memo Item: SkuName,Credit Memo Item: Service Start Date,"
    "Credit Memo Item: Service End Date,Credit Memo Item: Quantity,Credit Memo Item: UOM"
)
SUBSCRIPTION = {
    "subscriptionNumber": "A-S1",
    "termType": "EVERGREEN",
    "status": "Active",
    "contractEffectiveDate": "2026-01-01",
    "serviceActivationDate": "2026-01-01",
    "customerAcceptanceDate": "2026-01-01",
    "subscriptionStartDate": "2026-01-01",
    "termStartDate": "2026-01-01",
}
CHARGE = {
    "number": "C-1",
    "type": "Recurring",
    "model": "PerUnit",
    "price": 10,
    "quantity": 2,
    "billingPeriod": "Month",
    "billingTiming": "IN_ADVANCE",
    "effectiveStartDate": "2026-01-01",
}


def header_of(content: bytes) -> str:
    return content.decode().partition("\n")[0]


def test_the_columns_are_the_documented_ones_in_their_order(demo: Store, results: Path) -> None:
    assert header_of(item_file(results, finished(demo, results))) == DOCUMENTED


def test_a_connector_finds_the_columns_as_it_spells_them(demo: Store, results: Path) -> None:
    run = finished(demo, results, replace(EVERYTHING, header=Header.CONNECTOR))
    names = header_of(item_file(results, run)).split(",")
    assert names[1] == "Rate Plan Charge: Id"
    assert names[7] == "Invoice Item: Id"
    assert names[13:] == ["Subscription: Subscription Number", "Rate Plan Charge: Charge Number"]


def test_under_invoice_settlement_the_columns_of_credit_memos_follow(
    store: Store, results: Path, tmp_path: Path
) -> None:
    """A charge of 10 a month was billed through June and ended in April: two months come back as a credit memo."""
    ended = {**CHARGE, "model": "FlatFee", "effectiveEndDate": "2026-04-01", "chargedThroughDate": "2026-06-01"}
    subscription = {**SUBSCRIPTION, "ratePlans": [{"productSku": "SKU-1", "ratePlanCharges": [ended]}]}
    toml = "[billing_rules]\ninvoiceSettlement = true\n"
    folder = write_tenant(
        tmp_path / "tenant",
        toml,
        accounts={"id": "a" * 32, "currency": "USD", "billCycleDay": 1},
        subscriptions=subscription,
    )
    import_tenant(store, folder)
    run = finished(store, results)
    content = item_file(results, run)
    assert header_of(content) == f"{DOCUMENTED},{CREDIT_MEMOS}"
    rows = table(content)
    assert [row["Legal Document Item: Type"] for row in rows] == ["CreditMemoItem"] * len(rows)
    assert sum(Decimal(row["Credit Memo Item: Amount"]) for row in rows) == 20
    assert {row["Invoice Item: Charge Amount"] for row in rows} == {""}
    assert {row["Credit Memo Item: Sku"] for row in rows} == {"SKU-1"}
    assert rows[0]["Credit Memo Item: Service End Date"] >= rows[0]["Credit Memo Item: Service Start Date"]


def test_each_row_is_an_item_of_the_account_s_own_preview(demo: Store, results: Path) -> None:
    run = finished(demo, results)
    zone = demo.settings().zone
    expected = [
        (
            account.id,
            Decimal(item.amount),
            item.facts.processing_type,
            item.service_start.isoformat(),
            "2026-01-15 20:00:00",
            Decimal(item.quantity),
            item.facts.subscription_number,
            item.facts.charge_number,
        )
        for account in demo.accounts()
        for item in preview(
            account, replace(EVERYTHING, including_draft_items=False).preview_request(), AS_OF.astimezone(zone)
        ).items()
    ]
    undrafted = finished(demo, results, replace(EVERYTHING, including_draft_items=False))
    found = [
        (
            row["Account: ID"],
            Decimal(row["Invoice Item: Charge Amount"]),
            row["Invoice Item: Processing Type"],
            row["Invoice Item: Service Start Date"],
            row["Invoice Item: Charge Date"],
            Decimal(row["Invoice Item: Quantity"]),
            row["Invoice Item: SubscriptionNumber"],
            row["Invoice Item: ChargeNumber"],
        )
        for row in table(item_file(results, undrafted))
    ]
    assert found == expected
    assert run.items > undrafted.items == len(expected) > 900


def test_a_discount_names_the_item_that_it_reduces(demo: Store, results: Path) -> None:
    rows = table(item_file(results, finished(demo, results)))
    charges = {row["Invoice Item: ID"]: row for row in rows}
    discounts = [row for row in rows if row["Invoice Item: Processing Type"] == "Discount"]
    assert discounts
    for row in discounts:
        reduced = charges[row["Invoice Item: AppliedToInvoiceItemId"]]
        assert reduced["Invoice Item: Processing Type"] == "Charge"
        assert reduced["Account: ID"] == row["Account: ID"]
        assert reduced["Invoice Item: Service Start Date"] <= row["Invoice Item: Service Start Date"]


def test_every_item_has_an_id_of_its_own(demo: Store, results: Path) -> None:
    ids = [row["Invoice Item: ID"] for row in table(item_file(results, finished(demo, results)))]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


def test_an_account_that_cannot_be_rated_is_reported_with_the_other_accounts_items(demo: Store, results: Path) -> None:
    run = finished(demo, results)
    assert (run.status, run.accounts, run.succeeded_accounts, run.failed_accounts) == (RunStatus.COMPLETED, 16, 15, 1)
    (failure,) = table(entry(archive_of(results, run), "failed-accounts.csv"))
    assert failure["Account: Number"] == "A00001012"
    assert failure["Error: Code"] == "MISSING_PRICE"
    assert "C-00002202" in failure["Error: Message"]
    failed = failure["Account: ID"]
    assert failed not in {row["Account: ID"] for row in table(item_file(results, run))}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-2 GB", "'-2 GB"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'\t=1+1"),
        ("\r=1+1", "'\r=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("GB", "GB"),
        ("A-S00001", "A-S00001"),
        ("", ""),
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, safe: str) -> None:
    assert formula_safe(text) == safe


def test_no_cell_of_text_is_a_formula_and_numbers_stay_numbers(store: Store, results: Path, tmp_path: Path) -> None:
    charge = {**CHARGE, "uom": '=HYPERLINK("http://example.com")', "number": "+C-1", "price": -10}
    subscription = {**SUBSCRIPTION, "subscriptionNumber": "@A-S1", "ratePlans": [{"ratePlanCharges": [charge]}]}
    account = {"id": "-1+1", "currency": "USD", "billCycleDay": 1}
    import_tenant(store, write_tenant(tmp_path / "tenant", accounts=account, subscriptions=subscription))
    rows = table(item_file(results, finished(store, results)))
    assert {row["Account: ID"] for row in rows} == {"'-1+1"}
    assert {row["Invoice Item: UOM"] for row in rows} == {'\'=HYPERLINK("http://example.com")'}
    assert {row["Invoice Item: SubscriptionNumber"] for row in rows} == {"'@A-S1"}
    assert {row["Invoice Item: ChargeNumber"] for row in rows} == {"'+C-1"}
    assert {row["Invoice Item: Charge Amount"] for row in rows} == {"-20"}


@pytest.mark.parametrize("storage", [StorageOption.CSV, StorageOption.PARQUET])
def test_no_cell_about_a_failed_account_is_a_formula(
    store: Store, results: Path, tmp_path: Path, storage: StorageOption
) -> None:
    """A charge without a price cannot be rated; its number, the account's and the subscription's begin with signs."""
    charge = {**{name: value for name, value in CHARGE.items() if name != "price"}, "number": "+C-1"}
    subscription = {**SUBSCRIPTION, "subscriptionNumber": "@A-S1", "ratePlans": [{"ratePlanCharges": [charge]}]}
    account = {"id": "a" * 32, "accountNumber": "=1+1", "currency": "USD", "billCycleDay": 1}
    import_tenant(store, write_tenant(tmp_path / "tenant", accounts=account, subscriptions=subscription))
    run = finished(store, results, replace(EVERYTHING, storage_option=storage))
    (failure,) = table(entry(archive_of(results, run), "failed-accounts.csv"))
    assert failure["Account: Number"] == "'=1+1"
    assert failure["Subscription: Number"] == "'@A-S1"
    assert failure["Rate Plan Charge: Number"] == "'+C-1"


@pytest.mark.parametrize("storage", [StorageOption.CSV, StorageOption.PARQUET])
def test_where_no_account_failed_the_zip_holds_the_items_alone(
    store: Store, results: Path, tmp_path: Path, storage: StorageOption
) -> None:
    """Some clients take the first file of a zip, others the last."""
    account = {"id": "a" * 32, "accountNumber": "A-1", "currency": "USD", "billCycleDay": 1}
    import_tenant(store, write_tenant(tmp_path / "tenant", accounts=account, subscriptions=SUBSCRIPTION))
    run = finished(store, results, replace(EVERYTHING, storage_option=storage))
    with zipfile.ZipFile(archive_of(results, run)) as archive:
        assert archive.namelist() == [f"{run.entry_name}.{storage.value.lower()}"]


def test_the_zip_is_one_that_everybody_reads_and_its_dates_are_those_of_the_run(demo: Store, results: Path) -> None:
    run = finished(demo, results)
    with zipfile.ZipFile(archive_of(results, run)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{run.entry_name}.csv", f"{run.entry_name}-failed-accounts.csv"]
        assert {info.date_time for info in archive.infolist()} == {(2026, 1, 15, 12, 0, 0)}
    assert archive_of(results, run).stat().st_size == run.file_size


@pytest.mark.parametrize("part_accounts", [1, 5, 1000])
def test_how_a_run_is_cut_into_parts_does_not_show(demo: Store, results: Path, part_accounts: int) -> None:
    whole = finished(demo, results, part_accounts=16)
    cut = finished(demo, results, part_accounts=part_accounts)
    assert item_file(results, cut) == item_file(results, whole)


@pytest.mark.parametrize(("most_parts", "parts"), [(1, 1), (3, 3), (1000, 8)])
def test_a_run_has_larger_parts_rather_than_more_of_them(
    demo: Store, results: Path, most_parts: int, parts: int
) -> None:
    """Parts of 2 accounts would be 8 for the 16 accounts; the file is the same."""
    whole = finished(demo, results, part_accounts=16)
    cut = finished(demo, results, part_accounts=2, most_parts=most_parts)
    assert (cut.accounts, cut.parts) == (16, parts)
    assert item_file(results, cut) == item_file(results, whole)


def test_the_parts_are_gone_when_the_file_is_there(demo: Store, results: Path) -> None:
    run = finished(demo, results)
    assert [path.name for path in (results / run.id).iterdir()] == [run.file_name]


def test_a_tenant_without_accounts_gives_a_header_and_no_rows(store: Store, results: Path) -> None:
    run = finished(store, results)
    assert (run.status, run.accounts, run.items) == (RunStatus.COMPLETED, 0, 0)
    assert item_file(results, run).decode() == f"{DOCUMENTED}\n"


def test_parquet_has_the_same_items_with_types(demo: Store, results: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    as_csv = finished(demo, results)
    as_parquet = finished(demo, results, replace(EVERYTHING, storage_option=StorageOption.PARQUET))
    rows = parquet.read_table(io.BytesIO(entry(archive_of(results, as_parquet), ".parquet"))).to_pylist()
    expected = list(csv.reader(io.StringIO(item_file(results, as_csv).decode())))[1:]
    assert [[str_of(value) for value in row.values()] for row in rows] == [plain(row) for row in expected]
    assert isinstance(rows[0]["invoice_item_charge_amount"], Decimal)


def str_of(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def plain(row: list[str]) -> list[str]:
    """A row of the CSV file with its numbers as `str_of` writes them."""
    return [str_of(Decimal(cell)) if position in {2, 10} else cell for position, cell in enumerate(row)]
