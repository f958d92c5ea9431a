"""The pages `/metrics` and `/readyz` for monitoring; the log has their calls only at debug."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.server.telling import Environ, StartResponse, WSGIApplication, plain
from soapsvc.tenant.database import outage
from soapsvc.tenant.store import Store
from soapsvc.web.calls import current_call

_LOG = logging.getLogger(__name__)


def metrics_page(text: Callable[[], bytes], token: str | None) -> WSGIApplication:
    """The metrics, for every caller, or only with the token (`Authorization: Bearer …`)."""
    expected = None if token is None else f"Bearer {token}".encode()

    def page(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        _probe("metrics")
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if expected is not None and not hmac.compare_digest(shown, expected):
            return plain(start_response, "401 Unauthorized", "send the metrics token as Authorization: Bearer TOKEN\n")
        body = text()
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))])
        return [body]

    return page


def readiness(store: Store, more: Mapping[str, Callable[[], str | None]]) -> WSGIApplication:
    """Whether calls can be answered: a line for each check (the store, its tables, `more`), and 503 if one fails.

    `more` has further checks by name; each returns None, or the problem.
    """
    checks: dict[str, Callable[[], str | None]] = {"store": store_problem(store), "migrations": _migrations(store)}

    def page(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        _probe("readyz")
        found = {name: check() for name, check in {**checks, **more}.items()}
        text = "".join(f"{name}: {problem or 'ok'}\n" for name, problem in found.items())
        return plain(start_response, "503 Service Unavailable" if any(found.values()) else "200 OK", text)

    return page


def store_problem(store: Store) -> Callable[[], str | None]:
    """A check that the store answers."""
    return _asking(store.check)


def _migrations(store: Store) -> Callable[[], str | None]:
    def check() -> str | None:
        problem: list[str | None] = []
        failed = _asking(lambda: problem.append(store.migrations_problem()))()
        return failed or problem[0]

    return check


def _asking(ask: Callable[[], object]) -> Callable[[], str | None]:
    """The problem of a check that raises; only the log has the exception, as it may have details of the database."""

    def check() -> str | None:
        try:
            ask()
        except SQLAlchemyError as error:
            _LOG.warning("not ready: %s", outage(error) or type(error).__name__)
            return "the tenant store does not answer"
        return None

    return check


def _probe(name: str) -> None:
    record = current_call()
    record.operation, record.quiet = name, True
