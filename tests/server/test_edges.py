"""Rules for every answer of every API, tested without a socket."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight, SharedRates
from soapsvc.tenant import Store
from soapsvc.web.gate import Once
from soapsvc.web.quotas import Window
from tests.soap.client import envelope, login, preview, request, session_header
from tests.soap.sample_tenant import MONTHLY, NOW, USER

SOAP = "/apps/services/a/61.0"
Ask = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def token(store: Store) -> str:
    return store.create_session(USER, int(NOW.timestamp()) + 900)


def asking(store: Store, **shared: Any) -> Ask:
    """How to ask an application: method, path, body and what else is in the environment."""
    serve = application(store, Options(), fixed_clock(NOW), **shared)

    def ask(method: str, path: str, body: bytes = b"", **environ: str) -> tuple[int, dict[str, str], bytes]:
        seen: list[tuple[str, list[tuple[str, str]]]] = []
        base = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "SERVER_NAME": "h",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        answer = serve({**base, **environ}, lambda status, headers, *_: seen.append((status, headers)))
        content = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return int(seen[-1][0][:3]), {name.lower(): value for name, value in seen[-1][1]}, content

    return ask


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/accounts/x", 404),
        ("GET", "/openapi.yaml", 200),
        ("GET", "/docs", 200),
        ("POST", "/oauth/token", 400),
        ("POST", "/v1/operations/billing-preview", 401),
        ("GET", f"{SOAP}?wsdl", 200),
        ("POST", SOAP, 500),
        ("PUT", SOAP, 405),
    ],
)
def test_no_browser_treats_an_answer_as_another_media_type(store: Store, method: str, path: str, status: int) -> None:
    answered, headers, _ = asking(store)(method, path)
    assert (answered, headers["x-content-type-options"]) == (status, "nosniff")


def test_a_path_that_does_not_exist_is_not_repeated_as_it_came(store: Store) -> None:
    status, _, body = asking(store)("GET", "/v1/<script>alert('x')</script>")
    assert status == 404
    assert b"<script>" not in body
    assert b"%3Cscript%3E" in body


def test_calls_without_a_token_do_not_use_up_the_tenants_rate(store: Store, token: str) -> None:
    """Two calls a minute: strangers have theirs, the tenant's users theirs."""
    rates, strangers = SharedRates([Window(2, 60)]), SharedRates([Window(2, 60)])
    ask = asking(store, rates=rates, strangers=strangers)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    path = "/v1/operations/billing-preview"
    assert [ask("POST", path, b"{}")[0] for _ in range(3)] == [401, 401, 429]
    assert ask("GET", "/openapi.yaml")[0] == 429
    own = [ask("POST", path, b"{}", **bearer) for _ in range(3)]
    assert [headers["ratelimit-remaining"] for _, headers, _ in own] == ["1", "0", "0"]
    assert [status for status, *_ in own] == [200, 200, 429]


def test_open_routes_and_messages_that_cannot_be_read_take_no_place_of_the_gate(store: Store, token: str) -> None:
    ask = asking(store, gate=InFlight(0))
    assert [ask("GET", path)[0] for path in ("/openapi.yaml", "/docs", f"{SOAP}?wsdl")] == [200, 200, 200]
    assert ask("POST", SOAP, b"<", CONTENT_LENGTH="9", CONTENT_TYPE="text/xml")[0] == 500
    assert ask("POST", SOAP, preview(request(MONTHLY), session=token).encode(), CONTENT_TYPE="text/xml")[0] == 429


def test_a_login_that_waits_takes_no_place_of_the_gate(
    store: Store, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords are hashed two at a time: 40 strangers who guess would have all the places while they wait for that."""
    hashing, done = Event(), Event()

    def check(_found: object, _secret: str) -> bool:
        hashing.set()
        done.wait(60)
        return False

    monkeypatch.setattr("soapsvc.web.logins.fits", check)
    gate = InFlight(1)
    ask = asking(store, gate=gate)
    with ThreadPoolExecutor(1) as threads:
        guess = threads.submit(ask, "POST", SOAP, login(USER, "x").encode(), CONTENT_TYPE="text/xml")
        assert hashing.wait(60)
        call = preview(request(MONTHLY), session=token).encode()
        assert ask("POST", SOAP, call, CONTENT_TYPE="text/xml")[0] == 200
        done.set()
        assert guess.result()[0] == 500
    assert gate.free() == 1


def test_a_place_is_released_once_by_the_first_of_two_threads() -> None:
    gate = InFlight(1000)
    places = [Once(gate.leave) for _ in range(1000) if gate.enter()]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: [place() for place in places], range(4)))
    assert gate.free() == 1000


def test_the_places_of_a_dead_worker_are_released() -> None:
    gate = InFlight(2, slots=2)
    gate.use_slot(1)
    assert [gate.enter() for _ in range(3)] == [True, True, False]
    gate.forget(1)
    assert gate.free() == 2


@pytest.mark.parametrize(
    "media_type",
    [
        "text/xml; charset*=a; charset*0=b",
        f"text/xml; charset*{'1' * 4301}=x",
        "text/xml; charset*0*=utf-8''utf-8; charset*1=x",
        "text/xml; charset=",
        'text/xml; charset="',
        "text/xml;;; =;charset",
        "text/xml; charset*=utf-8'",
    ],
)
def test_odd_parameters_of_a_media_type_are_accepted(
    store: Store, token: str, media_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = preview(request(MONTHLY), session=token).encode()
    assert asking(store)("POST", SOAP, body, CONTENT_TYPE=media_type)[0] == 200
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 20, "3000000"])
def test_a_length_beyond_any_is_too_large(store: Store, token: str, length: str) -> None:
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}", "CONTENT_LENGTH": length, "HTTP_PREFER": "handling=strict"}
    assert asking(store)("POST", "/v1/operations/billing-preview", b"{}", **bearer)[0] == 413


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/billing-preview-runs/\n2026-01-01 ERROR forged", b""),
        (
            "POST",
            "/v1/operations/billing-preview",
            b'{"accountId": "\\n2026 ERROR forged", "targetDate": "2014-07-01"}',
        ),
        ("POST", "/accounts/\x1b[2J/preview", b'{"target_date": "2014-07-01"}'),
        ("POST", "/v1/billing-preview-runs", b'{"targetDate": "%s"}' % (b"x" * 1_000_000)),
        ("POST", SOAP, envelope(f"<a:{'x' * 1000}/>").encode()),
        (
            "POST",
            SOAP,
            envelope("<a:query><a:queryString>select\n2026 ERROR forged</a:queryString></a:query>").encode(),
        ),
        ("POST", "/apps/services/a/61\n2026 ERROR forged", b"<x/>"),
    ],
    ids=["run", "account", "escape", "long value", "long name", "query", "version"],
)
def test_callers_write_no_lines_of_their_own_into_the_log(
    store: Store, token: str, method: str, path: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    body = body.replace(b"<e:Body>", f"<e:Header>{session_header(token)}</e:Header><e:Body>".encode())
    media_type = "text/xml" if path.startswith("/apps") else "application/json"
    asking(store)(method, path, body, HTTP_AUTHORIZATION=f"Bearer {token}", CONTENT_TYPE=media_type)
    written = [record.getMessage() for record in caplog.records]
    assert written != []
    assert [line for line in written if not line.isprintable() or len(line) > 700] == []
