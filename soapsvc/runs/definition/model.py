"""A billing preview run and its request.

Names and values are the vendor's ("Create a billing preview run", "Retrieve a billing preview run"); the storage option
Parquet and the choice of the header's spelling are extensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from soapsvc.engine.account import Account
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.runs.definition.pace import Moment


class StorageOption(StrEnum):
    """Where the results go: a zip with a CSV file, a table of the database, or a zip with a Parquet file."""

    CSV = "Csv"
    DATABASE = "Database"
    PARQUET = "Parquet"


class Header(StrEnum):
    """The spelling of the CSV file's header: as documented, or as a public connector declares it."""

    DOCUMENTED = "Documented"
    CONNECTOR = "Connector"


class RunStatus(StrEnum):
    """Pending -> Processing -> Completed, Error or Canceled."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    ERROR = "Error"
    CANCELED = "Canceled"


ACTIVE = (RunStatus.PENDING, RunStatus.PROCESSING)
"""The statuses of a run that still occupies its batches."""


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization that a run is for, by its id or by its name."""

    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The request of a run: previews up to `target_date` (inclusive). Without batches or organizations it is for all.

    Where `entities` are named, accounts of other entities are left out.
    `exclude` holds ChargeType names. `account_id` limits the run to one account (the filter of type Account).
    `compared_run_id` and `store_difference` need the storage option Database. `credit_memos` says whether the tenant
    has Invoice Settlement, and files the columns of credit memo items; it is set when the run is made.
    """

    target_date: date
    assume_renewal: AssumeRenewal = AssumeRenewal.NONE
    batches: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    including_draft_items: bool = False
    including_evergreen_subscription: bool = False
    organizations: tuple[Organization, ...] = ()
    entities: tuple[str, ...] = ()
    storage_option: StorageOption = StorageOption.CSV
    store_difference: bool = False
    compared_run_id: str | None = None
    account_id: str | None = None
    header: Header = Header.DOCUMENTED
    credit_memos: bool = False

    def covers(self, account: Account) -> bool:
        """Whether the run includes the account's entity; an account without an entity is always included."""
        return not self.entities or not account.entity_id or account.entity_id in self.entities

    def preview_request(self) -> PreviewRequest:
        """The request for each account."""
        return PreviewRequest(
            self.target_date,
            assume_renewal=self.assume_renewal,
            exclude=frozenset(self.exclude),
            including_evergreen_subscription=self.including_evergreen_subscription,
            including_draft_items=self.including_draft_items,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """The current state of a run. Instants are in UTC.

    `state` is the number of the tenant's state that the run previews, also when a later state is imported meanwhile;
    `imported` is the time of its import. Both are None for runs of early releases. `accounts` is None until the run is
    planned; `finished_accounts`, `failed_accounts` and `items` move while it runs. `seed` decides the made-up ids in
    the results and `as_of` their charge date: with both, a run is repeatable. `totals` are the sums of a completed run
    by currency, of the amounts in its result: invoice items without tax, less credit memo items with tax; runs of early
    releases have none. `pace` is the number of accounts done at moments of the run; runs of early releases have none.
    `file_id` is the id of the result file; None before there is a file, for Database, and once the results are
    `purged`.
    """

    id: str
    number: str
    status: RunStatus
    request: RunRequest
    state: int | None
    imported: datetime | None
    seed: str
    as_of: datetime
    created_by: str
    created: datetime
    updated_by: str
    updated: datetime
    started: datetime | None
    ended: datetime | None
    error: str | None
    parts: int | None
    accounts: int | None
    finished_accounts: int
    failed_accounts: int
    items: int
    file_id: str | None
    file_size: int | None
    purged: datetime | None
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    pace: tuple[Moment, ...] = ()

    @property
    def active(self) -> bool:
        """Whether the run still occupies its batches."""
        return self.status in ACTIVE

    @property
    def succeeded_accounts(self) -> int:
        """How many accounts have been previewed without an error so far."""
        return self.finished_accounts - self.failed_accounts

    @property
    def entry_name(self) -> str:
        """The beginning of the names of files within the result file.

        Runs with a seed of their own are repeatable to the last byte, so their files have nothing of the run itself:
        the names have the target date.
        """
        return self.number if self.seed == self.id else f"billing-preview-{self.request.target_date.isoformat()}"

    @property
    def file_name(self) -> str:
        """The name of the result file."""
        return f"{self.number}.zip"
