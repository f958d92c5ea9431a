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
def test_what_is_searched_for_is_found(store: Store, searched: str, found: list[str]) -> None:
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


def test_a_search_that_finds_too_much_says_so(store: Store, tmp_path: Path) -> None:
    import_tenant(store, numbered(tmp_path, 25))
    found = list_accounts(store, ANYBODY, Wanted("shop"), size=10)
    assert (len(found.accounts), found.is_cut) == (10, True)


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


def test_what_an_import_replaced_is_listed_no_more(store: Store, tmp_path: Path) -> None:
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
