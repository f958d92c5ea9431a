"""Answers that are replayed or fetched later: idempotency keys and asynchronous requests of the REST edge."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

revision = "0003_remembered_answers"
down_revision = "0002_runs"

_METADATA = MetaData()

Table(
    "idempotency_keys",
    _METADATA,
    Column("id", text(64), primary_key=True),
    Column("fingerprint", text(64), nullable=False),
    Column("owner", text(32), nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", Integer),
    Column("headers", LargeBinary),
    Column("body", LargeBinary),
    Index("idempotency_keys_expires", "expires"),
)
Table(
    "async_requests",
    _METADATA,
    Column("id", text(32), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("owner", text(32), nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", Integer),
    Column("headers", LargeBinary),
    Column("body", LargeBinary),
    Index("async_requests_expires", "expires"),
)


def upgrade() -> None:
    """Make the tables."""
    _METADATA.create_all(op.get_bind(), checkfirst=False)
