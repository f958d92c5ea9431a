"""Accounts are found by number, name, word and id, narrowed, and listed a page at a time by their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import text

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, User, import_tenant
from soapsvc.tenant.store import Listing, Wanted, list_accounts, values_of
from tests.support.documents import account
from tests.support.tenants import write_tenant

ANYBODY = User("1", "anybody", "", "", frozenset())


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(database)
    yield opened
    opened.close()


def names(listing: Listing) -> list[str]:
    return [each.name for each in listing.accounts]


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("A00001004", ["Pennywhistle Toys"]),
        ("a00001004", ["Pennywhistle Toys"]),
        ("8ad0f00dacc0000901948a5b50090009", ["Tidewater Choir"]),
        ("tidew", ["Tidewater Choir"]),
        ("CHOIR", ["Tidewater Choir"]),
        ("boats  halyard", ["Halyard Boats"]),
        ("finch bookbinders", ["Alder & Finch Bookbinders"]),
        ("bookbind", []),
        ("%", []),
        ("A0000100_", []),
        ("'; DROP TABLE accounts", []),
    ],
)
def test_the_search_finds_accounts_by_number_id_and_beginnings_of_names(
    store: Store, searched: str, found: list[str]
) -> None:
    import_tenant(store, fixtures_dir())
    assert names(list_accounts(store, ANYBODY, Wanted(searched))) == found


def test_filters_narrow_lists_and_searches(store: Store) -> None:
    import_tenant(store, fixtures_dir())
    assert names(list_accounts(store, ANYBODY, Wanted(currency="JPY"))) == ["Paper Lantern Tea"]
    assert names(list_accounts(store, ANYBODY, Wanted("A0000", currency="JPY"))) == ["Paper Lantern Tea"]
    assert names(list_accounts(store, ANYBODY, Wanted(status="Canceled"))) == []
    assert values_of(store, ANYBODY, "currency") == ["EUR", "GBP", "JPY", "USD"]
    apart = [names(list_accounts(store, ANYBODY, Wanted(batches=(each,)))) for each in ("Batch1", "Batch2")]
    both = names(list_accounts(store, ANYBODY, Wanted(batches=("Batch2", "Batch1", "Batch2"))))
    assert len(both) == 16
    assert sorted(both) == sorted(chain.from_iterable(apart))


def numbered(tmp_path: Path, count: int, **facts: object) -> Path:
    accounts = [account(f"A-{number:03}", id=f"{number}", name=f"Shop {number}", **facts) for number in range(count)]
    return write_tenant(tmp_path, accounts=accounts)


def test_pages_follow_each_other_without_gap_or_repetition(store: Store, tmp_path: Path) -> None:
    import_tenant(store, numbered(tmp_path, 25))
    seen, after = [], ""
    for _ in range(3):
        page = list_accounts(store, ANYBODY, Wanted(), after=after, size=10)
        seen += [each.number for each in page.accounts]
        after = page.next or ""
    assert seen == [f"A-{number:03}" for number in range(25)]
    assert after == ""


def all_pages(store: Store, user: User, wanted: Wanted, size: int) -> list[str]:
    """The numbers on all pages, one page after the other."""
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = list_accounts(store, user, wanted, after=after, size=size)
        assert len(page.accounts) <= size
        assert page.accounts or after == ""
        seen += [each.number for each in page.accounts]
        after = page.next
    return seen


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 50])
def test_pages_of_a_search_follow_each_other_by_how_well_accounts_fit(store: Store, tmp_path: Path, size: int) -> None:
    """`rose` is an id, then begins numbers (as written, then in capitals), then begins names, then is a word of some.

    Each account is listed where it fits first: ROSE-2 is called Rose, too.
    """
    facts = [
        ("Z-1", "rose", "Somebody"),
        ("rose-9", "1", "Nobody"),
        ("ROSE-1", "2", "Anybody"),
        ("ROSE-2", "3", "Rose Two"),
        ("B-1", "4", "Rosemary"),
        ("B-2", "5", "rose hip"),
        ("A-1", "6", "Wild Rose"),
        ("A-2", "7", "The Rose Garden"),
        ("A-3", "8", "Tulips"),
    ]
    accounts = [account(number, id=key, name=name) for number, key, name in facts]
    import_tenant(store, write_tenant(tmp_path, accounts=accounts))
    expected = ["Z-1", "rose-9", "ROSE-1", "ROSE-2", "B-1", "B-2", "A-1", "A-2"]
    assert all_pages(store, ANYBODY, Wanted("rose"), size) == expected


def test_pages_of_a_search_hold_to_organizations_and_filters(store: Store, tmp_path: Path) -> None:
    owners = ["one", "two", "three"]
    accounts = [
        account(
            f"A-{n:02}", id=f"{n}", name=f"Shop {n}", organizationId=owners[n % 3], currency="USDEUR"[n % 2 * 3 :][:3]
        )
        for n in range(18)
    ]
    import_tenant(store, write_tenant(tmp_path, accounts=accounts))
    narrow = User("2", "narrow", "", "", frozenset({"one", "three"}))
    seen = all_pages(store, narrow, Wanted("shop", currency="EUR"), 2)
    assert seen == [f"A-{n:02}" for n in range(18) if n % 3 != 1 and n % 2]


@pytest.mark.parametrize("after", ["nonsense", "7", "9999 A-1", "-1 A", "² A"])
def test_a_page_after_what_was_never_said_is_the_first_or_none(store: Store, tmp_path: Path, after: str) -> None:
    import_tenant(store, numbered(tmp_path, 3))
    found = list_accounts(store, ANYBODY, Wanted("shop"), after=after, size=10)
    assert len(found.accounts) in {0, 3}


def test_a_user_of_organizations_sees_theirs_alone_in_one_order(store: Store, tmp_path: Path) -> None:
    owners = ["one", "two", "three"]
    accounts = [
        account(f"A-{n}", id=f"{n}", name=f"Shop {n}", organizationId=owners[n % 3], batch="Batch7") for n in range(9)
    ]
    import_tenant(store, write_tenant(tmp_path, accounts=accounts))
    narrow = User("2", "narrow", "", "", frozenset({"one", "three"}))
    seen = [each.number for each in list_accounts(store, narrow, Wanted()).accounts]
    assert seen == ["A-0", "A-2", "A-3", "A-5", "A-6", "A-8"]
    assert names(list_accounts(store, narrow, Wanted("Shop 1"))) == []
    assert values_of(store, narrow, "batch") == []


def test_an_account_is_no_longer_found_by_the_name_that_an_import_replaced(store: Store, tmp_path: Path) -> None:
    import_tenant(store, write_tenant(tmp_path, accounts=account("A-1", name="Old Name")))
    import_tenant(store, write_tenant(tmp_path, accounts=account("A-1", name="New Name")))
    assert names(list_accounts(store, ANYBODY, Wanted())) == ["New Name"]
    assert names(list_accounts(store, ANYBODY, Wanted("old"))) == []


@pytest.mark.parametrize("fits", ["number > 'A'", "currency = 'USD'", "status = 'Active'", "batch = 'Batch1'"])
def test_no_page_reads_all_accounts(tmp_path: Path, fits: str) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'plan.sqlite'}")
    with store.reading() as connection:
        found = f"SELECT id FROM accounts WHERE {fits} AND since <= 1 AND until > 1 ORDER BY number LIMIT 51"  # noqa: S608
        told = " ".join(row[-1] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {found}")))
    store.close()
    assert "USING INDEX" in told
    assert "SCAN accounts" not in told
    assert "TEMP B-TREE" not in told
