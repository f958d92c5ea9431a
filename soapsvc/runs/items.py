"""An account's preview as rows of text, in the columns of the CSV file: the same for every way to store results.

Made-up ids (of items, and of what exists only by an assumed renewal) derive from the run's seed and the account: a part
of a run that is computed again after a crash, or on another machine, gives the same rows to the last byte.

Sources: "Field descriptions of the CSV output file"; a fact with a column of its own for credit memo items is not
repeated in the column for invoice items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import shake_128
from itertools import repeat
from operator import add

from soapsvc.engine.drafts import draft_series
from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.runs.schema import ITEM_FIELDS
from soapsvc.wire import decimal_text, first_day, instant_text, last_day

Row = tuple[str | None, ...]
Cell = str | Iterable[str] | None
"""A column of some rows: one text for all of them, a text for each, or nothing."""
Clean = Callable[[str], str]
"""What is done to text cells (not to dates, ids made up here, and numbers) before they are stored."""

INVOICE_ITEM = "InvoiceItem"
CREDIT_MEMO_ITEM = "CreditMemoItem"
_ID_BYTES = 16


def item_rows(
    result: PreviewResult, seed: str, clean: Clean = str, fields: Sequence[str] = ITEM_FIELDS
) -> Iterator[list[Row]]:
    """The rows of an account's items, a list for each charge, in wire order: invoice items first, then memo items."""
    account = _AccountRows(result, seed, clean, fields)
    for block in result.blocks:
        yield account.block(block, account.invoice_items)
    yield account.drafts("invoice", account.invoice_items)
    for block in result.credit_memo_blocks:
        yield account.block(block, account.memo_items)
    yield account.drafts("creditMemo", account.memo_items)


def derived_ids(count: int, *origin: str) -> list[str]:
    """As many ids of 32 hex digits as one origin gives; more of them begin with the same ones."""
    digits = shake_128("\0".join(origin).encode()).hexdigest(_ID_BYTES * count)
    return [digits[start : start + 2 * _ID_BYTES] for start in range(0, len(digits), 2 * _ID_BYTES)]


class _AccountRows:
    def __init__(self, result: PreviewResult, seed: str, clean: Clean, fields: Sequence[str]) -> None:
        self._result = result
        self._seed = seed
        self._clean = clean
        self._fields = fields
        self._account_id = clean(result.account_id)
        self._charge_date = instant_text(result.as_of)
        count = len(result) + sum(len(block) for block in result.credit_memo_blocks)
        self._ids = iter(derived_ids(count, seed, result.account_id))

    def block(self, block: Block, rows_of: _RowsOf) -> list[Row]:
        """The rows of a charge, each item followed by the discounts on it."""
        ids = self._take(len(block.series))
        charges = rows_of(block.series, ids, None)
        if not block.discounts:
            return charges
        groups = [[charge] for charge in charges]
        for discount in block.discounts:
            reduced = discount.applied_to or ()
            rows = rows_of(discount, self._take(len(discount)), [ids[index] for index in reduced])
            for index, row in zip(reduced, rows, strict=True):
                groups[index].append(row)
        return [row for group in groups for row in group]

    def drafts(self, document_type: str, rows_of: _RowsOf) -> list[Row]:
        """The rows of existing draft documents' items, under their own ids."""
        return [
            row
            for draft in self._result.draft_items
            if draft.document_type == document_type
            for row in rows_of(
                draft_series(draft), [self._clean(draft.id)], self._clean(draft.applied_to_item_id or "") or None
            )
        ]

    def invoice_items(self, series: Series, ids: Sequence[str], applied: Cell) -> list[Row]:
        """The rows of a series of invoice items."""
        cells = self._common(series.facts, applied)
        cells["invoice_item_id"] = ids
        cells["invoice_item_charge_amount"] = map(decimal_text, series.amounts)
        self._put_service(cells, "invoice_item", series)
        cells["legal_document_item_type"] = INVOICE_ITEM
        return self._rows(len(series), cells)

    def memo_items(self, series: Series, ids: Sequence[str], applied: Cell) -> list[Row]:
        """The rows of a series of credit memo items; their amount includes tax, as in the vendor's REST answer."""
        facts, clean = series.facts, self._clean
        cells = self._common(facts, applied)
        totals = series.amounts if series.taxes is None else map(add, series.amounts, series.taxes)
        cells["credit_memo_item_id"] = ids
        cells["credit_memo_item_amount"] = map(decimal_text, totals)
        cells["credit_memo_item_description"] = clean(facts.charge_description) or None
        cells["credit_memo_item_sku"] = clean(facts.product_sku) or None
        cells["credit_memo_item_sku_name"] = (
            clean(facts.charge_name) if series.names is None else map(clean, series.names)
        )
        self._put_service(cells, "credit_memo_item", series)
        cells["legal_document_item_type"] = CREDIT_MEMO_ITEM
        return self._rows(len(series), cells)

    def _common(self, facts: ItemFacts, applied: Cell) -> dict[str, Cell]:
        """What is in the same column for invoice items and credit memo items."""
        clean = self._clean
        return {
            "account_id": self._account_id,
            "rate_plan_charge_id": self._shown(facts, facts.rate_plan_charge_id),
            "rate_plan_charge_number": clean(facts.charge_number),
            "subscription_id": self._shown(facts, facts.subscription_id),
            "subscription_number": clean(facts.subscription_number),
            "invoice_item_charge_date": self._charge_date,
            "invoice_item_charge_type": clean(facts.charge_type),
            "invoice_item_processing_type": clean(facts.processing_type),
            "applied_to_invoice_item_id": applied,
        }

    def _put_service(self, cells: dict[str, Cell], document: str, series: Series) -> None:
        cells[f"{document}_quantity"] = map(decimal_text, series.quantities)
        cells[f"{document}_uom"] = self._clean(series.facts.unit_of_measure) or None
        cells[f"{document}_service_start_date"] = map(first_day, series.starts)
        cells[f"{document}_service_end_date"] = map(last_day, series.ends)

    def _rows(self, count: int, cells: Mapping[str, Cell]) -> list[Row]:
        """Rows from cells by name; what has no cell is empty in every row."""
        row = (cells.get(name) for name in self._fields)
        columns = [repeat(cell, count) if cell is None or isinstance(cell, str) else cell for cell in row]
        return list(zip(*columns, strict=True))

    def _shown(self, facts: ItemFacts, own: str) -> str:
        """The id itself, or one made up where a renewal was assumed: what it names is gone after the run."""
        if not facts.transient:
            return self._clean(own)
        return derived_ids(1, self._seed, self._result.account_id, own)[0]

    def _take(self, count: int) -> list[str]:
        return [next(self._ids) for _ in range(count)]


_RowsOf = Callable[[Series, Sequence[str], Cell], list[Row]]
