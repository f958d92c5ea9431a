"""Results in the database: rows that SQL and pages read, differences from an earlier run, and how long they stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from soapsvc.runs import RunRefused, RunStatus, cancel_run, create_run, get_run
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.execution import purge_runs
from soapsvc.runs.results import (
    FAILED_ACCOUNTS,
    ITEM_DIFFERENCES,
    ITEMS,
    DifferenceType,
    Kind,
    differences,
    find_results,
)
from soapsvc.tenant import Store, import_tenant
from tests.support.runs import ANYBODY, EVERYTHING, IN_DATABASE, archive_of, executed, finished, item_file, table
from tests.support.tenants import write_tenant

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def pages(store: Store, kind: Kind, run_id: str, size: int, **filters: str) -> list[list[dict[str, str | None]]]:
    """All pages of a run's results."""
    found, cursor = [], None
    while True:
        page = find_results(store, kind, run_id, filters, cursor=cursor, size=size)
        found.append(page.rows)
        cursor = page.next
        if cursor is None:
            return found


def rows(store: Store, kind: Kind, run_id: str, **filters: str) -> list[dict[str, str | None]]:
    return [row for page in pages(store, kind, run_id, 1000, **filters) for row in page]


def test_the_rows_are_those_of_the_csv_file(demo: Store, results: Path) -> None:
    as_csv = table(item_file(results, finished(demo, results)))
    stored = rows(demo, ITEMS, finished(demo, results, IN_DATABASE).id)
    first_columns = [[value or "" for value in list(row.values())[:15]] for row in stored]
    assert first_columns == [list(row.values()) for row in as_csv]


def test_there_is_no_file(demo: Store, results: Path) -> None:
    run = finished(demo, results, IN_DATABASE)
    assert (run.status, run.file_id, run.file_size) == (RunStatus.COMPLETED, None, None)
    assert not results.exists()


def test_plain_sql_reads_them_with_the_run_beside(demo: Store, results: Path) -> None:
    run = finished(demo, results, IN_DATABASE)
    statement = text(
        "SELECT count(*), sum(invoice_item_charge_amount), min(created_by_id), max(created_date)"
        " FROM billing_preview_run_result WHERE billing_preview_run_id = :run"
    )
    with demo.begin() as connection:
        count, total, created_by, created = connection.execute(statement, {"run": run.id}).one()
    expected = sum(Decimal(row["invoice_item_charge_amount"] or 0) for row in rows(demo, ITEMS, run.id))
    assert (count, created_by, created) == (run.items, ANYBODY.id, int(run.created.timestamp()))
    assert Decimal(str(total)).quantize(Decimal("0.01")) == expected


def test_pages_follow_each_other_without_a_gap(demo: Store, results: Path) -> None:
    run = finished(demo, results, IN_DATABASE)
    cut = pages(demo, ITEMS, run.id, 100)
    assert [row for page in cut for row in page] == rows(demo, ITEMS, run.id)
    assert {len(page) for page in cut[:-1]} == {100}
    assert len(cut) == -(-run.items // 100)


def test_a_filter_leaves_the_rest_out(demo: Store, results: Path) -> None:
    run = finished(demo, results, IN_DATABASE)
    number = "A-S00001003"
    found = rows(demo, ITEMS, run.id, subscription_number=number)
    assert found
    assert {row["subscription_number"] for row in found} == {number}
    assert len(found) == sum(row["subscription_number"] == number for row in rows(demo, ITEMS, run.id))


@pytest.mark.parametrize("cursor", ["", "1", "1.x", "-1.0", "1;2", "9" * 30 + ".1", "1." + "9" * 5000, "\u0661.\u0661"])
def test_a_cursor_that_is_not_ours_is_refused(demo: Store, results: Path, cursor: str) -> None:
    run = finished(demo, results, IN_DATABASE)
    with pytest.raises(RunRefused, match="cursor"):
        find_results(demo, ITEMS, run.id, {}, cursor=cursor, size=10)


def test_failed_accounts_are_a_table_too(demo: Store, results: Path) -> None:
    (failure,) = rows(demo, FAILED_ACCOUNTS, finished(demo, results, IN_DATABASE).id)
    assert (failure["account_number"], failure["code"]) == ("A00001012", "MISSING_PRICE")


# Differences. One account with two monthly charges, C-1 of 10 and C-2 of 20, previewed from January to March.

ACCOUNT = {"id": "a" * 32, "accountNumber": "A-1", "currency": "USD", "billCycleDay": 1, "batch": "Batch1"}
OTHER = {**ACCOUNT, "id": "b" * 32, "accountNumber": "A-2"}
QUARTER = replace(IN_DATABASE, target_date=datetime(2026, 3, 31, tzinfo=UTC).date())


def charge(number: str, price: int) -> dict[str, object]:
    return {
        "number": number,
        "type": "Recurring",
        "model": "FlatFee",
        "price": price,
        "billingPeriod": "Month",
        "billingTiming": "IN_ADVANCE",
        "effectiveStartDate": "2026-01-01",
    }


def subscription(number: str, account: dict[str, object], *charges: dict[str, object]) -> dict[str, object]:
    dates = dict.fromkeys(("contractEffectiveDate", "serviceActivationDate", "subscriptionStartDate"), "2026-01-01")
    terms = {"termType": "TERMED", "termStartDate": "2026-01-01", "termEndDate": "2026-03-01", "autoRenew": True}
    plan = {"ratePlanCharges": list(charges)}
    return {
        "subscriptionNumber": number,
        "accountId": account["id"],
        **dates,
        **terms,
        "renewalTerm": 12,
        "ratePlans": [plan],
    }


def billed(store: Store, folder: Path, *subscriptions: dict[str, object]) -> None:
    """Make this the tenant: accounts A-1 and A-2 with these subscriptions."""
    import_tenant(store, write_tenant(folder, accounts=[ACCOUNT, OTHER], subscriptions=list(subscriptions)))


def test_items_are_added_removed_and_changed(store: Store, results: Path, tmp_path: Path) -> None:
    """C-1 rises from 10 to 12, C-2 is gone, C-3 is new: 3 months of each."""
    billed(store, tmp_path / "1", subscription("A-S1", ACCOUNT, charge("C-1", 10), charge("C-2", 20)))
    first = finished(store, results, QUARTER)
    billed(store, tmp_path / "2", subscription("A-S1", ACCOUNT, charge("C-1", 12), charge("C-3", 30)))
    second = finished(store, results, replace(QUARTER, store_difference=True, compared_run_id=first.id))
    found = [
        (
            row["difference_type"],
            row["rate_plan_charge_number"],
            row["invoice_item_service_start_date"],
            row["compared_values"],
        )
        for row in rows(store, ITEM_DIFFERENCES, second.id)
    ]
    months = ("2026-01-01", "2026-02-01", "2026-03-01")
    was_ten = '{"invoice_item_charge_amount":"10"}'
    assert sorted(found, key=str) == sorted(
        [("Changed", "C-1", month, was_ten) for month in months]
        + [("Removed", "C-2", month, None) for month in months]
        + [("Added", "C-3", month, None) for month in months],
        key=str,
    )
    assert {row["compared_run_id"] for row in rows(store, ITEM_DIFFERENCES, second.id)} == {first.id}


def test_made_up_ids_make_no_difference(store: Store, results: Path, tmp_path: Path) -> None:
    """The renewal in March is assumed, so that its subscription id is another one in every run."""
    billed(store, tmp_path / "1", subscription("A-S1", ACCOUNT, charge("C-1", 10)))
    first = finished(store, results, QUARTER)
    run = create_run(store, replace(QUARTER, store_difference=True, compared_run_id=first.id), ANYBODY, NOW)
    second = executed(store, results, run)
    ids = [{row["subscription_id"] for row in rows(store, ITEMS, each.id)} for each in (first, second)]
    assert ids[0].isdisjoint(ids[1])
    assert rows(store, ITEM_DIFFERENCES, second.id) == []


def test_an_account_that_is_new_or_gone_is_different_as_a_whole(store: Store, results: Path, tmp_path: Path) -> None:
    billed(store, tmp_path / "1", subscription("A-S1", ACCOUNT, charge("C-1", 10)))
    first = finished(store, results, QUARTER)
    billed(store, tmp_path / "2", subscription("A-S2", OTHER, charge("C-2", 20)))
    with store.begin() as connection:
        connection.execute(text("DELETE FROM accounts WHERE id = :id"), {"id": ACCOUNT["id"]})
    compared = replace(QUARTER, store_difference=True, compared_run_id=first.id)
    second = finished(store, results, compared, part_accounts=1)
    found = [
        (row["difference_type"], row["rate_plan_charge_number"]) for row in rows(store, ITEM_DIFFERENCES, second.id)
    ]
    assert found == [("Removed", "C-1")] * 3 + [("Added", "C-2")] * 3


def test_a_run_without_accounts_still_lists_removed_items(store: Store, results: Path, tmp_path: Path) -> None:
    billed(store, tmp_path / "1", subscription("A-S1", ACCOUNT, charge("C-1", 10)))
    first = finished(store, results, QUARTER)
    with store.begin() as connection:
        connection.execute(text("DELETE FROM accounts"))
    second = finished(store, results, replace(QUARTER, store_difference=True, compared_run_id=first.id))
    assert [row["difference_type"] for row in rows(store, ITEM_DIFFERENCES, second.id)] == ["Removed"] * 3


def test_among_similar_items_only_the_differing_ones_are_listed() -> None:
    """Three usage items of one period, 1, 2 and 3: the 2 is gone, so that 1 and 3 are the same and 2 is Removed."""

    def item(amount: str) -> tuple[str | None, ...]:
        cells = {"account_id": "a", "rate_plan_charge_number": "C-1", "invoice_item_charge_type": "Usage"}
        return tuple({**cells, "invoice_item_charge_amount": amount}.get(name) for name in ITEM_FIELDS)

    found = list(differences([item("1"), item("2"), item("3")], [item("1"), item("3")]))
    assert [(each.type, each.row[2]) for each in found] == [(DifferenceType.REMOVED, "2")]


# How long results stay.


def test_results_are_kept_for_180_days(demo: Store, results: Path) -> None:
    stored = finished(demo, results, IN_DATABASE)
    as_csv = finished(demo, results)
    assert stored.ended is not None
    assert purge_runs(demo, str(results), stored.ended + timedelta(days=180)) == []
    assert archive_of(results, as_csv).exists()
    purged = purge_runs(demo, str(results), stored.ended + timedelta(days=181))
    assert [run.id for run in purged] == [stored.id, as_csv.id]
    assert rows(demo, ITEMS, stored.id) == rows(demo, FAILED_ACCOUNTS, stored.id) == []
    assert not archive_of(results, as_csv).exists()


def test_a_purged_run_is_still_known_and_has_nothing_to_compare_with(demo: Store, results: Path) -> None:
    stored = finished(demo, results, IN_DATABASE)
    purge_runs(demo, str(results), NOW, timedelta(days=-10_000))
    run = get_run(demo, stored.id)
    assert run.purged == NOW
    assert (run.status, run.items, run.accounts) == (stored.status, stored.items, stored.accounts)
    with pytest.raises(RunRefused, match="not purged"):
        create_run(demo, replace(IN_DATABASE, store_difference=True, compared_run_id=run.id), ANYBODY, NOW)


def test_results_stay_while_a_run_is_compared_with_them(demo: Store, results: Path) -> None:
    stored = finished(demo, results, IN_DATABASE)
    comparing = create_run(demo, replace(IN_DATABASE, store_difference=True, compared_run_id=stored.id), ANYBODY, NOW)
    assert purge_runs(demo, str(results), NOW, timedelta(days=-10_000)) == []
    cancel_run(demo, comparing.id, ANYBODY, NOW)
    assert stored.id in {run.id for run in purge_runs(demo, str(results), NOW, timedelta(days=-10_000))}


def test_the_results_of_a_canceled_run_are_purged_at_once(demo: Store, results: Path) -> None:
    run = create_run(demo, EVERYTHING, ANYBODY, NOW)
    (results / run.id / "parts").mkdir(parents=True)
    cancel_run(demo, run.id, ANYBODY, NOW)
    purge_runs(demo, str(results), NOW)
    assert not (results / run.id).exists()
