"""Faults: which calls meet one, and what then becomes of the answer."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from soapsvc.soap.contract import TYPES
from soapsvc.testing import Server
from tests.soap.client import SOAP12, Service, envelope, preview, request
from tests.standin.client import Standing
from tests.support.until import until

GOLD = {"plan": "Gold", "price": 10, "start": "2026-01-01"}
CODES = [
    "INVALID_SESSION",
    "LOCK_COMPETITION",
    "INVALID_LOGIN",
    "MALFORMED_QUERY",
    "TRANSACTION_TIMEOUT",
    "UNKNOWN_ERROR",
]


@pytest.fixture
def soap(stand: Standing) -> Service:
    """A client that has logged in."""
    client = stand.soap
    client.login("tests@example.com", "tests")
    return client


def add(stand: Standing, effect: object, **match: object) -> str:
    return str(stand.ok("POST", "/faults", {**match, "effect": effect})["id"])


@pytest.mark.parametrize("code", CODES)
def test_any_fault_of_the_contract_by_its_code(stand: Standing, soap: Service, code: str) -> None:
    add(stand, {"fault": code, "message": "as told"})
    assert soap.preview(request("a" * 32)).fault[:2] == (f"fns:{code}", "as told")


def test_faults_have_the_elements_and_statuses_of_the_contract(stand: Standing, soap: Service) -> None:
    for effect, detail, status in [
        ({"fault": "MALFORMED_QUERY"}, "MalformedQueryFault", 500),
        ({"fault": "INVALID_TYPE"}, "InvalidTypeFault", 500),
        ({"fault": "INVALID_VALUE", "detail": "LoginFault"}, "LoginFault", 500),
        ({"fault": "SERVER_UNAVAILABLE", "retryAfter": 7}, "UnexpectedErrorFault", 503),
        ({"fault": "UNKNOWN_ERROR", "status": 418}, "UnexpectedErrorFault", 418),
    ]:
        stand.ok("DELETE", "/faults")
        add(stand, effect)
        reply = soap.preview(request("a" * 32))
        assert (reply.fault[2], reply.status) == (detail, status)
    stand.ok("DELETE", "/faults")
    add(stand, {"fault": "SERVER_UNAVAILABLE", "retryAfter": 7})
    assert soap.preview().headers["Retry-After"] == "7"


@pytest.mark.parametrize("element", [each.name for each in TYPES if each.base == "ApiFault"])
def test_every_fault_element_of_the_contract_can_be_requested(stand: Standing, soap: Service, element: str) -> None:
    add(stand, {"fault": "INVALID_VALUE", "detail": element})
    assert soap.preview(request("a" * 32)).fault[2] == element


def test_a_fault_comes_in_the_envelope_of_the_call(stand: Standing, soap: Service) -> None:
    add(stand, {"fault": "INVALID_SESSION"})
    reply = soap.post(preview(session=soap.token, soap=SOAP12), CONTENT_TYPE="application/soap+xml")
    assert SOAP12 in reply.text
    assert reply.headers["Content-Type"].startswith("application/soap+xml")


def test_a_login_fault(stand: Standing) -> None:
    add(stand, {"fault": "INVALID_VALUE"}, operation="login")
    assert stand.soap.login("tests@example.com", "tests").fault[2] == "LoginFault"


def test_reasons_of_a_row(stand: Standing, soap: Service) -> None:
    add(stand, {"reasons": [{"code": "LOCK_COMPETITION", "message": "wait", "field": "AccountId"}]})
    (first, second) = soap.preview(request("a" * 32), request("b" * 32)).results()
    assert (first.get("AccountId"), first.get("Success")) == ("a" * 32, "false")
    assert second.errors == [("LOCK_COMPETITION", "wait", "AccountId")]


def test_success_false_with_reasons_and_an_expired_session_over_rest(stand: Standing) -> None:
    stand.rest.token = stand.token()
    add(stand, {"reasons": [{"code": 50000030, "message": "not now"}]}, times=1)
    add(stand, {"sessionExpired": True}, operation="createBillingPreview")
    failed = stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01")
    assert (failed.status, failed.reasons) == (200, [(50000030, "not now")])
    assert stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01").status == 401
    assert stand.rest.get("/v1/accounts/A-1").status == 200


def test_too_many_requests_with_retry_after_on_every_surface(stand: Standing, soap: Service) -> None:
    stand.rest.token = stand.token()
    add(stand, {"status": 429, "retryAfter": 3})
    v1 = stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01")
    assert (v1.status, v1.headers["retry-after"], v1.json["success"]) == (429, "3", False)
    quickstart = stand.rest.account_preview("A-1", target_date="2026-02-01")
    assert (quickstart.status, quickstart.json["type"]) == (429, "rate_limit_error")
    soaped = soap.preview()
    assert (soaped.status, soaped.fault[0], soaped.headers["Retry-After"]) == (429, "fns:REQUEST_EXCEEDED_LIMIT", "3")


def test_a_status_with_a_body_of_its_own(stand: Standing) -> None:
    effect = {"status": 502, "body": "<h1>Bad</h1>", "contentType": "text/html", "headers": {"Via": "proxy"}}
    add(stand, effect)
    reply = stand.rest.get("/v1/accounts/A-1")
    assert (reply.status, reply.body, reply.headers["via"]) == (502, b"<h1>Bad</h1>", "proxy")
    assert reply.headers["content-type"] == "text/html"


def test_the_true_answer_with_a_wrong_content_type(stand: Standing, soap: Service) -> None:
    add(stand, {"contentType": "text/html"})
    reply = soap.preview(request("a" * 32))
    assert reply.headers["Content-Type"] == "text/html"
    assert len(reply.results()) == 1


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, [True, True, True]),
        ({"nth": 2}, [False, True, False]),
        ({"nth": 2, "times": 5}, [False, True, True]),
        ({"times": 2}, [True, True, False]),
        ({"operation": "billingPreview"}, [True, True, True]),
        ({"operation": "query"}, [False, False, False]),
        ({"version": "61.0"}, [True, True, True]),
        ({"version": "69.0"}, [False, False, False]),
        ({"account": "A-1"}, [True, True, True]),
        ({"account": "a" * 32}, [True, True, True]),
        ({"account": "A-2"}, [False, False, False]),
        ({"user": "tests@example.com"}, [True, True, True]),
        ({"user": "others@example.com"}, [False, False, False]),
        ({"protocol": "soap"}, [True, True, True]),
        ({"protocol": "rest"}, [False, False, False]),
    ],
)
def test_which_calls_meet_a_fault(stand: Standing, soap: Service, match: dict[str, Any], hit: list[bool]) -> None:
    key = add(stand, {"status": 500}, **match)
    assert [soap.preview(request("a" * 32)).status == 500 for _ in range(3)] == hit
    told = stand.ok("GET", f"/faults/{key}")
    assert (told["hits"], told["met"]) == (sum(hit), 3 if any(hit) else 0)


def test_the_first_rule_that_fits_counts_and_the_next_takes_over(stand: Standing, soap: Service) -> None:
    add(stand, {"fault": "INVALID_SESSION"}, times=1)
    add(stand, {"fault": "LOCK_COMPETITION"}, times=1)
    assert [soap.preview().fault[0] for _ in range(2)] == ["fns:INVALID_SESSION", "fns:LOCK_COMPETITION"]
    assert soap.preview().status == 200


def test_faults_are_listed_removed_and_gone_after_a_reset(stand: Standing) -> None:
    first, second = add(stand, {"status": 500}), add(stand, {"delay": 0.5}, operation="login")
    listed = stand.ok("GET", "/faults")["faults"]
    assert [each["id"] for each in listed] == [first, second]
    assert listed[1]["effect"] == {"delay": 0.5}
    stand.ok("DELETE", f"/faults/{first}")
    assert [each["id"] for each in stand.ok("GET", "/faults")["faults"]] == [second]
    assert stand.error("DELETE", f"/faults/{first}")[0] == 404
    stand.ok("POST", "/reset")
    assert stand.ok("GET", "/faults")["faults"] == []


def test_faults_are_part_of_the_state(stand: Standing, soap: Service) -> None:
    add(stand, {"status": 500}, nth=2)
    soap.preview()
    state = stand.admin("GET", "/state").body
    stand.ok("POST", "/reset")
    stand.ok("PUT", "/state", state)
    assert stand.ok("GET", "/faults")["faults"][0]["met"] == 1
    assert soap.preview().status == 500


@pytest.mark.parametrize(
    ("rule", "field", "near"),
    [
        ({"effect": {"fault": "INVALID_SESION"}}, "INVALID_SESION", "INVALID_SESSION"),
        ({"effect": {"reasons": [{"code": "LOCK_COMPETITON", "message": "x"}]}}, "LOCK_COMPETITON", "LOCK_COMPETITION"),
        ({"operation": "billingpreviw", "effect": {"status": 500}}, "billingpreviw", "billingPreview"),
        ({"opration": "login", "effect": {"status": 500}}, "opration", "operation"),
        ({"effect": {"fault": "INVALID_SESSION", "mesage": "x"}}, "effect.mesage", "effect.message"),
        ({"effect": {}}, "effect", None),
        ({}, "effect", None),
        ({"effect": {"status": 500, "cut": 0.5}}, "effect", None),
        ({"effect": {"fault": "INVALID_SESSION"}, "protocol": "rest"}, "effect", None),
        ({"effect": {"status": 99}}, "effect.status", None),
        ({"effect": {"status": 200, "headers": {"X": "a\r\nb"}, "body": ""}}, "effect.headers", None),
        ({"effect": {"delay": -1}}, "effect.delay", None),
        ({"effect": {"delay": 5000}}, "effect.delay", None),
        ({"effect": {"cut": "half"}}, "effect.cut", None),
        ({"effect": {"slow": 0}}, "effect.slow", None),
        ({"effect": {"connection": "rest"}}, "rest", "reset"),
        ({"effect": {"run": "slow"}}, "effect.run", None),
        ({"effect": {"reasons": []}}, "effect.reasons", None),
        ({"effect": {"sessionExpired": False}}, "effect.sessionExpired", None),
        ({"effect": {"status": 500}, "nth": 0}, "nth", None),
        ({"effect": {"status": 500}, "protocol": "ftp"}, "ftp", None),
    ],
)
def test_an_invalid_fault_is_refused(stand: Standing, rule: object, field: str, near: str | None) -> None:
    status, error = stand.error("POST", "/faults", rule)
    assert (status, error["field"], error.get("didYouMean")) == (400, field, near)
    assert stand.ok("GET", "/faults")["faults"] == []


def polled(stand: Standing, polls: int) -> list[str]:
    """The statuses that so many polls of a new run find."""
    made = stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"}).json
    path = f"/v1/billing-preview-runs/{made['billingPreviewRunId']}"
    return [stand.rest.get(path).json["status"] for _ in range(polls)]


def test_runs_that_hang_fail_or_take_polls(stand: Standing) -> None:
    stand.rest.token = stand.token()
    assert polled(stand, 1) == ["Completed"]
    add(stand, {"run": {"polls": 3}}, times=1)
    assert polled(stand, 4) == ["Processing", "Processing", "Completed", "Completed"]
    add(stand, {"run": "fail", "message": "out of paper"}, times=1)
    assert polled(stand, 1) == ["Error"]
    add(stand, {"run": "hang"}, times=1)
    assert polled(stand, 3) == ["Processing"] * 3


def test_a_hanging_run_can_be_canceled(stand: Standing) -> None:
    stand.rest.token = stand.token()
    add(stand, {"run": "hang"})
    made = stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"}).json
    path = f"/v1/billing-preview-runs/{made['billingPreviewRunId']}"
    assert stand.rest.request("PUT", f"{path}/cancel", b"{}", None, "application/json").json["success"] is True
    assert stand.rest.get(path).json["status"] == "Canceled"


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server."""
    with Server(as_of="2026-01-15") as server:
        yield server


@pytest.fixture
def server(module_server: Server) -> Server:
    module_server.reset(first=True)
    return module_server


def get(server: Server, path: str = "/v1/catalog/products") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": "Basic ZGVtb0BleGFtcGxlLmNvbTpkZW1v"})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_body_cut_in_the_middle(server: Server) -> None:
    whole = get(server)[2]
    for where, size in ((0.5, len(whole) // 2), (10, 10), (0, 0)):
        server.faults.clear()
        server.faults.add({"cut": where})
        with pytest.raises(http.client.IncompleteRead) as cut:
            get(server)
        assert len(cut.value.partial) == size
    assert server.requests.last.answer["kind"] == "broken"


def test_a_connection_closed_without_an_answer(server: Server) -> None:
    server.faults.add({"connection": "close"}, times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        get(server)
    assert get(server)[0] == 200


def test_a_connection_reset(server: Server) -> None:
    server.faults.add({"connection": "reset"}, times=1)
    with pytest.raises(ConnectionResetError) as error:
        get(server)
    assert not isinstance(error.value, http.client.RemoteDisconnected)
    assert get(server)[0] == 200


def begun(server: Server, path: str, *, asked: bool = True) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.connect()
    if asked:
        connection.request("GET", path)
    return connection


@pytest.mark.parametrize("end", [("close", http.client.RemoteDisconnected), ("reset", ConnectionResetError)])
@pytest.mark.parametrize("asked_before", [0, 1, 3])
def test_of_several_connections_the_one_of_the_call_ends(
    server: Server, end: tuple[str, type[Exception]], asked_before: int
) -> None:
    """The others were answered in the same few milliseconds, or have not asked, or wait for an answer."""
    server.faults.add({"delay": 600}, operation="readContract", times=1)
    server.faults.add({"connection": end[0]}, operation="readContract")
    with ExitStack() as all_of_them:

        def opened(path: str = "/healthz", *, asked: bool = True) -> http.client.HTTPConnection:
            return all_of_them.enter_context(closing(begun(server, path, asked=asked)))

        ours, waiting = opened(asked=False), opened("/openapi.yaml")
        until(lambda: len(server.requests) == 1, "the first call")
        for _ in range(asked_before):
            ours.request("GET", "/healthz")
            ours.getresponse().read()
        new, idle = opened(asked=False), [opened() for _ in range(3)]
        for each in idle:
            each.getresponse().read()
        ours.request("GET", "/openapi.yaml")
        with pytest.raises(end[1]):
            ours.getresponse()
        for each in (new, *idle):
            each.request("GET", "/healthz")
            assert each.getresponse().read() == b"ok\n"
        assert waiting.sock.fileno() != -1
        waiting.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            waiting.sock.recv(1)
        server.reset()


def test_a_connection_that_ends_after_a_delay_is_that_of_the_call_though_others_ask_meanwhile(server: Server) -> None:
    server.faults.add({"delay": 0.4, "connection": "close"}, operation="readContract")
    with closing(begun(server, "/openapi.yaml")) as ours:
        until(lambda: len(server.requests) == 1, "the first call")
        server.faults.clear()
        server.faults.add({"delay": 0.6}, operation="readContract")
        with closing(begun(server, "/openapi.yaml")) as other:
            with pytest.raises(http.client.RemoteDisconnected):
                ours.getresponse()
            assert other.getresponse().status == 200


def test_slow_bytes_and_a_delay_come_whole(server: Server) -> None:
    whole = get(server)[2]
    server.faults.add({"slow": 100 * len(whole), "delay": 0.01})
    assert get(server)[2] == whole


def test_a_delay_longer_than_the_client_waits_is_a_timeout_and_holds_no_reset_up(server: Server) -> None:
    server.faults.add({"delay": 600}, operation="readContract")
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.settimeout(0.2)
        waiting.sendall(b"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        before = monotonic()
        server.reset()
        assert monotonic() - before < 60, "nobody waits for ten minutes"
        assert get(server, "/openapi.yaml")[0] == 200


def test_a_call_that_waited_while_the_stand_in_was_reset_reaches_nothing(server: Server) -> None:
    delay = server.faults.add({"delay": 600}, operation="createToken")
    form = json.dumps({"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"})
    ended: list[object] = []

    def log_in() -> None:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
        connection.request("POST", "/oauth/token", form, {"Content-Type": "application/json"})
        try:
            ended.append(connection.getresponse().read())
        except (http.client.HTTPException, OSError) as error:
            ended.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=log_in)
    thread.start()
    until(lambda: server.faults.hits(delay) == 1, "the call")
    server.reset()
    thread.join(60)
    assert isinstance(ended[0], Exception), ended
    assert len(server.requests("createToken", kind="answer")) == 0


def test_a_message_that_is_not_an_envelope_meets_faults_too(stand: Standing) -> None:
    add(stand, {"fault": "LOCK_COMPETITION"}, protocol="soap")
    assert stand.soap.post("<broken").fault[0] == "fns:LOCK_COMPETITION"
    assert stand.soap.post(envelope("<a:none/>")).fault[0] == "fns:LOCK_COMPETITION"


def test_folder_is_untouched(folder: Path, stand: Standing) -> None:
    stand.ok("PUT", "/accounts/A-1", {"subscriptions": [GOLD]})
    assert json.loads((folder / "accounts" / "1.json").read_text())["accountNumber"] == "A-1"
