"""Large answers that are replayed or fetched later are kept in pieces."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

revision = "0007_answer_pieces"
down_revision = "0006_reads"

_METADATA = MetaData()

Table(
    "answer_pieces",
    _METADATA,
    Column("answer", text(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("expires", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("answer_pieces_expires", "expires"),
)


def upgrade() -> None:
    """Make the table, and room for the number of pieces; answers of before stay in their rows."""
    _METADATA.create_all(op.get_bind(), checkfirst=False)
    for table in ("idempotency_keys", "async_requests"):
        op.add_column(table, Column("pieces", Integer))
