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
from tests.rest.client import Rest

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


@pytest.fixture(scope="session")
def token(store: Store) -> str:
    """A token that is valid for hours, so that not every test hashes a password."""
    return store.create_session(DEMO.username, int((NOW + timedelta(days=3)).timestamp()))


@pytest.fixture
def rest(store: Store, clock: MovableClock, token: str) -> Rest:
    """The whole application over the demo tenant, logged in."""
    return Rest(application(store, Options(sleep=clock.sleep), clock), token)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder in which a test writes its own tenant."""
    return tmp_path / "tenant"
