"""The store's tables: what the migrations make is what the code declares, however many processes start at once."""

import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from soapsvc.clock import system_clock
from soapsvc.rest.replays import IDEMPOTENCY_KEYS, StoredReplies
from soapsvc.rest.replays.tables import METADATA as REST_TABLES
from soapsvc.runs import find_runs
from soapsvc.runs.definition.schema import METADATA as RUN_TABLES
from soapsvc.tenant import Store, migrations
from soapsvc.tenant.formats import read_account
from soapsvc.tenant.migrations import HEAD, StoreTooNew, migrate, migrations_problem, new_store
from soapsvc.tenant.tables import METADATA as TENANT_TABLES
from soapsvc.tenant.tables import pack_account
from tests.support.new_store import script

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


def test_a_migration_that_fails_leaves_the_store_as_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "HEAD", "0002_runs")
    migrate(engine)
    monkeypatch.undo()
    before = inspect(engine).get_table_names()
    add_column = Operations.add_column

    def fail(operations: Operations, table: str, column: Any, **options: Any) -> None:
        if table == "billing_preview_runs":
            raise RuntimeError("the machine stops here")
        add_column(operations, table, column, **options)

    monkeypatch.setattr(Operations, "add_column", fail)
    with pytest.raises(RuntimeError, match="stops here"):
        migrate(engine)
    monkeypatch.undo()
    assert inspect(engine).get_table_names() == before
    migrate(engine)
    assert inspect(engine).has_table("locators")


def tables_of(engine: Engine) -> list[tuple[str, ...]]:
    """Everything that a database has, without the blanks in what made it."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        return [(*names, " ".join((sql or "").split())) for *names, sql in found]


def test_the_template_of_a_new_sqlite_store_is_up_to_date() -> None:
    assert new_store.SCRIPT.read_text(encoding="utf-8") == script(), "make new-store writes it"


def test_a_new_sqlite_store_has_what_the_migrations_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new, migrated = (create_engine(f"sqlite:///{tmp_path / name}") for name in ("new", "migrated"))
    migrate(new)
    monkeypatch.setattr(migrations, "make_tables", lambda *_: False)
    migrate(migrated)
    assert tables_of(new) == tables_of(migrated)
    for engine in (new, migrated):
        with engine.connect() as connection:
            assert migrations_problem(connection) is None
        engine.dispose()


def test_a_new_store_is_made_without_alembic(tmp_path: Path) -> None:
    script = "import sys; from soapsvc.tenant import Store; Store.open(sys.argv[1]); print('alembic' in sys.modules)"
    command = [sys.executable, "-c", script, f"sqlite:///{tmp_path / 'new.sqlite'}"]
    assert subprocess.check_output(command, text=True) == "False\n"


def test_a_database_with_tables_of_somebody_else_gets_ours_beside_them(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'theirs.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    migrate(engine)
    assert {"theirs", "accounts", "alembic_version"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_tables_that_cannot_be_made_are_not_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    version, statements = new_store._script()
    monkeypatch.setattr(new_store, "_script", lambda: (version, [*statements[:3], "the machine stops here"]))
    with pytest.raises(OperationalError):
        migrate(engine)
    monkeypatch.undo()
    assert inspect(engine).get_table_names() == []
    migrate(engine)
    assert inspect(engine).has_table("locators")
    engine.dispose()


EARLY = """
INSERT INTO state (name, number, content) VALUES ('version', 3, NULL), ('settings', 0, :settings);
INSERT INTO accounts (id, number, batch, status, organization_id, organization_name, blob, document, source,
  import_number) VALUES ('a', 'A-1', 'Batch1', 'Active', '', '', :account, :document, 'accounts/1.json', 3);
INSERT INTO billing_preview_runs (id, number, status, request, target_date, seed, as_of, created_by, created,
  updated_by, updated) VALUES ('r1', 'BPR-00000001', 'Pending', :request, '2026-12-31', 's', 0, 'u', 0, 'u', 0),
  ('r2', 'BPR-00000002', 'Completed', :request, '2026-12-31', 's', 0, 'u', 0, 'u', 0)
"""


def test_a_store_of_an_early_release_keeps_what_it_holds(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tenant, settings and runs of a store from before there were states; all of it is of state 3, the third import."""
    monkeypatch.setattr(migrations, "HEAD", "0004_guesses")
    migrate(engine)
    monkeypatch.undo()
    made = read_account({"id": "a", "accountNumber": "A-1", "name": "Finch", "currency": "USD"}, "a").account
    values = {
        "settings": b'{"tenant": {"name": "Early"}}',
        "account": pack_account(made),
        "document": b"{}",
        "request": b'{"target_date": "2026-12-31"}',
    }
    with engine.begin() as connection:
        for statement in EARLY.split(";"):
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    with closing(Store.open(database)) as store:
        found = store.account(number="A-1")
        assert found is not None
        assert (found.name, store.settings().tenant_name, store.version()) == ("Finch", "Early", 3)
        assert [(run.number, run.state, run.imported) for run in find_runs(store)] == [
            ("BPR-00000001", 3, None),
            ("BPR-00000002", None, None),
        ]
        assert list(store.account_ids(state=3)) == ["a"]


BEFORE_READS = """
INSERT INTO state (name, number) VALUES ('version', 1);
INSERT INTO subscriptions (key, id, number, version, account_id, owner_id, is_latest, charges, blob, document, source,
  since, until) VALUES ('A-S1 version 1', 's1', 'A-S1', 1, 'a', 'a', 1, 0, :blob, :dated, '1.json', 0, 9),
  ('A-S2 version 1', 's2', 'A-S2', 1, 'a', 'a', 1, 0, :blob, :undated, '1.json', 0, 9);
INSERT INTO usage (key, account_id, start_date, position, blob, document, source, since, until)
  VALUES ('u', 'a', '2026-01-31', 0, :blob, :undated, '1.json', 0, 9)
"""


def test_a_store_of_before_reads_knows_when_its_records_changed_and_started(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as documents tell: of usage its day, until it is imported again."""
    monkeypatch.setattr(migrations, "HEAD", "0005_states")
    migrate(engine)
    monkeypatch.undo()
    values = {
        "blob": b"",
        "dated": b'{"updatedDate": "2026-01-31T10:20:30.000+00:00", "name": "\xc3\xa9"}',
        "undated": b"{}",
    }
    with engine.begin() as connection:
        for statement in BEFORE_READS.split(";"):
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    migrate(engine)
    with engine.connect() as connection:
        updated = connection.execute(text("SELECT id, updated FROM subscriptions ORDER BY id")).all()
        started = connection.execute(text("SELECT started FROM usage")).scalars().all()
    assert (updated, started) == ([("s1", "2026-01-31 10:20:30"), ("s2", "")], ["2026-01-31 00:00:00"])


KEPT = """
INSERT INTO idempotency_keys (id, fingerprint, owner, lease, expires, status, headers, body)
VALUES ('k', 'f', 'o', 0, 4102444800, 200, :headers, :body)
"""


def test_answers_of_an_earlier_release_are_still_replayed(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are whole in their rows; those of now are kept in pieces where they are large."""
    monkeypatch.setattr(migrations, "HEAD", "0006_reads")
    migrate(engine)
    monkeypatch.undo()
    row = {"headers": b'{"Content-Type":"application/json"}', "body": zlib.compress(b'{"kept": true}')}
    with engine.begin() as connection:
        connection.execute(text(KEPT), row)
    with closing(Store.open(database)) as store:
        keys = StoredReplies(store, system_clock, IDEMPOTENCY_KEYS, timedelta(seconds=6), timedelta(days=1))
        found = keys.find("k")
        assert found is not None
        assert found.reply is not None
        assert (found.reply.status, list(found.reply.pieces)) == (200, [b'{"kept": true}'])
