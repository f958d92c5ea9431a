"""`soapsvc.testing.Server`: a stand-in for unittest and scripts."""

from __future__ import annotations

import gc
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import zeep

import soapsvc.testing
from soapsvc.testing import Refused, Server
from tests.rest.client import Rest
from tests.support.tenants import write_tenant

ACCOUNT = {"id": "a" * 32, "accountNumber": "A-1", "currency": "EUR", "billCycleDay": 1}
GOLD = {"plan": "Gold", "price": 10, "start": date(2026, 1, 1)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tenant(tmp_path / "tenant", accounts=ACCOUNT)


def test_a_client_of_the_wsdl_previews_an_account_that_a_test_makes() -> None:
    with Server(as_of="2026-01-15T09:00:00Z") as server:
        account = server.put_account("A-1", currency="EUR", billCycleDay=1, subscriptions=[GOLD])
        client = zeep.Client(server.wsdl("61.0"), settings=zeep.Settings(strict=True))
        service = client.create_service("{http://api.zuora.com/}SoapBinding", server.endpoint("61.0"))
        session = service.login("demo@example.com", "demo")["Session"]
        header = client.get_element("{http://api.zuora.com/}SessionHeader")(session=session)
        wanted = {"AccountId": account, "TargetDate": datetime(2026, 2, 1)}  # noqa: DTZ001 - a day as it is written
        (result,) = service.billingPreview([wanted], _soapheaders=[header])
        assert [item.ChargeAmount for item in result.InvoiceItem] == [10, 10]
        assert server.requests.last.operation == "billingPreview"
        assert server.requests.last.user == "demo@example.com"
        assert len(server.requests("billingPreview", account="A-1")) == 1


def test_its_powers(folder: Path) -> None:
    with Server(folder, as_of=date(2026, 1, 15), seed="s") as server, httpx.Client(base_url=server.url) as client:
        assert (server.clock.now, server.clock.frozen) == (datetime(2026, 1, 15, tzinfo=UTC), True)
        server.clock.set("2026-01-31T12:00:00Z")
        server.clock.advance(months=1, hours=-1.5)
        assert server.clock.now == datetime(2026, 2, 28, 10, 30, tzinfo=UTC)
        assert server.clock.today == date(2026, 2, 28)
        server.clock.run()
        assert not server.clock.frozen
        server.clock.freeze()

        key = server.faults.add("LOCK_COMPETITION", operation="login", times=1)
        server.faults.add({"status": 429, "retryAfter": 2}, protocol="rest")
        assert client.get("/v1/accounts/A-1").headers["Retry-After"] == "2"
        assert (server.faults.hits(key), len(server.faults), next(iter(server.faults))["id"]) == (0, 2, key)
        server.faults.remove(key)
        server.faults.clear()

        headers = {"Authorization": "Bearer any"}
        assert client.get("/v1/accounts/A-2", headers=headers).json()["success"] is False
        assert server.requests.last.near_misses[0]["closest"] == "A-1"
        assert [each.answer["status"] for each in server.requests] == [429, 200]
        server.requests.clear()
        with pytest.raises(LookupError):
            _ = server.requests.last

        state = server.state()
        server.delete_account("A-1")
        server.load_state(state)
        assert client.get("/v1/accounts/A-1", headers=headers).json()["success"] is True
        server.seed({"accounts": [{"accountNumber": "B-1"}]})
        assert client.get("/v1/accounts/B-1", headers=headers).json()["success"] is True
        server.seed(folder)
        server.reset()
        assert client.get("/v1/accounts/A-1", headers=headers).json()["success"] is True
        assert server.clock.now == datetime(2026, 1, 15, tzinfo=UTC)
        assert client.get(f"{server.admin}/health").json() == {"status": "ok"}


def test_the_next_preview_begins_after_the_billed_items_of_the_first(folder: Path) -> None:
    #  2026-01-01          02-01            03-01
    #       |---- 10, billed --|------ 10 -------|
    asked = {"accountNumber": "A-2", "targetDate": "2026-02-01"}
    with Server(folder, as_of="2026-01-15") as server:
        server.put_account("A-2", billCycleDay=1, subscriptions=[GOLD])
        assert [invoice["amount"] for invoice in server.bill("2026-01-31", ["A-2"])["invoices"]] == [10]
        (item,) = Rest(server.wsgi, "any").preview(**asked).json["invoiceItems"]
        assert (item["serviceStartDate"], item["chargeAmount"]) == ("2026-02-01", 10)
        assert server.bill(date(2026, 1, 31))["invoices"] == []
        with pytest.raises(Refused, match="targetDate"):
            server.bill("soon")


def test_a_refusal_has_its_reason(folder: Path) -> None:
    with Server(folder) as server:
        with pytest.raises(Refused, match="did you mean currency"):
            server.put_account("A-2", currenzy="EUR")
        with pytest.raises(Refused, match="did you mean INVALID_SESSION"):
            server.faults.add("INVALID_SESION")
        with pytest.raises(Refused, match="no account"):
            server.delete_account("A-2")
        with pytest.raises(Refused):
            server.clock.set("soon")


def test_sign_in_and_limits_are_chosen(folder: Path) -> None:
    asked = {"accountNumber": "A-1", "targetDate": "2026-02-01"}
    for sign_in, status in ((None, 200), ("lax", 200), ("strict", 401)):
        with Server(folder, sign_in=sign_in) as server:
            assert Rest(server.wsgi, "any").preview(**asked).status == status
    with pytest.raises(ValueError, match="strictt"):
        Server(folder, sign_in="strictt")


def test_it_has_an_address_only_while_it_serves(folder: Path) -> None:
    server = Server(folder)
    with pytest.raises(RuntimeError, match="not started"):
        _ = server.url
    before = threading.active_count()
    with server:
        url = server.url
        assert httpx.get(f"{url}/healthz").text == "ok\n"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")
    assert threading.active_count() <= before + 1
    assert not server._stand_in.copy.folder.exists()


def test_a_port_in_use_is_reported_and_leaves_no_files(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = Server(folder, port=other.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            server.start()
    assert not server._stand_in.copy.folder.exists()


def test_it_is_started_once(folder: Path) -> None:
    server = Server(folder)
    with server, pytest.raises(RuntimeError, match="already started"):
        server.start()
    server.stop()
    with pytest.raises(RuntimeError, match="make another one"):
        server.start()


def billed_in(server: Server) -> tuple[list[bytes], object]:
    """Previews of an account that is made, and the run that bills it."""
    server.put_account("A-2", currency="EUR", billCycleDay=1, subscriptions=[GOLD])
    asked = {"accountNumber": "A-2", "targetDate": "2026-02-01"}
    previews = [Rest(server.wsgi, "any").preview(**asked).body for _ in range(5)]
    return previews, server.bill("2026-02-01")


def test_two_in_one_process_know_nothing_of_each_other(folder: Path) -> None:
    with Server(folder, as_of="2026-01-15") as alone:
        expected = billed_in(alone)
    with Server(folder, as_of="2026-01-15") as one, Server(folder, as_of="2026-01-15") as other:
        with ThreadPoolExecutor() as threads:
            assert list(threads.map(billed_in, (one, other))) == [expected, expected]
        one.clock.set("2030-01-01")
        one.faults.add({"status": 500})
        one.seed({"accounts": [{"accountNumber": "B-1"}]})
        assert (other.clock.now.year, len(other.faults), len(other.requests)) == (2026, 0, 5)
        other.reset()
        assert billed_in(other) == expected


def test_it_stops_while_faults_that_never_end_hold_calls(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor() as threads:
        with Server(folder) as server:
            server.faults.add({"delay": 3600})
            waiting = [threads.submit(httpx.get, f"{server.url}/v1/accounts/A-1", timeout=60) for _ in range(3)]
            while sum(fault["hits"] for fault in server.faults) < 3:
                time.sleep(0.01)
        for call in waiting:
            with pytest.raises(httpx.RemoteProtocolError):
                call.result(timeout=60)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


class TestUnittest(unittest.TestCase):
    """As unittest has it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Server(as_of="2026-01-15"))

    def setUp(self) -> None:
        self.server.reset(first=True)

    def test_one(self) -> None:
        self.server.put_account("A-1")
        self.assertEqual(httpx.get(f"{self.server.url}/healthz").text, "ok\n")  # noqa: PT009 - as unittest has it

    def test_other(self) -> None:
        with self.assertRaises(Refused):  # noqa: PT027 - as unittest has it
            self.server.delete_account("A-1")


NEVER = {"alembic", "babel", "click", "httpx", "jinja2", "markdown_it", "pygal", "rich", "spyne", "xlsxwriter", "yaml"}
"""What takes long to load, and a stand-in that is ready does not need yet."""


def test_it_is_ready_before_what_only_some_calls_need_is_loaded() -> None:
    script = (
        "import sys, urllib.request; from soapsvc.testing import Server; server = Server().start(); "
        "wsdl = urllib.request.urlopen(server.wsdl('153.0')).read(); print(*sys.modules); server.stop()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert {name.partition(".")[0] for name in done.stdout.split()} & NEVER == set()


def test_the_door_offers_what_it_says() -> None:
    for name in soapsvc.testing.__all__:
        assert getattr(soapsvc.testing, name).__name__ == name
    with pytest.raises(AttributeError):
        _ = soapsvc.testing.Servers


def test_memory_is_flat_over_resets_and_seeds(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Sixty of them; STAND_IN_RESETS=1000 asks for more. What pytest would keep of the log is no memory of ours."""
    caplog.set_level("CRITICAL", "soapsvc")
    seed = {"accounts": [{"accountNumber": f"B-{number}", "subscriptions": [{"price": 1}]} for number in range(3)]}
    with Server(folder, as_of="2026-01-15") as server:

        def rounds(count: int) -> None:
            for number in range(count):
                if number % 5 == 0:
                    server.seed(seed)
                server.put_account("A-9", subscriptions=[{"price": 2}])
                asked = {"accountNumber": "A-9", "targetDate": "2026-02-01"}
                assert Rest(server.wsgi, "any").preview(**asked).json["success"] is True
                server.reset(first=number % 2 == 0)

        rounds(10)
        gc.collect()
        tracemalloc.start()
        try:
            before, threads = tracemalloc.get_traced_memory()[0], threading.active_count()
            rounds(int(os.environ.get("STAND_IN_RESETS", "60")))
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert grown < 1_500_000
        assert threading.active_count() == threads
        left = {path.name for path in server._stand_in.copy.folder.iterdir()}
        files = {f"{each}.sqlite{more}" for each in ("tenant", "seed", "first") for more in ("", "-wal", "-shm")}
        assert left <= files | {"tenant.sqlite.import-lock", "owned.lock"}


def resident() -> int:
    """The memory that this process has, in bytes: what Python has of it, and what SQLite and libxml2 have."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("resets", [1_000])
def test_memory_is_flat_over_resets_of_a_tenant_that_was_written_to(
    resets: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Each reset takes a session away that a login has made. A leak of one page in each would be 4 MB."""
    caplog.set_level("CRITICAL", "soapsvc")
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    with Server(as_of="2026-01-15") as server:

        def rounds(count: int) -> None:
            for _ in range(count):
                token = Rest(server.wsgi).token_for(**form).json["access_token"]
                server.reset()
                assert Rest(server.wsgi, token).get("/v1/accounts/A00000014").status == 401

        rounds(resets // 4)
        gc.collect()
        before = resident()
        rounds(resets)
        gc.collect()
        assert resident() - before < 3_000_000
