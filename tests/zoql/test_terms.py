"""The terms of rows: whatever an equality looks up is among them, however the row came into the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, delete, insert, inspect, select

from soapsvc.tenant import Store, import_tenant, migrations
from soapsvc.tenant.migrations import migrate
from soapsvc.tenant.tables import (
    ACCOUNTS,
    DRAFTS,
    POSTINGS,
    PRODUCTS,
    RECORDS,
    STATE,
    SUBSCRIPTIONS,
    USAGE,
    drop_states,
    term,
)
from soapsvc.tenant.tables.terms import unpacked
from soapsvc.zoql import Queries, find_object
from soapsvc.zoql.records import STORED
from tests.support.documents import account, charge, subscription
from tests.support.tenants import golden_cases, write_golden_tenant, write_tenant
from tests.zoql.conftest import BOSS, NOW, MovableClock
from tests.zoql.world import PRODUCT, write_world

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ZONE = ZoneInfo("America/Los_Angeles")
FOUND_BY_TERMS = (ACCOUNTS, SUBSCRIPTIONS, USAGE, PRODUCTS, DRAFTS)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


def postings(connection: Connection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(select(POSTINGS))}


def missing(store: Store, name: str) -> list[tuple[str, str, object]]:
    """Values that an equality would look up in vain."""
    stored, zobject = STORED[name], find_object(name)
    assert zobject is not None
    readers = {each.name: each.reader(ZONE) for each in zobject.fields if each.found}
    lost = []
    with store.begin() as connection:
        there = postings(connection)
        for row in connection.execute(select(stored.table)).mappings():
            key = row[next(iter(stored.table.primary_key.columns)).name]
            for record in stored.records({**row, "account_number": None}):
                for field, read in readers.items():
                    value = read(record)
                    if value is not None and (term(stored.table.name, str(value)), key, row["since"]) not in there:
                        lost.append((key, field, value))
    return lost


@pytest.mark.parametrize("which", ["world", "demo"])
def test_every_value_that_is_looked_up_has_its_term(store: Store, tmp_path: Path, which: str) -> None:
    import_tenant(store, write_world(tmp_path) if which == "world" else FIXTURES)
    assert {name: missing(store, name) for name in STORED} == {name: [] for name in STORED}


def test_the_same_for_the_captures(store: Store, tmp_path: Path) -> None:
    """Captures have segments, tiers, and objects without ids."""
    cases = golden_cases()[::9]
    if not cases:
        pytest.skip("there are no captures")
    for number, path in enumerate(cases):
        case = json.loads(path.read_bytes())
        case["catalog_excerpt"] = {}
        import_tenant(store, write_golden_tenant(tmp_path / str(number), case))
    assert {name: missing(store, name) for name in STORED} == {name: [] for name in STORED}


def test_deleted_rows_take_their_terms_along(store: Store, tmp_path: Path) -> None:
    """One import supersedes another, whose state is dropped then: no term is left of what is gone."""
    import_tenant(store, write_world(tmp_path / "before"), clock=MovableClock())
    plan = charge("C-1")
    after = write_tenant(tmp_path / "after", accounts=[account()], subscriptions=[subscription(plan)], catalog=PRODUCT)
    import_tenant(store, after, replace=True, clock=MovableClock())
    with store.import_lock() as connection:
        assert drop_states(connection, in_use=[], superseded_before=NOW.replace(year=2027)) > 50
    with store.begin() as connection:
        kept = {
            (each, row[0], row.since)
            for table in FOUND_BY_TERMS
            for row in connection.execute(select(*table.primary_key.columns, table.c.terms))
            for each in unpacked(row.terms)
        }
        assert postings(connection) == kept
        assert len(kept) > 10


def test_a_store_of_an_early_release_is_as_one_imported_anew(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.temporary()) as fresh:
        import_tenant(fresh, write_world(tmp_path / "world"))
        with fresh.begin() as connection:
            rows = {table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in RECORDS}
            wanted = postings(connection)
    early = create_engine(database)
    _make_early(early, rows, monkeypatch)
    with closing(Store.open(database)) as store:
        with store.begin() as connection:
            for table in FOUND_BY_TERMS:
                order = list(table.primary_key.columns)
                found = [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]
                assert found == sorted(rows[table], key=lambda row: row[order[0].name])
            assert postings(connection) == wanted
        page = Queries(store, MovableClock()).query(BOSS, "select Id from RatePlanCharge where Name = 'Tern'", (61, 0))
        assert page.size > 3


def _make_early(engine: Engine, rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "HEAD", "0007_answer_pieces")
    migrate(engine)
    monkeypatch.undo()
    with engine.begin() as connection:
        connection.execute(insert(STATE), [{"name": "version", "number": 1}])
        for table in RECORDS:
            known = {column["name"] for column in inspect(connection).get_columns(table.name)}
            early = [{name: value for name, value in row.items() if name in known} for row in rows[table]]
            columns = [column._copy() for column in table.columns if column.name in known]
            connection.execute(insert(Table(table.name, MetaData(), *columns)), early)
    engine.dispose()


def test_a_product_in_several_documents_is_one(store: Store, tmp_path: Path) -> None:
    """A capture of the catalogue may have one rate plan of a product on each of its pages."""
    other = {**PRODUCT, "productRatePlans": [{"id": "9" * 32, "name": "Second", "productRatePlanCharges": []}]}
    accounts = [account()]
    import_tenant(store, write_tenant(tmp_path, accounts=accounts, catalog={"1.json": PRODUCT, "2.json": other}))
    queries = Queries(store, MovableClock())
    assert queries.query(BOSS, "select Id from Product where Name = 'Tern'", (61, 0)).size == 1
    plans = queries.query(BOSS, "select Name from ProductRatePlan", (61, 0))
    assert list(plans.records) == [("Finch",), ("Second",)]
    with store.begin() as connection:
        assert connection.execute(delete(PRODUCTS)).rowcount == 1
