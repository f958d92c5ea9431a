"""The products of a catalogue, gathered unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import delete, select

from soapsvc.tenant.importing.work import Import, Row
from soapsvc.tenant.reading import Document, Source, derived_id, each, first, mapping, optional, parse_json
from soapsvc.tenant.tables import PRODUCTS, packed_terms

_PLANS = "productRatePlans"
_encode = msgspec.json.Encoder(decimal_format="number").encode


def put_products(work: Import, products: Sequence[tuple[Source, Document]]) -> None:
    """Gather products. Several documents with parts of a product's rate plans make one product."""
    found: dict[str, tuple[Source, Document, bytes]] = {}
    for source, document in products:
        key = first(document, "id") or derived_id("product", source.file, str(source.position))
        if (known := found.get(key)) is None:
            found[key] = (source, document, bytes(source.raw))
        else:
            found[key] = (known[0], *_joined(known[1], document))
    rows: list[tuple[Source, Row]] = []
    earlier = _gathered(work, list(found))
    for key, (source, document, raw) in found.items():
        if (before := earlier.get(key)) is None:
            row: Row = {"id": key, "position": source.position, "document": raw}
            rows.append((source, {**row, "terms": packed_terms(PRODUCTS, row, document)}))
        else:
            both, joined = _joined(mapping(parse_json(before["document"])), document)
            row = {**before, "document": joined, "terms": packed_terms(PRODUCTS, before, both)}
            rows.append((replace(source, file=before["source"]), row))
    work.counts["products"] += work.put(PRODUCTS, "product", rows)


def _gathered(work: Import, ids: Sequence[str]) -> dict[str, Row]:
    """The products that an earlier batch has gathered; they are taken out, to be gathered again with the new part."""
    columns = PRODUCTS.c
    wanted = select(columns.id, columns.position, columns.document, columns.source).where(columns.id.in_(ids))
    rows = {row.id: row._asdict() for row in work.stage.execute(wanted)}
    if rows:
        work.stage.execute(delete(PRODUCTS).where(columns.id.in_(rows)))
        work.counts["products"] -= len(rows)
    return rows


def _joined(one: Document, other: Document) -> tuple[Document, bytes]:
    plans = [plan for document in (one, other) for plan in optional(document, _PLANS, each(mapping)) or ()]
    both = {**other, **one, _PLANS: plans}
    return both, _encode(both)
