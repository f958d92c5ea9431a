from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from soapsvc.resources import fixtures_dir
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, open_tenant
from soapsvc.tenant.tables import GUESSES
from tests.console.visitor import Visitor

NOW = datetime(2026, 3, 15, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DEMO = UserEntry("demo@example.com", password="demo", client_id="demo", client_secret="demo")


class MovableClock:
    """A clock that tests move."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """The demo tenant, with its user."""
    opened = open_tenant(fixtures_dir())
    opened.put_user(DEMO)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def forgiven(store: Store) -> None:
    """All tests share the store: failed logins of one test must not slow down the next."""
    with store.begin() as connection:
        connection.execute(delete(GUESSES))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def stranger(store: Store, clock: MovableClock, tmp_path: Path) -> Visitor:
    """A visitor who has not signed in."""
    options = Options(results=str(tmp_path / "runs"), run_workers=0, sleep=clock.sleep)
    return Visitor(application(store, options, clock))


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    """A visitor who has signed in."""
    assert stranger.sign_in().status == 303
    return stranger
