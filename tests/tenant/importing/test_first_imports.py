"""Two imports at once into a database that is still empty: both are done, one after the other."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

from sqlalchemy import event

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import ImportReport, Store, import_tenant


def test_the_second_first_import_waits_for_the_first(database: str) -> None:
    """
    first   begins ── writes ─────────────────── commits
    second              begins ── waits ···················· writes ── commits
    """
    stores = [Store.open(database) for _ in range(2)]
    second_writes = threading.Event()

    @event.listens_for(stores[1]._engine, "before_cursor_execute")
    def _watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT"):
            second_writes.set()

    def second() -> ImportReport:
        return import_tenant(stores[1], fixtures_dir())

    started = []
    with ThreadPoolExecutor(1) as threads:

        def begin_second(*_: object) -> None:
            if not started:
                started.append(threads.submit(second))
                second_writes.wait(2)  # SQLite lets nobody write beside the first: it waits before its first INSERT

        report = import_tenant(stores[0], fixtures_dir(), progress=begin_second)
        assert started[0].result(60).counts == report.counts
    assert [store.version() for store in stores] == [2, 2]
    for store in stores:
        store.close()


def test_a_new_file_is_opened_once_another_has_made_it_its_own(tmp_path: Path) -> None:
    """
    other   BEGIN IMMEDIATE ───────── ROLLBACK
    store          opens ── waits ··········· has its tables

    Where a new file gets its write-ahead log SQLite fails at once, however long it was told to wait.
    """
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as threads:
        opened = threads.submit(Store.open, f"sqlite:///{path}")
        assert not wait([opened], timeout=0.3).done
        other.execute("ROLLBACK")
        with closing(opened.result(30)) as store:
            assert store.version() == 0
    other.close()
