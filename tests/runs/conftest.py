"""A store with the demo tenant or with a larger, generated one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.generate_tenant import write_tenant as generate
from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, import_tenant

GENERATED_ACCOUNTS = 240


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(database)
    yield opened
    opened.close()


@pytest.fixture
def demo(store: Store) -> Store:
    """The demo tenant: 16 accounts, one of which cannot be rated."""
    import_tenant(store, fixtures_dir())
    return store


@pytest.fixture(scope="session")
def generated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, GENERATED_ACCOUNTS)
    return folder


@pytest.fixture
def generated(store: Store, generated_folder: Path) -> Store:
    """A tenant of `GENERATED_ACCOUNTS` accounts."""
    import_tenant(store, generated_folder)
    return store


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The folder of results."""
    return tmp_path / "results"
