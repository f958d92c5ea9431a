"""What an account of a run costs, step by step: `python -m bench.account_costs DATABASE`, in µs of a processor.

The accounts are previewed as a worker of a run does it, in one process without other work. Prints JSON; the keys are
the steps. Runs under another build as well (`bench.against`).
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from bench.runs import AS_OF, REQUEST
from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.runs.definition import Totals
from soapsvc.runs.sinks import CsvLines, open_table
from soapsvc.runs.storage import open_folder
from soapsvc.tenant import Store
from soapsvc.wire import instant_text

_ACCOUNTS, _AT_ONCE = 2_000, 100
_CHARGE_DATE = instant_text(AS_OF)


def costs(url: str) -> dict[str, float]:
    """Processor time of each step in µs an account, after a first chunk that fills the caches."""
    store, spent, request = Store.open(url), Counter[str](), REQUEST.preview_request()
    ids = list(islice(store.account_ids(), _ACCOUNTS + _AT_ONCE))
    accounts = _accounts(store, ids, spent)
    with tempfile.TemporaryDirectory() as folder, open_table(open_folder(folder), "part") as table:
        for number, account in enumerate(accounts):
            if number == _AT_ONCE:
                spent.clear()
            began = time.thread_time_ns()
            result = preview(account, request, AS_OF)
            previewed = time.thread_time_ns()
            lines = list(CsvLines(result, "bench", _CHARGE_DATE, credit_memos=False))
            written = time.thread_time_ns()
            for each in lines:
                table.write(each)
            deflated = time.thread_time_ns()
            Totals().add_result(result)
            summed = time.thread_time_ns()
            spent.update(
                {
                    "engine": previewed - began,
                    "lines of the CSV file": written - previewed,
                    "deflating them": deflated - written,
                    "sums by currency": summed - deflated,
                }
            )
    store.close()
    return {step: nanoseconds / 1000 / (len(ids) - _AT_ONCE) for step, nanoseconds in spent.items()}


def _accounts(store: Store, ids: list[str], spent: Counter[str]) -> Iterator[Account]:
    """The accounts in chunks, as a part reads them."""
    for start in range(0, len(ids), _AT_ONCE):
        chunk = store.accounts_once(ids[start : start + _AT_ONCE], store.current()[0])
        while True:
            began = time.thread_time_ns()
            account = next(chunk, None)
            spent["reading and unpacking"] += time.thread_time_ns() - began
            if account is None:
                break
            yield account


if __name__ == "__main__":
    gc.freeze()  # as a worker of a run does
    gc.set_threshold(20_000, 10, 10)
    print(json.dumps(costs(sys.argv[1])))
