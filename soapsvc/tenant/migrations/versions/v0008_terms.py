"""Records are found by their values: terms beside each row, where they occur, and queries that go on."""

from collections.abc import Iterator
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    select,
    tuple_,
    update,
)

from soapsvc.tenant.database import text
from soapsvc.tenant.formats import type_of
from soapsvc.tenant.reading import mapping, parse_json
from soapsvc.tenant.tables import Postings, new_postings, packed_terms, unpack_drafts

revision = "0008_terms"
down_revision = "0007_answer_pieces"

_AT_ONCE = 500
_METADATA = MetaData()

Table(
    "postings",
    _METADATA,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("key", text(1400), primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Table(
    "locators",
    _METADATA,
    Column("id", text(64), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("state", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("locators_expires", "expires"),
)


def _records(name: str, key: Column[str], *columns: Column[Any]) -> Table:
    """A table of records with the columns that its terms are made from."""
    return Table(
        name,
        MetaData(),
        key,
        Column("since", BigInteger, primary_key=True, autoincrement=False),
        Column("document", LargeBinary),
        Column("terms", LargeBinary),
        *columns,
    )


def _text(name: str) -> Column[str]:
    return Column(name, text())


_DRAFTS = _records(
    "drafts",
    Column("id", text(), primary_key=True),
    _text("account_id"),
    _text("type"),
    Column("blob", LargeBinary),
)
_RECORDS = (
    _records("accounts", Column("id", text(), primary_key=True), _text("number"), _text("status")),
    _records(
        "subscriptions",
        Column("key", text(), primary_key=True),
        *(_text("id"), _text("number"), _text("account_id")),
    ),
    _records("usage", Column("key", text(), primary_key=True), _text("account_id")),
    _records("products", Column("id", text(), primary_key=True)),
    _DRAFTS,
)


def upgrade() -> None:
    """Create the tables and columns, and the terms of all existing rows."""
    connection = op.get_bind()
    _METADATA.create_all(connection, checkfirst=False)
    op.add_column("drafts", Column("type", text(20)))
    for table in _RECORDS:
        op.add_column(table.name, Column("terms", LargeBinary))
    with new_postings() as postings:
        for table in _RECORDS:
            for rows in _pages(connection, table):
                _fill(connection, table, rows, postings)
        for _ in postings.write(connection):
            pass


def _pages(connection: Connection, table: Table) -> Iterator[list[Any]]:
    key, since = table.primary_key.columns
    wanted = select(table).order_by(key, since).limit(_AT_ONCE)
    page = connection.execute(wanted).all()
    while page:
        yield list(page)
        further = wanted.where(tuple_(key, since) > tuple_(getattr(page[-1], key.name), page[-1].since))
        page = connection.execute(further).all()


def _fill(connection: Connection, table: Table, rows: list[Any], postings: Postings) -> None:
    key, since = table.primary_key.columns
    values = []
    for row in rows:
        document, identity = mapping(parse_json(row.document)), getattr(row, key.name)
        terms = packed_terms(table, row._asdict(), document)
        postings.add(identity, row.since, terms)
        own: dict[str, Any] = {"the_key": identity, "the_since": row.since, "terms": terms}
        if table is _DRAFTS:
            items = unpack_drafts(row.blob)
            own["type"] = items[0].document_type if items else type_of(document)
        values.append(own)
    this = (key == bindparam("the_key")) & (since == bindparam("the_since"))
    connection.execute(update(table).where(this), values)
