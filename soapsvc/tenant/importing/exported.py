"""The documents made from exports, in addition to JSON documents. JSON wins, because it has more fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Column, select

from soapsvc.scratch import ScratchFolder
from soapsvc.tenant.exports import joined
from soapsvc.tenant.importing.work import Import
from soapsvc.tenant.reading import ImportProblem, Source
from soapsvc.tenant.tables import ACCOUNTS, DRAFTS, PRODUCTS, SUBSCRIPTIONS, USAGE

T = TypeVar("T")

EXPORTS = "exports"
"""The folder of a tenant directory with the vendor's CSV exports."""

_IDS: Mapping[str, Column[str]] = {
    "accounts": ACCOUNTS.c.id,
    "subscriptions": SUBSCRIPTIONS.c.id,
    "usage": USAGE.c.key,
    "catalog": PRODUCTS.c.id,
    "drafts": DRAFTS.c.id,
}


@contextmanager
def export_files(folder: Path, report: Callable[[ImportProblem], None]) -> Iterator[Mapping[str, Path]]:
    """A file of documents for each kind that a tenant directory's exports have, for as long as the context lasts."""
    if not (folder / EXPORTS).is_dir():
        yield {}
        return
    with ScratchFolder("exports-") as into:
        yield joined(folder / EXPORTS, into, report)


def not_gathered(work: Import, kind: str, records: Sequence[tuple[Source, T]]) -> list[tuple[Source, T]]:
    """Those records whose documents this import does not have yet."""
    column = _IDS[kind]
    prefix = "id " if kind == "usage" else ""
    ids = [f"{prefix}{source.document().get('id')}" for source, _ in records]
    there = set(work.stage.execute(select(column).where(column.in_(set(ids)))).scalars())
    return [record for record, key in zip(records, ids, strict=True) if key not in there]
