"""HTTP as old clients speak it, byte by byte over a real socket."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse

import pytest
from sqlalchemy.exc import OperationalError

from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.soap.frame import Limits
from soapsvc.tenant import Store
from tests.soap.client import SOAP11, SOAP12, Service, envelope, login, preview, request
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import MONTHLY, PASSWORD, USER, write_sample_tenant
from tests.support.server import Server, serving

LOGIN = login(USER, PASSWORD).encode()
PATH = "/apps/services/a/61.0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("http")
    with serving(folder / "log", "--tenant", str(write_sample_tenant(folder / "tenant")), "--workers", "1") as running:
        yield running


@dataclass
class Wire:
    """A connection on which bytes are sent as they are."""

    connection: socket.socket

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.connection.sendall(piece)

    def answer(self) -> tuple[HTTPResponse, bytes]:
        response = HTTPResponse(self.connection)
        response.begin()
        return response, response.read()

    def is_closed(self) -> bool:
        return self.connection.recv(1) == b""


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with socket.create_connection(server.host_port, timeout=30) as connection:
        yield Wire(connection)


def head(version: str = "1.1", *lines: str, method: str = "POST", path: str = PATH) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: zuora.test:81", *lines, "", ""]).encode()


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


XML = "Content-Type: text/xml; charset=utf-8"


def test_http_10_gets_a_length_and_the_end_of_the_connection(wire: Wire) -> None:
    wire.send(head("1.0", XML, length(LOGIN), 'SOAPAction: ""'), LOGIN)
    response, body = wire.answer()
    assert (response.status, response.getheader("Transfer-Encoding")) == (200, None)
    assert (response.version, int(response.getheader("Content-Length") or 0)) == (10, len(body))
    assert wire.is_closed()


def test_http_10_keeps_the_connection_where_the_client_asks_for_it(wire: Wire) -> None:
    for _ in range(2):
        wire.send(head("1.0", XML, length(LOGIN), "Connection: Keep-Alive"), LOGIN)
        response, _ = wire.answer()
        assert (response.status, response.getheader("Connection")) == (200, "keep-alive")


@pytest.mark.parametrize("asked_for", [[], ["Connection: Keep-Alive"]])
def test_a_large_answer_over_http_10_ends_with_the_connection(wire: Wire, asked_for: list[str]) -> None:
    """It has neither a length nor chunks, and says that the connection ends."""
    wire.send(head("1.0", XML, length(LOGIN)), LOGIN)
    token = wire.answer()[1].partition(b"<ns1:Session>")[2].partition(b"<")[0].decode()
    with socket.create_connection(wire.connection.getpeername(), timeout=30) as connection:
        asked = preview(*[request(MONTHLY, "2024-01-01")] * 20, session=token).encode()
        connection.sendall(head("1.0", XML, length(asked), *asked_for) + asked)
        response, body = Wire(connection).answer()
    assert (response.getheader("Content-Length"), response.getheader("Transfer-Encoding")) == (None, None)
    assert (response.getheader("Connection") or "").partition(",")[0] == "close"
    assert body.endswith(b"</soapenv:Envelope>")
    assert len(body) > 64 * 1024


def test_keep_alive(wire: Wire) -> None:
    for _ in range(3):
        wire.send(head("1.1", XML, length(LOGIN)), LOGIN)
        response, body = wire.answer()
        assert (response.status, response.getheader("Connection")) == (200, None)
        assert b"<ns1:ServerUrl>http://zuora.test:81/apps/services/a/61.0<" in body


def test_a_client_that_asks_to_close_gets_connection_close(wire: Wire) -> None:
    wire.send(head("1.1", XML, length(LOGIN), "Connection: close"), LOGIN)
    response, _ = wire.answer()
    assert (response.status, response.getheader("Connection")) == (200, "close")
    assert wire.is_closed()


def test_a_chunked_request(wire: Wire) -> None:
    pieces = [LOGIN[:7], LOGIN[7:100], LOGIN[100:]]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    wire.send(head("1.1", XML, "Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n")
    response, body = wire.answer()
    assert response.status == 200
    assert b"<ns1:Session>" in body


@pytest.mark.parametrize(
    "chunks",
    [
        b"z\r\nhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"0_5\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloX0\r\n\r\n",
        b"5\r\nhello!!\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5\rhello\r0\r\r",
        b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX T\r\n\r\n",
        b"5\r\nhello\r\nzz",
        b"0\r\n\r\n",
    ],
    ids=lambda chunks: repr(chunks[:24]),
)
def test_malformed_chunks_are_the_callers_mistake_and_end_the_connection(
    server: Server, wire: Wire, chunks: bytes
) -> None:
    """A SOAP fault that blames the client over SOAP, 400 over REST; what follows is never taken for a request."""
    smuggled = chunks + b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    wire.send(head("1.1", XML, "Transfer-Encoding: chunked"), smuggled if chunks != b"0\r\n\r\n" else chunks)
    response, body = wire.answer()
    assert (response.status, b"<faultcode>soapenv:Client</faultcode>" in body) == (500, True)
    form = "Content-Type: application/x-www-form-urlencoded"
    with socket.create_connection(server.host_port, timeout=30) as connection:
        other = Wire(connection)
        other.send(head("1.1", form, "Transfer-Encoding: chunked", path="/oauth/token"), chunks)
        assert other.answer()[0].status == 400
    if chunks != b"0\r\n\r\n":
        assert wire.is_closed()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    "lines",
    [
        ["Transfer-Encoding : chunked"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: \x0bchunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: +5"],
        ["Content-Length: -5"],
        ["Content-Length: 0_5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: 99999999999999999999999"],
        ["X-A: a\0b", "Content-Length: 0"],
        ["X-A: a\rb", "Content-Length: 0"],
    ],
)
def test_a_head_that_two_servers_could_read_in_two_ways_is_400(wire: Wire, lines: list[str]) -> None:
    wire.send(head("1.1", XML, *lines), b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    assert wire.answer()[0].status == 400
    assert wire.is_closed()


def test_chunks_win_over_a_length_and_the_connection_ends_there(wire: Wire) -> None:
    behind = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    wire.send(head("1.1", XML, "Content-Length: 6", "Transfer-Encoding: chunked"), b"0\r\n\r\n" + behind)
    assert wire.answer()[0].status == 500
    assert wire.is_closed()


def test_expect_100_continue_is_answered_before_the_body_is_sent(wire: Wire) -> None:
    wire.send(head("1.1", XML, length(LOGIN), "Expect: 100-continue"))
    assert wire.connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.send(LOGIN)
    assert wire.answer()[0].status == 200


def test_a_body_in_slow_pieces(wire: Wire) -> None:
    wire.send(head("1.1", XML, length(LOGIN)), *(bytes([byte]) for byte in LOGIN))
    assert wire.answer()[0].status == 200


def test_pipelined_requests(wire: Wire) -> None:
    first, last = head("1.1", XML, length(LOGIN)), head("1.1", XML, "Connection: close", length(LOGIN))
    wire.send(first + LOGIN + last + LOGIN)
    with wire.connection.makefile("rb") as answers:
        assert answers.read().count(b"HTTP/1.1 200 OK\r\n") == 2


def test_a_fault_keeps_the_connection(wire: Wire) -> None:
    for _ in range(2):
        wire.send(head("1.1", XML, "Content-Length: 4"), b"<no>")
        response, body = wire.answer()
        assert response.status == 500
        assert b"<faultcode>soapenv:Client</faultcode>" in body


def test_a_body_that_ends_before_its_length_says(wire: Wire) -> None:
    wire.send(head("1.1", XML, f"Content-Length: {len(LOGIN) + 10}"), LOGIN)
    wire.connection.shutdown(socket.SHUT_WR)
    response, body = wire.answer()
    assert response.status == 500
    assert f"The message has {len(LOGIN)} bytes, less than its Content-Length says".encode() in body


def test_a_body_longer_than_its_length_says(wire: Wire) -> None:
    wire.send(head("1.1", XML, f"Content-Length: {len(LOGIN) - 1}"), LOGIN)
    response, body = wire.answer()
    assert response.status == 500
    assert b"The message is not well-formed XML" in body


def test_a_request_without_length_or_chunks_has_an_empty_body(wire: Wire) -> None:
    wire.send(head("1.0", XML), LOGIN)
    response, body = wire.answer()
    assert response.status == 500
    assert b"The message is not well-formed XML" in body


@pytest.mark.parametrize(
    "path", [f"{PATH}?wsdl", f"{PATH}?WSDL", PATH, f"{PATH}/", "/apps/servlet/GenerateWsdl?version=61.0"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_wsdl(wire: Wire, path: str, method: str) -> None:
    wire.send(head("1.1", method=method, path=path))
    response = HTTPResponse(wire.connection, method=method)
    response.begin()
    body = response.read()
    assert (response.status, response.getheader("Content-Type")) == (200, "text/xml; charset=utf-8")
    assert (b'location="http://zuora.test:81/apps/services/a/61.0"' in body) == (method == "GET")
    assert int(response.getheader("Content-Length") or 0) > 10000


def test_malformed_http_is_400(wire: Wire) -> None:
    wire.send(b"POST /apps/services/a/61.0\r\n\r\n")
    assert wire.answer()[0].status == 400


# The same application without a socket.


def test_gzip_when_asked(service: Service) -> None:
    plain = service.preview(request(MONTHLY, "2015-01-01"))
    packed = service.preview(
        request(MONTHLY, "2015-01-01"), HTTP_ACCEPT_ENCODING="gzip;q=1.0,deflate;q=0.6,identity;q=0.3"
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body) / 5
    assert len(gzip.decompress(packed.body)) == len(plain.body)


@pytest.mark.parametrize(
    "asked", [None, "", "none", "identity", "compress", "gzip;q=0", "gzip; q=0.0", "deflate", "*", "br"]
)
def test_no_compression_without_a_request_for_it(service: Service, asked: str | None) -> None:
    reply = service.preview(request(MONTHLY, "2015-01-01"), HTTP_ACCEPT_ENCODING=asked)
    assert "Content-Encoding" not in reply.headers
    assert reply.text.startswith("<?xml version='1.0' encoding='UTF-8'?>")


def test_a_small_answer_is_not_compressed(service: Service) -> None:
    assert "Content-Encoding" not in service.preview(HTTP_ACCEPT_ENCODING="gzip").headers


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_request(service: Service, encoding: str) -> None:
    body = gzip.compress(preview(request(MONTHLY), session=service.token).encode())
    assert [result.get("Size") for result in service.post(body, HTTP_CONTENT_ENCODING=encoding).results()] == ["4"]


@pytest.mark.parametrize("accept", ["", "gzip"])
def test_a_large_answer_is_sent_in_pieces(service: Service, accept: str) -> None:
    reply = service.preview(*[request(MONTHLY, "2015-01-01")] * 20, HTTP_ACCEPT_ENCODING=accept)
    assert "Content-Length" not in reply.headers
    body = gzip.decompress(reply.body) if accept else reply.body
    assert body.count(b"<ns1:InvoiceItem ") == 20 * 16
    assert body.endswith(b"</soapenv:Envelope>")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(service: Service, method: str) -> None:
    reply = service.request(method, PATH)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/related"])
def test_a_media_type_other_than_xml_is_415(service: Service, content_type: str) -> None:
    reply = service.post(envelope("<a:getUserInfo/>"), CONTENT_TYPE=content_type)
    assert reply.status == 415
    assert reply.fault == (
        "soapenv:Client",
        f"The Content-Type of a SOAP 1.1 message must be text/xml, not {content_type!r}",
        None,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("media_type", ["text/xml", "application/soap+xml"])
@pytest.mark.parametrize("soap", [SOAP11, SOAP12])
def test_a_fault_has_the_version_of_the_envelope_though_the_call_is_not_looked_at(
    store: Store, clock: MovableClock, soap: str, media_type: str, encoding: str
) -> None:
    message = envelope("<a:getUserInfo/>", soap=soap).encode(encoding)
    gate = InFlight(1)
    busy = Service(application(store, Options(limits=Limits()), clock, gate), "x")
    refused = busy.request("POST", "/apps/services/a/38.0", message, CONTENT_TYPE=media_type)
    assert gate.enter()
    waiting = busy.post(message, CONTENT_TYPE=media_type)
    for reply in (refused, waiting):
        assert reply.root.tag == f"{{{soap}}}Envelope"


def test_an_unknown_compression_is_415(service: Service) -> None:
    assert service.post(b"?", HTTP_CONTENT_ENCODING="br").status == 415


@pytest.mark.parametrize("query", ["", "wsdl", "version=60.0", "version=latest"])
@pytest.mark.parametrize("path", ["/apps/services/a/60.0", "/apps/services/a/", "/apps/servlet/GenerateWsdl"])
def test_a_wsdl_that_does_not_exist_is_404(service: Service, path: str, query: str) -> None:
    reply = service.request("GET", f"{path}?{query}")
    latest = path.endswith("Wsdl") and "version" not in query
    assert reply.status == (200 if latest else 404)
    assert ("/apps/services/a/153.0" in reply.text) == latest


@pytest.mark.parametrize("path", ["/", "/apps", "/apps/services", "/favicon.ico", "/apps/services/b/61.0"])
def test_other_paths_are_404_and_say_where_to_go(service: Service, path: str) -> None:
    reply = service.request("GET", path)
    assert reply.status == 404
    assert "/apps/services/a/61.0?wsdl" in reply.text


def test_a_call_over_the_concurrency_limit(store: Store, clock: MovableClock) -> None:
    """40 calls may be under way; each place is free again when its answer has been sent, or has failed."""
    gate = InFlight(40)
    busy = Service(application(store, Options(limits=Limits()), clock, gate), "x")
    for _ in range(39):
        assert gate.enter()
    assert [busy.preview().status for _ in range(3)] == [500, 500, 500]
    assert gate.enter()
    reply = busy.preview()
    code, sentence, detail = reply.fault
    assert (reply.status, reply.headers["Retry-After"]) == (429, "120")
    assert (code, detail) == ("fns:REQUEST_EXCEEDED_LIMIT", "UnexpectedErrorFault")
    assert sentence == (
        "The total number of concurrent requests has exceeded the limit allowed by the system. "
        "Please resubmit your request later."
    )
    assert busy.request("GET", PATH).status == 200
    gate.leave()
    assert busy.preview().status == 500


def test_health_says_when_the_store_does_not_answer(
    store: Store, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    assert (service.request("GET", "/healthz").status, service.request("GET", "/healthz").text) == (200, "ok\n")
    monkeypatch.setattr(store, "check", broken)
    assert service.request("GET", "/healthz").status == 503
