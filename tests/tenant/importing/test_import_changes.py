"""The changes of an import, which adds to the tenant or makes it equal to the folder; and its report beforehand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from soapsvc.tenant import Changes, ImportRefused, Store, import_tenant
from tests.support.documents import account, charge, subscription, usage
from tests.support.stores.store_hash import store_hash
from tests.support.tenants import write_tenant

TOML = '[billing_rules]\nprorationUnit = "ProrateByDay"\n[[users]]\nusername = "jo"\npassword = "pw"\n'


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


def accounts(*names: str) -> list[dict[str, Any]]:
    return [account(name, id=f"id-{name}") for name in names]


def subscriptions(*numbers: str, **facts: Any) -> list[dict[str, Any]]:
    return [subscription(charge(f"C-{n}", **facts), number=n, accountId=f"id-{n[0]}") for n in numbers]


def product(name: str, price: float) -> dict[str, Any]:
    charges = [{"id": name, "pricing": [{"currency": "USD", "price": price}]}]
    return {"productRatePlans": [{"productRatePlanCharges": charges}]}


def whole(folder: Path) -> Path:
    """Two accounts, three subscriptions, usage in two files, a price, a draft, settings and a user."""
    return write_tenant(
        folder,
        TOML,
        accounts=accounts("a", "b"),
        subscriptions=subscriptions("a1", "a2", "b1"),
        usage={
            "one.json": [usage(n, AccountId="id-a", UniqueKey=f"k{n}") for n in range(3)],
            "two.csv": "ACCOUNT_ID,QTY,STARTDATE\nid-b,7,2026-01-02",
        },
        catalog=[product("p", 5)],
        drafts={"invoices": [{"id": "d", "accountId": "id-a"}]},
    )


def billed(store: Store) -> dict[str, list[str]]:
    """The subscriptions that each account is billed for."""
    return {found.account_number: [s.subscription_number for s in found.subscriptions] for found in store.accounts()}


def test_new_records_are_added(store: Store, tmp_path: Path) -> None:
    report = import_tenant(store, whole(tmp_path))
    assert report.changes == {
        "settings": Changes(added=1),
        "accounts": Changes(added=2),
        "subscriptions": Changes(added=3),
        "usage records": Changes(added=4),
        "products": Changes(added=1),
        "catalogue prices": Changes(added=1),
        "drafts": Changes(added=1),
    }
    assert report.state == store.version() == 1


def test_the_same_folder_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole(tmp_path))
    for replace in (False, True):
        assert set(import_tenant(store, tmp_path, replace=replace).changes.values()) == {Changes()}


def test_records_missing_from_the_folder_are_kept_and_removed_with_replace(store: Store, tmp_path: Path) -> None:
    """A removed subscription is billed for ever, unless the tenant is made equal to the folder."""
    import_tenant(store, whole(tmp_path / "1"))
    fewer = write_tenant(tmp_path / "2", TOML, accounts=accounts("a"), subscriptions=subscriptions("a1"))
    added = import_tenant(store, fewer)
    assert added.changes["subscriptions"] == Changes()
    assert billed(store) == {"a": ["a1", "a2"], "b": ["b1"]}
    replaced = import_tenant(store, fewer, replace=True)
    assert {kind: changes for kind, changes in replaced.changes.items() if changes != Changes()} == {
        "accounts": Changes(removed=1),
        "subscriptions": Changes(removed=2),
        "usage records": Changes(removed=4),
        "products": Changes(removed=1),
        "catalogue prices": Changes(removed=1),
        "drafts": Changes(removed=1),
    }
    assert billed(store) == {"a": ["a1"]}
    (found,) = store.accounts()
    assert (found.usage, found.drafts, found.catalog) == ((), (), {})


def test_without_a_tenant_toml_replace_resets_the_settings_and_keeps_the_users(store: Store, tmp_path: Path) -> None:
    import_tenant(store, write_tenant(tmp_path / "1", TOML.replace("ByDay", "ByMonthFirst"), accounts=accounts("a")))
    without = write_tenant(tmp_path / "2", accounts=accounts("a"))
    assert import_tenant(store, without).changes["settings"] == Changes()
    assert store.settings().rules != {}
    assert import_tenant(store, without, replace=True).changes["settings"] == Changes(removed=1)
    assert store.settings().rules == {}
    assert store.user("jo") is not None, "who may log in is not what is billed"


def test_references_of_a_file_must_be_in_the_folder_itself_with_replace(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole(tmp_path / "1"))
    later = write_tenant(tmp_path / "2", accounts=accounts("c"), subscriptions=subscriptions("a9"))
    before = store_hash(store)
    with pytest.raises(ImportRefused, match="names account id-a, which does not exist"):
        import_tenant(store, later, replace=True)
    assert store_hash(store) == before
    import_tenant(store, later)
    assert billed(store)["a"] == ["a1", "a2", "a9"]


def test_a_dry_run_shows_the_effect_of_the_import_without_importing(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole(tmp_path / "1"))
    other = write_tenant(
        tmp_path / "2",
        TOML,
        accounts=accounts("a", "c"),
        subscriptions=subscriptions("a1", price=11),
        usage={"one.json": [usage(9, AccountId="id-a", UniqueKey="k1")]},
    )
    for replace in (False, True):
        before = store_hash(store)
        told = import_tenant(store, other, replace=replace, dry_run=True)
        assert (store_hash(store), told.state) == (before, None)
        assert import_tenant(store, other, replace=replace).changes == told.changes
        if not replace:
            assert told.changes["accounts"] == Changes(added=1)
            assert told.changes["subscriptions"] == Changes(changed=1)
            assert told.changes["usage records"] == Changes(changed=1, removed=2)


def test_a_record_that_moved_to_another_file_is_not_reported_as_changed(store: Store, tmp_path: Path) -> None:
    import_tenant(store, write_tenant(tmp_path / "1", accounts={"x.json": accounts("a", "b")}))
    moved = write_tenant(tmp_path / "2", accounts={"y.json": accounts("b"), "z.json": accounts("a")})
    assert import_tenant(store, moved).changes["accounts"] == Changes()


def test_a_number_may_move_from_one_account_to_another(store: Store, tmp_path: Path) -> None:
    import_tenant(store, write_tenant(tmp_path / "1", accounts=[account("A-1", id="x"), account("A-2", id="y")]))
    swapped = write_tenant(tmp_path / "2", accounts=[account("A-2", id="x"), account("A-1", id="y")])
    import_tenant(store, swapped)
    assert {found.id: found.account_number for found in store.accounts()} == {"x": "A-2", "y": "A-1"}
    taken = write_tenant(tmp_path / "3", accounts=[account("A-1", id="z")])
    with pytest.raises(ImportRefused, match="A-1 is also the number of another account"):
        import_tenant(store, taken)


def test_a_newer_version_supersedes_the_one_that_is_there(store: Store, tmp_path: Path) -> None:
    def version(number: int) -> dict[str, Any]:
        return subscription(charge(price=number), number="s", version=number, id=f"v{number}")

    import_tenant(store, write_tenant(tmp_path / "1", accounts=account(), subscriptions=[version(2)]))
    newer = write_tenant(tmp_path / "2", accounts=account(), subscriptions=[version(3)])
    assert import_tenant(store, newer).changes["subscriptions"] == Changes(added=1, changed=1)
    older = write_tenant(tmp_path / "3", accounts=account(), subscriptions=[version(1)])
    assert import_tenant(store, older).changes["subscriptions"] == Changes(added=1)
    (found,) = store.accounts()
    assert [str(each.charges[0].price) for each in found.subscriptions] == ["3"]
    import_tenant(store, older, replace=True)
    (found,) = store.accounts()
    assert [str(each.charges[0].price) for each in found.subscriptions] == ["1"], "the only one that is left"


def test_usage_that_stays_moves_with_the_time_zone(store: Store, tmp_path: Path) -> None:
    """2026-01-31 23:00 in Los Angeles is 2026-02-01 in London."""
    late = usage(start="2026-02-01T07:00:00Z", AccountId="id-a")
    import_tenant(
        store, write_tenant(tmp_path / "1", "time_zone = 'America/Los_Angeles'", accounts=accounts("a"), usage=[late])
    )
    moved = write_tenant(tmp_path / "2", "time_zone = 'Europe/London'", accounts=accounts("a"))
    assert import_tenant(store, moved).changes["usage records"] == Changes(changed=1)
    (found,) = store.accounts()
    assert [record.start_date.isoformat() for record in found.usage] == ["2026-02-01"]


@pytest.mark.parametrize("seed", range(6))
def test_with_replace_the_tenant_is_what_a_new_store_of_the_folder_is(store: Store, tmp_path: Path, seed: int) -> None:
    """After any imports, with or without what came before."""
    chance = random.Random(seed)  # noqa: S311 - picks cases

    def some(folder: Path) -> Path:
        names = chance.sample("abcde", 3)
        numbers = [f"{name}{n}" for name in names for n in range(chance.randrange(3))]
        return write_tenant(
            folder,
            TOML if chance.random() < 0.5 else "",
            accounts=accounts(*names),
            subscriptions=subscriptions(*numbers, price=chance.randrange(3)),
            usage=[
                usage(chance.randrange(9), AccountId=f"id-{name}", UniqueKey=f"k{chance.randrange(99)}-{name}")
                for name in names
            ],
            catalog=[product("p", chance.randrange(3))] if chance.random() < 0.5 else [],
        )

    for step in range(3):
        import_tenant(store, some(tmp_path / f"{step}"), replace=chance.random() < 0.5)
    last = some(tmp_path / "last")
    import_tenant(store, last, replace=True)
    with closing(Store.temporary()) as fresh:
        import_tenant(fresh, last)
        assert list(store.accounts()) == list(fresh.accounts())
        assert store.settings() == fresh.settings()
