"""A preview as a JSON answer, in pieces. The frame around the items is the same on every surface; only names differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from soapsvc.engine.account import DraftItem
from soapsvc.engine.documents import UpcomingInvoice
from soapsvc.engine.result import Block, Note, PreviewResult
from soapsvc.rest.previews.item_rows import EXPLANATION, Answer, Layout, block_items, draft_item, quoted
from soapsvc.wire import decimal_text

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Surface:
    """How one REST surface writes a preview; `spell` turns a v1 name into the surface's, `closing` ends an answer."""

    invoice_item: Layout
    credit_memo_item: Layout
    charge_date: Callable[[datetime], str]
    closing: str
    spell: Callable[[str], str] = str

    def explained(self) -> Surface:
        """The same surface with an explanation at the end of each item."""
        explanation = (("explanation", EXPLANATION),)
        return replace(
            self,
            invoice_item=(*self.invoice_item, *explanation),
            credit_memo_item=(*self.credit_memo_item, *explanation),
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """A successful preview, with its items grouped by invoice where the request asks for that.

    `notes` is None where the request does not ask for notes.
    """

    result: PreviewResult
    notes: tuple[Note, ...] | None = None
    invoices: list[UpcomingInvoice] | None = None
    credit_memos: list[UpcomingInvoice] | None = None


def preview_answer(surface: Surface, preview: Preview) -> Iterator[str]:
    """The answer to a preview, in pieces of about one charge each; with credit memos only under Invoice Settlement."""
    key, result = surface.spell, preview.result
    writer = _Writer(surface, Answer(surface.charge_date(result.as_of)))
    yield f'{{"{key("accountId")}":{quoted(result.account_id)}'
    if preview.invoices is None:
        yield from writer.array("invoiceItems", writer.all_items(result, "invoice"))
        if result.invoice_settlement:
            yield from writer.array("creditMemoItems", writer.all_items(result, "creditMemo"))
    else:
        yield from writer.array("invoices", writer.documents(preview.invoices, "invoice"))
        if result.invoice_settlement:
            yield from writer.array("creditMemos", writer.documents(preview.credit_memos or (), "creditMemo"))
        for kind in ("invoice", "creditMemo"):
            if drafts := list(writer.drafts(result, kind)):
                yield from writer.array(f"draft{kind[0].upper()}{kind[1:]}Items", drafts)
    if preview.notes is not None:
        yield f',"notes":{notes_json(surface, preview.notes)}'
    yield surface.closing


def preview_lines(surface: Surface, preview: Preview) -> Iterator[str]:
    """The answer as NDJSON: a line for each item, or invoice, and a last line that says that the answer is complete."""
    key, result = surface.spell, preview.result
    writer = _Writer(surface, Answer(surface.charge_date(result.as_of)))
    counts = {}
    for kind in ("invoice", "creditMemo") if result.invoice_settlement else ("invoice",):
        name, lines = writer.lines(preview, kind)
        counts[key(f"{name}s")] = 0
        for line in lines:
            counts[key(f"{name}s")] += 1
            yield f'{{"{key(name)}":{line}}}\n'
    told = "".join(f',"{name}":{count}' for name, count in counts.items())
    notes = "" if preview.notes is None else f',"notes":{notes_json(surface, preview.notes)}'
    yield f'{{"end":{{"{key("accountId")}":{quoted(result.account_id)}{told}{notes},"success":true}}}}\n'


def notes_json(surface: Surface, notes: Iterable[Note]) -> str:
    """Notes as a JSON array."""
    return msgspec.json.encode([_note(surface, note) for note in notes]).decode()


def chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The pieces as bytes, joined into chunks of about 64 KiB, so that memory does not grow with the answer."""
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


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the parts of one answer. `kind` is `invoice` or `creditMemo`."""

    surface: Surface
    answer: Answer

    def array(self, name: str, groups: Iterable[str]) -> Iterator[str]:
        """A key with an array of the values of all groups; a group is one or more values with commas between them."""
        yield f',"{self.surface.spell(name)}":['
        separator = ""
        for group in groups:
            if group:
                yield f"{separator}{group}"
                separator = ","
        yield "]"

    def all_items(self, result: PreviewResult, kind: str) -> Iterator[str]:
        """The items of each charge, then those of drafts."""
        blocks = result.blocks if kind == "invoice" else result.credit_memo_blocks
        yield from (",".join(self.items(block, kind)) for block in blocks)
        yield from self.drafts(result, kind)

    def items(self, block: Block, kind: str) -> Iterable[str]:
        """The items of one charge."""
        return block_items(self._layout(kind), block, self.answer)

    def drafts(self, result: PreviewResult, kind: str) -> Iterator[str]:
        """The items of existing draft documents."""
        drafts: Iterable[DraftItem] = result.draft_items
        return (draft_item(self._layout(kind), each, self.answer) for each in drafts if each.document_type == kind)

    def documents(self, documents: Iterable[UpcomingInvoice], kind: str) -> Iterator[str]:
        """Each invoice or credit memo with its date, totals and items."""
        key = self.surface.spell
        for document in documents:
            total = document.amount + document.tax_amount
            items = ",".join(item for block in document.blocks for item in self.items(block, kind))
            yield (
                f'{{"{key(f"{kind}Date")}":"{document.day}","group":{quoted(document.group)},'
                f'"currency":{quoted(document.currency)},'
                f'"amount":{decimal_text(document.amount)},"{key("taxAmount")}":{decimal_text(document.tax_amount)},'
                f'"{key("totalAmount")}":{decimal_text(total)},"{key(f"{kind}Items")}":[{items}]}}'
            )

    def lines(self, preview: Preview, kind: str) -> tuple[str, Iterator[str]]:
        """The kind of each line of an NDJSON answer, and its JSON."""
        if preview.invoices is not None:
            documents = preview.invoices if kind == "invoice" else preview.credit_memos or ()
            return kind, self.documents(documents, kind)
        result = preview.result
        blocks = result.blocks if kind == "invoice" else result.credit_memo_blocks
        items = (item for block in blocks for item in self.items(block, kind))
        return f"{kind}Item", (line for lines in (items, self.drafts(result, kind)) for line in lines)

    def _layout(self, kind: str) -> Layout:
        return self.surface.invoice_item if kind == "invoice" else self.surface.credit_memo_item


def _note(surface: Surface, note: Note) -> dict[str, str | None]:
    return {
        "kind": note.kind,
        "code": note.code,
        "message": note.message,
        surface.spell("subscriptionNumber"): note.subscription_number,
        surface.spell("chargeNumber"): note.charge_number,
    }
