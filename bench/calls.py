"""Ways to make one call: into a WSGI application in this process, or over HTTP on a kept-alive connection."""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


def in_process(application: Application, path: str, body: bytes) -> Callable[[], int]:
    """A call that runs the application to its last byte and returns the number of bytes."""

    def call() -> int:
        environ = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_TYPE": HEADERS["Content-Type"],
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_SOAPACTION": HEADERS["SOAPAction"],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        status: list[str] = []
        pieces = application(environ, lambda line, *_: status.append(line))
        size = sum(len(piece) for piece in pieces)
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{path} answered {status[0]}")
        return size

    return call


def over_http(address: tuple[str, int], path: str, body: bytes) -> Callable[[], int]:
    """A call over a connection that is kept alive; it returns the number of bytes of the answer."""
    connection = http.client.HTTPConnection(*address)

    def answer() -> http.client.HTTPResponse:
        connection.request("POST", path, body, HEADERS)
        return connection.getresponse()

    def call() -> int:
        try:
            response = answer()
        except (ConnectionError, http.client.RemoteDisconnected):
            # The server closed the connection during the turns of others.
            connection.close()
            response = answer()
        size = len(response.read())
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        return size

    return call


def first_byte(address: tuple[str, int], path: str, body: bytes) -> float:
    """Seconds from sending the call to the first byte of the answer's body."""
    connection = http.client.HTTPConnection(*address)
    started = time.perf_counter()
    connection.request("POST", path, body, HEADERS)
    response = connection.getresponse()
    response.read(1)
    elapsed = time.perf_counter() - started
    response.read()
    connection.close()
    return elapsed
