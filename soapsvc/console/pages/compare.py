"""Two runs compared: sums by currency, cause and charge, as charts and tables, the largest changes first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

from soapsvc.console.frame import Answer, Refused, Visit, attachment
from soapsvc.console.pages.run import visible
from soapsvc.console.pictures.changes import change_chart
from soapsvc.figures.changes import Change, Sums, changes, largest_sums
from soapsvc.figures.run_rows import NoRows, accounts_of, run_rows
from soapsvc.figures.workbooks import write_diff_book
from soapsvc.runs import Run, RunRefused

MOST_ITEMS = 200_000
"""The most items of both runs together: more would take minutes, too long for a page."""
_MOST_CHARGES = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Pair:
    old: Run
    new: Run

    def changes(self, visit: Visit) -> Iterator[Change]:
        """All changes. Raises Refused if the items of a run cannot be read."""
        store, results = visit.store, visit.services.results
        try:
            old, new = (run_rows(store, run, results) for run in (self.old, self.new))
            yield from changes(old, new, accounts_of(store, self.new.state))
        except (NoRows, RunRefused) as refused:
            raise Refused(HTTPStatus.CONFLICT, str(refused)) from refused


def show(visit: Visit) -> Answer:
    """The differences of the run `new` from the run `old`."""
    pair, sums = _pair(visit), Sums()
    for _ in sums.watch(pair.changes(visit)):
        pass
    return visit.page(
        "compare.html",
        {
            "old": pair.old,
            "new": pair.new,
            "sums": sums,
            "charges": largest_sums(sums.by_charge, _MOST_CHARGES),
            "causes": largest_sums(sums.by_cause, len(sums.by_cause)),
            "types": largest_sums(sums.by_type, len(sums.by_type)),
            "charts": [(currency, change_chart(currency, sums, visit.reader)) for currency in sums.by_currency],
        },
    )


def file(visit: Visit) -> Answer:
    """The comparison as a workbook."""
    pair = _pair(visit)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the answer's last piece
    write_diff_book(target, pair.changes(visit))
    name = f"{pair.old.number}-{pair.new.number}.xlsx"
    return Answer(pieces(target), media_type=XLSX, headers=attachment(name))


def pieces(source: BinaryIO) -> Iterator[bytes]:
    """The content of a file, from its beginning; the file is closed with the iterator."""
    with source:
        source.seek(0)
        while piece := source.read(_PIECE):
            yield piece


def _pair(visit: Visit) -> _Pair:
    pair = _Pair(visible(visit, visit.first("old")), visible(visit, visit.first("new")))
    if pair.old.items + pair.new.items > MOST_ITEMS:
        command = f"soapsvc run diff {pair.old.number} {pair.new.number} --database URL"
        message = f"These runs have more than {MOST_ITEMS} items together. Compare them with: {command}"
        raise Refused(HTTPStatus.CONFLICT, message)
    return pair
