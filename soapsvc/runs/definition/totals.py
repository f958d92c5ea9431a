"""The totals of a run by currency: summed while its parts are computed, so its rows need not be read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from soapsvc.engine.result import PreviewResult

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Totals(defaultdict[str, Decimal]):
    """Sums by currency of the result's amounts: invoice items without tax, less credit memo items with tax."""

    def __init__(self) -> None:
        super().__init__(Decimal)

    def add_result(self, result: PreviewResult) -> None:
        """Add all items of a preview, drafts included."""
        for block in result.blocks:
            currency = result.currency_of(block.series.facts.subscription_number)
            self[currency] += sum(map(sum, (each.amounts for each in (block.series, *block.discounts))), Decimal())
        for block in result.credit_memo_blocks:
            currency = result.currency_of(block.series.facts.subscription_number)
            self[currency] -= sum(map(sum, (each.gross() for each in (block.series, *block.discounts))), Decimal())
        for draft in result.draft_items:
            currency = result.currency_of(draft.subscription_number)
            memo = draft.document_type == "creditMemo"
            self[currency] += -(draft.amount + draft.tax_amount) if memo else draft.amount

    def as_text(self) -> str:
        """The sums as the database stores them."""
        return _encode({currency: str(amount) for currency, amount in sorted(self.items())}).decode()


def totals_of(text: str | None) -> Mapping[str, Decimal]:
    """The sums that `as_text` wrote; none for None."""
    return {currency: Decimal(amount) for currency, amount in _decode(text).items()} if text else {}


def joined(texts: Iterable[str | None]) -> str:
    """The sums of several parts added up."""
    whole = Totals()
    for text in texts:
        for currency, amount in totals_of(text).items():
            whole[currency] += amount
    return whole.as_text()
