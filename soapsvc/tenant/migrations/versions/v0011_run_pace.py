"""Runs store their pace; existing runs have none."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0011_run_pace"
down_revision = "0010_run_totals"


def upgrade() -> None:
    """Add the column."""
    op.add_column("billing_preview_runs", Column("pace", Text))
