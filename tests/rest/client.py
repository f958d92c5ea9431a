"""A REST service in this process, and requests to it."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.validate import validator

NDJSON = "application/x-ndjson"
BILLING_PREVIEW = "/v1/operations/billing-preview"


@dataclass
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, each number as the Decimal that it spells."""
        assert self.headers["content-type"].startswith("application/json"), self.headers
        return json.loads(self.body, parse_float=Decimal)

    @property
    def lines(self) -> list[Any]:
        """The objects of an NDJSON body."""
        assert self.headers["content-type"] == NDJSON
        return [json.loads(line, parse_float=Decimal) for line in self.body.splitlines()]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """The reasons of a v1 failure."""
        assert self.json["success"] is False
        return [(reason["code"], reason["message"]) for reason in self.json["reasons"]]


@dataclass
class Rest:
    """Requests to an application, each checked against the rules of WSGI; `token` goes with each."""

    application: Callable[..., Iterable[bytes]]
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def token_for(self, **form: str) -> Reply:
        """The token operation, with a form."""
        return self.post("/oauth/token", urlencode(form).encode(), content_type="application/x-www-form-urlencoded")

    def preview(self, *, headers: Mapping[str, str] | None = None, query: str = "", **fields: object) -> Reply:
        """The v1 operation."""
        return self.post(f"{BILLING_PREVIEW}{query}", fields, headers)

    def account_preview(
        self, key: str, *, headers: Mapping[str, str] | None = None, base: str = "", **fields: object
    ) -> Reply:
        """The Quickstart operation."""
        return self.post(f"{base}/accounts/{quote(key)}/preview", fields, headers)

    def post(
        self,
        url: str,
        body: Mapping[str, object] | bytes = b"",
        headers: Mapping[str, str] | None = None,
        content_type: str | None = "application/json",
    ) -> Reply:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", url, content, headers, content_type)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.request("GET", url, b"", headers, None)

    def request(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str] | None, content_type: str | None
    ) -> Reply:
        path, _, query = url.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        own = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        for name, value in {**own, **self.headers, **(headers or {})}.items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return _called(self.application, environ)


def _called(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Reply:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda _: None

    content = validator(application)(environ, start_response)
    try:
        body = b"".join(content)
    finally:
        content.close()
    ((status, headers),) = started
    found = {name.lower(): value for name, value in headers}
    if "content-length" in found:
        assert int(found["content-length"]) == len(body)
    if found.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Reply(int(status.split()[0]), found, body)
