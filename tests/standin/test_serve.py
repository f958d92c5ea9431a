"""`soapsvc serve --stand-in`, as it is started by hand."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.support.server import Server, serving

FIXED = ("--stand-in", "--as-of", "2026-01-15T09:00:00Z")


def called(server: Server, method: str, path: str, body: object = None, token: object = None) -> dict[str, Any]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{server.url}{path}", content, headers, method=method)  # noqa: S310 - http alone
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read() or b"{}")


def preview(server: Server, account: str) -> dict[str, Any]:
    credentials = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    token = called(server, "POST", "/oauth/token", credentials)["access_token"]
    wanted = {"accountNumber": account, "targetDate": "2026-02-01"}
    return called(server, "POST", "/v1/operations/billing-preview", wanted, token)


def test_it_needs_no_file_and_serves_the_demo_tenant(tmp_path: Path) -> None:
    with serving(tmp_path / "log", *FIXED) as server:
        assert called(server, "GET", "/_admin/health") == {"status": "ok"}
        assert called(server, "GET", "/_admin/clock")["now"] == "2026-01-15T09:00:00Z"
        called(server, "PUT", "/_admin/accounts/A-2", {"subscriptions": [{"price": 7, "start": "2026-02-01"}]})
        (item,) = preview(server, "A-2")["invoiceItems"]
        assert (item["chargeAmount"], item["chargeDate"]) == (7, "2026-01-15 17:00:00")
        assert called(server, "POST", "/_admin/reset")["accounts"] == 16
        assert preview(server, "A-2")["success"] is False


@pytest.fixture
def database(tmp_path: Path, folder: Path) -> Path:
    """An operator's database, which another process still has open: a part of it is in its write-ahead log."""
    path = tmp_path / "operator" / "tenant.sqlite"
    path.parent.mkdir()
    store = Store.open(f"sqlite:///{path}")
    import_tenant(store, folder)
    store.put_user(UserEntry("demo", "demo", client_id="demo", client_secret="demo"))
    assert path.with_name("tenant.sqlite-wal").stat().st_size > 0
    database.store = store  # type: ignore[attr-defined] - kept open
    return path


def test_an_operators_database_is_copied_and_stays_as_it_is(tmp_path: Path, database: Path) -> None:
    before = {path.name: path.read_bytes() for path in database.parent.iterdir()}
    with serving(tmp_path / "log", *FIXED, "--database", f"sqlite:///{database}") as server:
        called(server, "PUT", "/_admin/accounts/A-1", {"subscriptions": [{"price": 7, "start": "2026-02-01"}]})
        assert len(preview(server, "A-1")["invoiceItems"]) == 1
        called(server, "POST", "/_admin/seed", {"accounts": [{"accountNumber": "B-1"}]})
        called(server, "POST", "/_admin/reset", {"to": "first"})
        assert preview(server, "A-1")["invoiceItems"] == []
    assert {path.name: path.read_bytes() for path in database.parent.iterdir()} == before
