"""Previews recorded over SOAP: a user logs in, sessions end, faults are answered as they are meant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.clock import fixed_clock
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.asking import OverSoap, Recorded, record
from soapsvc.parity.recording import Item, recorded_previews
from soapsvc.vendor.client import Patience, Vendor
from soapsvc.vendor.credentials import AccessKeys
from soapsvc.vendor.errors import Busy, CredentialsRefused, Forbidden
from soapsvc.vendor.fetching import Selection
from soapsvc.vendor.pace import Pace
from soapsvc.vendor.soap_calls import SoapEndpoint, soap_host
from tests.support.services.faulty import FAULTS, Faulty
from tests.support.services.serving import served
from tests.support.services.waiting import Made
from tests.vendor.conftest import Application
from tests.vendor.previews import preview_of
from tests.vendor.tenant import NOW, SECRETS_OF_PEOPLE

USER = AccessKeys("reader@example.com", "reader-password")
REQUEST = PreviewRequest(date(2024, 9, 1))
SOAP_PATH = "/apps/services/a/81.0"
FAULT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>fns:{0}</faultcode>'
    '<faultstring>told</faultstring><detail><f:UnexpectedErrorFault xmlns:f="http://fault.api.zuora.com/">'
    "<f:FaultCode>{0}</f:FaultCode><f:FaultMessage>told</f:FaultMessage></f:UnexpectedErrorFault></detail></e:Fault>"
    "</e:Body></e:Envelope>"
)


def vendor_of(transport: httpx.BaseTransport, keys: AccessKeys = USER) -> Vendor:
    patience = Patience(attempts=30, sleep=lambda _seconds: None)
    return Vendor("https://rest.example.com", keys, patience=patience, transport=transport, pace=Pace(4, Made()))


def recorded(app: Application, path: Path, keys: tuple[str, ...] = (), request: PreviewRequest = REQUEST) -> Recorded:
    with vendor_of(httpx.WSGITransport(app=app)) as vendor:
        previews = OverSoap(SoapEndpoint(vendor, USER))
        clock = fixed_clock(NOW)
        return record(vendor, path, Selection(keys), request, previews=previews, at_once=3, clock=clock)


def amounts(item: Item) -> Item:
    """The item without its names, which each file hides in its own way."""
    return replace(item, charge_name=None)


class Intercepted:
    """The service, and before it whatever a test answers; `envelopes` are the SOAP calls that were made."""

    def __init__(self, application: Application, answer: Callable[[int, str], httpx.Response | None]) -> None:
        self._inner = httpx.WSGITransport(app=application)
        self._answer = answer
        self.envelopes: list[str] = []
        self.headers: list[httpx.Headers] = []

    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == SOAP_PATH:
            text = request.content.decode()
            self.envelopes.append(text)
            self.headers.append(request.headers)
            if (made := self._answer(len(self.envelopes), text)) is not None:
                return _sent(made)
        return _sent(self._inner.handle_request(request))


def _sent(answer: httpx.Response) -> httpx.Response:
    """An answer as it comes from a network: not read yet."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if not name.startswith("content-")]
    return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(answer.read()))


def called(upstream: Application, answer: Callable[[int, str], httpx.Response | None]) -> Intercepted:
    """One preview, with these answers to the calls before the service's own."""
    service = Intercepted(upstream, answer)
    with vendor_of(service.transport()) as vendor:
        OverSoap(SoapEndpoint(vendor, USER)).answer(REQUEST, f"{1:032x}")
    return service


def test_the_answer_is_what_the_upstream_previews_without_taxes(
    upstream: Application, source: Path, tmp_path: Path
) -> None:
    found = recorded(upstream, tmp_path / "r.jsonl", ("A00000001", "A00000003"))
    assert (found.added, found.failed) == (2, [])
    for preview in recorded_previews(tmp_path / "r.jsonl"):
        assert preview.account_number is not None
        theirs = preview_of(source, preview.account_number, "2024-09-01")
        assert [f"{item.amount}" for item in preview.answer.items] == [f"{item['chargeAmount']}" for item in theirs]
        assert {item.tax for item in preview.answer.items} == {None}
        assert (preview.recorded_at, preview.request, preview.surface) == (NOW, REQUEST, "soap")


def test_all_that_a_request_says_is_asked(upstream: Application, tmp_path: Path) -> None:
    request = PreviewRequest(date(2025, 9, 1), AssumeRenewal.ALL, frozenset({"Usage", "OneTime"}), True)
    recorded(upstream, tmp_path / "r.jsonl", ("A00000005",), request)
    (preview,) = recorded_previews(tmp_path / "r.jsonl")
    assert preview.request == request
    assert {item.charge_name for item in preview.answer.items} != set()
    assert {item.charge_type for item in preview.answer.items} == {"Recurring"}


def test_a_recording_over_rest_is_none_over_soap_and_one_of_each_is_gone_on_with(
    upstream: Application, tmp_path: Path
) -> None:
    path = tmp_path / "r.jsonl"
    with vendor_of(httpx.WSGITransport(app=upstream)) as vendor:
        record(vendor, path, Selection(("A00000001",)), REQUEST, clock=fixed_clock(NOW))
    assert recorded(upstream, path, ("A00000001",)).added == 1
    assert recorded(upstream, path, ("A00000001",)).there == 1
    assert [each.surface for each in recorded_previews(path)] == ["rest", "soap"]


def test_it_is_replayed_by_verify(upstream: Application, source: Path, tmp_path: Path) -> None:
    recorded(upstream, tmp_path / "r.jsonl")
    result = CliRunner().invoke(main, ["verify", str(tmp_path / "r.jsonl"), "--tenant", str(source)])
    assert result.exit_code == 0, result.output
    assert "12 of 12" in result.output


def test_personal_data_and_sessions_are_removed(upstream: Application, tmp_path: Path) -> None:
    recorded(upstream, tmp_path / "r.jsonl")
    written = (tmp_path / "r.jsonl").read_text()
    secrets = (*SECRETS_OF_PEOPLE, USER.access_key_id, USER.secret_access_key, "ession")
    assert [secret for secret in secrets if secret in written] == []


def test_many_faults_change_nothing(upstream: Application, tmp_path: Path) -> None:
    app = Faulty(upstream, share=0.15, seed=5, kinds=tuple(kind for kind in FAULTS if kind != "401"))
    assert (recorded(app, tmp_path / "bad.jsonl").failed, sum(app.faults.values()) > 5) == ([], True)
    recorded(upstream, tmp_path / "good.jsonl")
    one, other = (
        {each.account: each.answer.items for each in recorded_previews(tmp_path / name)}
        for name in ("bad.jsonl", "good.jsonl")
    )
    assert {key: list(map(amounts, found)) for key, found in one.items()} == {
        key: list(map(amounts, found)) for key, found in other.items()
    }


def test_a_session_that_is_over_is_renewed_once(upstream: Application) -> None:
    def over(call: int, _text: str) -> httpx.Response | None:
        return httpx.Response(500, text=FAULT.format("INVALID_SESSION")) if call == 2 else None

    service = called(upstream, over)
    assert [("login" in each) for each in service.envelopes] == [True, False, True, False]
    sessions = [found[1] for each in service.envelopes if (found := re.search(r"session>([^<]+)<", each))]
    assert len(set(sessions)) == 2


def test_a_session_that_is_never_taken_is_an_end(upstream: Application) -> None:
    def over(_call: int, text: str) -> httpx.Response | None:
        return None if "login" in text else httpx.Response(500, text=FAULT.format("INVALID_SESSION"))

    with pytest.raises(CredentialsRefused, match="refuses its own new session"):
        called(upstream, over)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(429, text=FAULT.format("REQUEST_EXCEEDED_LIMIT"), headers={"Retry-After": "120"}),
        httpx.Response(500, text=FAULT.format("REQUEST_EXCEEDED_RATE")),
        httpx.Response(429, json={"reasons": [{"code": 70, "message": "API Rate limit exceeded"}]}),
        httpx.Response(500, text=FAULT.format("LOCK_COMPETITION")),
        httpx.Response(503, text="<html>away</html>"),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, text="<Envelope><Bo"),
        httpx.Response(504),
    ],
    ids=["limit", "rate", "rate as JSON", "lock", "HTML", "HTML with 200", "half", "gateway"],
)
def test_temporary_failures_are_retried(upstream: Application, answer: httpx.Response) -> None:
    service = called(upstream, lambda call, _text: answer if call == 2 else None)
    assert [("login" in each) for each in service.envelopes] == [True, False, False]


def test_a_limit_that_stays_is_named(upstream: Application) -> None:
    with pytest.raises(Busy, match="answered REQUEST_EXCEEDED_LIMIT: told"):
        called(upstream, lambda _call, _text: httpx.Response(429, text=FAULT.format("REQUEST_EXCEEDED_LIMIT")))


def test_a_user_without_the_permission_gets_its_own_error(upstream: Application) -> None:
    def forbidden(call: int, _text: str) -> httpx.Response | None:
        return httpx.Response(500, text=FAULT.format("API_DISABLED")) if call > 1 else None

    with pytest.raises(Forbidden, match="API_DISABLED"):
        called(upstream, forbidden)


def test_a_wrong_password_is_an_end(upstream: Application) -> None:
    with (
        vendor_of(httpx.WSGITransport(app=upstream)) as vendor,
        pytest.raises(CredentialsRefused, match="the login was refused") as refused,
    ):
        SoapEndpoint(vendor, AccessKeys("reader@example.com", "wrong-word")).call("<a:getUserInfo/>")
    assert "wrong-word" not in f"{refused.value}"


def test_a_call_carries_no_other_secret_than_the_session(upstream: Application) -> None:
    service = called(upstream, lambda _call, _text: None)
    assert "reader-password" not in service.envelopes[1]
    assert [each for each in service.headers if "apisecretaccesskey" in each or "authorization" in each] == []


@pytest.mark.parametrize(
    ("rest", "soap"),
    [
        ("https://rest.zuora.com", "https://www.zuora.com"),
        ("https://rest.na.zuora.com", "https://na.zuora.com"),
        ("https://rest.apisandbox.zuora.com", "https://apisandbox.zuora.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://rest.example.com", "https://rest.example.com"),
    ],
)
def test_the_soap_host_beside_a_rest_host(rest: str, soap: str) -> None:
    assert f"{soap_host(httpx.URL(rest))}" == soap


def test_the_command_records_over_soap(upstream: Application, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SOAPSVC_UPSTREAM_ACCESS_KEY_ID", USER.access_key_id)
    monkeypatch.setenv("SOAPSVC_UPSTREAM_SECRET_ACCESS_KEY", USER.secret_access_key)
    (tmp_path / "keys").write_text("A00000002\n")
    with served(upstream) as url:
        asked = ["record", "--upstream", url, "--surface", "soap", "--accounts", str(tmp_path / "keys")]
        result = CliRunner().invoke(main, [*asked, "--target-date", "2024-09-01", str(tmp_path / "r.jsonl")])
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["surface"] for line in (tmp_path / "r.jsonl").read_text().splitlines()[1:]] == ["soap"]


@pytest.mark.parametrize(
    ("environment", "options", "problem"),
    [
        ({"CLIENT_ID": "a", "CLIENT_SECRET": "b"}, [], "SOAP signs in with a user"),
        ({"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}, ["--include-draft-items"], "SOAP has no draft items"),
        ({"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}, ["--soap-url", "http://example.com"], "is not https"),
    ],
)
def test_options_without_a_form_in_soap_are_refused_at_once(
    tmp_path: Path, monkeypatch: Any, environment: dict[str, str], options: list[str], problem: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"SOAPSVC_UPSTREAM_{name}", value)
    asked = ["record", "--upstream", "http://127.0.0.1:9", "--surface", "soap", "--target-date", "2024-09-01"]
    result = CliRunner().invoke(main, [*asked, *options, str(tmp_path / "r.jsonl")])
    assert result.exit_code != 0
    assert problem in " ".join(result.output.replace("│", " ").split())
