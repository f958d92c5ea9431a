"""Billing preview runs: their state, their parts, and results that are kept in the database."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from soapsvc.tenant.database import exact, text

revision = "0002_runs"
down_revision = "0001_tenant"

_METADATA = MetaData()

Table(
    "billing_preview_runs",
    _METADATA,
    Column("id", text(32), primary_key=True),
    Column("number", text(16), nullable=False, unique=True),
    Column("status", text(12), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("target_date", text(10), nullable=False),
    Column("seed", text(255), nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("created_by", text(255), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated_by", text(255), nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("error", Text),
    Column("parts", Integer),
    Column("accounts", Integer),
    Column("finished", Integer),
    Column("failed", Integer),
    Column("items", BigInteger),
    Column("owner", text(64)),
    Column("lease", BigInteger),
    Column("file_id", text(32), unique=True),
    Column("file_size", BigInteger),
    Column("purged", BigInteger),
    Index("billing_preview_runs_status", "status"),
)
Table(
    "billing_preview_run_batches",
    _METADATA,
    Column("batch", text(255), primary_key=True),
    Column("run_id", text(32), nullable=False),
    Index("billing_preview_run_batches_run", "run_id"),
)
Table(
    "billing_preview_run_parts",
    _METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("after_id", text(255), nullable=False),
    Column("last_id", text(255)),
    Column("done", Integer, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("failed_size", BigInteger, nullable=False),
    Index("billing_preview_run_parts_open", "run_id", "done", "part"),
)
Table(
    "billing_preview_run_results",
    _METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("account_id", text()),
    Column("rate_plan_charge_id", text()),
    Column("invoice_item_charge_amount", exact()),
    Column("invoice_item_processing_type", text()),
    Column("invoice_item_service_start_date", text()),
    Column("invoice_item_service_end_date", text()),
    Column("invoice_item_charge_date", text()),
    Column("invoice_item_id", text()),
    Column("subscription_id", text()),
    Column("applied_to_invoice_item_id", text()),
    Column("invoice_item_quantity", exact()),
    Column("invoice_item_uom", text()),
    Column("invoice_item_charge_type", text()),
    Column("subscription_number", text()),
    Column("rate_plan_charge_number", text()),
    Column("legal_document_item_type", text()),
    Column("credit_memo_item_id", text()),
    Column("credit_memo_item_amount", exact()),
    Column("credit_memo_item_description", text()),
    Column("credit_memo_item_sku", text()),
    Column("credit_memo_item_sku_name", text()),
    Column("credit_memo_item_service_start_date", text()),
    Column("credit_memo_item_service_end_date", text()),
    Column("credit_memo_item_quantity", exact()),
    Column("credit_memo_item_uom", text()),
    Index("billing_preview_run_results_account", "run_id", "account_id"),
    sqlite_with_rowid=False,
)
Table(
    "billing_preview_run_differences",
    _METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("compared_run_id", text(32), nullable=False),
    Column("difference_type", text(10), nullable=False),
    Column("changed_fields", Text),
    Column("compared_values", Text),
    Column("account_id", text()),
    Column("rate_plan_charge_id", text()),
    Column("invoice_item_charge_amount", exact()),
    Column("invoice_item_processing_type", text()),
    Column("invoice_item_service_start_date", text()),
    Column("invoice_item_service_end_date", text()),
    Column("invoice_item_charge_date", text()),
    Column("invoice_item_id", text()),
    Column("subscription_id", text()),
    Column("applied_to_invoice_item_id", text()),
    Column("invoice_item_quantity", exact()),
    Column("invoice_item_uom", text()),
    Column("invoice_item_charge_type", text()),
    Column("subscription_number", text()),
    Column("rate_plan_charge_number", text()),
    Column("legal_document_item_type", text()),
    Column("credit_memo_item_id", text()),
    Column("credit_memo_item_amount", exact()),
    Column("credit_memo_item_description", text()),
    Column("credit_memo_item_sku", text()),
    Column("credit_memo_item_sku_name", text()),
    Column("credit_memo_item_service_start_date", text()),
    Column("credit_memo_item_service_end_date", text()),
    Column("credit_memo_item_quantity", exact()),
    Column("credit_memo_item_uom", text()),
    sqlite_with_rowid=False,
)
Table(
    "billing_preview_run_failures",
    _METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("account_id", text(), nullable=False),
    Column("account_number", text(), nullable=False),
    Column("code", text(), nullable=False),
    Column("message", Text, nullable=False),
    Column("field", text()),
    Column("subscription_number", text()),
    Column("charge_number", text()),
    sqlite_with_rowid=False,
)

_RESULT_VIEW = """
CREATE VIEW billing_preview_run_result AS
SELECT {items}, result.run_id AS billing_preview_run_id, result.part, result.position,
  run.created_by AS created_by_id, run.created AS created_date, run.updated_by AS updated_by_id,
  run.updated AS updated_date
FROM billing_preview_run_results AS result JOIN billing_preview_runs AS run ON run.id = result.run_id
"""
_DIFFERENCE_VIEW = """
CREATE VIEW billing_preview_run_result_difference AS
SELECT {items}, result.difference_type, result.compared_run_id AS compared_billing_preview_run_id,
  result.changed_fields, result.compared_values, result.run_id AS billing_preview_run_id, result.part, result.position,
  run.created_by AS created_by_id, run.created AS created_date, run.updated_by AS updated_by_id,
  run.updated AS updated_date
FROM billing_preview_run_differences AS result JOIN billing_preview_runs AS run ON run.id = result.run_id
"""
_KEYS = {"run_id", "part", "position"}


def upgrade() -> None:
    """Make the tables, and for plain SQL the views: items with what the vendor's data sources show beside them."""
    _METADATA.create_all(op.get_bind(), checkfirst=False)
    results = _METADATA.tables["billing_preview_run_results"]
    items = ", ".join(f"result.{column.name}" for column in results.columns if column.name not in _KEYS)
    for view in (_RESULT_VIEW, _DIFFERENCE_VIEW):
        op.execute(view.format(items=items))
