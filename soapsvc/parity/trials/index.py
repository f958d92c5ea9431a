"""The loss of a preview against their answer, computed fast: a fit tries thousands of previews.

`comparison` pairs items and lists differences; this module only counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import repeat
from typing import NamedTuple

from soapsvc.engine.account import ZERO
from soapsvc.engine.result import PreviewResult, Series
from soapsvc.parity.recording import CREDIT_MEMO, INVOICE, Item, Names


class Loss(NamedTuple):
    """The distance from agreement: the number of differing items, and the money by which charges differ."""

    items: int
    money: Decimal


NO_LOSS = Loss(0, ZERO)
_TOLD = ("tax", "quantity", "charge_name", "charge_type", "unit", "deliveries")


def total(losses: Sequence[Loss]) -> Loss:
    """The sum of some losses."""
    return Loss(sum(each.items for each in losses), sum((each.money for each in losses), ZERO))


class Index:
    """Their items by all their fields. `tells_alike`: all of them have the same fields."""

    def __init__(self, items: Sequence[Item], names: Names) -> None:
        self.told = [name for name in _TOLD if items and all(getattr(item, name) is not None for item in items)]
        self.tells_alike = all(getattr(item, name) is None for name in _TOLD if name not in self.told for item in items)
        self._shown: Callable[[str], str] = cache(names.shown) if names.hashed else str
        self._with_tax = "tax" in self.told
        self._theirs = Counter(self._key(item) for item in items)
        self._money: dict[str, Decimal] = {}
        for item in items:
            amount = item.gross if self._with_tax else item.amount
            self._money[item.charge_number] = self._money.get(item.charge_number, ZERO) + amount

    def _key(self, item: Item) -> Hashable:
        return (
            item.document,
            item.subscription_number,
            item.charge_number,
            item.processing_type,
            item.start,
            item.end,
            item.amount,
            *(getattr(item, name) for name in self.told),
        )

    def loss(self, result: PreviewResult) -> Loss:
        """The loss of a preview, without errors and drafts, against their items."""
        ours: Counter[Hashable] = Counter()
        money: dict[str, Decimal] = {}
        for document, blocks in ((INVOICE, result.blocks), (CREDIT_MEMO, result.credit_memo_blocks)):
            for block in blocks:
                for series in (block.series, *block.discounts):
                    ours.update(self._keys(series, document))
                    amounts = series.gross() if self._with_tax else series.amounts
                    number = series.facts.charge_number
                    money[number] = sum(amounts, money.get(number, ZERO))
        if ours == self._theirs:
            return NO_LOSS
        missing, extra = self._theirs - ours, ours - self._theirs
        apart = sum(
            (
                abs(money.get(number, ZERO) - self._money.get(number, ZERO))
                for number in money.keys() | self._money.keys()
            ),
            ZERO,
        )
        return Loss(max(missing.total(), extra.total()), apart)

    def _keys(self, series: Series, document: str) -> Iterator[Hashable]:
        facts = series.facts
        constant = (document, facts.subscription_number, facts.charge_number, facts.processing_type)
        columns = zip(
            series.starts,
            series.ends,
            series.amounts,
            *(self._column(series, name) for name in self.told),
            strict=False,
        )
        return ((*constant, *row) for row in columns)

    def _column(self, series: Series, name: str) -> Sequence[object] | Iterator[object]:
        facts = series.facts
        match name:
            case "tax":
                return series.taxes if series.taxes is not None else repeat(ZERO)
            case "quantity":
                return series.quantities
            case "charge_name":
                named = series.names
                return (
                    repeat(self._shown(facts.charge_name)) if named is None else [self._shown(each) for each in named]
                )
            case "charge_type":
                return repeat(facts.charge_type)
            case "unit":
                return repeat(facts.unit_of_measure)
            case _:
                return series.deliveries if series.deliveries is not None else repeat(0)
