"""`/healthz` of a running service: 200 while the database can be read, 503 where its file is not what it was."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, import_tenant
from tests.support.server import Server, serving

CALLS = 12
"""On a connection each: both workers get some of them."""
PAGE = 4096


def health(server: Server) -> tuple[int, bytes]:
    with closing(HTTPConnection(*server.host_port, timeout=60)) as connection:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        return response.status, response.read()


def overwritten(file: Path, start: int) -> None:
    """Write rubbish over the file from there on, in place: it stays the file that is open."""
    with file.open("r+b") as written:
        written.seek(start)
        written.write(os.urandom(file.stat().st_size - start))


def replaced(file: Path) -> None:
    """Put an empty database in the file's place."""
    other = file.with_name("other.sqlite")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE other (id INTEGER)")
    other.replace(file)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "overwritten with rubbish": lambda file: overwritten(file, 0),
    "overwritten but for its first page": lambda file: overwritten(file, PAGE),
    "cut to its first page": lambda file: os.truncate(file, PAGE),
    "empty": lambda file: os.truncate(file, 0),
    "removed": lambda file: file.unlink(),
    "replaced by another database": replaced,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_database_file_is_503_though_much_of_it_is_in_memory(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    file = tmp_path / "tenant.sqlite"
    with closing(Store.open(f"sqlite:///{file}")) as store:
        import_tenant(store, fixtures_dir())
    arguments = ["--workers", "2", "--run-workers", "0", "--results", str(tmp_path / "results")]
    with serving(tmp_path / "log", "--database", f"sqlite:///{file}", *arguments) as server:
        assert {health(server) for _ in range(CALLS)} == {(200, b"ok\n")}
        damage(file)
        assert {health(server) for _ in range(CALLS)} == {(503, b"the tenant store does not answer\n")}
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert log.count("health: the tenant store does not answer: ") == CALLS
