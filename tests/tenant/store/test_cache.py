"""A process's cache of the store: accounts are loaded once, and are never stale after another process's import."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from soapsvc.tenant import Store, import_tenant
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant


def tenant(folder: Path, name: str, records: int = 0) -> Path:
    return write_tenant(
        folder / name,
        accounts=account(name=name),
        subscriptions={"subscriptions": [subscription(charge())]},
        usage=[usage(number) for number in range(records)],
    )


def test_an_account_is_loaded_once_while_nothing_is_imported(database: str, tmp_path: Path) -> None:
    with closing(Store.open(database)) as store:
        import_tenant(store, tenant(tmp_path, "first"))
        (account_id,) = store.account_ids()
        assert store.account(id=account_id) is store.account(id=account_id)


def test_an_import_by_another_process_is_seen_at_the_next_call(database: str, tmp_path: Path) -> None:
    with closing(Store.open(database)) as store, closing(Store.open(database)) as other:
        import_tenant(store, tenant(tmp_path, "before"))
        (account_id,) = store.account_ids()
        before = store.account(id=account_id)
        import_tenant(other, tenant(tmp_path, "after"))
        after = store.account(id=account_id)
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("before", "after")


def test_a_login_between_two_calls_forgets_nothing(database: str, tmp_path: Path) -> None:
    with closing(Store.open(database)) as store, closing(Store.open(database)) as other:
        import_tenant(store, tenant(tmp_path, "first"))
        (account_id,) = store.account_ids()
        before = store.account(id=account_id)
        other.create_session("jo@example.com", 2**40)
        assert store.account(id=account_id) is before


def test_an_account_with_very_much_usage_is_not_kept(database: str, tmp_path: Path) -> None:
    with closing(Store.open(database)) as store:
        import_tenant(store, tenant(tmp_path, "first", records=5_001))
        (account_id,) = store.account_ids()
        assert store.account(id=account_id) is not store.account(id=account_id)


def test_accounts_looked_at_once_are_neither_remembered_nor_make_others_forgotten(
    database: str, tmp_path: Path
) -> None:
    with closing(Store.open(database)) as store:
        import_tenant(store, tenant(tmp_path, "first"))
        ids = list(store.account_ids())
        (once,) = store.accounts_once(ids, store.version())
        kept = store.account(id=ids[0])
        assert once == kept
        assert once is not kept
        assert list(store.accounts_once([], store.version())) == []
        assert store.account(id=ids[0]) is kept
