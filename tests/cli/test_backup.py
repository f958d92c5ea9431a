"""`soapsvc backup`: the copy of a database in use previews as the database does."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from soapsvc.cli import main
from soapsvc.tenant import Store, UserEntry
from tests.soap.sample_tenant import MONTHLY, write_sample_tenant
from tests.support.stores.databases import SERVER, new_database


def soapsvc(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    assert soapsvc("import", str(write_sample_tenant(tmp_path / "tenant")), "--database", url).exit_code == 0
    return url


def previewed(url: str) -> str:
    options = ("--account-id", MONTHLY, "--target-date", "2014-12-31", "--format", "csv", "--seed", "s")
    result = soapsvc("preview", "--database", url, *options, "--as-of", "2014-05-28T00:00:00+00:00")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_restored_tenant_previews_as_the_backed_up_one(tmp_path: Path, database: str) -> None:
    copy = tmp_path / "backup.sqlite"
    expected = previewed(database)
    result = soapsvc("backup", "--database", database, str(copy))
    assert result.exit_code == 0, result.output
    assert result.output == f"{copy}: {copy.stat().st_size:,} bytes\n"
    assert copy.stat().st_mode & 0o777 == 0o600
    (tmp_path / "tenant.sqlite").unlink()
    for log in ("tenant.sqlite-wal", "tenant.sqlite-shm"):
        (tmp_path / log).unlink(missing_ok=True)
    copy.rename(tmp_path / "tenant.sqlite")
    assert previewed(database) == expected
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


@pytest.mark.skipif(SERVER not in os.environ, reason="it needs a PostgreSQL server: make test-postgres has one")
def test_a_tenant_after_pg_dump_and_pg_restore_previews_as_before(tmp_path: Path) -> None:
    """The commands of docs/operate/backup.md, over two databases of one server."""
    with new_database(tmp_path) as old, new_database(tmp_path) as new:
        assert soapsvc("import", str(write_sample_tenant(tmp_path / "tenant")), "--database", old).exit_code == 0
        theirs, ours = (make_url(each).set(drivername="postgresql") for each in (old, new))
        dump = tmp_path / "tenant.dump"
        told = [each.render_as_string(hide_password=False) for each in (theirs, ours)]
        subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", told[0]], check=True)
        restoring = [f"--dbname={told[1]}", "--no-owner", "--role=postgres", "--exit-on-error", str(dump)]
        subprocess.run(["pg_restore", *restoring], check=True)
        assert previewed(new) == previewed(old)


def test_a_copy_is_of_one_moment_while_others_write(tmp_path: Path, database: str) -> None:
    over, store = threading.Event(), Store.open(database)

    def write() -> None:
        count = 0
        while not over.is_set():
            count += 1
            store.put_user(UserEntry(f"user-{count}", password_hash="!"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        result = soapsvc("backup", "--database", database, str(tmp_path / "copy"))
    finally:
        over.set()
        writer.join()
        store.close()
    assert result.exit_code == 0, result.output
    assert previewed(f"sqlite:///{tmp_path / 'copy'}") == previewed(database)


def test_a_backup_replaces_nothing(tmp_path: Path, database: str) -> None:
    (tmp_path / "copy").write_text("mine")
    result = soapsvc("backup", "--database", database, str(tmp_path / "copy"))
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert (tmp_path / "copy").read_text() == "mine"


def test_a_copy_that_cannot_be_written_leaves_nothing(tmp_path: Path, database: str) -> None:
    result = soapsvc("backup", "--database", database, str(tmp_path / "nowhere" / "copy"))
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory" in result.output


def test_a_damaged_database_gives_no_backup(tmp_path: Path, database: str) -> None:
    with sqlite3.connect(tmp_path / "tenant.sqlite") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    file = tmp_path / "tenant.sqlite"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8 * 4096] = b"\xff" * (8 * 4096)
    file.write_bytes(content)
    result = soapsvc("backup", "--database", database, str(tmp_path / "copy"))
    assert result.exit_code == 1
    assert not (tmp_path / "copy").exists()
