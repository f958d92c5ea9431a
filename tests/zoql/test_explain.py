"""The database's plan for each known shape of client queries: it uses an index and scans no table.

SQLite says it with EXPLAIN QUERY PLAN; `make test-postgres` asks PostgreSQL, which is told to scan only where no index
serves, as so small a table is scanned faster than looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from soapsvc.tenant import Store, User, import_tenant
from soapsvc.zoql import OBJECTS, Queries
from tests.zoql.conftest import ANNA, BOSS, MovableClock
from tests.zoql.world import write_world

VERSION = (113, 0)
DOCUMENTED = [
    "select Id from Account where AccountNumber = 'A-01'",
    "select Id, Name, Status from Subscription where AccountId = 'A-01'",
    "select Id, ChargedThroughDate from RatePlanCharge where RatePlanId = 'A-01'",
    "select Id from Account where Status = 'Active' and Balance > 10",
    "select Id from Subscription where Name = 'A-S01' or Name = 'A-S02'",
    "select Id from Usage where AccountNumber = 'A-01' and StartDateTime > 2026-01-01",
]
UNSTORED = {"Amendment", "BillingPreviewRun", "UnitOfMeasure"}
EQUALITIES = [
    f"select Id from {each.name} where {field.name} = 'A-01'"  # noqa: S608 - it is no SQL
    for each in OBJECTS
    if each.name not in UNSTORED
    for field in each.fields
    if field.found
]


@pytest.fixture
def opened(database: str, tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(database)) as store:
        import_tenant(store, write_world(tmp_path / "world"))
        yield store


def statements(store: Store, user: User, query: str) -> list[tuple[str, Any]]:
    """The statements that the query sends to the database, with their values."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    queries = Queries(store, MovableClock())
    with store.begin() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        queries.query(user, query, VERSION)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    return [each for each in asked if each[0].lstrip().startswith("SELECT") and "document" in each[0]]


def plan(store: Store, statement: str, parameters: Any) -> str:
    with store.begin() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


@pytest.mark.parametrize("user", [BOSS, ANNA], ids=["all", "one organization"])
def test_documented_queries_and_equalities_are_looked_up(opened: Store, user: User) -> None:
    scanned = {}
    for query in [*DOCUMENTED, *EQUALITIES]:
        asked = statements(opened, user, query)
        for statement, parameters in asked:
            found = plan(opened, statement, parameters)
            if "SCAN" in found or "Seq Scan" in found or "TEMP B-TREE" in found or "Sort" in found:
                scanned[query] = found
            assert "postings" in found, found
    assert scanned == {}


def test_other_comparisons_are_read_in_the_order_of_a_key(opened: Store) -> None:
    """The next page continues from there, and no page needs a sort."""
    for query in ("select Id from Account", "select Id from Account where Balance > 5", "select Id from Usage"):
        for statement, parameters in statements(opened, BOSS, query):
            found = plan(opened, statement, parameters)
            assert "TEMP B-TREE" not in found
            assert "Sort" not in found
