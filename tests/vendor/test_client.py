"""Calls to an upstream that is a function: who calls, which answers are tried again, which are errors of which kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from soapsvc.vendor.client import InsecureUpstream, Patience, Vendor
from soapsvc.vendor.credentials import AccessKeys, OAuthClient
from soapsvc.vendor.errors import (
    BadAnswer,
    Broken,
    Busy,
    CredentialsRefused,
    Forbidden,
    NotThere,
    Refused,
    Unreachable,
    VendorError,
)
from soapsvc.vendor.pace import Pace
from tests.support.services.waiting import Made

CLIENT = OAuthClient("client", "se cret&")
Handler = Callable[[httpx.Request], httpx.Response]


def answer(status: int, body: object, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


class Upstream:
    """Answers calls in turn, and keeps what it was asked; tokens are numbered."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[httpx.Request] = []
        self.tokens: list[str] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            self.tokens.append(request.content.decode())
            return answer(200, {"access_token": f"token-{len(self.tokens)}", "token_type": "bearer"})
        self.calls.append(httpx.Request(request.method, request.url, headers=request.headers, content=request.content))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(found.content))

    def vendor(self, credentials: OAuthClient | AccessKeys = CLIENT, url: str = "https://rest.example.com") -> Vendor:
        patience = Patience(attempts=3, sleep=self.slept.append)
        pace = Pace(10, Made())
        return Vendor(url, credentials, patience=patience, transport=httpx.MockTransport(self), pace=pace)


def test_a_token_is_fetched_once_and_shared() -> None:
    upstream = Upstream(answer(200, {"id": 1}), answer(200, {"id": 2}))
    with upstream.vendor() as vendor:
        assert [vendor.get("/v1/a")["id"], vendor.get("/v1/b")["id"]] == [1, 2]
    assert upstream.tokens == ["client_id=client&client_secret=se+cret%26&grant_type=client_credentials"]
    assert {call.headers["Authorization"] for call in upstream.calls} == {"Bearer token-1"}


def test_a_token_that_expired_is_renewed_once_and_the_call_repeated() -> None:
    unauthorized = {"success": False, "reasons": [{"code": 90000011, "message": "expired"}]}
    upstream = Upstream(answer(200, {}), answer(401, unauthorized), answer(200, {"id": 2}))
    with upstream.vendor() as vendor:
        vendor.get("/v1/a")
        assert vendor.get("/v1/b")["id"] == 2
    assert [call.headers["Authorization"][-1] for call in upstream.calls] == ["1", "1", "2"]
    assert upstream.slept == []


def test_a_bad_moment_of_tokens_is_waited_out_and_an_unknown_caller_is_not() -> None:
    upstream = Upstream(answer(401, {}), answer(401, {}), answer(401, {}), answer(200, {"id": 1}))
    with upstream.vendor() as vendor:
        assert vendor.get("/v1/a")["id"] == 1
        upstream.answers += [answer(401, {}) for _ in range(6)]
        with pytest.raises(CredentialsRefused):
            vendor.get("/v1/b")
    assert upstream.answers == []
    assert len(upstream.slept) == 1 + 2
    keys = Upstream(answer(401, {}))
    with keys.vendor(AccessKeys("user", "wrong")) as vendor, pytest.raises(CredentialsRefused):
        vendor.get("/v1/a")
    assert keys.slept == []


def test_the_older_headers_go_with_every_call_and_name_an_entity() -> None:
    upstream = Upstream(answer(200, {}))
    with upstream.vendor(AccessKeys("jürgen", "secret", entity_name="EU")) as vendor:
        vendor.get("/v1/a")
    headers = upstream.calls[0].headers
    assert dict(headers.raw)[b"apiAccessKeyId"].decode() == "jürgen"
    assert (headers["apiSecretAccessKey"], headers["entityName"]) == ("secret", "EU")
    assert upstream.tokens == []


def v1(code: int) -> dict[str, Any]:
    return {"success": False, "reasons": [{"code": code, "message": "because"}]}


AGAIN: Mapping[str, httpx.Response | Exception] = {
    "429": answer(429, {"message": "API rate limit exceeded"}),
    "429 as text": httpx.Response(429, text="slow down"),
    "500 of the gateway, HTML": httpx.Response(502, text="<html>"),
    "504": answer(504, {"message": "timeout"}),
    "200 that says locked": answer(200, v1(50000050)),
    "200 that says internal": answer(200, v1(53100060)),
    "200 that says rate": answer(200, v1(70)),
    "half a document": httpx.Response(200, content=b'{"success": tr'),
    "no answer": httpx.ConnectError("refused"),
    "too late": httpx.ReadTimeout("slow"),
    "broken off": httpx.RemoteProtocolError("peer closed connection"),
}


@pytest.mark.parametrize("first", AGAIN.values(), ids=AGAIN)
def test_calls_with_a_temporary_failure_are_tried_again(first: httpx.Response | Exception) -> None:
    upstream = Upstream(first, answer(200, {"id": 1}))
    with upstream.vendor() as vendor:
        assert vendor.get("/v1/a")["id"] == 1
    assert len(upstream.slept) == 1


ONCE: Mapping[str, tuple[httpx.Response, type[Refused]]] = {
    "200 that says unknown key": (answer(200, v1(50000040)), NotThere),
    "404": (answer(404, {"message": "no Route matched with those values"}), NotThere),
    "403": (answer(403, {}), Forbidden),
    "200 that says no feature": (answer(200, v1(50000010)), Forbidden),
    "200 that says no permission": (answer(200, v1(58730010)), Forbidden),
    "400": (answer(400, {"FaultCode": "MALFORMED_QUERY", "FaultMessage": "You have an error"}), Refused),
    "AQuA's 200": (answer(200, {"errorCode": "90005", "message": "syntax", "id": None}), Refused),
    "CRUD's": (answer(200, {"Success": False, "Errors": [{"Code": "INVALID_VALUE", "Message": "no"}]}), Refused),
}


@pytest.mark.parametrize(("first", "error"), ONCE.values(), ids=ONCE)
def test_a_request_that_the_service_will_refuse_is_an_error_at_once(
    first: httpx.Response, error: type[Refused]
) -> None:
    upstream = Upstream(first)
    with upstream.vendor() as vendor, pytest.raises(Refused) as raised:
        vendor.get("/v1/a")
    assert type(raised.value) is error
    assert upstream.slept == []


LAST: Mapping[str, tuple[httpx.Response | Exception, type[VendorError]]] = {
    "busy": (answer(429, {}), Busy),
    "broken": (answer(500, {}), Broken),
    "unreadable": (httpx.Response(200, content=b"<html>"), BadAnswer),
    "unreachable": (httpx.ConnectError("refused"), Unreachable),
}


@pytest.mark.parametrize(("each", "error"), LAST.values(), ids=LAST)
def test_after_the_last_attempt_the_error_is_reported(
    each: httpx.Response | Exception, error: type[VendorError]
) -> None:
    upstream = Upstream(each, each, each)
    with upstream.vendor() as vendor, pytest.raises(error):
        vendor.get("/v1/a")
    assert len(upstream.slept) == 2


def test_retry_after_is_waited_for_and_pauses_grow_otherwise() -> None:
    upstream = Upstream(answer(429, {}, Retry_After="30"), answer(500, {}), answer(200, {}))
    with upstream.vendor() as vendor:
        vendor.get("/v1/a")
    asked, grown = upstream.slept
    assert 30 <= asked <= 30.2
    assert 0 <= grown <= 4


def test_errors_name_the_path_without_secrets_and_query_values() -> None:
    upstream = Upstream(answer(400, {"message": "no"}))
    with upstream.vendor() as vendor, pytest.raises(Refused) as raised:
        vendor.get("/v1/a", [("filter[]", "name.EQ:Jane")])
    assert str(raised.value) == "GET /v1/a answered 400: no"
    assert "se cret" not in repr(CLIENT)


@pytest.mark.parametrize(
    "told", ["https://rest.example.com/up/v1/x?page=2", "https://elsewhere.example.com/v1/x?page=2", "/v1/x?page=2"]
)
def test_the_next_page_is_read_from_the_upstream_though_it_names_another_host(told: str) -> None:
    upstream = Upstream(answer(200, {}))
    with upstream.vendor(url="https://rest.example.com/up") as vendor:
        vendor.get(*vendor.page_after(told))
    assert str(upstream.calls[0].url) == "https://rest.example.com/up/v1/x?page=2"


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    upstream = Upstream(
        answer(500, {}), httpx.Response(200, content=b"a,b\n1,2\n"), answer(404, {"message": "no such file"})
    )
    with upstream.vendor() as vendor:
        vendor.download("/v1/files/1", tmp_path / "one.csv")
        with pytest.raises(NotThere):
            vendor.download("/v1/files/2", tmp_path / "two.csv")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one.csv": "a,b\n1,2\n"}


@pytest.mark.parametrize("url", ["http://rest.example.com", "ftp://rest.example.com", "rest.example.com"])
def test_secrets_do_not_travel_in_the_open(url: str) -> None:
    with pytest.raises(VendorError):
        Vendor(url, CLIENT)
    with pytest.raises(InsecureUpstream):
        Vendor("http://10.1.2.3", CLIENT)
    Vendor("http://127.0.0.1:8080", CLIENT).__exit__()
    Vendor("http://stand-in:8080", CLIENT, plain_http=True).__exit__()


@pytest.mark.parametrize(
    "url",
    [
        "https://jo:hunter2@rest.example.com",
        "ftp://jo:hunter2@rest.example.com",
        "https://jo:hunter2",
        "jo:hunter2@rest",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(VendorError) as raised:
        Vendor(url, CLIENT)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://[",
            "https://]",
            "https://[::1",
            "https://[::g]",
            "https://[]",
            "https://",
            "https:///v1",
            "https://:443",
        ),
        *("https://a b", "https://a,b", "https://-a", "https://a..b", "https://.", "https://a\\b", "https://%5B"),
        *("https://1.2.3.456", "https://a:b", "https://a:0", "https://a:65536", "https://a:-1", "https://a\n"),
    ],
)
def test_a_url_without_a_callable_host_is_refused(url: str) -> None:
    with pytest.raises(VendorError, match=r"no valid host or port|is not an http or https URL"):
        Vendor(url, CLIENT)


@pytest.mark.parametrize(
    "url",
    [
        *("https://rest.zuora.com", "https://rest.zuora.com./", "https://REST.zuora.com:8443/path", "https://a_b-c.d"),
        *("https://[::1]:8443", "https://10.1.2.3", "https://bücher.example", "https://a:", "https://stand-in"),
    ],
)
def test_a_url_with_a_host_is_accepted(url: str) -> None:
    Vendor(url, CLIENT).__exit__()


def test_a_body_is_sent_as_json() -> None:
    upstream = Upstream(answer(200, {"done": True}))
    with upstream.vendor() as vendor:
        vendor.post("/v1/action/query", {"queryString": "select Id from Account"})
    assert json.loads(upstream.calls[0].content) == {"queryString": "select Id from Account"}


def test_no_log_line_has_the_queried_values(caplog: pytest.LogCaptureFixture) -> None:
    upstream = Upstream(answer(500, {}), answer(200, {}))
    with caplog.at_level("INFO"), upstream.vendor() as vendor:
        vendor.get("/v1/a", [("filter[]", "name.EQ:Jane")])
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert "attempt 1 failed" in lines
    assert "Jane" not in lines
    assert "se cret" not in lines


def test_the_host_that_does_not_answer_is_named_and_nothing_that_was_asked() -> None:
    request = httpx.Request("GET", "https://rest.example.com/v1/a?name=Jane")
    upstream = Upstream(*(httpx.ConnectError("refused", request=request) for _ in range(3)))
    with upstream.vendor() as vendor, pytest.raises(VendorError, match=r"rest\.example\.com does not answer") as told:
        vendor.get("/v1/a", [("name", "Jane")])
    assert "Jane" not in f"{told.value}"
