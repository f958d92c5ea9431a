"""A real Chromium and a real server. These tests run only with `make test-browser`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.browser.office import Office, Reports

REQUESTED = "SOAPSVC_TEST_BROWSER"
CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / ".venv" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
BAIT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
_BAITED = {"name", "description", "productName", "ratePlanName", "chargeDescription", "sku", "productSku", "notes"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests only on request, and only with a Chromium."""
    here = Path(__file__).parent
    why = None
    if REQUESTED not in os.environ:
        why = "make test-browser runs it"
    elif CHROMIUM is None:
        why = "there is no Chromium, and only root on a Debian can install one"
    for item in items:
        if why is not None and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


@contextmanager
def served(tenant: Path, folder: Path, *more: str) -> Iterator[str]:
    """`soapsvc serve` over a database with a tenant directory and the demo's user; yields its URL."""
    database = f"sqlite:///{folder / 'tenant.sqlite'}"
    store = Store.open(database)
    import_tenant(store, tenant)
    store.put_user(UserEntry("demo@example.com", password="demo", client_id="demo", client_secret="demo"))
    store.put_user(UserEntry("narrow@example.com", password="demo", organizations=("none",)))
    store.close()
    command = (sys.executable, "-c", "from soapsvc.cli import main; main()")
    options = ("--database", database, "--port", "0", "--workers", "1", "--run-workers", "1", *more)
    with subprocess.Popen([*command, "serve", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().decode().removeprefix("listening on ").strip()
        finally:
            server.terminate()
            server.wait()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo tenant."""
    with served(fixtures_dir(), tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="session")
def baited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo tenant with markup and script in every text that pages show."""
    tenant = tmp_path_factory.mktemp("bait") / "tenant"
    shutil.copytree(fixtures_dir(), tenant)
    for path in tenant.rglob("*.json"):
        path.write_text(json.dumps(_with_bait(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    with served(tenant, tmp_path_factory.mktemp("baited")) as url:
        yield url


def _with_bait(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_bait(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_bait(inner) for inner in value]
    return f"{value}{BAIT}" if isinstance(value, str) and name in _BAITED else value


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def reports() -> Reports:
    """The browser's complaints; a test that expects a failure says so."""
    return Reports()


@pytest.fixture
def office(chromium: Any, demo: str, reports: Reports) -> Iterator[Office]:
    """A signed-in browser. There may be no complaint, and no request to another host."""
    with Office.open(chromium, demo, reports) as opened:
        opened.sign_in()
        yield opened
    assert reports.complaints == []
    assert reports.elsewhere == []


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core from npm."""
    if not AXE.is_file():
        pytest.skip("axe-core is not there: tools/browser.sh installs it with npm")
    return AXE.read_text(encoding="utf-8")
