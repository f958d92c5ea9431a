"""The store's tables: what the migrations make is what the code declares, however many processes start at once."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from soapsvc.rest.schema import METADATA as REST_TABLES
from soapsvc.runs.schema import METADATA as RUN_TABLES
from soapsvc.tenant import Store, migrations
from soapsvc.tenant.migrations import HEAD, StoreTooNew, migrate
from soapsvc.tenant.schema import METADATA as TENANT_TABLES

PROCESSES = 6


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = create_engine(database)
    yield engine
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_declares(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [TENANT_TABLES, RUN_TABLES, REST_TABLES]) == []


def test_the_version_that_the_code_works_with_is_the_last_migration() -> None:
    assert ScriptDirectory(migrations.__path__[0]).get_heads() == [HEAD]


def test_a_store_that_is_up_to_date_is_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        before = inspect(connection).get_table_names()
    migrate(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == before


def test_processes_that_open_a_new_store_at_once_all_find_it_whole(database: str) -> None:
    script = "import sys; from soapsvc.tenant import Store; print(Store.open(sys.argv[1]).count_accounts())"
    command = [sys.executable, "-c", script, database]
    starting = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    ended = [process.communicate(timeout=60) for process in starting]
    assert ended == [("0\n", "")] * PROCESSES


def test_a_store_of_a_later_release_is_refused(engine: Engine, database: str) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(StoreTooNew, match="9999_later"):
        Store.open(database)


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr("alembic.command.upgrade", fail)
    with pytest.raises(RuntimeError, match="stops here"):
        migrate(engine)
    monkeypatch.undo()
    assert inspect(engine).get_table_names() == []
    migrate(engine)
    assert inspect(engine).has_table("billing_preview_runs")
