"""A list or search of accounts reads few rows, whichever condition is the narrow one, and finds what it should."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from soapsvc.tenant import Store, User, import_tenant
from soapsvc.tenant.store import narrowing
from soapsvc.tenant.store.listing import Listed, Wanted, list_accounts
from tests.support.documents import account
from tests.support.tenants import write_tenant

MANY = 4_000
ANYBODY = User("1", "anybody", "", "", frozenset())
NARROW = User("2", "narrow", "", "", frozenset({"north", "south"}))
CURRENCIES = ("USD", "USD", "USD", "EUR", "JPY")
STATUSES = ("Active", "Active", "Active", "Canceled")
OWNERS = ("north", "east", "south")
TEXTS = (
    *("", "customer", "customer 77", "customer 1234", "1234 customer", "customer nowhere", "gmbh rare"),
    *("A-12", "a", "id-7"),
)
BATCHES = ((), ("Batch3", "Batch4", "BatchNone"))
WANTED = list(
    itertools.starmap(Wanted, itertools.product(TEXTS, BATCHES, ("", "JPY", "USD"), ("", "Active", "Canceled")))
)


def facts(number: int) -> dict[str, str]:
    """Every account is a customer, every 97th is rare, and no rare one is a GmbH."""
    return {
        "id": f"id-{number}",
        "name": f"Customer {number} {'Rare' if number % 97 == 0 else 'GmbH'}",
        "currency": CURRENCIES[number % 5],
        "status": STATUSES[number % 4],
        "batch": f"Batch{number % 20 + 1}",
        "organizationId": OWNERS[number % 3],
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("many")
    store = Store.open(f"sqlite:///{folder / 'tenant.sqlite'}")
    import_tenant(
        store, write_tenant(folder / "tenant", accounts=[account(f"A-{each}", **facts(each)) for each in range(MANY)])
    )
    yield store
    store.close()


@cache
def searched() -> list[tuple[dict[str, str], str, str, set[str]]]:
    """Of each account its fields, number, name in small letters, and words."""
    every = ((facts(place), f"A-{place}") for place in range(MANY))
    return [
        (fields, number, fields["name"].casefold(), set(fields["name"].casefold().split())) for fields, number in every
    ]


@cache
def expected(wanted: Wanted, organizations: frozenset[str]) -> list[str]:
    """The numbers, looked for in every document: by kind of match, and by number."""
    text = wanted.text.casefold()
    words, upper = set(text.split()), wanted.text.upper()
    found: dict[str, int] = {}
    for fields, number, name, of_name in searched():
        if (
            (wanted.batches and fields["batch"] not in wanted.batches)
            or wanted.currency not in ("", fields["currency"])
            or wanted.status not in ("", fields["status"])
            or (organizations and fields["organizationId"] not in organizations)
        ):
            continue
        matches = (
            fields["id"] == wanted.text,
            number.startswith(wanted.text),
            number.startswith(upper),
            name.startswith(text),
            words <= of_name,
        )
        if not text or any(matches):
            found[number] = matches.index(True) if text else 0
    return sorted(found, key=lambda each: (found[each], each))


def all_pages(store: Store, user: User, wanted: Wanted, size: int, most: int) -> list[Listed]:
    found: list[Listed] = []
    after: str | None = ""
    while after is not None and len(found) < most:
        page = list_accounts(store, user, wanted, after=after, size=size)
        found += page.accounts
        after = page.next
    return found


@pytest.mark.parametrize("user", [ANYBODY, NARROW], ids=lambda user: user.username)
@pytest.mark.parametrize(("few", "most"), [(0, 1), (300, 2_000), (5_000, 100_000)])
def test_each_way_of_reading_finds_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int, most: int, user: User
) -> None:
    monkeypatch.setattr(narrowing, "_FEW", few)
    monkeypatch.setattr(narrowing, "_MOST", most)
    for wanted in WANTED:
        numbers = expected(wanted, user.organizations)
        found = [each.number for each in all_pages(store, user, wanted, 60, 150)]
        assert found == numbers[: len(found)], wanted
        assert len(found) >= min(len(numbers), 150), wanted


@pytest.mark.parametrize("after", ["", "next"])
@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_no_search_reads_a_quarter_of_the_accounts(
    store: Store, monkeypatch: pytest.MonkeyPatch, wanted: Wanted, after: str
) -> None:
    """Counted in hundreds of steps of SQLite's machine. The most costly search takes 40,000, give or take a hundred for
    each statement. Without a choice of condition, 162 of these searches take more than 60,000."""
    monkeypatch.setattr(narrowing, "_FEW", 150)
    monkeypatch.setattr(narrowing, "_MOST", 1_000)
    position = list_accounts(store, ANYBODY, wanted, size=10).next if after else ""
    if position is None:
        return
    hundreds = 0

    def counted() -> int:
        nonlocal hundreds
        hundreds += 1
        return 0

    def watch(connection: object, *_: object) -> None:
        connection.set_progress_handler(counted, 100)  # type: ignore[attr-defined]

    event.listen(Pool, "checkout", watch)
    try:
        list_accounts(store, ANYBODY, wanted, after=position, size=10)
    finally:
        event.remove(Pool, "checkout", watch)
    assert hundreds * 100 < MANY * 15, wanted
