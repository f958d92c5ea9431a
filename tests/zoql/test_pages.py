"""Pages of a query: they are of one state of the tenant and of one user, and go on after a restart.

page      1 -------- 2 -------- 3
imports        x          x           the tenant changes, the pages do not
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from soapsvc.tenant import Store, import_tenant
from soapsvc.zoql import InvalidLocator, Page, Queries
from tests.support.documents import account
from tests.support.tenants import write_tenant
from tests.zoql.conftest import ANNA, BOSS, NOW, MovableClock
from tests.zoql.world import ROWS, write_world

VERSION = (113, 0)
NAMES = "select Id, Name from Account"


@pytest.fixture
def opened(database: str, tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(database)) as store:
        import_tenant(store, write_world(tmp_path / "world"), clock=MovableClock())
        yield store


def names(page: Page) -> list[object]:
    return [record[1] for record in page.records]


ALL = [row["Name"] for row in ROWS["Account"]]


def test_pages_are_as_long_as_asked_and_the_last_has_no_locator(opened: Store, clock: MovableClock) -> None:
    queries = Queries(opened, clock)
    first = queries.query(BOSS, NAMES, VERSION, page=5)
    assert (len(first.records), first.size, first.done) == (5, 14, False)
    assert first.locator is not None
    assert first.locator.endswith("-5")
    second = queries.query_more(BOSS, first.locator)
    third = queries.query_more(BOSS, second.locator or "")
    assert names(first) + names(second) + names(third) == ALL
    assert (len(third.records), third.size, third.done) == (4, 14, True)


@pytest.mark.parametrize(("page", "length"), [(14, 14), (13, 13), (0, 14), (-1, 14), (5000, 14), (2000, 14)])
def test_a_page_that_holds_all_is_the_last(opened: Store, clock: MovableClock, page: int, length: int) -> None:
    found = Queries(opened, clock).query(BOSS, NAMES, VERSION, page=page)
    assert (len(found.records), found.done) == (length, length == 14)


def test_a_locator_can_be_used_again(opened: Store, clock: MovableClock) -> None:
    """A client whose answer was lost repeats the call, and continues from either answer."""
    queries = Queries(opened, clock)
    locator = queries.query(BOSS, NAMES, VERSION, page=5).locator or ""
    once, again = queries.query_more(BOSS, locator), queries.query_more(BOSS, locator)
    assert (once.records, once.locator) == (again.records, again.locator)
    assert names(queries.query_more(BOSS, once.locator or "")) == ALL[10:]


def test_pages_are_of_the_state_of_the_first(opened: Store, clock: MovableClock, tmp_path: Path) -> None:
    queries = Queries(opened, clock)
    first = queries.query(BOSS, NAMES, VERSION, page=5)
    other = write_tenant(tmp_path / "other", accounts=[account("A-1", name="Other")])
    import_tenant(opened, other, replace=True, clock=clock)
    assert names(queries.query(BOSS, NAMES, VERSION)) == ["Other"]
    clock.move(11)
    opened.drop_states(in_use=[], superseded_before=clock.now - timedelta(minutes=10))
    second = queries.query_more(BOSS, first.locator or "")
    assert names(second) == ALL[5:10]
    clock.move(40)
    opened.drop_states(in_use=[], superseded_before=clock.now - timedelta(minutes=10))
    with pytest.raises(InvalidLocator):
        queries.query_more(BOSS, second.locator or "")


def test_another_process_continues_after_a_restart(opened: Store, database: str, clock: MovableClock) -> None:
    first = Queries(opened, clock).query(BOSS, NAMES, VERSION, page=5)
    opened.close()
    with closing(Store.open(database)) as store:
        assert names(Queries(store, clock).query_more(BOSS, first.locator or "")) == ALL[5:10]


@pytest.mark.parametrize("locator", ["", "nobody-5", "x" * 5000, "0" * 32, "' or 1=1 --", "é"])
def test_a_broken_locator_is_refused(opened: Store, clock: MovableClock, locator: str) -> None:
    with pytest.raises(InvalidLocator) as caught:
        Queries(opened, clock).query_more(BOSS, locator)
    assert (caught.value.code, caught.value.message) == ("INVALID_QUERY_LOCATOR", "invalid query locator")


def test_a_locator_is_its_user_s_alone(opened: Store, clock: MovableClock) -> None:
    queries = Queries(opened, clock)
    locator = queries.query(BOSS, NAMES, VERSION, page=5).locator or ""
    with pytest.raises(InvalidLocator):
        queries.query_more(ANNA, locator)
    assert names(queries.query_more(BOSS, locator)) == ALL[5:10]


def test_a_locator_lasts_for_fifteen_minutes_from_its_last_use(opened: Store, clock: MovableClock) -> None:
    queries = Queries(opened, clock)
    locator = queries.query(BOSS, NAMES, VERSION, page=5).locator or ""
    for _ in range(3):
        clock.move(14)
        assert names(queries.query_more(BOSS, locator)) == ALL[5:10]
    clock.move(15)
    with pytest.raises(InvalidLocator):
        queries.query_more(BOSS, locator)
    assert clock.now > NOW


def test_texts_are_compared_without_case_where_that_is_asked(opened: Store, clock: MovableClock) -> None:
    queries = Queries(opened, clock)
    query = "select Name from Account where Name = 'FINCH' or Status = 'draft' and Name like '%HARA'"
    assert queries.query(BOSS, query, VERSION).records == []
    found = queries.query(BOSS, query, VERSION, case_sensitive=False)
    expected = [
        (row["Name"],)
        for row in ROWS["Account"]
        if row["Name"].lower() == "finch" or (row["Status"] == "Draft" and row["Name"] == "O'Hara")
    ]
    assert list(found.records) == expected
