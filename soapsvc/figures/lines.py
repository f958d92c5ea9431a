"""A preview's items as lines, each with everything that a reader needs; drafts are included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from soapsvc.engine.account import Account, DraftItem
from soapsvc.engine.documents import billed_on
from soapsvc.engine.result import Block, InvoiceItem, Note, PreviewResult
from soapsvc.engine.trace import Trace

INVOICE, CREDIT_MEMO = "invoice", "creditMemo"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One item. `number` counts from 1 in wire order: invoice items, their drafts, credit memo items, their drafts.

    `day` is the day that would bill the item if a bill run were made every day; for an item of an existing draft it is
    today. Lines with the same `group` share documents. `start` and `last` are both days of service. `amount` is without
    tax, as the document shows it: a credit memo that gives money back has a positive one. `segment_id` is the id of the
    charge's segment, `applied_to` the number of the line that a discount reduces.
    """

    number: int
    document: str
    is_draft: bool
    day: date
    group: str
    subscription_number: str
    charge_number: str
    name: str
    description: str
    product: str
    sku: str
    charge_type: str
    processing_type: str
    start: date
    last: date
    quantity: Decimal
    unit: str
    amount: Decimal
    tax: Decimal
    currency: str
    segment_id: str = ""
    applied_to: int | None = None
    trace: Trace | None = None

    @property
    def sign(self) -> int:
        """The line's sign in a sum over all documents: a credit memo lowers the sum."""
        return -1 if self.document == CREDIT_MEMO else 1

    @property
    def kind(self) -> str:
        """The line's kind as shown to readers: the type of the charge, or another word."""
        kind = self.charge_type if self.processing_type == "Charge" else self.processing_type
        return f"Draft {kind}" if self.is_draft else kind

    @property
    def title(self) -> str:
        """The charge, its name and the days of service, as in the heading of an explanation on the terminal."""
        return f"{self.charge_number} {self.name}, {self.start} to {self.last}"

    def explanation(self) -> Iterator[str]:
        """The explanation of the amount, one line per step; empty unless explanations were requested."""
        if self.trace is not None:
            yield from self.trace.lines()
        if self.tax and self.trace is not None:
            yield f"tax {self.tax:f}, split off the rounded amount"


def preview_lines(account: Account, result: PreviewResult) -> list[Line]:
    """The lines of an account's preview, in wire order."""
    lines: list[Line] = []
    for document, blocks in ((INVOICE, result.blocks), (CREDIT_MEMO, result.credit_memo_blocks)):
        _add_items(lines, document, blocks, account, result)
        for draft in result.draft_items:
            if draft.document_type == document:
                lines.append(_draft(draft, len(lines) + 1, result))
    return lines


def _add_items(
    lines: list[Line], document: str, blocks: Sequence[Block], account: Account, result: PreviewResult
) -> None:
    for block, group, days in billed_on(account, result, blocks):
        currency = result.currency_of(block.series.facts.subscription_number)
        first, charge = len(lines) + 1, -1
        for item in block.items():
            if item.applied_to is None:
                charge += 1
            applied = None if item.applied_to is None else first + item.applied_to
            lines.append(_line(item, len(lines) + 1, document, (days[charge], group, currency), applied))


def _line(item: InvoiceItem, number: int, document: str, billed: tuple[date, str, str], applied: int | None) -> Line:
    facts = item.facts
    day, group, currency = billed
    return Line(
        number,
        document,
        False,
        day,
        group,
        facts.subscription_number,
        facts.charge_number,
        item.charge_name,
        facts.charge_description,
        facts.product_name,
        facts.product_sku,
        facts.charge_type,
        facts.processing_type,
        item.service_start,
        item.service_end - _DAY,
        item.quantity,
        facts.unit_of_measure,
        item.amount,
        item.tax_amount,
        currency,
        facts.rate_plan_charge_id,
        applied,
        item.trace,
    )


def _draft(draft: DraftItem, number: int, result: PreviewResult) -> Line:
    return Line(
        number,
        draft.document_type,
        True,
        result.as_of.date(),
        "",
        draft.subscription_number,
        draft.charge_number,
        draft.charge_name,
        draft.charge_description,
        draft.product_name,
        draft.product_sku,
        draft.charge_type,
        draft.processing_type,
        draft.service_start_date,
        draft.service_end_date,
        draft.quantity,
        draft.unit_of_measure,
        draft.amount,
        draft.tax_amount,
        result.currency_of(draft.subscription_number),
        draft.rate_plan_charge_id,
    )


def notes_about(line: Line, notes: Sequence[Note]) -> list[Note]:
    """The notes that concern a line: those about its charge, and those about its whole subscription."""
    return [
        note
        for note in notes
        if note.subscription_number == line.subscription_number and note.charge_number in {None, line.charge_number}
    ]
