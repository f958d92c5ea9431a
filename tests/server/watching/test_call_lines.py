"""The log has one line for each call, with the user, the operation and the outcome; a normal call has no other line."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from soapsvc import logs
from soapsvc.clock import fixed_clock
from soapsvc.server import application
from soapsvc.tenant import Store
from soapsvc.web.calls import CallRecord
from tests.soap.client import Reply, Service, login, preview, request
from tests.soap.sample_tenant import BROKEN, EMPTY, MONTHLY, NOW, PASSWORD, UNKNOWN, USER
from tests.support.server import serving
from tests.support.services.log_lines import SCHEMA, Inspector, leaks

BULK = [request(each) for each in (MONTHLY, EMPTY, BROKEN, UNKNOWN)]
REST_PREVIEW = "/v1/operations/billing-preview"


@pytest.fixture
def service(store: Store) -> Service:
    token = store.create_session(USER, int(NOW.timestamp()) + 900)
    return Service(application(store, clock=fixed_clock(NOW)), token)


@pytest.fixture
def calls(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The fields of the lines that calls have written since it was asked last, at info."""
    caplog.set_level(logging.INFO, logger="soapsvc")

    def seen() -> list[dict[str, Any]]:
        lines = [dict(each.msg.log_fields()) for each in caplog.records if isinstance(each.msg, CallRecord)]
        assert len(lines) == len(caplog.records), [each.getMessage() for each in caplog.records]
        caplog.clear()
        return lines

    return seen


Calls = Callable[[], list[dict[str, Any]]]


def ask(service: Service, method: str, path: str, body: str = "", **environ: str) -> Reply:
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {service.token}", "CONTENT_TYPE": "application/json"}
    return service.request(method, path, body.encode(), **{**bearer, **environ})


def headers(reply: Reply) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers.items()}


def asked(account: str) -> str:
    return json.dumps({"accountId": account, "targetDate": "2014-06-30"})


def told(line: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(line.get(name) for name in names)


def test_a_bulk_call_is_one_line_with_its_accounts_items_and_errors(service: Service, calls: Calls) -> None:
    reply = service.preview(*BULK)
    (line,) = calls()
    expected = ("call", "soap", "billingPreview", "61.0", USER, 200, "ok")
    assert told(line, "message", "surface", "operation", "version", "user", "status", "outcome") == expected
    assert told(line, "accounts", "errors") == (2, 2)
    assert line["items"] == len(reply.results()[0].items) == 4
    assert line["milliseconds"] > 0


@pytest.mark.parametrize(
    ("body", "status", "accounts", "outcome", "code"),
    [
        (asked(MONTHLY), 200, 1, "ok", None),
        (asked(UNKNOWN), 200, 0, "refused", "not_found"),
        ("{", 200, 0, "refused", "malformed_request"),
    ],
)
def test_a_rest_call_is_one_line(
    service: Service, calls: Calls, body: str, status: int, accounts: int, outcome: str, code: str | None
) -> None:
    ask(service, "POST", REST_PREVIEW, body)
    (line,) = calls()
    assert told(line, "surface", "operation", "user") == ("rest", f"POST {REST_PREVIEW}", USER)
    assert told(line, "status", "accounts", "outcome", "code") == (status, accounts, outcome, code)


@pytest.mark.parametrize(
    "broken",
    [
        "<Session{}>",  # the bracket is lost: the token belongs to the name of the element
        "<a x{}/>",  # a word where an attribute's name is expected
        "<a:Session>{}</b{}>",
        "<x:{} ",
    ],
)
def test_a_token_in_a_message_that_is_not_well_formed_is_not_logged(
    service: Service, calls: Calls, broken: str
) -> None:
    service.login()
    calls()
    ask(service, "POST", "/apps/services/a/61.0", broken.replace("{}", service.token), CONTENT_TYPE="text/xml")
    (line,) = calls()
    assert "not well-formed" in str(line["reason"])
    assert service.token[9:] not in str(line)


@pytest.mark.parametrize(
    ("method", "path", "body", "line"),
    [
        ("GET", "/apps/services/a/61.0?wsdl", "", ("soap", "wsdl", "61.0", "ok", None)),
        ("GET", "/apps/services/a/1.0?wsdl", "", ("soap", "wsdl", None, "refused", "INVALID_VERSION")),
        ("POST", "/apps/services/a/61.0", "<x", ("soap", "other", "61.0", "refused", "Client")),
        ("POST", "/apps/services/a/61.0", preview(request(MONTHLY), session="x"),
         ("soap", "billingPreview", "61.0", "refused", "INVALID_SESSION")),
        ("POST", "/apps/services/a/61.0", login(USER, "wrong"),
         ("soap", "login", "61.0", "refused", "INVALID_VALUE")),
        ("PUT", "/apps/services/a/61.0", "", ("http", "other", None, "refused", None)),
        ("GET", "/nothing", "", ("http", "other", None, "refused", None)),
        ("GET", "/v1/nothing", "", ("rest", "other", None, "refused", "not_found")),
    ],
)  # fmt: skip
def test_every_other_request_is_one_line_too(
    service: Service, calls: Calls, method: str, path: str, body: str, line: tuple[str | None, ...]
) -> None:
    ask(service, method, path, body, CONTENT_TYPE="text/xml")
    (found,) = calls()
    assert told(found, "surface", "operation", "version", "outcome", "code") == line


def test_the_log_names_the_user_of_a_login(service: Service, calls: Calls) -> None:
    service.login(USER, PASSWORD)
    (line,) = calls()
    assert told(line, "operation", "user", "outcome") == ("login", USER, "ok")


def test_a_health_check_is_logged_at_debug_only(service: Service, calls: Calls) -> None:
    assert service.request("GET", "/healthz").status == 200
    assert calls() == []


def test_an_answer_that_is_not_read_to_its_end_is_broken_off(service: Service, calls: Calls) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/openapi.yaml", "wsgi.url_scheme": "http", "QUERY_STRING": ""}
    environ |= {"SERVER_NAME": "h", "SERVER_PORT": "80", "HTTP_HOST": "h", "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "SCRIPT_NAME": ""}
    body = service.application(environ, lambda *_: None)
    body.close()  # type: ignore[attr-defined]
    body.close()  # type: ignore[attr-defined]
    (line,) = calls()
    assert told(line, "outcome", "code") == ("refused", "broken_off")


def test_an_asynchronous_answer_has_its_own_log_line_with_the_requests_id(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="soapsvc")
    body = '{"target_date": "2014-06-30"}'
    accepted = ask(service, "POST", f"/accounts/{MONTHLY}/preview", body, HTTP_ASYNC="true", HTTP_X_REQUEST_ID="mine")
    assert accepted.status == 202
    deadline = time.monotonic() + 30
    while not (late := [each.msg for each in caplog.records if "operation='async " in each.getMessage()]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    expected = ("mine", USER, 1, 200, "ok")
    assert [told(each.log_fields(), "request_id", "user", "accounts", "status", "outcome") for each in late] == [
        expected
    ]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("abc-1/2:3@x", True), ("9." * 64, True), ("9." * 64 + "9", False), ("a b", False), ("<x>", False), ("", False)],
)
def test_the_caller_s_request_id_is_taken_where_it_is_one_and_echoed(
    service: Service, calls: Calls, given: str, is_taken: bool
) -> None:
    soap = service.preview(request(MONTHLY), HTTP_X_REQUEST_ID=given)
    rest = ask(service, "GET", "/v1/nothing", HTTP_X_REQUEST_ID=given)
    lines = calls()
    for reply, line in zip((soap, rest), lines, strict=True):
        assert headers(reply)["x-request-id"] == line["request_id"]
        assert (line["request_id"] == given) == is_taken
    assert headers(rest)["zuora-request-id"] == headers(rest)["x-request-id"]


def test_reasons_and_warnings_of_previews_are_logged_at_debug(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="soapsvc")
    service.preview(request(EMPTY))
    ask(service, "POST", REST_PREVIEW, asked(EMPTY))
    reasons = [each.getMessage() for each in caplog.records if each.levelno == logging.DEBUG]
    assert len(reasons) == 2
    assert all("NO_SUBSCRIPTIONS" in each for each in reasons)


def test_text_is_a_line_that_people_read() -> None:
    record = logging.LogRecord("soapsvc.call", logging.INFO, "", 0, CallRecord("r-1", user="jo b"), None, None)
    record.created = 1400000000.5
    assert logs.TextLines().format(record) == (
        "2014-05-13T16:53:20.500Z INFO soapsvc.call: request_id=r-1 surface=http operation=other user='jo b' accounts=0"
        " items=0 errors=0 status=0 milliseconds=0.0 outcome=ok"
    )


@pytest.mark.parametrize("form", logs.FORMS)
def test_an_error_is_reported_with_its_path(form: logs.Form, monkeypatch: pytest.MonkeyPatch) -> None:
    formatter = {"text": logs.TextLines, "json": logs.JsonLines}[form]()
    try:
        raise ZeroDivisionError("why\nso")
    except ZeroDivisionError:
        record = logging.LogRecord("soapsvc", logging.ERROR, "", 0, "%s broke", ("it",), sys.exc_info())
    line = formatter.format(record)
    if form == "json":
        assert "\n" not in line
        assert "ZeroDivisionError: why\nso" in json.loads(line)["exception"]
    else:
        assert line.splitlines()[0].endswith("ERROR soapsvc: it broke")
        assert line.endswith("ZeroDivisionError: why\nso")


def test_a_server_logs_its_start_and_one_line_for_each_call(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2", "--log-format", "json") as server:
        seen = [_get(f"{server.url}{path}") for path in ("/healthz", "/apps/services/a/61.0?wsdl", "/nothing")]
    assert seen == [200, 200, 404]
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    for line in lines:
        schema.validate(line)
    start, *others = lines
    assert told(start, "message", "level", "workers", "threads", "address") == ("serving", "info", 2, 256, server.url)
    assert start["store"].startswith("sqlite:///")
    # A line follows its answer, so the line of the next call may be earlier.
    assert sorted(told(line, "operation", "status") for line in others) == [("other", 404), ("wsdl", 200)]


def test_the_log_level_decides_which_calls_are_logged(tmp_path: Path) -> None:
    for level, expected in (("warning", []), ("debug", ["healthz", "wsdl"])):
        with serving(tmp_path / level, "--demo", "--workers", "1", "--log-level", level) as server:
            assert [_get(f"{server.url}{path}") for path in ("/healthz", "/apps/services/a/61.0?wsdl")] == [200, 200]
        log = (tmp_path / level).read_text()
        # A line follows its answer, so the line of the next call may be earlier.
        assert sorted(re.findall(r"operation=(\w+)", log)) == expected


def _get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_inspector_of_all_logs_sees_secrets_and_odd_fields(inspector: Inspector, store: Store) -> None:
    """The fixture that looks at every line of the suite would fail here, were its finds not taken away."""
    token, log = store.create_session(USER, 2_000_000_000), logging.getLogger("soapsvc.test")
    log.info("session %s", token)
    log.info("in %r", PASSWORD)
    log.info(logs.Event("odd", unknown=1))
    wrong, inspector.wrong = inspector.wrong, []
    assert len(wrong) == 3
    assert leaks(f"2026 INFO {token}\nnothing") == [f"2026 INFO {token}"]
    stream = io.StringIO()
    stream.write("nothing")
    assert leaks(stream.getvalue()) == []
