"""Columns and tables for reads of single records and lists: original products, times of changes and starts, indexes."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

revision = "0006_reads"
down_revision = "0005_states"

_PRODUCTS = Table(
    "products",
    MetaData(),
    Column("id", text(255), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Index("products_place", "source", "position"),
)
_UPDATED = {
    "postgresql": """
UPDATE subscriptions SET updated = substr(replace(coalesce(
  nullif(convert_from(document, 'UTF8')::json ->> 'updateTime', ''),
  nullif(convert_from(document, 'UTF8')::json ->> 'updatedDate', ''),
  convert_from(document, 'UTF8')::json ->> 'UpdatedDate',
  ''), 'T', ' '), 1, 19)
""",
    "sqlite": """
UPDATE subscriptions SET updated = substr(replace(coalesce(
  nullif(json_extract(CAST(document AS TEXT), '$.updateTime'), ''),
  nullif(json_extract(CAST(document AS TEXT), '$.updatedDate'), ''),
  json_extract(CAST(document AS TEXT), '$.UpdatedDate'),
  ''), 'T', ' '), 1, 19)
""",
}


def upgrade() -> None:
    """Take what can be taken from the documents that are there. Products come with the next import of a catalogue."""
    _PRODUCTS.create(op.get_bind())
    op.add_column("subscriptions", Column("updated", text(19), nullable=False, server_default=""))
    op.add_column("usage", Column("started", text(26), nullable=False, server_default=""))
    if (statement := _UPDATED.get(op.get_bind().dialect.name)) is not None:
        op.execute(statement)
    op.execute("UPDATE usage SET started = start_date || ' 00:00:00'")
    op.drop_index("usage_account", table_name="usage")
    op.create_index("usage_account", "usage", ["account_id", "started"])
    op.drop_index("subscriptions_owner", table_name="subscriptions")
    op.create_index("subscriptions_owner", "subscriptions", ["owner_id", "updated"])
    op.create_index("subscriptions_account", "subscriptions", ["account_id", "updated"])
