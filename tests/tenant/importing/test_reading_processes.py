"""An import whose documents are read in several processes is the same as one that reads them itself."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from soapsvc.tenant import ImportRefused, Store, import_tenant
from soapsvc.tenant.importing import importer
from soapsvc.tenant.importing.readers import readers
from soapsvc.tenant.importing.records import Reading, account_row
from soapsvc.tenant.reading import FileProblem, ImportProblem, Source
from soapsvc.tenant.tables import RECORDS
from tests.support.documents import account, charge, subscription, usage
from tests.support.machine import is_running
from tests.support.server import SOAPSVC
from tests.support.tenants import write_tenant

MANY = 1_200
READING = Reading(ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def every_folder_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "_LARGE", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """1,200 accounts with a subscription and a usage record each, named by id, by number or both; products, drafts."""
    numbers = range(MANY)
    ways = ({"accountId"}, {"accountNumber"}, {"accountId", "accountNumber"})
    named = [
        {key: value for key, value in {"accountId": f"id-{each}", "accountNumber": f"A-{each}"}.items() if key in way}
        for each, way in zip(numbers, cycle(ways), strict=False)
    ]
    return write_tenant(
        tmp_path / "tenant",
        accounts=[account(f"A-{each}", id=f"id-{each}") for each in numbers],
        subscriptions=[
            {**_without_account(subscription(charge(), number=f"S-{each}", id=f"sub-{each}")), **named[each]}
            for each in numbers
        ],
        usage=[
            {**_without_account(usage(subscriptionNumber=f"S-{each}")), "id": f"usage-{each}", **named[each]}
            for each in numbers
        ],
        catalog=[{"id": f"product-{each}", "name": "Choir"} for each in range(9)],
        drafts={"invoices": [{"id": f"draft-{each}", **named[each]} for each in numbers]},
    )


def _without_account(document: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if key not in {"accountId", "accountNumber"}}


def stored(path: Path, folder: Path, processes: int) -> list[list[tuple[object, ...]]]:
    """All records of a new store, after an import."""
    store = Store.open(f"sqlite:///{path}")
    import_tenant(store, folder, processes=processes)
    with store.reading() as connection:
        found = [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))] for table in RECORDS
        ]
    store.close()
    return found


def test_two_processes_store_the_same_records(tmp_path: Path, folder: Path) -> None:
    alone = stored(tmp_path / "1.sqlite", folder, 1)
    assert stored(tmp_path / "2.sqlite", folder, 2) == alone
    assert {table.name: len(rows) for table, rows in zip(RECORDS, alone, strict=True) if rows} == {
        "accounts": MANY,
        "subscriptions": MANY,
        "usage": MANY,
        "products": 9,
        "drafts": MANY,
    }


def test_two_processes_find_the_same_problems_in_the_same_order(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path / "tenant",
        accounts=[
            account(f"A-{each}", id=f"id-{each}", billCycleDay="32x" if each % 400 == 7 else 1) for each in range(MANY)
        ],
        subscriptions=[
            subscription(charge(), number=f"S-{each}", accountNumber="nobody" if each == 900 else "A-1")
            for each in range(MANY)
        ],
    )
    (folder / "accounts" / "zz.jsonl").write_bytes(b'{"accountNumber": "A-last", "billCycleDay": true}\n')
    (folder / "accounts" / "zzz.json").write_bytes(b"[{")

    def problems(processes: int) -> tuple[str, ...]:
        store = Store.open(f"sqlite:///{tmp_path / f'{processes}.sqlite'}")
        with pytest.raises(ImportRefused) as refused:
            import_tenant(store, folder, processes=processes)
        store.close()
        return tuple(map(str, refused.value.problems))

    assert problems(2) == problems(1)
    assert len(problems(1)) >= 5


def sources(count: int) -> list[Source]:
    return [Source("a.json", f"[{each}]", each, b'{"accountNumber": "A-%d"}' % each) for each in range(count)]


def killing(source: Source, reading: Reading) -> object:
    """Ends the process that reads the third document, unless it is that of the test."""
    if source.position == 3 and os.getpid() != int(os.environ["TEST_PROCESS"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return account_row(source, reading)


def test_a_reading_process_that_is_killed_costs_no_record(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_PROCESS", f"{os.getpid()}")
    batches = [sources(6)[at : at + 2] for at in (0, 2, 4)]
    with readers(2) as two:
        found = [record["number"] for _, answer in two.read(killing, batches, READING) for record in answer]
    assert found == [f"A-{each}" for each in range(6)]
    assert "the import continues without" in caplog.text


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_breaks_off_gives_the_records_before(processes: int) -> None:
    def batches() -> Iterator[list[Source]]:
        yield sources(2)
        raise FileProblem(ImportProblem("a.json", "line 3", "is not JSON"))

    with readers(processes) as reading:
        read = reading.read(account_row, batches(), READING)
        assert len(next(read)[1]) == 2
        with pytest.raises(FileProblem, match="line 3"):
            next(read)


def test_a_killed_import_leaves_no_process_behind(tmp_path: Path, folder: Path) -> None:
    (folder / "accounts" / "padding.jsonl").write_bytes(
        b"".join(b'{"accountNumber": "P-%d", "notes": "%s"}\n' % (each, b"x" * 2_000) for each in range(12_000))
    )
    database = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    command = [SOAPSVC, "import", folder, "--database", database, "--processes", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (started := [int(pid) for pid in children.read_text().split()]):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    until = time.monotonic() + 30
    while any(is_running(pid) for pid in started):
        assert time.monotonic() < until, started
        time.sleep(0.05)


def test_a_small_import_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("soapsvc.tenant.importing.readers.ProcessPoolExecutor", None)
    store = Store.open(f"sqlite:///{tmp_path / 'tenant.sqlite'}")
    import_tenant(store, write_tenant(tmp_path / "tenant", accounts=account()), processes=2)
    assert store.count_accounts() == 1
    store.close()
