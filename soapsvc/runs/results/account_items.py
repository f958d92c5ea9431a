"""The items of an account in the order of every result, with made-up ids where an item has none.

Made-up ids (of items, and of what exists only by an assumed renewal) derive from the run's seed and the account: a part
of a run that is computed again after a crash, or on another machine, gives the same results to the last byte.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Generic, TypeVar

from soapsvc.engine.documents import draft_series
from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.wire import ID_BYTES

Line = TypeVar("Line")

_COUNTED = 8
_NUMBERS = [f"{number:0{_COUNTED}x}" for number in range(4096)]
"""The last digits of made-up ids: 96 bits distinguish accounts, these digits the objects of one account."""
INVOICE_ITEM = "InvoiceItem"
CREDIT_MEMO_ITEM = "CreditMemoItem"


class MadeUpIds(dict[str, str]):
    """Made-up ids: for items, and for objects that exist only by an assumed renewal."""

    def __init__(self, seed: str, account_id: str) -> None:
        super().__init__()
        digest = blake2b(f"{seed}\0{account_id}\0".encode(), digest_size=ID_BYTES)
        self._start = digest.hexdigest()[:-_COUNTED]
        self._taken = 0

    def __missing__(self, own: str) -> str:
        (shown,) = self.take(1)
        self[own] = shown
        return shown

    def take(self, count: int) -> list[str]:
        """The next ids. Those of one account differ only in the last digits, so that files compress well."""
        first, self._taken = self._taken, self._taken + count
        start = self._start
        if self._taken > len(_NUMBERS):
            return [f"{start}{number:0{_COUNTED}x}" for number in range(first, self._taken)]
        return [start + number for number in _NUMBERS[first : self._taken]]


class AccountItems(ABC, Generic[Line]):
    """An account's items, each as a `Line`: invoice items first, then credit memo items; existing drafts follow each.

    `text` writes the id of a draft's item.
    """

    def __init__(self, result: PreviewResult, seed: str, text: Callable[[str], str] = str) -> None:
        self._result = result
        self._text = text
        self._ids = MadeUpIds(seed, result.account_id)

    @abstractmethod
    def invoice_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[Line]:
        """A line for each invoice item of a series; `applied` are the ids of the items that a discount reduces."""

    @abstractmethod
    def memo_items(self, series: Series, ids: Sequence[str], applied: Sequence[str] | None) -> Sequence[Line]:
        """A line for each credit memo item of a series."""

    def own_ids(self, facts: ItemFacts) -> tuple[str, str]:
        """The ids of charge and subscription; made up where an assumed renewal makes them, as they do not exist."""
        charge_id, subscription_id = facts.rate_plan_charge_id, facts.subscription_id
        return (self._ids[charge_id], self._ids[subscription_id]) if facts.transient else (charge_id, subscription_id)

    def __iter__(self) -> Iterator[Sequence[Line]]:
        """The lines of all charges, one charge after another."""
        result = self._result
        for block in result.blocks:
            yield self._block(block, self.invoice_items)
        if result.draft_items:
            yield self._drafts("invoice", self.invoice_items)
        for block in result.credit_memo_blocks:
            yield self._block(block, self.memo_items)
        if result.draft_items:
            yield self._drafts("creditMemo", self.memo_items)

    def _block(self, block: Block, lines_of: _LinesOf[Line]) -> Sequence[Line]:
        """The lines of a charge, each item followed by the discounts on it."""
        ids = self._ids.take(len(block.series))
        charges = lines_of(block.series, ids, None)
        if not block.discounts:
            return charges
        groups = [[charge] for charge in charges]
        for discount in block.discounts:
            reduced = discount.applied_to or ()
            lines = lines_of(discount, self._ids.take(len(discount)), [ids[index] for index in reduced])
            for index, line in zip(reduced, lines, strict=True):
                groups[index].append(line)
        return list(chain.from_iterable(groups))

    def _drafts(self, document_type: str, lines_of: _LinesOf[Line]) -> Sequence[Line]:
        """The lines of existing draft documents' items, under their own ids."""
        return [
            line
            for draft in self._result.draft_items
            if draft.document_type == document_type
            for line in lines_of(
                draft_series(draft),
                [self._text(draft.id)],
                [self._text(draft.applied_to_item_id)] if draft.applied_to_item_id else None,
            )
        ]


_LinesOf = Callable[[Series, Sequence[str], Sequence[str] | None], Sequence[Line]]
