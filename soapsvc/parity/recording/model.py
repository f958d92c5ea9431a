"""The content of a recording: previews of the vendor, each with request, answer, and the account's data at that time.

RecordingProblem   a file is not a recording, or a part of it cannot be read
└── RecordingBusy  another process is writing it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from soapsvc.engine.account import ZERO
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.recording.names import Names
from soapsvc.tenant.reading import Document

INVOICE = "invoice"
CREDIT_MEMO = "creditMemo"


class RecordingProblem(ValueError):
    """A recording that cannot be read or written: the file, the place in it (empty for all of it), and the reason."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, place, reason) if part))
        self.file = file
        self.place = place
        self.reason = reason


class RecordingBusy(RecordingProblem):
    """A recording that another process is writing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an answer: `amount` without tax, service `[start, end)`; fields that the answer lacks are None.

    `document` is invoice or creditMemo. `applied_to` is the position in the answer of the item that a discount reduces.
    """

    document: str
    subscription_number: str
    charge_number: str
    start: date
    end: date
    amount: Decimal
    tax: Decimal | None = None
    quantity: Decimal | None = None
    charge_name: str | None = None
    charge_type: str | None = None
    processing_type: str = "Charge"
    unit: str | None = None
    deliveries: int | None = None
    charge_id: str = ""
    applied_to: int | None = None

    @property
    def gross(self) -> Decimal:
        """The amount with the tax in the answer."""
        return self.amount + (self.tax or ZERO)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an account was not previewed: the vendor's code and message."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one account. With `refusals` there are no items.

    `charge_date` is the items' instant by the tenant's clock: compared with the instant of the recording, it gives the
    tenant's time zone.
    """

    items: tuple[Item, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    charge_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountData:
    """The account's data, as documents of a tenant directory.

    `tax_rates` are entries of `[[tax_rate]]` from the recording user. `partial`: only some of the account's
    subscriptions are there, and items of other charges are left out of a comparison.
    """

    account: Document
    subscriptions: tuple[Document, ...] = ()
    usage: tuple[Document, ...] = ()
    catalog: tuple[Document, ...] = ()
    drafts: tuple[Document, ...] = ()
    tax_rates: tuple[Document, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class RecordedPreview:
    """One preview of the vendor. `account_id` or `account_number`, or both, are known.

    `more_target_dates` are further dates with the same answer. `name` is the place where it was read, `names` how its
    names are hidden, `surface` is rest or soap.
    """

    account_id: str | None
    account_number: str | None
    request: PreviewRequest
    answer: Answer
    recorded_at: datetime | None = None
    data: AccountData | None = None
    more_target_dates: Sequence[date] = ()
    surface: str = "rest"
    name: str = ""
    names: Names = Names.KEPT

    @property
    def account(self) -> str:
        """The account's name in reports: its number where that is known."""
        return self.account_number or self.account_id or ""
