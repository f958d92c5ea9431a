"""The result of a preview: series of items per charge, and notes about missing items; or errors and no items.

A charge yields a `Series`: `ItemFacts` holds the constant values once, and columns of equal length hold the values per
period. A `Block` is one series with the discount series that belong to it; `Block.items()` is the order on the
wire: each item, then the discounts that apply to it ("observed previews: response"). Fast writers read the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import add
from typing import NamedTuple, TypeVar

from soapsvc.engine.account import ZERO, DraftItem
from soapsvc.engine.errors import RatingError
from soapsvc.engine.trace import Trace

Value = TypeVar("Value")


class AssumeRenewal(StrEnum):
    """Which termed subscriptions are treated as renewed up to the target date."""

    ALL = "All"
    NONE = "None"
    AUTORENEW = "Autorenew"


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """One account's preview up to `target_date` (inclusive); `exclude` holds ChargeType names such as OneTime."""

    target_date: date
    assume_renewal: AssumeRenewal = AssumeRenewal.NONE
    exclude: frozenset[str] = frozenset()
    including_evergreen_subscription: bool = False
    including_draft_items: bool = False
    explain: bool = False
    subscription_numbers: frozenset[str] | None = None

    def asks_for(self, subscription_number: str) -> bool:
        """True for a subscription in `subscription_numbers`; for every subscription where none are given."""
        return self.subscription_numbers is None or subscription_number in self.subscription_numbers


class ItemFacts(NamedTuple):
    """The constant part of a charge's items.

    `charge_id` is the original charge's id, `rate_plan_charge_id` the segment's. `charge_type` and `processing_type`
    are the REST spellings: OneTime, Recurring, Usage; Charge, Discount, Prepayment, Tax. `transient` says that a
    renewal was assumed: the vendor then shows a temporary subscription id.
    """

    subscription_id: str
    subscription_number: str
    charge_id: str
    rate_plan_charge_id: str
    charge_number: str
    charge_name: str
    charge_description: str
    charge_type: str
    processing_type: str
    product_name: str
    product_sku: str
    unit_of_measure: str
    transient: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """A view of one row: `amount` in the account's currency without tax, service `[start, end)`.

    `row` is the item's position within its block and `applied_to` the row that a discount reduces (None for charges).
    """

    facts: ItemFacts
    charge_name: str
    service_start: date
    service_end: date
    amount: Decimal
    tax_amount: Decimal
    quantity: Decimal
    number_of_deliveries: int
    row: int
    applied_to: int | None
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class Series:
    """The items of one charge segment, oldest first; every column is None or as long as `starts`.

    `names` overrides `facts.charge_name` where proration suffixes vary; `credits` says which items are credits of a
    billed period, None without credits. `due` is the day on which all items are due together, None where they are not.
    For a discount series `applied_to[i]` is the index into the series that it reduces; it is ascending.
    """

    facts: ItemFacts
    starts: Sequence[date]
    ends: Sequence[date]
    amounts: Sequence[Decimal]
    quantities: Sequence[Decimal]
    taxes: Sequence[Decimal] | None = None
    names: Sequence[str] | None = None
    deliveries: Sequence[int] | None = None
    credits: Sequence[bool] | None = None
    applied_to: Sequence[int] | None = None
    traces: Sequence[Trace] | None = None
    due: date | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def gross(self) -> Sequence[Decimal]:
        """The amounts with their taxes."""
        return self.amounts if self.taxes is None else list(map(add, self.amounts, self.taxes))

    def subset(self, rows: Sequence[int]) -> Series:
        """The series with only these rows, in this order."""

        def picked(column: Sequence[Value] | None) -> list[Value] | None:
            return None if column is None else [column[row] for row in rows]

        return replace(
            self,
            starts=[self.starts[row] for row in rows],
            ends=[self.ends[row] for row in rows],
            amounts=[self.amounts[row] for row in rows],
            quantities=[self.quantities[row] for row in rows],
            taxes=picked(self.taxes),
            names=picked(self.names),
            deliveries=picked(self.deliveries),
            credits=picked(self.credits),
            applied_to=picked(self.applied_to),
            traces=picked(self.traces),
        )

    def item(self, index: int, row: int, applied_to: int | None) -> InvoiceItem:
        """The item at `index` as a view; `row` and `applied_to` are positions in the block's wire order."""
        return InvoiceItem(
            self.facts,
            self.names[index] if self.names is not None else self.facts.charge_name,
            self.starts[index],
            self.ends[index],
            self.amounts[index],
            self.taxes[index] if self.taxes is not None else ZERO,
            self.quantities[index],
            self.deliveries[index] if self.deliveries is not None else 0,
            row,
            applied_to,
            self.traces[index] if self.traces is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Block:
    """One charge's series and the discounts on it."""

    series: Series
    discounts: tuple[Series, ...] = ()

    def __len__(self) -> int:
        return len(self.series) + sum(map(len, self.discounts))

    def subset(self, rows: Sequence[int]) -> Block:
        """The block with only these rows of its charge, ascending, and the discounts on them."""
        if len(rows) == len(self.series):
            return self
        place = {row: position for position, row in enumerate(rows)}
        discounts = []
        for discount in self.discounts:
            applied = discount.applied_to or ()
            kept = [index for index, row in enumerate(applied) if row in place]
            if kept:
                discounts.append(replace(discount.subset(kept), applied_to=[place[applied[index]] for index in kept]))
        return Block(self.series.subset(rows), tuple(discounts))

    def items(self) -> Iterator[InvoiceItem]:
        """The block's items in wire order: a charge item, then its discounts in their order of application."""
        cursors = [0] * len(self.discounts)
        row = 0
        for index in range(len(self.series)):
            charge_row = row
            yield self.series.item(index, row, None)
            row += 1
            for position, discount in enumerate(self.discounts):
                cursor = cursors[position]
                applied = discount.applied_to or ()
                while cursor < len(applied) and applied[cursor] == index:
                    yield discount.item(cursor, row, charge_row)
                    row += 1
                    cursor += 1
                cursors[position] = cursor


@dataclass(frozen=True, slots=True)
class Note:
    """Why an item is missing or approximate: a stable `code`, the subscription and charge, and a sentence for people.

    `kind` is `reason` (why the result is empty or lacks a charge) or `warning` (an amount was approximated).
    """

    kind: str
    code: str
    message: str
    subscription_number: str | None = None
    charge_number: str | None = None


@dataclass(frozen=True, slots=True)
class BillingDataError:
    """Why an account cannot be previewed: the data at `field` of a charge or subscription cannot be rated.

    `code` is a stable name in UPPER_SNAKE (such as MISSING_PRICE); `message` is a sentence that names subject, field
    and fix.
    """

    code: str
    message: str
    field: str | None = None
    subscription_number: str | None = None
    charge_number: str | None = None


def data_error(error: RatingError) -> BillingDataError:
    """The rating error as a value for the result."""
    return BillingDataError(error.code, error.message, error.field, error.subscription_number, error.charge_number)


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """The preview of one account. With `errors` there are no items: a result is never partial.

    `blocks` become invoice items; only Invoice Settlement makes `credit_memo_blocks` and credit memo drafts.
    `as_of` is the instant of the request in the tenant's time zone (the ChargeDate of every item). `other_currencies`
    holds the currency of each subscription, by number, that is not billed in `currency`.
    """

    account_id: str
    account_number: str
    currency: str
    as_of: datetime
    blocks: tuple[Block, ...] = ()
    credit_memo_blocks: tuple[Block, ...] = ()
    draft_items: tuple[DraftItem, ...] = ()
    invoice_settlement: bool = False
    notes: tuple[Note, ...] = ()
    errors: tuple[BillingDataError, ...] = ()
    other_currencies: Mapping[str, str] = field(default_factory=dict)

    def currency_of(self, subscription_number: str) -> str:
        """The currency of a subscription's items."""
        return self.other_currencies.get(subscription_number, self.currency)

    @property
    def currencies(self) -> list[str]:
        """All currencies of the account's subscriptions, its own first."""
        return list(dict.fromkeys((self.currency, *self.other_currencies.values())))

    @property
    def success(self) -> bool:
        """True when the preview has no errors."""
        return not self.errors

    def items(self) -> Iterator[InvoiceItem]:
        """All invoice items in wire order, without drafts."""
        for block in self.blocks:
            yield from block.items()

    def credit_memo_items(self) -> Iterator[InvoiceItem]:
        """All credit memo items in wire order; amounts have the memo's sign: positive for a credit."""
        for block in self.credit_memo_blocks:
            yield from block.items()

    def __len__(self) -> int:
        """The number of invoice items, drafts not counted."""
        return sum(map(len, self.blocks))
