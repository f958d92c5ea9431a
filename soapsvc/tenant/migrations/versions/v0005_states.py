"""States of the tenant: each imported row with the states that have it, settings by state, and the state of a run."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

revision = "0005_states"
down_revision = "0004_guesses"

_FOREVER = 2**62
_METADATA = MetaData()

_STATES = Table(
    "states",
    _METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("imported", BigInteger),
    Column("settings", LargeBinary),
)


def _life() -> tuple[Column[int], Column[int]]:
    return (
        Column("since", BigInteger, primary_key=True, autoincrement=False),
        Column("until", BigInteger, nullable=False),
    )


_RECORDS = (
    Table(
        "accounts",
        _METADATA,
        Column("id", text(255), primary_key=True),
        Column("number", text(255), nullable=False),
        Column("batch", text(255), nullable=False),
        Column("status", text(40), nullable=False),
        Column("organization_id", text(255), nullable=False),
        Column("organization_name", text(255), nullable=False),
        Column("blob", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("source", text(1024), nullable=False),
        *_life(),
        Index("accounts_batch", "batch", "id"),
        Index("accounts_number", "number"),
    ),
    Table(
        "subscriptions",
        _METADATA,
        Column("key", text(270), primary_key=True),
        Column("id", text(255), nullable=False),
        Column("number", text(255), nullable=False),
        Column("version", Integer, nullable=False),
        Column("account_id", text(255), nullable=False),
        Column("owner_id", text(255), nullable=False),
        Column("is_latest", Integer, nullable=False),
        Column("charges", Integer, nullable=False),
        Column("blob", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("source", text(1024), nullable=False),
        *_life(),
        Index("subscriptions_id", "id"),
        Index("subscriptions_number", "number"),
        Index("subscriptions_owner", "owner_id"),
    ),
    Table(
        "usage",
        _METADATA,
        Column("key", text(1400), primary_key=True),
        Column("account_id", text(255), nullable=False),
        Column("start_date", text(10), nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("blob", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("source", text(1024), nullable=False),
        *_life(),
        Index("usage_account", "account_id", "start_date"),
        Index("usage_source", "source"),
    ),
    Table(
        "catalog",
        _METADATA,
        Column("key", text(270), primary_key=True),
        Column("id", text(255), nullable=False),
        Column("currency", text(10), nullable=False),
        Column("blob", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("source", text(1024), nullable=False),
        *_life(),
    ),
    Table(
        "drafts",
        _METADATA,
        Column("id", text(255), primary_key=True),
        Column("account_id", text(255), nullable=False),
        Column("blob", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("source", text(1024), nullable=False),
        *_life(),
        Index("drafts_account", "account_id"),
    ),
)
_NO_LONGER = {"subscriptions": ("subscriptions_import",)}
_SETTINGS = """
INSERT INTO states (number, imported, settings)
SELECT version.number, NULL, (SELECT settings.content FROM state AS settings WHERE settings.name = 'settings')
FROM state AS version WHERE version.name = 'version'
"""
_RUNS = """
UPDATE billing_preview_runs SET state = (SELECT number FROM state WHERE name = 'version')
WHERE status IN ('Pending', 'Processing')
"""


def upgrade() -> None:
    """Create the tables again with their rows. All rows belong to every state so far, and no row is superseded."""
    for table in _RECORDS:
        for index in (*(str(index.name) for index in table.indexes), *_NO_LONGER.get(table.name, ())):
            op.drop_index(index, table_name=table.name)
        op.rename_table(table.name, f"{table.name}_before")
    _METADATA.create_all(op.get_bind(), checkfirst=False)
    for table in _RECORDS:
        kept = ", ".join(column.name for column in table.columns if column.name not in {"since", "until"})
        insert = f"INSERT INTO {table.name} ({kept}, since, until) SELECT {kept}, 0, {_FOREVER}"
        op.execute(f"{insert} FROM {table.name}_before")
        op.drop_table(f"{table.name}_before")
    op.execute(_SETTINGS)
    op.execute("DELETE FROM state WHERE name = 'settings'")
    op.execute("ALTER TABLE state DROP COLUMN content")
    op.add_column("billing_preview_runs", Column("state", BigInteger))
    op.execute(_RUNS)
