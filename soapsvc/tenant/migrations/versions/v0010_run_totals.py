"""Runs and their parts store their totals by currency; existing runs have none."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0010_run_totals"
down_revision = "0009_listing"


def upgrade() -> None:
    """Add the columns."""
    for table in ("billing_preview_runs", "billing_preview_run_parts"):
        op.add_column(table, Column("totals", Text))
