"""The tenant: accounts and the data of their billing, the catalogue, drafts, users and their sessions."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

revision = "0001_tenant"
down_revision = None

_METADATA = MetaData()

Table(
    "state",
    _METADATA,
    Column("name", text(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("content", LargeBinary),
)
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
    Column("import_number", BigInteger, nullable=False),
    Index("accounts_batch", "batch", "id"),
    Index("accounts_number", "number"),
)
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
    Column("import_number", BigInteger, nullable=False),
    Index("subscriptions_id", "id"),
    Index("subscriptions_import", "import_number"),
    Index("subscriptions_number", "number"),
    Index("subscriptions_owner", "owner_id"),
)
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
    Column("import_number", BigInteger, nullable=False),
    Index("usage_account", "account_id", "start_date"),
    Index("usage_source", "source"),
)
Table(
    "catalog",
    _METADATA,
    Column("key", text(270), primary_key=True),
    Column("id", text(255), nullable=False),
    Column("currency", text(10), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    Column("import_number", BigInteger, nullable=False),
)
Table(
    "drafts",
    _METADATA,
    Column("id", text(255), primary_key=True),
    Column("account_id", text(255), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    Column("import_number", BigInteger, nullable=False),
    Index("drafts_account", "account_id"),
)
Table(
    "users",
    _METADATA,
    Column("username", text(255), primary_key=True),
    Column("password_hash", text(255), nullable=False),
    Column("name", text(255), nullable=False),
    Column("email", text(255), nullable=False),
    Column("organizations", LargeBinary, nullable=False),
    Column("client_id", text(255), unique=True),
    Column("client_secret_hash", text(255)),
)
Table(
    "sessions",
    _METADATA,
    Column("token_hash", text(64), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("sessions_expires", "expires"),
)


def upgrade() -> None:
    """Make the tables."""
    _METADATA.create_all(op.get_bind(), checkfirst=False)
