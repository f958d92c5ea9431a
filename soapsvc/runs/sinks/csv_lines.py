"""An account's preview as lines of the CSV file: the constant cells of a charge are made once, a line is one join.

The order of the columns is that of `ITEM_FIELDS`; files without the columns of credit memo items
end after those of invoice items.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from soapsvc.engine.result import ItemFacts, PreviewResult, Series
from soapsvc.runs.results import CREDIT_MEMO_ITEM, INVOICE_ITEM, AccountItems
from soapsvc.runs.sinks.csv_text import csv_cell, csv_cells
from soapsvc.wire import decimal_text, decimal_texts, first_day, last_day

_NO_MEMO_ITEM = "," * 9


class CsvLines(AccountItems[str]):
    """The lines of an account's items; `charge_date` is the run's instant as text."""

    def __init__(self, result: PreviewResult, seed: str, charge_date: str, *, credit_memos: bool) -> None:
        super().__init__(result, seed, csv_cell)
        (self._account,) = csv_cells((result.account_id,))
        self._charge_date = charge_date
        self._credit_memos = credit_memos
        self._invoice_end = f",{INVOICE_ITEM}{_NO_MEMO_ITEM}\n" if credit_memos else "\n"

    def invoice_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[str]:
        charge_id, subscription_id, processing, unit, kind, subscription, charge = self._constant(series.facts)
        before = f"{self._account},{charge_id},"
        processed = f",{processing},"
        charged = f",{self._charge_date},"
        subscribed = f",{subscription_id},"
        after = f",{unit},{kind},{subscription},{charge}{self._invoice_end}"
        quantities = series.quantities
        rests: Iterable[str]
        if applied is None and quantities.count(quantities[0]) == len(quantities):
            rests = repeat(f"{subscribed},{decimal_text(quantities[0])}{after}")
        else:
            varying = zip(applied or repeat(""), decimal_texts(quantities), strict=False)
            rests = [f"{subscribed}{reduced},{quantity}{after}" for reduced, quantity in varying]
        return [
            f"{before}{amount}{processed}{start},{end}{charged}{item_id}{rest}"
            for amount, start, end, item_id, rest in zip(
                decimal_texts(series.amounts),
                map(first_day, series.starts),
                map(last_day, series.ends),
                ids,
                rests,
                strict=False,
            )
        ]

    def _constant(self, facts: ItemFacts) -> Sequence[str]:
        """The cells that all items of a series share, in the order of invoice items' columns."""
        return csv_cells(
            (
                *self.own_ids(facts),
                facts.processing_type,
                facts.unit_of_measure,
                facts.charge_type,
                facts.subscription_number,
                facts.charge_number,
            )
        )

    def memo_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[str]:
        """Lines whose amounts include tax, as in the vendor's REST answer."""
        facts = series.facts
        charge_id, subscription_id, processing, unit, kind, subscription, charge = self._constant(facts)
        before = f"{self._account},{charge_id},,{processing},,,{self._charge_date},,{subscription_id},"
        subscribed = f",,,{kind},{subscription},{charge}"
        references = applied or [""] * len(series)
        if not self._credit_memos:
            return [f"{before}{reduced}{subscribed}\n" for reduced in references]
        described = f",{csv_cell(facts.charge_description)},{csv_cell(facts.product_sku)},"
        return [
            f"{before}{reduced}{subscribed},{CREDIT_MEMO_ITEM},{item_id},{amount}{described}{name},{start},{end},"
            f"{quantity},{unit}\n"
            for reduced, item_id, amount, name, start, end, quantity in zip(
                references,
                ids,
                decimal_texts(series.gross()),
                repeat(csv_cell(facts.charge_name)) if series.names is None else map(csv_cell, series.names),
                map(first_day, series.starts),
                map(last_day, series.ends),
                decimal_texts(series.quantities),
                strict=False,
            )
        ]
