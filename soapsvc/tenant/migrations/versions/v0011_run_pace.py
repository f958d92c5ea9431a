"""Runs keep how fast they went; those that are there know nothing of it."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0011_run_pace"
down_revision = "0010_run_totals"


def upgrade() -> None:
    """Add the column."""
    op.add_column("billing_preview_runs", Column("pace", Text))
