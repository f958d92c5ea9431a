"""Every command that takes a database says in one sentence why it cannot use it, and what to do; no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text

from soapsvc.cli import main
from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store

TARGET = ["--target-date", "2026-12-31"]
COMMANDS = {
    "import": ["import", str(fixtures_dir())],
    "preview": ["preview", "--account-number", "A00000014", *TARGET],
    "run": ["run", *TARGET, "--workers", "1"],
    "run list": ["run", "list"],
    "serve": ["serve", "--port", "0"],
    "users": ["users", "list"],
}
WRONG_URLS = {
    "foo://host/name": "'foo' is not a supported kind of database; a database is sqlite:///PATH or postgresql://",
    "mysql://anna:s3cret@host/name": "'mysql' needs the package 'MySQLdb', which is missing: install it; a database is",
    "postgres://anna:s3cret@host/name": "'postgres' is not a supported kind of database; a database is",
    "postgresql://anna:s3cret@host:port/name": "the database's URL cannot be read; a database is sqlite:///PATH or",
    "tenant.sqlite": "the database's URL cannot be read; a database is sqlite:///PATH or postgresql://",
    "": "the database's URL cannot be read; a database is sqlite:///PATH or postgresql://",
}


def refusal(command: str, database: str) -> str:
    """A command's message about an unusable database."""
    result = CliRunner().invoke(main, [*COMMANDS[command], "--database", database])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "s3cret" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_url_of_no_known_database(command: str, url: str) -> None:
    assert WRONG_URLS[url] in refusal(command, url)


@pytest.fixture
def newer(database: str) -> Iterator[str]:
    """The URL of a database that a later release has migrated."""
    Store.open(database).close()
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    yield database
    engine.dispose()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_later_release(command: str, newer: str) -> None:
    assert "the database has tables of version 9999_later, which is newer than this release's 0" in refusal(
        command, newer
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_is_not_there(command: str) -> None:
    said = refusal(command, "postgresql://anna:s3cret@127.0.0.1:1/name")
    assert "the database cannot be opened: " in said
    assert "refused" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_not_a_database(command: str, tmp_path: Path) -> None:
    file = tmp_path / "tenant.sqlite"
    file.write_bytes(b"no database " * 1000)
    said = refusal(command, f"sqlite:///{file}")
    assert said == "Error: the database cannot be opened: file is not a database\n"
    assert file.read_bytes() == b"no database " * 1000


@pytest.mark.parametrize("command", ["import", "preview", "run", "run list"])
def test_a_file_that_is_damaged_behind_its_head(command: str, tmp_path: Path) -> None:
    """SQLite opens it; the damage shows when it is read."""
    url = make_url(f"sqlite:///{tmp_path / 'tenant.sqlite'}").render_as_string()
    assert CliRunner().invoke(main, [*COMMANDS["import"], "--database", url]).exit_code == 0
    file = tmp_path / "tenant.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    assert "database disk image is malformed" in refusal(command, url)
