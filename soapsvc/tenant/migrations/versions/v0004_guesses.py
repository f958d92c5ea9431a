"""Guesses at secrets are counted in the store, and users that were made by hand outlive imports."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table

from soapsvc.tenant.database import text

revision = "0004_guesses"
down_revision = "0003_remembered_answers"

_METADATA = MetaData()

Table(
    "guesses",
    _METADATA,
    Column("key", text(64), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("guesses_last", "last"),
)


def upgrade() -> None:
    """Make the table and the column."""
    _METADATA.create_all(op.get_bind(), checkfirst=False)
    op.add_column("users", Column("by_hand", Integer, nullable=False, server_default="0"))
    op.create_index("sessions_username", "sessions", ["username"])
