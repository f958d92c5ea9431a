"""A REST service in this process, and requests to it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from tests.soap.client import Service

NDJSON = "application/x-ndjson"
BILLING_PREVIEW = "/v1/operations/billing-preview"


@dataclass
class Reply:
    """The answer; header names in lower case."""

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
    """Requests to an application, each checked against the rules of WSGI; `token` and `headers` go with each."""

    application: Callable[..., Iterable[bytes]]
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

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
        own = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        environ = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in {**own, **self.headers, **(headers or {})}.items()
        }
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        answer = Service(self.application).request(method, url, body, **environ)
        found = {name.lower(): value for name, value in answer.headers.items()}
        if "content-length" in found:
            assert int(found["content-length"]) == len(answer.body)
        packed = found.get("content-encoding") == "gzip"
        return Reply(answer.status, found, gzip.decompress(answer.body) if packed else answer.body)
