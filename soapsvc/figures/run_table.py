"""A run as a table with everything a reader needs: names, account number, currency, tax, and why nothing is billed.

A run's result has none of these columns. So its accounts are previewed again as in the run: with its state of the
tenant, its instant and its request.
"""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewResult
from soapsvc.figures.lines import preview_lines
from soapsvc.figures.table import COLUMNS, row, text_of
from soapsvc.runs import Run
from soapsvc.runs.planning import selection_of, state_of
from soapsvc.runs.sinks import csv_line, formula_safe
from soapsvc.tenant import Store
from soapsvc.tenant.database import batched

_AT_ONCE = 200
_FACTS = ("Account ID", "Account Number", "Account Name", "Currency")
_EMPTY = ("",) * (len(COLUMNS) - len(_FACTS) - 1)


def run_table(store: Store, run: Run) -> Iterator[str]:
    """The lines of a CSV file, its head first, account by account in the order of ids.

    An account without items has one line, with the reasons or the errors and no amount.
    """
    yield csv_line(COLUMNS)
    request, state = run.request.preview_request(), state_of(store, run)
    as_of = run.as_of.astimezone(store.settings_at(state).zone)
    for ids in batched(store.account_ids(selection_of(run.request), state=state), _AT_ONCE):
        for account in store.accounts_once(ids, state):
            if run.request.covers(account):
                yield from _lines(account, preview(account, request, as_of))


def _lines(account: Account, result: PreviewResult) -> Iterator[str]:
    lines = [] if result.errors else preview_lines(account, result)
    for line in lines:
        yield csv_line([text_of(cell) for cell in row(account, line, result.notes)])
    if not lines:
        told = [f"{each.code}: {each.message}" for each in (result.errors or result.notes)]
        facts = (account.id, account.account_number, account.name, account.currency)
        yield csv_line([formula_safe(each or "") for each in (*facts, *_EMPTY, "; ".join(told))])
