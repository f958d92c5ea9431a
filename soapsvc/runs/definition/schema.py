"""The tables of billing preview runs; migrations of the tenant store make them.

Instants are seconds since 1970. Rows of results are keyed by run, part and position: the order of the CSV file.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from soapsvc.tenant.database import exact, text

METADATA = MetaData()

RUNS = Table(
    "billing_preview_runs",
    METADATA,
    Column("id", text(32), primary_key=True),
    Column("number", text(16), nullable=False, unique=True),
    Column("status", text(12), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("target_date", text(10), nullable=False),
    Column("state", BigInteger),
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
    Column("totals", Text),
    Column("pace", Text),
    Index("billing_preview_runs_status", "status"),
)
"""`request` is the request as JSON, `state` the tenant's state that the run reads; NULL for old runs.

`parts` and `accounts` are set once the run is planned; `finished`, `failed` and `items` when it has ended: until then
they are sums over its parts. `totals` are sums of amounts by currency, and `pace` the accounts done at moments, both as
JSON. `owner` executes the run until `lease`.
"""

RUN_BATCHES = Table(
    "billing_preview_run_batches",
    METADATA,
    Column("batch", text(255), primary_key=True),
    Column("run_id", text(32), nullable=False),
    Index("billing_preview_run_batches_run", "run_id"),
)
"""The batches of active runs: the primary key prevents a second run. A run for all batches has the batch `*`."""

RUN_PARTS = Table(
    "billing_preview_run_parts",
    METADATA,
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
    Column("totals", Text),
    Index("billing_preview_run_parts_open", "run_id", "done", "part"),
)
"""The accounts with ids above `after_id` up to `last_id` (None: all further ones), in the order of ids.

`accounts` is the planned number until the part is done, then the real one; `size` and `failed_size` are the bytes of
its files.
"""

_ITEM_COLUMNS = (
    ("account_id", text()),
    ("rate_plan_charge_id", text()),
    ("invoice_item_charge_amount", exact()),
    ("invoice_item_processing_type", text()),
    ("invoice_item_service_start_date", text()),
    ("invoice_item_service_end_date", text()),
    ("invoice_item_charge_date", text()),
    ("invoice_item_id", text()),
    ("subscription_id", text()),
    ("applied_to_invoice_item_id", text()),
    ("invoice_item_quantity", exact()),
    ("invoice_item_uom", text()),
    ("invoice_item_charge_type", text()),
    ("subscription_number", text()),
    ("rate_plan_charge_number", text()),
    ("legal_document_item_type", text()),
    ("credit_memo_item_id", text()),
    ("credit_memo_item_amount", exact()),
    ("credit_memo_item_description", text()),
    ("credit_memo_item_sku", text()),
    ("credit_memo_item_sku_name", text()),
    ("credit_memo_item_service_start_date", text()),
    ("credit_memo_item_service_end_date", text()),
    ("credit_memo_item_quantity", exact()),
    ("credit_memo_item_uom", text()),
)
ITEM_FIELDS = tuple(name for name, _ in _ITEM_COLUMNS)
"""An item's columns in the order of the CSV file ("Field descriptions of the CSV output file")."""
EXACT_FIELDS = frozenset(name for name in ITEM_FIELDS if name.endswith(("amount", "quantity")))
INSTANT_FIELDS = frozenset({"invoice_item_charge_date"})
DATE_FIELDS = frozenset(name for name in ITEM_FIELDS if name.endswith("_date")) - INSTANT_FIELDS


def _items() -> list[Column[str]]:
    return [Column(name, kind) for name, kind in _ITEM_COLUMNS]


RESULTS = Table(
    "billing_preview_run_results",
    METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    *_items(),
    Index("billing_preview_run_results_account", "run_id", "account_id"),
    sqlite_with_rowid=False,
)

DIFFERENCES = Table(
    "billing_preview_run_differences",
    METADATA,
    Column("run_id", text(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("compared_run_id", text(32), nullable=False),
    Column("difference_type", text(10), nullable=False),
    Column("changed_fields", Text),
    Column("compared_values", Text),
    *_items(),
    sqlite_with_rowid=False,
)
"""Items that differ from those of the compared run. Items of type Changed have `changed_fields` (with commas) and
`compared_values` (a JSON object of the former values)."""

FAILURES = Table(
    "billing_preview_run_failures",
    METADATA,
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
"""The errors of accounts that could not be previewed: one row for each error."""

FAILURE_FIELDS = ("account_id", "account_number", "code", "message", "field", "subscription_number", "charge_number")
