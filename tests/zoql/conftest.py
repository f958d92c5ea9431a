from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from soapsvc.tenant import Store, User, open_tenant
from soapsvc.zoql import Queries, lookup
from tests.zoql.world import ORGANIZATIONS, write_world

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOSS = User("1", "boss", "", "", frozenset())
ANNA = User("2", "anna", "", "", frozenset({ORGANIZATIONS[0]}))


class MovableClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_tenant(write_world(tmp_path_factory.mktemp("world")))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read only a few rows at a time, so that small tenants have many pages."""
    monkeypatch.setattr(lookup, "_FIRST_PAGE", 2)
    monkeypatch.setattr(lookup, "_PAGE", 3)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def queries(store: Store, clock: MovableClock) -> Queries:
    return Queries(store, clock)
