"""The pytest plugin, in a project of its own that has no other file than its tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import urllib.request, json, os

def post(server, path, body, token="any"):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    return json.loads(urllib.request.urlopen(request).read())

def token(server):
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    return post(server, "/oauth/token", form)["access_token"]

def preview(server):
    asked = {"accountNumber": "A-1", "targetDate": "2026-02-01"}
    return post(server, "/v1/operations/billing-preview", asked, token(server))

def test_one_makes_an_account_a_fault_and_another_day(soapsvc_server):
    soapsvc_server.put_account("A-1", subscriptions=[{"price": 10, "start": "2026-02-01"}])
    assert [item["chargeAmount"] for item in preview(soapsvc_server)["invoiceItems"]] == [10]
    soapsvc_server.clock.set("2031-01-01")
    soapsvc_server.faults.add({"status": 500})
    soapsvc_server.seed({"accounts": [{"accountNumber": "B-1"}]})

def test_the_next_meets_none_of_them(soapsvc_server):
    assert preview(soapsvc_server)["success"] is False
    assert len(soapsvc_server.faults) == 0
    assert soapsvc_server.clock.now.year != 2031
    assert [request.operation for request in soapsvc_server.requests] == ["createToken", "createBillingPreview"]

def test_a_wsdl_is_there(soapsvc_server):
    assert b"BillingPreviewRequest" in urllib.request.urlopen(soapsvc_server.wsdl("61.0")).read()
    assert soapsvc_server.endpoint("69.0").endswith("/apps/services/a/69.0")
"""
OPTIONS = """
import pytest

@pytest.fixture(scope="session")
def soapsvc_options():
    return {"as_of": "2026-01-15T09:00:00Z", "seed": "project"}
"""


def run_pytest(project: Path, *arguments: str) -> str:
    """Run pytest in a project as its owner would; returns what it prints."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "test_stand_in.py").write_text(TESTS)
    return tmp_path


def test_a_test_that_takes_the_fixture_works_with_no_other_file(project: Path) -> None:
    assert "3 passed" in run_pytest(project)


def test_under_xdist_each_worker_has_its_own_server_and_options_are_the_projects(project: Path) -> None:
    (project / "conftest.py").write_text(OPTIONS)
    test = "def test_it_is_then(soapsvc_server):\n    assert str(soapsvc_server.clock.now)[:16] == '2026-01-15 09:00'\n"
    (project / "test_options.py").write_text(test)
    assert "4 passed" in run_pytest(project, "--numprocesses=2")


def test_unused_it_loads_nothing_of_the_service(project: Path) -> None:
    loaded = "sorted(name for name in sys.modules if name.startswith(('soapsvc', 'lxml', 'sqlalchemy', 'falcon')))"
    (project / "test_stand_in.py").write_text(f"import sys\ndef test_it():\n    assert {loaded} == {sorted(PLUGIN)}\n")
    assert "1 passed" in run_pytest(project)


PLUGIN = ["soapsvc", "soapsvc.testing", "soapsvc.testing.plugin"]


def test_pytest_lists_the_fixtures(project: Path) -> None:
    told = run_pytest(project, "--fixtures")
    assert "soapsvc_server" in told
    assert "soapsvc_options" in told
