"""The states of a tenant: an import makes the next one in one step, a reader meanwhile reads one of them whole.

imports     |---- 1 ----|  |---- 2 ----|  |-- 3 (dies) x
state    0              1              2               2
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from soapsvc.clock import fixed_clock
from soapsvc.tenant import Store, import_tenant
from soapsvc.tenant.importing import importer
from soapsvc.tenant.importing.publish import publish
from soapsvc.tenant.tables import RECORDS
from tests.support.documents import account, charge, subscription, usage
from tests.support.stores.store_hash import store_hash
from tests.support.tenants import write_tenant

ACCOUNTS = 700
"""Several batches of them."""


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


def tenant(folder: Path, name: str, count: int = ACCOUNTS) -> Path:
    """A tenant in which each account, charge and record says which import it is of."""
    ids = [f"id-{n:04d}" for n in range(count)]
    return write_tenant(
        folder / name,
        f"[tenant]\nname = '{name}'",
        accounts=[account(f"A-{n}", id=key, name=name) for n, key in enumerate(ids)],
        subscriptions=[
            subscription(charge(f"C-{n}", name=name), number=f"S-{n}", accountId=key) for n, key in enumerate(ids)
        ],
        usage=[usage(n, AccountId=key, GroupId=name) for n, key in enumerate(ids)],
    )


def names(store: Store, state: int | None = None) -> set[str]:
    """Every import that anything in the tenant says it is of."""
    wanted = list(store.account_ids(state=state))
    found = store.accounts_once(wanted, store.version() if state is None else state) if wanted else ()
    return {
        name
        for each in found
        for name in (
            each.name,
            *(charge.name for subscription in each.subscriptions for charge in subscription.charges),
            *(record.group_id or "" for record in each.usage),
        )
    }


def rows(store: Store) -> int:
    """All rows of records, whichever state has them."""
    with store.begin() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in RECORDS)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Functions that are called between the transactions of an import, with the number of those before."""
    calls: list[Any] = []

    def watched(connection: Any, state: int, batches: Any, last: Any) -> None:
        def interrupted() -> Iterator[Any]:
            for number, batch in enumerate(batches):
                for call in calls:
                    call(number)
                yield batch
            for call in calls:
                call(-1)

        publish(connection, state, interrupted(), last)

    monkeypatch.setattr(importer, "publish", watched)
    return calls


def test_a_read_during_an_import_reads_the_state_before(
    store: Store, database: str, tmp_path: Path, between: list[Any]
) -> None:
    import_tenant(store, tenant(tmp_path, "before"))
    seen: list[tuple[int, set[str], str]] = []
    with closing(Store.open(database)) as reader:
        between.append(
            lambda number: number % 3 or seen.append((reader.version(), names(reader), reader.settings().tenant_name))
        )
        import_tenant(store, tenant(tmp_path, "after"))
        assert len(seen) > 2, "the import was watched at its work"
        assert all(each == (1, {"before"}, "before") for each in seen)
        assert (reader.version(), names(reader), reader.settings().tenant_name) == (2, {"after"}, "after")


def test_a_state_can_be_read_after_it_was_superseded(store: Store, tmp_path: Path) -> None:
    import_tenant(store, tenant(tmp_path, "first"))
    import_tenant(store, tenant(tmp_path, "second", count=3), replace=True)
    assert (names(store, 1), names(store, 2)) == ({"first"}, {"second"})
    assert (len(list(store.account_ids(state=1))), len(list(store.account_ids(state=2)))) == (ACCOUNTS, 3)
    assert (store.settings_at(1).tenant_name, store.settings_at(2).tenant_name) == ("first", "second")


def test_others_write_while_an_import_does(store: Store, database: str, tmp_path: Path, between: list[Any]) -> None:
    """A login writes a session between any two of the import's transactions; it never waits for the import's end."""
    import_tenant(store, tenant(tmp_path, "before"))
    opened: list[str] = []
    with closing(Store.open(database)) as other:
        between.append(lambda _: opened.append(other.create_session("jo", 2**40)))
        import_tenant(store, tenant(tmp_path, "after"))
    assert len(opened) > ACCOUNTS // 250


def test_others_write_while_an_import_reads_its_files(store: Store, database: str, tmp_path: Path) -> None:
    opened: list[str] = []
    with closing(Store.open(database)) as other:
        import_tenant(
            store,
            tenant(tmp_path, "first"),
            progress=lambda *_: opened.append(other.create_session("jo", 2**40)),
        )
    assert len(opened) > 3


class _Stop(Exception):
    pass


@pytest.mark.parametrize("at", [0, 2, -1])
def test_an_import_that_fails_in_its_middle_leaves_nothing(
    store: Store, tmp_path: Path, between: list[Any], at: int
) -> None:
    import_tenant(store, tenant(tmp_path, "before"))
    before = store_hash(store, counters=False), rows(store), store.version()

    def stop(number: int) -> None:
        if number == at:
            raise _Stop

    between.append(stop)
    with pytest.raises(_Stop):
        import_tenant(store, tenant(tmp_path, "after", count=ACCOUNTS + 5), replace=True)
    assert (store_hash(store, counters=False), rows(store), store.version()) == before
    between.clear()
    import_tenant(store, tenant(tmp_path, "after"))
    assert names(store) == {"after"}


KILLED = """
import os, sys
from pathlib import Path
from soapsvc.tenant import Store, import_tenant
from soapsvc.tenant.importing import importer, publish
whole = publish.publish
def killed(connection, state, batches, last):
    def some():
        for number, batch in enumerate(batches):
            if number == 3:
                os.kill(os.getpid(), 9)
            yield batch
    whole(connection, state, some(), last)
importer.publish = killed
import_tenant(Store.open(sys.argv[1]), Path(sys.argv[2]), replace=True)
"""


def test_an_import_that_is_killed_is_not_seen_and_swept_away_by_the_next(
    store: Store, database: str, tmp_path: Path
) -> None:
    import_tenant(store, tenant(tmp_path, "before"))
    count = rows(store)
    folder = tenant(tmp_path, "killed", count=ACCOUNTS + 5)
    ended = subprocess.run([sys.executable, "-c", KILLED, database, str(folder)], check=False, timeout=120)
    assert ended.returncode == -9
    assert rows(store) > count, "it had written something"
    assert (names(store), store.count_accounts(), store.version()) == ({"before"}, ACCOUNTS, 1)
    import_tenant(store, tenant(tmp_path, "small", count=2))
    assert names(store) == {"before", "small"}
    assert (store.count_accounts(), store.version()) == (ACCOUNTS, 2)
    assert rows(store) == count + 2 * 3, "its own rows, and none of the killed one's"


def test_imports_wait_for_each_other(store: Store, database: str, tmp_path: Path, between: list[Any]) -> None:
    import_tenant(store, tenant(tmp_path, "first", count=5))
    folders = [tenant(tmp_path, name, count=400) for name in ("second", "third")]
    active: list[str] = []
    most: list[int] = []

    def watch(number: int) -> None:
        own = threading.current_thread().name
        if number == 0:
            active.append(own)
        most.append(len(active))
        if number == -1:
            active.remove(own)

    between.append(watch)

    def run(folder: Path) -> None:
        with closing(Store.open(database)) as own:
            import_tenant(own, folder, replace=True)

    threads = [threading.Thread(target=run, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert max(most) == 1
    assert store.version() == 3
    assert len(names(store)) == 1


def test_two_first_imports_at_once_both_succeed(database: str, tmp_path: Path) -> None:
    folders = [tenant(tmp_path, name, count=50) for name in ("one", "two")]
    failed: list[BaseException] = []

    def run(folder: Path) -> None:
        try:
            with closing(Store.open(database)) as own:
                import_tenant(own, folder, replace=True)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    with closing(Store.open(database)) as store:
        assert store.version() == 2
        assert len(names(store)) == 1


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_superseded_states_are_deleted_when_no_call_or_run_reads_them(store: Store, tmp_path: Path) -> None:
    """Imports at 12:00, 13:00 and 14:00; a run of state 1 holds all from it on."""
    for hour, name in enumerate(("first", "second", "third")):
        clock = fixed_clock(NOON + timedelta(hours=hour))
        import_tenant(store, tenant(tmp_path, name, count=2), clock=clock, replace=True)
    each = 2 * 3
    assert rows(store) == 3 * each
    long_ago = NOON + timedelta(days=1)
    assert store.drop_states(in_use=[1], superseded_before=long_ago) == 0
    assert store.drop_states(in_use=[], superseded_before=NOON + timedelta(hours=1)) == 0, "the first until 13:00"
    assert store.drop_states(in_use=[], superseded_before=NOON + timedelta(hours=1, seconds=1)) == each
    assert names(store, 2) == {"second"}
    assert store.drop_states(in_use=[], superseded_before=long_ago) == each
    assert store.drop_states(in_use=[], superseded_before=long_ago) == 0
    assert (rows(store), names(store), store.settings().tenant_name) == (each, {"third"}, "third")


def test_nothing_is_dropped_while_an_import_is_under_way(store: Store, database: str, tmp_path: Path) -> None:
    for name in ("first", "second"):
        import_tenant(store, tenant(tmp_path, name, count=2), clock=fixed_clock(NOON), replace=True)
    with store.import_lock(), closing(Store.open(database)) as other:
        assert other.drop_states(in_use=[], superseded_before=NOON + timedelta(days=1)) == 0
    assert store.drop_states(in_use=[], superseded_before=NOON + timedelta(days=1)) == 2 * 3


def test_a_full_disk_leaves_the_tenant_as_it_was(store: Store, tmp_path: Path, between: list[Any]) -> None:
    import_tenant(store, tenant(tmp_path, "before"))

    def full(number: int) -> None:
        if number == 1:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    between.append(full)
    with pytest.raises(OperationalError):
        import_tenant(store, tenant(tmp_path, "after"))
    assert names(store) == {"before"}


def test_a_short_transaction_is_all_that_others_wait_for(store: Store, tmp_path: Path, between: list[Any]) -> None:
    """No transaction of an import holds more than some hundred rows."""
    sizes: list[int] = []
    before = rows(store)

    def count(_number: int) -> None:
        sizes.append(rows(store))

    between.append(count)
    with suppress(_Stop):
        import_tenant(store, tenant(tmp_path, "first"))
    steps = [after - earlier for earlier, after in zip([before, *sizes], sizes, strict=False)]
    assert max(steps) <= 250
