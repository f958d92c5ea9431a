"""The WSGI application: SOAP by path prefix, room for what stands beside it, and a health check."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.clock import Clock, system_clock
from soapsvc.server.inflight import InFlight
from soapsvc.server.public_url import PublicUrl
from soapsvc.soap.app import ENDPOINTS, WSDL_SERVLET, SoapApplication
from soapsvc.soap.limits import DEFAULT, Limits
from soapsvc.soap.operations import Operation
from soapsvc.soap.operations.billing_preview import BillingPreview
from soapsvc.soap.operations.get_user_info import GetUserInfo
from soapsvc.soap.operations.login import Login
from soapsvc.tenant.store import Store
from soapsvc.web.gate import Gate
from soapsvc.web.sessions import Logins, Sessions

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator chooses for the server; the tenant's own settings are in the store.

    `session_lifetime` None is the tenant's. `offsets_convert`: a TargetDate with an offset means the day in the
    tenant's zone, else the day as written. `sleep` waits, in seconds, when a login is slowed down.
    """

    public_url: PublicUrl = field(default_factory=PublicUrl)
    session_lifetime: timedelta | None = None
    offsets_convert: bool = True
    limits: Limits = DEFAULT
    sleep: Callable[[float], None] = time.sleep


def application(
    store: Store, options: Options | None = None, clock: Clock = system_clock, gate: Gate | None = None
) -> WSGIApplication:
    """The whole service over one tenant's store; `gate` counts calls under way, by default those of this process."""
    options = options or Options()
    soap = _soap(store, options, clock, gate or InFlight(options.limits.concurrency))
    return _by_prefix({ENDPOINTS: soap, WSDL_SERVLET: soap, "/healthz": _health(store)})


def _soap(store: Store, options: Options, clock: Clock, gate: Gate) -> SoapApplication:
    lifetime = options.session_lifetime or timedelta(minutes=store.settings().session_minutes)
    limits = options.limits
    sessions = Sessions(store, clock, lifetime, limits.token_length)
    logins = Logins(store, clock, options.sleep, limits.failed_logins, limits.login_delay)
    operations: dict[str, Operation] = {
        "login": Login(logins, sessions),
        "getUserInfo": GetUserInfo(store, sessions),
        "billingPreview": BillingPreview(store, sessions, clock, options.limits, options.offsets_convert),
    }
    return SoapApplication(operations, options.limits, gate, options.public_url)


def _by_prefix(mounts: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """The application with the longest prefix of the path; the path itself stays as it is."""
    ordered = sorted(mounts.items(), key=lambda mount: len(mount[0]), reverse=True)

    def dispatch(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for prefix, mounted in ordered:
            if path.startswith(prefix):
                return mounted(environ, start_response)
        body = f"There is nothing here. SOAP calls go to {ENDPOINTS}61.0; its WSDL is at {ENDPOINTS}61.0?wsdl.\n"
        return _plain(start_response, "404 Not Found", body)

    return dispatch


def _health(store: Store) -> WSGIApplication:
    def health(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            store.version()
        except SQLAlchemyError:
            _LOG.exception("the tenant store does not answer")
            return _plain(start_response, "503 Service Unavailable", "the tenant store does not answer\n")
        return _plain(start_response, "200 OK", "ok\n")

    return health


def _plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
