"""An account's preview as rows of text, in the columns of the CSV file, for stores of rows and columns.

Sources: "Field descriptions of the CSV output file"; a fact with a column of its own for credit memo items is not
repeated in the column for invoice items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from soapsvc.engine.result import ItemFacts, PreviewResult, Series
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results.account_items import CREDIT_MEMO_ITEM, INVOICE_ITEM, AccountItems
from soapsvc.wire import decimal_texts, first_day, instant_text, last_day

Row = tuple[str | None, ...]
Cell = str | Iterable[str] | None
"""A column of some rows: one text for all of them, a text for each, or nothing."""


def item_rows(result: PreviewResult, seed: str, fields: Sequence[str] = ITEM_FIELDS) -> Iterator[Sequence[Row]]:
    """The rows of an account's items, some for each charge, in wire order: invoice items first, then memo items."""
    return iter(_AccountRows(result, seed, fields))


class _AccountRows(AccountItems[Row]):
    def __init__(self, result: PreviewResult, seed: str, fields: Sequence[str]) -> None:
        super().__init__(result, seed)
        self._fields = fields
        self._account_id = result.account_id
        self._charge_date = instant_text(result.as_of)

    def invoice_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[Row]:
        cells = self._common(series.facts, applied)
        cells["invoice_item_id"] = ids
        cells["invoice_item_charge_amount"] = decimal_texts(series.amounts)
        _put_service(cells, "invoice_item", series)
        cells["legal_document_item_type"] = INVOICE_ITEM
        return self._rows(len(series), cells)

    def memo_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[Row]:
        """Rows whose amounts include tax, as in the vendor's REST answer."""
        facts = series.facts
        cells = self._common(facts, applied)
        cells["credit_memo_item_id"] = ids
        cells["credit_memo_item_amount"] = decimal_texts(series.gross())
        cells["credit_memo_item_description"] = facts.charge_description or None
        cells["credit_memo_item_sku"] = facts.product_sku or None
        cells["credit_memo_item_sku_name"] = facts.charge_name if series.names is None else series.names
        _put_service(cells, "credit_memo_item", series)
        cells["legal_document_item_type"] = CREDIT_MEMO_ITEM
        return self._rows(len(series), cells)

    def _common(self, facts: ItemFacts, applied: Cell) -> dict[str, Cell]:
        """The cells that invoice items and credit memo items have in the same column."""
        charge_id, subscription_id = self.own_ids(facts)
        return {
            "account_id": self._account_id,
            "rate_plan_charge_id": charge_id,
            "rate_plan_charge_number": facts.charge_number,
            "subscription_id": subscription_id,
            "subscription_number": facts.subscription_number,
            "invoice_item_charge_date": self._charge_date,
            "invoice_item_charge_type": facts.charge_type,
            "invoice_item_processing_type": facts.processing_type,
            "applied_to_invoice_item_id": applied,
        }

    def _rows(self, count: int, cells: Mapping[str, Cell]) -> list[Row]:
        """Rows from cells by name; what has no cell is empty in every row."""
        row = (cells.get(name) for name in self._fields)
        columns = [repeat(cell, count) if cell is None or isinstance(cell, str) else cell for cell in row]
        return list(zip(*columns, strict=True))


def _put_service(cells: dict[str, Cell], document: str, series: Series) -> None:
    cells[f"{document}_quantity"] = decimal_texts(series.quantities)
    cells[f"{document}_uom"] = series.facts.unit_of_measure or None
    cells[f"{document}_service_start_date"] = map(first_day, series.starts)
    cells[f"{document}_service_end_date"] = map(last_day, series.ends)
