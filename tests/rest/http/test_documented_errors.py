"""Every failure that the contract documents for tokens and previews, provoked, and held to its documented form."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import yaml
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from soapsvc.resources import fixtures_dir, openapi_file
from soapsvc.rest.http import RestLimits
from soapsvc.rest.replays import IDEMPOTENCY_KEYS
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight, SharedRates
from soapsvc.tenant import Store, UserEntry
from soapsvc.web.logins import Logins
from soapsvc.web.quotas import Window
from soapsvc.web.sessions import Sessions
from tests.rest.client import Reply, Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.server import serving

TAGS = {"Tokens", "Billing preview", "Account preview", "Accounts", "Catalog", "Queries"}
OF_THE_SERVER = {"414"}
"""What the HTTP server answers before a request reaches us."""
ACCOUNT = "A00000014"
BODIES = {
    "createToken": {"client_id": "demo", "client_secret": "demo", "grant_type": "client_credentials"},
    "createBillingPreview": {"accountNumber": ACCOUNT, "targetDate": "2014-06-01"},
    "previewAccount": {"target_date": "2014-06-01"},
    "previewAccountV2": {"target_date": "2014-06-01"},
    "query": {"queryString": "select Id from Account", "conf": {"batchSize": 1}},
}
STRICT = {"Prefer": "handling=strict"}


@cache
def contract() -> dict[str, Any]:
    return yaml.safe_load(openapi_file().read_bytes())


def documented() -> Iterator[Any]:
    """Each operation with each failure that it documents."""
    for path, item in contract()["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or not TAGS & set(operation["tags"]):
                continue
            for status in operation["responses"]:
                if status >= "400" and status not in OF_THE_SERVER:
                    name = operation["operationId"]
                    yield pytest.param(method.upper(), path, operation, int(status), id=f"{name}-{status}")


@dataclass
class Attempt:
    """One request, and the service that it goes to, to be spoilt by a provocation."""

    store: Store
    clock: MovableClock
    token: str
    monkeypatch: pytest.MonkeyPatch
    method: str
    url: str
    name: str
    body: dict[str, object] | bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(STRICT))
    content_type: str = "application/json"
    gate: InFlight = field(default_factory=lambda: InFlight(40))
    strangers: SharedRates = field(default_factory=SharedRates)
    limits: RestLimits = field(default_factory=RestLimits)

    def sent(self) -> Reply:
        options = Options(sleep=self.clock.sleep, rest_limits=self.limits)
        rest = Rest(application(self.store, options, self.clock, self.gate, strangers=self.strangers), self.token)
        if self.method == "GET":
            return rest.get(self.url, self.headers)
        if self.method == "DELETE":
            return rest.request("DELETE", self.url, b"", self.headers, None)
        return rest.post(self.url, self.body, self.headers, self.content_type)

    def fails_inside(self, error: Exception) -> None:
        def fail(*_: object) -> None:
            raise error

        self.monkeypatch.setattr(Sessions, "user", fail)
        self.monkeypatch.setattr(Logins, "client", fail)


@pytest.fixture
def service(store: Store, clock: MovableClock, token: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Attempt]:
    """An attempt on the demo tenant."""
    return partial(Attempt, store, clock, token, monkeypatch)


def bad_request(attempt: Attempt) -> None:
    attempt.headers["Zuora-Track-Id"] = "with:colon"


def unauthorized(attempt: Attempt) -> None:
    attempt.headers["Authorization"] = "Bearer nobody's"
    if attempt.name == "createToken":
        attempt.body = {**BODIES["createToken"], "client_secret": "wrong"}


def forbidden(attempt: Attempt) -> None:
    attempt.store.put_user(UserEntry("narrow", password="x", organizations=("org-1",)))
    attempt.token = attempt.store.create_session("narrow", int(NOW.timestamp()) + 900)
    attempt.headers["Zuora-Org-Ids"] = "org-2"


def not_found(attempt: Attempt) -> None:
    attempt.url = attempt.url.replace(ACCOUNT, "nobody")
    if attempt.name == "listProducts":
        attempt.url += "/unknown"
    if attempt.name == "createBillingPreview":
        attempt.body = {"accountNumber": "nobody", "targetDate": "2014-06-01"}


def in_flight(attempt: Attempt) -> None:
    """Another process has claimed the key of any request and renews its lease."""
    attempt.headers["Idempotency-Key"] = "claimed"
    attempt.limits = RestLimits(patience=timedelta(0))
    row = {"id": "claimed", "owner": "another", "lease": 10**15, "expires": 10**10, "fingerprint": "same"}
    attempt.monkeypatch.setattr(
        "soapsvc.rest.replays.idempotency._digest", lambda *parts: ("same", "claimed")[len(parts) - 1]
    )
    with attempt.store.begin() as connection:
        connection.execute(IDEMPOTENCY_KEYS.delete())
        connection.execute(insert(IDEMPOTENCY_KEYS).values(row))


def too_large(attempt: Attempt) -> None:
    attempt.body = b" " * (attempt.limits.body_bytes + 1)


def unsupported_media(attempt: Attempt) -> None:
    attempt.content_type = "text/xml"


def unprocessable(attempt: Attempt) -> None:
    attempt.headers["Idempotency-Key"] = f"reused-{attempt.name}"
    assert attempt.sent().status == 200
    attempt.url += "?explain=true"


def too_many_requests(attempt: Attempt) -> None:
    """For those with a token too many at one time, for those without in a minute."""
    attempt.gate = InFlight(0)
    attempt.strangers = SharedRates([Window(1, 60)])
    attempt.strangers.take(int(attempt.clock().timestamp()))


def unexpected(attempt: Attempt) -> None:
    attempt.fails_inside(ZeroDivisionError("a bug with a secret in it"))


def unavailable(attempt: Attempt) -> None:
    attempt.fails_inside(OperationalError("SELECT secret", {}, ConnectionError("no route to the database")))


PROVOCATIONS: dict[int, Callable[[Attempt], None]] = {
    400: bad_request,
    401: unauthorized,
    403: forbidden,
    404: not_found,
    409: in_flight,
    413: too_large,
    415: unsupported_media,
    422: unprocessable,
    429: too_many_requests,
    500: unexpected,
    503: unavailable,
}


@pytest.mark.parametrize(("method", "path", "operation", "status"), list(documented()))
def test_a_documented_failure(
    service: Callable[..., Attempt], method: str, path: str, operation: dict[str, Any], status: int
) -> None:
    name = operation["operationId"]
    url = path.replace("{account_id}", ACCOUNT).replace("{request_id}", "unknown").replace("{key}", ACCOUNT)
    body: dict[str, object] | bytes = BODIES.get(name, b"")
    if name == "queryMore":
        first = service(method="POST", url="/v1/action/query", name="query", body=BODIES["query"]).sent()
        body = {"queryLocator": first.json["queryLocator"]}
    attempt = service(method=method, url=url, name=name, body=body)
    PROVOCATIONS[status](attempt)
    reply = attempt.sent()
    assert reply.status == status, reply.body
    response = operation["responses"][str(status)]
    response = contract()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": contract()["components"]}, reply.json)
    assert {name.lower() for name in response.get("headers", {})} <= reply.headers.keys()
    assert b"secret in it" not in reply.body
    assert b"SELECT" not in reply.body


def test_a_url_that_is_too_long_is_refused_by_the_server_at_the_documented_length(tmp_path: Path) -> None:
    said = contract()["components"]["responses"]["TooLongUrl"]
    (longest,) = [
        int(number.replace(",", "")) for number in re.findall("longer than ([0-9,]+) bytes", said["description"])
    ]

    def answered(length: int) -> tuple[int, bytes, str | None]:
        with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)) as connection:
            start = "/v1/operations/billing-preview?subscriptionNumbers="
            connection.request("POST", start + "A" * (length - len(start)), b"{}")
            response = connection.getresponse()
            return response.status, response.read(), response.headers["Content-Type"]

    with serving(tmp_path / "log", "--tenant", str(fixtures_dir()), "--workers", "1") as server:
        assert answered(longest)[0] == 401
        assert answered(longest + 1) == (414, b"", None)
    assert "content" not in said
