from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from soapsvc.server import Options, application
from soapsvc.tenant import Store, open_tenant
from soapsvc.tenant.tables import GUESSES
from tests.soap.client import Service
from tests.soap.sample_tenant import NOW, USER, write_sample_tenant


class MovableClock:
    """A clock that tests move; `sleep` also moves it and is recorded."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_tenant(write_sample_tenant(tmp_path_factory.mktemp("tenant")))
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
def options(clock: MovableClock) -> Options:
    return Options(sleep=clock.sleep)


@pytest.fixture
def service(store: Store, options: Options, clock: MovableClock) -> Service:
    """The whole application over the sample tenant, with a session of fifteen minutes.

    The session is opened without a password, because its hash would take most of the time of a test.
    """
    token = store.create_session(USER, int(NOW.timestamp()) + 15 * 60)
    return Service(application(store, options, clock), token)
