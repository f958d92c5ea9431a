"""Accounts are listed and searched: what a name is searched by, its words among the terms, the currency, indexes."""

from collections.abc import Iterator
from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, Table, bindparam, select, tuple_, update
from sqlalchemy import text as sql

from soapsvc.tenant.database import text
from soapsvc.tenant.reading import mapping, parse_json
from soapsvc.tenant.tables import name_key, packed_terms, unpack_account, unpacked

revision = "0009_listing"
down_revision = "0008_terms"

_AT_ONCE = 500
_ACCOUNTS = Table(
    "accounts",
    MetaData(),
    Column("id", text(), primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("number", text()),
    Column("status", text()),
    Column("blob", LargeBinary),
    Column("document", LargeBinary),
    Column("terms", LargeBinary),
    Column("name_key", text()),
    Column("currency", text()),
)
_POST = sql("INSERT INTO postings (term, key, since) VALUES (:term, :key, :since) ON CONFLICT DO NOTHING")


def upgrade() -> None:
    """Fill the new columns from the existing rows, then create the indexes."""
    connection = op.get_bind()
    op.add_column("accounts", Column("name_key", text(255), nullable=False, server_default=""))
    op.add_column("accounts", Column("currency", text(40), nullable=False, server_default=""))
    for rows in _pages(connection):
        _fill(connection, rows)
    op.create_index("accounts_name", "accounts", ["name_key"])
    for name in ("batch", "currency", "status", "organization_id"):
        op.create_index(f"accounts_by_{name}", "accounts", [name, "number"])


def _pages(connection: Connection) -> Iterator[list[Any]]:
    keys = _ACCOUNTS.c.id, _ACCOUNTS.c.since
    wanted = select(_ACCOUNTS).order_by(*keys).limit(_AT_ONCE)
    page = connection.execute(wanted).all()
    while page:
        yield list(page)
        page = connection.execute(wanted.where(tuple_(*keys) > tuple_(page[-1].id, page[-1].since))).all()


def _fill(connection: Connection, rows: list[Any]) -> None:
    values, postings = [], []
    for row in rows:
        facts = unpack_account(row.blob)
        own = {"name_key": name_key(facts.get("name") or ""), "currency": (facts.get("currency") or "")[:40]}
        terms = packed_terms(_ACCOUNTS, {**row._asdict(), **own}, mapping(parse_json(row.document)))
        values.append({"the_id": row.id, "the_since": row.since, "terms": terms, **own})
        postings += [{"term": term, "key": row.id, "since": row.since} for term in unpacked(terms)]
    this = (_ACCOUNTS.c.id == bindparam("the_id")) & (_ACCOUNTS.c.since == bindparam("the_since"))
    connection.execute(update(_ACCOUNTS).where(this), values)
    connection.execute(_POST, postings)
