"""/metrics counts over all workers and beyond their death; /readyz tells whether calls can be answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.server.watching import Gauges, Metrics, WorkersSeen, metrics_page, readiness
from soapsvc.server.wsgi import Watching
from soapsvc.tenant import Store
from tests.server.watching.mixed_load import Numbers, numbers
from tests.server.watching.watched import got, kill_a_worker, scraped
from tests.soap.client import Service, login, preview, request
from tests.soap.sample_tenant import BROKEN, MONTHLY, NOW, UNKNOWN, USER
from tests.support.server import serving
from tests.support.until import until

DASHBOARD = "docs/operate/grafana-dashboard.json"


@pytest.fixture
def service(store: Store) -> Service:
    """The application with its metrics, as a worker process has it, but for the folder that several share."""
    metrics, seen, gate = Metrics(), WorkersSeen(1), InFlight(1)
    metrics.watch_store(store)
    seen.use_slot(0)
    gauges = Gauges(store, fixed_clock(NOW), gate, InFlight(5), seen)
    probes = {
        "/metrics": metrics_page(lambda: metrics.text() + gauges.text(), None),
        "/readyz": readiness(store, {"runs": lambda: None}),
    }
    options = Options(sleep=lambda _: None, watching=Watching(metrics.call, probes))
    token = store.create_session(USER, int(NOW.timestamp()) + 900)
    return Service(application(store, options, fixed_clock(NOW), gate), token)


def counted(service: Service) -> Numbers:
    return numbers(service.request("GET", "/metrics").text)


def test_calls_accounts_items_faults_and_logins_are_counted(service: Service) -> None:
    items = len(service.preview(*[request(each) for each in (MONTHLY, BROKEN, UNKNOWN)]).results()[0].items)
    service.preview(request(MONTHLY))
    service.post(preview(request(MONTHLY), session="x"))
    service.post(login(USER, "wrong"))
    seen = counted(service)
    calls = ("soapsvc_call_duration_seconds_count", "billingPreview")
    assert seen[*calls, "ok", "soap"] == 2
    assert seen[*calls, "refused", "soap"] == 1
    assert seen["soapsvc_accounts_previewed_total", "soap"] == 2
    assert seen["soapsvc_items_previewed_total", "soap"] == 2 * items
    assert seen["soapsvc_accounts_failed_total", "soap"] == 2
    assert seen["soapsvc_faults_total", "INVALID_SESSION", "soap"] == 1
    assert seen["soapsvc_logins_refused_total", "wrong"] == 1
    assert seen["soapsvc_account_cache_lookups_total", "hit"] == 1
    assert seen["soapsvc_account_cache_lookups_total", "miss"] == 3
    assert seen["soapsvc_store_duration_seconds_count",] > 0


def test_callers_texts_are_never_labels(service: Service) -> None:
    service.post("<x")
    for path in ("/nothing/1", "/v1/nothing/2", "/apps/services/a/9.9"):
        service.request("GET", path)
    service.post(preview(request(MONTHLY), session="").replace("billingPreview", "madeUp"))
    labels = {key[1] for key in counted(service) if key[0] == "soapsvc_call_duration_seconds_count"}
    assert labels == {"other", "wsdl"}


def test_places_of_the_gate_taken_and_refused(service: Service, store: Store) -> None:
    gate = InFlight(1)
    assert gate.enter()
    assert not gate.enter()
    assert not gate.enter()
    page = Gauges(store, fixed_clock(NOW), gate, InFlight(5), WorkersSeen(1)).text().decode()
    seen = numbers(page)
    assert [seen[f"soapsvc_gate_{name}",] for name in ("places", "places_taken", "refused_total")] == [1, 1, 2]
    gate.leave()
    assert gate.free() == 1


def test_a_store_that_does_not_answer_is_reported_with_the_other_checks(service: Service, store: Store) -> None:
    assert counted(service)["soapsvc_store_up",] == 1
    with store.begin() as connection:
        connection.execute(text("ALTER TABLE billing_preview_runs RENAME TO elsewhere"))
    seen = counted(service)
    assert seen["soapsvc_store_up",] == 0
    assert seen["soapsvc_workers",] == 1


def test_readyz_is_a_line_for_each_thing_that_is_needed(service: Service, store: Store) -> None:
    ready = service.request("GET", "/readyz")
    assert (ready.status, ready.text) == (200, "store: ok\nmigrations: ok\nruns: ok\n")
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    reply = service.request("GET", "/readyz")
    assert reply.status == 503
    assert "migrations: the database has tables of version later; this release needs version " in reply.text
    assert service.request("GET", "/healthz").status == 200
    with store.begin() as connection:
        connection.execute(text("ALTER TABLE accounts RENAME TO elsewhere"))
    assert "store: the tenant store does not answer\n" in service.request("GET", "/readyz").text


def test_without_the_token_the_metrics_are_not_shown() -> None:
    page = Service(metrics_page(lambda: b"x 1\n", "word"))
    assert page.request("GET", "/").status == 401
    assert page.request("GET", "/", HTTP_AUTHORIZATION="Bearer wrong").status == 401
    assert page.request("GET", "/", HTTP_AUTHORIZATION="Bearer word").body == b"x 1\n"


def test_the_dashboard_asks_for_metrics_that_there_are(service: Service, root: Path) -> None:
    dashboard = json.loads((root / DASHBOARD).read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"soapsvc_\w+", target["expr"])
    }
    page = service.request("GET", "/metrics").text
    told = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    known = told | {f"{name}_{part}" for name in told for part in ("bucket", "count", "sum")}
    assert asked <= known
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} >= {t for t in told if "_created" not in t}


CALLS = "soapsvc_call_duration_seconds_count", "wsdl", "ok", "soap"


def test_counts_are_those_of_all_workers_also_of_those_that_died(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2", "--run-workers", "0") as server:
        made = 0
        for _ in range(3):
            for _ in range(20):
                assert got(server, "/apps/services/a/61.0?wsdl")[0] == 200
                made += 1
            # A call is counted just after its answer.
            until(lambda made=made: scraped(server)[CALLS] == made, "every call to be counted")
            kill_a_worker(server)
        after = scraped(server)
        assert after[CALLS] == made
        memory = [value for key, value in after.items() if key[0] == "soapsvc_worker_resident_memory_bytes"]
        assert len(memory) == 2
        assert min(memory) > 10_000_000
        assert got(server, "/readyz") == (200, "store: ok\nmigrations: ok\n")
