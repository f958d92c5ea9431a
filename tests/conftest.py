"""Fixtures for every test file."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from soapsvc.tenant import Store, users
from tests.support.examples import examples
from tests.support.services.log_lines import Inspector, LearningHasher, inspected
from tests.support.stores.databases import SERVER, TemporaryStores, new_database

ROOT = Path(__file__).resolve().parent.parent

# A shell starts background commands with Ctrl-C ignored, and the servers and commands that tests start would
# inherit that. The tests of Ctrl-C are about a terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine may be slow, so no example has a deadline. In CI the examples are the same at every run: a red build is
# about the change that it tests.
settings.register_profile("soapsvc", examples(100), deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("soapsvc")


def pytest_xdist_auto_num_workers() -> int:
    """Three processes for two cores: a fourth of the tests' time is waiting for servers, clients and deadlines."""
    cores = len(os.sched_getaffinity(0))
    return cores + (cores + 1) // 2


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the source tree."""
    return ROOT


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Hash passwords with the least work in this process: hashing would take half of the time of all tests.

    The servers and commands that tests start hash as they do for users.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_HASHER", LearningHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True, scope="session")
def inspector() -> Iterator[Inspector]:
    """Inspect every log line of all tests."""
    with inspected() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_wrong_in_the_log(inspector: Inspector) -> Iterator[None]:
    """Fail if a line does not fit the schema, or has a password, a token or a session's id in it."""
    yield
    wrong, inspector.wrong = inspector.wrong, []
    assert wrong == []


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a new, empty database."""
    with new_database(tmp_path) as url:
        yield url


@pytest.fixture(autouse=True)
def temporary_stores_on_postgresql(request: pytest.FixtureRequest) -> Iterator[None]:
    """With a PostgreSQL server at hand, run the tests of temporary stores there."""
    if SERVER not in os.environ:
        yield  # a folder for each of some thousand tests that use none would take longer than they do
        return
    with TemporaryStores(request.getfixturevalue("tmp_path")) as stores, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "temporary", stores.make)
        yield
