"""Calls as spans: the stages within the call, the call within its caller's trace, and the trace in the log."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from soapsvc import __version__
from soapsvc.cli import main
from soapsvc.resources import fixtures_dir
from soapsvc.server import Options, application
from soapsvc.server.watching import Traces
from soapsvc.server.wsgi import Watching
from soapsvc.tenant import UserEntry, open_tenant
from soapsvc.web.calls import TraceParent, trace_parent
from tests.rest.client import Rest
from tests.server.watching.watched import got
from tests.soap.client import Service, request
from tests.support.server import serving
from tests.support.services.collector import collecting

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ACCOUNT = "8ad0f00dacc0000901948a5b50090009"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (f"00-{TRACE}-{PARENT}-01", TraceParent(TRACE, PARENT, "01")),
        (f"00-{TRACE}-{PARENT}-00", TraceParent(TRACE, PARENT, "00")),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later", TraceParent(TRACE, PARENT, "01")),
        (f"00-{TRACE}-{PARENT}-01-more", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        (f"00-{TRACE}-{PARENT}", None),
        (f"00-{TRACE}-{PARENT}-01\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_traceparent_is_read_as_the_recommendation_has_it(given: str | None, expected: TraceParent | None) -> None:
    assert trace_parent(given) == expected


class Traced:
    """The demo tenant behind an application whose spans are kept."""

    def __init__(self) -> None:
        store = open_tenant(fixtures_dir())
        store.put_user(UserEntry("demo@example.com", password="demo", client_id="demo", client_secret="demo"))
        self.exporter = InMemorySpanExporter()
        self.traces = Traces(self.exporter)
        self.application = application(store, Options(run_workers=0, watching=Watching(self.traces.call)))
        self.store = store

    def spans(self) -> list[Any]:
        self.traces.finish()
        return list(self.exporter.get_finished_spans())


@pytest.fixture
def traced() -> Any:
    made = Traced()
    yield made
    made.store.close()


def test_a_preview_is_a_span_with_its_stages_one_after_the_other(traced: Traced) -> None:
    soap = Service(traced.application)
    soap.login("demo@example.com", "demo")
    soap.preview(request(ACCOUNT, "2026-12-31"))
    *stages, call = traced.spans()[-4:]
    assert call.name == "soap billingPreview"
    assert [each.name for each in stages] == ["read, sign in, load", "preview", "write"]
    assert {each.parent.span_id for each in stages} == {call.context.span_id}
    times = [call.start_time, *(each.end_time for each in stages)]
    assert times == sorted(times)
    assert [each.start_time for each in stages[1:]] == [each.end_time for each in stages[:-1]]
    assert stages[-1].end_time == call.end_time
    told = call.attributes
    assert (told["soapsvc.accounts"], told["enduser.id"], told["soapsvc.outcome"]) == (1, "demo@example.com", "ok")
    assert 0 < told["soapsvc.engine_milliseconds"] <= (call.end_time - call.start_time) / 1e6


def test_a_call_without_preview_is_one_span_and_a_probe_none(traced: Traced) -> None:
    rest = Rest(traced.application)
    rest.request("GET", "/healthz", b"", None, "text/plain")
    rest.request("GET", "/nowhere", b"", None, "text/plain")
    (call,) = traced.spans()
    assert (call.name, call.attributes["http.response.status_code"]) == ("http other", 404)
    assert call.parent is None


def test_the_span_is_a_child_of_the_callers_and_the_log_names_its_trace(
    traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="soapsvc.call")
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    Rest(traced.application).request("GET", "/nowhere", b"", headers, "text/plain")
    (call,) = traced.spans()
    assert (f"{call.context.trace_id:032x}", f"{call.parent.span_id:016x}") == (TRACE, PARENT)
    fields = caplog.records[-1].msg.log_fields()
    assert (fields["trace_id"], fields["parent_id"]) == (TRACE, PARENT)
    assert json.dumps(dict(fields))


def test_a_caller_that_does_not_sample_gets_no_span(traced: Traced) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
    Rest(traced.application).request("GET", "/nowhere", b"", headers, "text/plain")
    assert traced.spans() == []


def test_a_worker_sends_its_waiting_spans_when_it_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans go out every five seconds: those of the last five go when the service is told to stop."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "previews of the north")
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging")
        with serving(tmp_path / "log", "--demo", "--workers", "2", "--run-workers", "0", "--traces") as server:
            assert [got(server, "/apps/services/a/61.0?wsdl")[0] for _ in range(4)] == [200] * 4
        assert [span.name for span in collector.spans] == ["soap wsdl"] * 4
        told = collector.resource
    assert (told["service.name"], told["deployment.environment"]) == ("previews of the north", "staging")
    assert told["service.version"] == __version__


def test_a_collector_that_does_not_answer_keeps_no_worker_from_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, and never answers
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        options = ("--demo", "--workers", "1", "--run-workers", "0", "--traces", "--log-format", "json")
        with serving(tmp_path / "log", *options) as server:
            assert got(server, "/apps/services/a/61.0?wsdl")[0] == 200
            process = server.process
    assert process.returncode == 0
    for line in (tmp_path / "log").read_text().splitlines():
        json.loads(line)


def test_an_address_that_no_span_can_be_sent_to_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")
    result = CliRunner().invoke(main, ["serve", "--demo", "--traces"])
    told = "'collector:4318' is not an http or https URL such as http://collector:4318."
    assert (result.exit_code, result.output) == (2, f"Error: OTEL_EXPORTER_OTLP_ENDPOINT: {told}\n")
