"""Writes the documents of an export where the import reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from soapsvc.tenant.exports import documents
from soapsvc.tenant.exports.rows import Report, Rows
from soapsvc.tenant.reading import ImportProblem

_KINDS: Mapping[str, tuple[str, Callable[[Rows], Iterable[Mapping[str, object]]]]] = {
    "accounts": ("Account", documents.accounts),
    "subscriptions": ("Subscription", documents.subscriptions),
    "usage": ("Usage", documents.usage),
    "catalog": ("Product", documents.products),
    "drafts": ("Invoice", documents.drafts),
}


def joined(folder: Path, into: Path, report: Report) -> Mapping[str, Path]:
    """One file of documents for each kind of them that the exports in `folder` have, by the kind's folder.

    Unreadable files and values are reported. `into` is a folder of the caller.
    """
    rows = Rows.read(folder, folder.name, report)
    files: dict[str, Path] = {}
    try:
        for kind, (own, read) in _KINDS.items():
            path = into / f"{own}.jsonl"
            with path.open("wb") as handle:
                for document in read(rows):
                    handle.write(msgspec.json.encode(document) + b"\n")
            if path.stat().st_size:
                files[kind] = path
    except ValueError as error:
        report(ImportProblem(folder.name, "", f"has a version that is not a number ({error})"))
    finally:
        rows.close()
    return files
