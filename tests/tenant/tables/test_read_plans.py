"""No read of documents looks at every row: each finds its rows in an index, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Select, text

from soapsvc.tenant import Store, import_tenant
from soapsvc.tenant.store import documents as reads
from tests.support.documents import account, subscription, usage
from tests.support.tenants import write_tenant

ACCOUNTS = 40
GIVEN = {"key": "id-7", "state": 1, "skipped": 40, "most": 41, "first": "2026-01-01"}
STATEMENTS: dict[str, Select[Any]] = {
    "an account by its id": reads.ACCOUNT["id"],
    "an account by its number": reads.ACCOUNT["number"],
    "a subscription by its id": reads.SUBSCRIPTION["id"],
    "a subscription by its number": reads.SUBSCRIPTION["number"],
    "the subscriptions of an account": reads.SUBSCRIPTIONS_OF,
    "the usage of an account": reads.USAGE_OF,
    "the usage of an account since a day": reads.USAGE_SINCE,
    "a page of the catalogue": reads.PRODUCTS_BY_PLACE,
    "a product by its id": reads.PRODUCT,
    "the invoices of an account": reads.INVOICES_OF,
    "the documents of a page": reads.by_keys(reads.USAGE.c.key, ["k1", "k2"], 1),
}


@pytest.fixture
def connection(database: str, tmp_path: Path) -> Iterator[Connection]:
    """A store with some rows of each kind."""
    ids = [f"id-{number}" for number in range(ACCOUNTS)]
    folder = write_tenant(
        tmp_path,
        accounts=[account(f"A-{each}", id=each) for each in ids],
        subscriptions=[subscription(number=f"S-{each}", accountId=each, id=f"s-{each}") for each in ids],
        usage=[usage(1, AccountId=each, UniqueKey=f"k-{each}-{n}") for each in ids for n in range(5)],
        catalog=[{"id": f"p-{each}"} for each in ids],
        drafts={"invoices": [{"id": f"d-{each}", "accountId": each} for each in ids]},
    )
    with closing(Store.open(database)) as store:
        import_tenant(store, folder)
        with store.reading() as opened:
            yield opened


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_read_finds_its_rows_in_an_index(connection: Connection, name: str) -> None:
    """PostgreSQL reads small tables from end to end, whatever their indexes; forbidden to, it shows what it can do."""
    if connection.dialect.name == "postgresql":
        for means in ("enable_seqscan", "enable_sort"):
            connection.execute(text(f"SET {means} = off"))
    plan = explained(connection, STATEMENTS[name])
    assert plan
    assert scans(connection, plan) == [], plan


def explained(connection: Connection, statement: Select[Any]) -> list[str]:
    """The plan of a statement, a line for each step."""
    names = {name for name in statement.compile().params if name in GIVEN}
    given = statement.params({name: GIVEN[name] for name in names})
    written = str(given.compile(connection, compile_kwargs={"literal_binds": True}))
    if connection.dialect.name == "sqlite":
        return [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")]
    return [row[0].strip() for row in connection.exec_driver_sql(f"EXPLAIN {written}")]


def scans(connection: Connection, plan: list[str]) -> list[str]:
    """The steps that look at every row of a table."""
    if connection.dialect.name == "sqlite":
        return [step for step in plan if step.startswith("SCAN") and "USING INDEX products_place" not in step]
    return [step for step in plan if "Seq Scan" in step]
