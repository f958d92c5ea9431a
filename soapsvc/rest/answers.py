"""A preview as a JSON answer, in pieces: the frame around the items is the same on every surface, only names differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from soapsvc.engine.model import DraftItem
from soapsvc.engine.result import Block, Note, PreviewResult
from soapsvc.rest.rows import EXPLANATION, Answer, Layout, block_items, draft_item, quoted

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Surface:
    """How one REST surface names and writes the parts of a preview."""

    account_id: str
    invoice_items: str
    credit_memo_items: str
    invoice_item: Layout
    credit_memo_item: Layout
    charge_date: Callable[[datetime], str]
    closing: str
    """What ends an answer, from its last comma to its last brace."""

    def explained(self) -> Surface:
        """The same surface with an explanation at the end of each item."""
        explanation = (("explanation", EXPLANATION),)
        return Surface(
            self.account_id,
            self.invoice_items,
            self.credit_memo_items,
            (*self.invoice_item, *explanation),
            (*self.credit_memo_item, *explanation),
            self.charge_date,
            self.closing,
        )


def preview_answer(surface: Surface, result: PreviewResult, *, notes: bool = False) -> Iterator[str]:
    """The answer to a preview that succeeded, in pieces of about one charge each.

    Credit memo items are there exactly under Invoice Settlement. `notes` adds why something is absent or approximate.
    """
    answer = Answer(surface.charge_date(result.as_of))
    yield f'{{"{surface.account_id}":{quoted(result.account_id)},"{surface.invoice_items}":['
    yield from _separated(_items(surface.invoice_item, result.blocks, drafts(result, "invoice"), answer))
    if result.invoice_settlement:
        yield f'],"{surface.credit_memo_items}":['
        memo_drafts = drafts(result, "creditMemo")
        yield from _separated(_items(surface.credit_memo_item, result.credit_memo_blocks, memo_drafts, answer))
    yield "]"
    if notes:
        yield f',"notes":{notes_json(result.notes)}'
    yield surface.closing


def drafts(result: PreviewResult, document_type: str) -> Iterator[DraftItem]:
    """The items of existing draft documents of one type: `invoice` or `creditMemo`."""
    return (draft for draft in result.draft_items if draft.document_type == document_type)


def notes_json(notes: Iterable[Note]) -> str:
    """Notes as a JSON array."""
    return msgspec.json.encode([_note(note) for note in notes]).decode()


def chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The pieces as bytes, joined to chunks of about 64 KiB, so that memory does not grow with the answer."""
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield "".join(waiting).encode()
            waiting.clear()
            size = 0
    if waiting:
        yield "".join(waiting).encode()


def _items(layout: Layout, blocks: Iterable[Block], extra: Iterable[DraftItem], answer: Answer) -> Iterator[str]:
    """The items of each charge, then those of drafts, joined by commas."""
    for block in blocks:
        yield ",".join(block_items(layout, block, answer))
    for draft in extra:
        yield draft_item(layout, draft, answer)


def _separated(groups: Iterable[str]) -> Iterator[str]:
    """The groups that hold anything, with commas between them."""
    separator = ""
    for group in groups:
        if group:
            yield f"{separator}{group}"
            separator = ","


def _note(note: Note) -> dict[str, str | None]:
    return {
        "kind": note.kind,
        "code": note.code,
        "message": note.message,
        "subscriptionNumber": note.subscription_number,
        "chargeNumber": note.charge_number,
    }
