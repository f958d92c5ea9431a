"""A run is of one state of the tenant, whatever is imported while it waits, computes, or has been given up.

state    1 |----------------| 2 -------
run           made ... resumed         (all of state 1)
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.runs import Context, Run, RunRefused, RunStatus, claim_run, create_run, execute_run, get_run
from soapsvc.runs.execution import new_owner, purge_states
from soapsvc.tenant import Store, import_tenant
from tests.support.documents import account, charge, subscription
from tests.support.runs import (
    ANYBODY,
    AS_OF,
    EVERYTHING,
    IN_DATABASE,
    SEED,
    ThreadWorkers,
    executed,
    finished,
    item_file,
    system_clock,
    table,
)
from tests.support.tenants import write_tenant

ACCOUNTS = 60
AMOUNT = "Invoice Item: Charge Amount"


def tenant(folder: Path, price: int, count: int = ACCOUNTS) -> Path:
    """Accounts that all have one charge, at this price."""
    ids = [f"id-{n:03d}" for n in range(count)]
    return write_tenant(
        folder / f"at {price}",
        accounts=[account(f"A-{n}", id=key) for n, key in enumerate(ids)],
        subscriptions=[
            subscription(charge(f"C-{n}", price=price), number=f"S-{n}", accountId=key) for n, key in enumerate(ids)
        ],
    )


@pytest.fixture
def first(store: Store, tmp_path: Path) -> Store:
    import_tenant(store, tenant(tmp_path, 10))
    return store


def made(store: Store, request: Any = EVERYTHING) -> Run:
    return create_run(store, request, ANYBODY, system_clock(), seed=SEED, as_of=AS_OF)


def amounts(results: Path, run: Run) -> set[str]:
    """The different amounts in a run's file."""
    return {row[AMOUNT] for row in table(item_file(results, run))}


def test_an_import_in_the_middle_of_a_run_is_not_in_it(first: Store, results: Path, tmp_path: Path) -> None:
    """60 accounts, 4 a part: the price becomes 20 when some parts are done."""
    imported: list[int] = []

    def watch(run: Run) -> None:
        if run.finished_accounts and not imported:
            import_tenant(first, tenant(tmp_path, 20, count=ACCOUNTS - 10), replace=True)
            imported.append(run.finished_accounts)

    ended = executed(first, results, made(first), watch=watch)
    assert imported
    assert imported[0] < ACCOUNTS
    assert (ended.status, ended.state, ended.accounts) == (RunStatus.COMPLETED, 1, ACCOUNTS)
    assert amounts(results, ended) == {"10"}
    after = finished(first, results)
    assert (after.state, after.accounts, amounts(results, after)) == (2, ACCOUNTS - 10, {"20"})


def test_a_run_that_waits_is_of_the_state_in_which_it_was_made(first: Store, results: Path, tmp_path: Path) -> None:
    waiting = made(first)
    import_tenant(first, tenant(tmp_path, 20))
    ended = executed(first, results, waiting)
    assert (ended.state, amounts(results, ended)) == (1, {"10"})


def test_a_resumed_run_continues_in_its_own_state(first: Store, results: Path, tmp_path: Path) -> None:
    run, workers = made(first), ThreadWorkers()
    context = Context(first, workers, str(results), part_accounts=4)
    stopping = replace(context, watch=lambda run: context.stop.set() if run.finished_accounts else None)
    owner = new_owner()
    claimed = claim_run(first, owner, system_clock(), 30, run.id)
    assert claimed is not None
    given_up = execute_run(claimed, owner, stopping)
    workers.close()
    assert given_up.active
    assert 0 < given_up.finished_accounts < ACCOUNTS
    import_tenant(first, tenant(tmp_path, 20, count=3), replace=True)
    purge_states(first, system_clock() + timedelta(days=1))
    ended = executed(first, results, run)
    assert (ended.accounts, amounts(results, ended)) == (ACCOUNTS, {"10"}), "a run under way keeps its state"


def test_the_state_of_a_run_that_has_ended_is_not_kept_for_it(first: Store, results: Path, tmp_path: Path) -> None:
    finished(first, results)
    import_tenant(first, tenant(tmp_path, 20))
    assert purge_states(first, system_clock() + timedelta(minutes=5)) == 0, "a call may still read it"
    assert purge_states(first, system_clock() + timedelta(minutes=11)) == ACCOUNTS


def test_rows_in_the_database_are_of_one_state_and_compared_with_those_of_another(
    first: Store, results: Path, tmp_path: Path
) -> None:
    before = finished(first, results, IN_DATABASE)
    import_tenant(first, tenant(tmp_path, 20))
    request = replace(IN_DATABASE, store_difference=True, compared_run_id=before.id)
    after = finished(first, results, request)
    with first.begin() as connection:
        found = connection.exec_driver_sql(
            "SELECT DISTINCT difference_type, changed_fields FROM billing_preview_run_differences"
        ).all()
    assert (before.state, after.state) == (1, 2)
    assert [tuple(row) for row in found] == [("Changed", "invoice_item_charge_amount")]


def test_a_request_is_checked_against_the_state_of_now(first: Store, tmp_path: Path) -> None:
    gone = replace(EVERYTHING, account_id="id-009")
    import_tenant(first, tenant(tmp_path, 20, count=5), replace=True)
    with pytest.raises(RunRefused, match="Cannot find entity by key: 'id-009'"):
        made(first, gone)


def test_a_run_says_which_state_it_is_of(first: Store, database: str, results: Path) -> None:
    run = finished(first, results)
    assert run.imported is not None
    assert run.imported <= run.created
    listed = CliRunner().invoke(main, ["run", "list", "--database", database]).output
    assert re.search(r"Target date +State ", listed)
    made_there = CliRunner().invoke(
        main,
        ["run", "--database", database, "--results", str(results), "--target-date", "2026-12-31", "--workers", "1"],
    )
    assert made_there.exit_code == 0, made_there.output
    assert f"Tenant's state  1, imported {run.imported:%Y-%m-%d %H:%M:%S} UTC" in re.sub(
        r"(?<=state) +", "  ", made_there.output
    )


def test_a_run_of_an_early_release_reads_the_state_of_now(first: Store, results: Path) -> None:
    run = made(first)
    with first.begin() as connection:
        connection.exec_driver_sql("UPDATE billing_preview_runs SET state = NULL")
    ended = executed(first, results, get_run(first, run.id))
    assert (ended.status, ended.state, ended.imported) == (RunStatus.COMPLETED, None, None)
    assert amounts(results, ended) == {"10"}


def test_a_preview_between_two_imports_is_of_one_of_them(first: Store, database: str, tmp_path: Path) -> None:
    with closing(Store.open(database)) as other:
        found = first.account(id="id-000")
        import_tenant(other, tenant(tmp_path, 20))
        again = first.account(id="id-000")
    assert found is not None
    assert again is not None
    assert [str(each.subscriptions[0].charges[0].price) for each in (found, again)] == ["10", "20"]
