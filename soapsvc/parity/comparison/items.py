"""Our preview as items in the form of a recording, so that both can be paired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from soapsvc.engine.account import ZERO, DraftItem
from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.engine.trace import Trace
from soapsvc.parity.recording import CREDIT_MEMO, INVOICE, Item, Names

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OurItems:
    """The items of our preview; `traces` explains the amount of each, if that was requested."""

    items: tuple[Item, ...]
    traces: tuple[Trace | None, ...] = ()


def our_items(result: PreviewResult, names: Names = Names.KEPT) -> OurItems:
    """All items of a preview with the drafts, names as the recording shows them."""
    shown = lru_cache(maxsize=None)(names.shown) if names.hashed else str
    found: list[tuple[Item, Trace | None]] = []
    for document, blocks in ((INVOICE, result.blocks), (CREDIT_MEMO, result.credit_memo_blocks)):
        found += [pair for block in blocks for pair in _of_block(block, document, shown)]
    found += [(_draft(draft, shown), None) for draft in result.draft_items]
    return OurItems(tuple(item for item, _ in found), tuple(trace for _, trace in found))


def _of_block(block: Block, document: str, shown: Callable[[str], str]) -> Iterator[tuple[Item, Trace | None]]:
    for series in (block.series, *block.discounts):
        traces: Iterable[Trace | None] = series.traces if series.traces is not None else [None] * len(series)
        yield from zip(_of_series(series, series.facts, document, shown), traces, strict=True)


def _of_series(series: Series, facts: ItemFacts, document: str, shown: Callable[[str], str]) -> Iterator[Item]:
    name = shown(facts.charge_name)
    for index, start in enumerate(series.starts):
        yield Item(
            document,
            facts.subscription_number,
            facts.charge_number,
            start,
            series.ends[index],
            series.amounts[index],
            series.taxes[index] if series.taxes is not None else ZERO,
            series.quantities[index],
            name if series.names is None else shown(series.names[index]),
            facts.charge_type,
            facts.processing_type,
            facts.unit_of_measure,
            series.deliveries[index] if series.deliveries is not None else 0,
            facts.charge_id,
        )


def _draft(draft: DraftItem, shown: Callable[[str], str]) -> Item:
    return Item(
        draft.document_type,
        draft.subscription_number,
        draft.charge_number,
        draft.service_start_date,
        draft.service_end_date + _DAY,
        draft.amount,
        draft.tax_amount,
        draft.quantity,
        shown(draft.charge_name),
        draft.charge_type,
        draft.processing_type,
        draft.unit_of_measure,
        0,
        draft.charge_id,
    )
