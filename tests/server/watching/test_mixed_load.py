"""The metrics of two workers are what a client counted by itself, runs and Quickstart previews in the mix.

calls      ----- hold ----- hold -----
worker 1   --------X  9 8 7 ...          killed: what it counted stays, its successor goes on
worker 2   --------------------X
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tests.server.watching.mixed_load import CALLS, MixedLoad, drawn, generated, of_calls
from tests.server.watching.watched import kill_a_worker, scraped
from tests.support.server import serving

ACCOUNTS, THREADS, KILLS, SECONDS = 60, 2, 2, 1.0


def test_counts_are_the_clients_own_after_mixed_load_and_dead_workers(tmp_path: Path) -> None:
    database, accounts = generated(tmp_path, ACCOUNTS)
    options = ("--database", database, "--results", str(tmp_path / "results"), "--workers", "2", "--run-workers", "1")
    with serving(tmp_path / "log", *options) as server:
        load, over = MixedLoad(server.url, accounts), threading.Event()
        load.soap_login(drawn(0))
        load.wrong_login()
        for kind in load.kinds():
            kind(drawn(0))
        load.run()
        threads = [threading.Thread(target=load.repeat, args=(over.is_set, drawn(seed))) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(SECONDS)
            with load.held():
                kill_a_worker(server)
        time.sleep(SECONDS)
        over.set()
        for thread in threads:
            thread.join()
        load.run()
        end = time.monotonic() + 20
        while (found := of_calls(scraped(server))) != load.seen and time.monotonic() < end:
            time.sleep(0.1)
        assert found == load.seen
        assert load.broken == 0
        assert load.seen["soapsvc_run_accounts_total",] == 2 * ACCOUNTS
        assert load.seen[CALLS, "async /async_requests", "ok", "rest"] > 0
