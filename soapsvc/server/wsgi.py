"""The WSGI application: SOAP and REST by path prefix, and a health check."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.clock import Clock, system_clock
from soapsvc.console import PREFIX as CONSOLE
from soapsvc.rest.app import rest_application
from soapsvc.rest.frame import Frame
from soapsvc.rest.http import DEFAULT as REST_DEFAULT
from soapsvc.rest.http import RestLimits, SignIn
from soapsvc.rest.reads import VENDOR_PREFIXES
from soapsvc.rest.replays import IDEMPOTENCY_KEYS, Idempotency, StoredReplies
from soapsvc.rest.routes import PREFIXES, Services, routes, vendor_routes
from soapsvc.runs.storage import default_results
from soapsvc.server.aliases import REST_BASE, with_aliases
from soapsvc.server.counting import Counts, InFlight, SharedRates
from soapsvc.server.public_url import PublicUrl
from soapsvc.server.standing import Desk, own_counts, own_limits, with_powers
from soapsvc.server.telling import Environ, StartResponse, WSGIApplication, plain, told
from soapsvc.soap.app import ENDPOINTS, WSDL_SERVLET, SoapApplication
from soapsvc.soap.frame import DEFAULT, Limits
from soapsvc.soap.operations import (
    BillingPreview,
    Create,
    GetUserInfo,
    Login,
    Offsets,
    Operation,
    Query,
    QueryMore,
    Reader,
)
from soapsvc.standin import LaxLogins, LaxSessions, NotPrivate, StandIn
from soapsvc.tenant.database import log_failure
from soapsvc.tenant.store import Store
from soapsvc.web.calls import Observer, current_call
from soapsvc.web.gate import Gate
from soapsvc.web.logins import Logins
from soapsvc.web.once import once
from soapsvc.web.quotas import Rates
from soapsvc.web.sessions import Sessions
from soapsvc.zoql import Queries

if TYPE_CHECKING:
    from soapsvc.console.powers import Powers
    from soapsvc.server.shadow import ShadowPlace

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watching:
    """Monitoring: `observer` gets every finished call, `probes` answer at paths of their own.

    `shadowed` gets the surface and the outcome of each preview that a shadow has compared.

    `endings` are called after the last call, each with the seconds that it may take: background work adds the
    function that ends it.
    """

    observer: Observer | None = None
    probes: Mapping[str, WSGIApplication] = field(default_factory=dict)
    shadowed: Callable[[str, str], None] | None = None
    endings: list[Callable[[float], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Options:
    """The operator's options of the server; the tenant's own settings are in the store.

    `session_lifetime` None: the tenant's setting. `offsets` is the meaning of a TargetDate with an offset in SOAP.
    `strict_status` gives REST v1 failures their true status instead of 200.
    `results` is the place of run files; None: beside an embedded database, else in the user's data folder.
    `run_workers` processes compute runs: by default one for each core, with 0 none here; or the cluster at `dask` does.
    `watching` has the observers; with a `metrics_token`, only callers that send it see /metrics. `sleep` waits, in
    seconds, when a login is delayed. `stand_in` has the powers over the store, which is its copy.
    `shadow` passes all calls to an upstream and compares its previews.
    `traces` sends calls as spans of OpenTelemetry.
    `comparisons` is a folder of comparisons with the vendor, which the console shows.
    `as_vendor` adds the operations for clients that read a live tenant; a stand-in has them.
    """

    public_url: PublicUrl = field(default_factory=PublicUrl)
    session_lifetime: timedelta | None = None
    offsets: Offsets = Offsets.VENDOR
    limits: Limits = DEFAULT
    rest_limits: RestLimits = REST_DEFAULT
    strict_status: bool = False
    results: str | None = None
    run_workers: int | None = None
    dask: str | None = None
    watching: Watching = field(default_factory=Watching)
    metrics_token: str | None = None
    sleep: Callable[[float], None] = time.sleep
    stand_in: StandIn | None = None
    as_vendor: bool = False
    shadow: ShadowPlace | None = None
    comparisons: Path | None = None
    traces: bool = False


def application(
    store: Store,
    options: Options | None = None,
    clock: Clock = system_clock,
    gate: Gate | None = None,
    rates: Rates | None = None,
    strangers: Rates | None = None,
    queue: Gate | None = None,
) -> WSGIApplication:
    """The whole service over one tenant's store.

    `gate` counts calls under way, `queue` asynchronous requests that wait. In a span of time, `rates` counts the calls
    of the tenant's users, `strangers` all other calls. By default each counts those of this process.
    """
    options = options or Options()
    if options.stand_in is not None:
        return _stand_in(store, options, options.stand_in)
    if options.shadow is not None:
        return _shadowed(store, options, options.shadow, clock)
    limits = options.limits
    counts = Counts(
        gate or InFlight(limits.concurrency),
        rates or SharedRates(),
        strangers or SharedRates(),
        queue or InFlight(options.rest_limits.async_queue),
    )
    sessions = Sessions(store, clock, _lifetime(store, options), limits.token_length)
    logins = Logins(store, clock, options.sleep, limits.guesses)
    return _composed(store, options, clock, counts, logins, sessions)


def _stand_in(store: Store, options: Options, stand_in: StandIn) -> WSGIApplication:
    """The service with a stand-in's store, clock and powers. Raises NotPrivate for any other store."""
    if store is not stand_in.store:
        raise NotPrivate("the store is not the stand-in's own copy")
    limits, rest_limits = own_limits(stand_in, options.limits, options.rest_limits)
    results = str(stand_in.copy.results)
    own = replace(
        options, stand_in=None, as_vendor=True, limits=limits, rest_limits=rest_limits, results=results, run_workers=0
    )
    counts = own_counts(stand_in, limits.concurrency, rest_limits.async_queue)
    sessions = LaxSessions(stand_in, _lifetime(store, own), limits.token_length)
    logins = LaxLogins(stand_in, own.sleep, limits.guesses)
    service = _composed(store, own, stand_in.clock, counts, logins, sessions, Desk(stand_in))
    return with_powers(stand_in, service, counts.queue)


def _shadowed(store: Store, options: Options, place: ShadowPlace, clock: Clock) -> WSGIApplication:
    """The upstream's service, passed through; only the paths for operators are our own."""
    from soapsvc.server.shadow import shadow_of  # noqa: PLC0415 - with an HTTP client, which nobody else pays for

    own: dict[str, WSGIApplication] = {"/healthz": _health(store), **options.watching.probes}
    watching = options.watching
    passing, finish = shadow_of(place, store, clock, watching.shadowed)
    watching.endings.append(finish)
    shadow = told(passing, watching.observer, own_headers=False)
    own = {path: told(probe, watching.observer) for path, probe in own.items()}

    def shadowed(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return own.get(environ.get("PATH_INFO", ""), shadow)(environ, start_response)

    return shadowed


def _lifetime(store: Store, options: Options) -> timedelta:
    """The lifetime of a login."""
    return options.session_lifetime or timedelta(minutes=store.settings().session_minutes)


def _composed(
    store: Store,
    options: Options,
    clock: Clock,
    counts: Counts,
    logins: Logins,
    sessions: Sessions,
    powers: Powers | None = None,
) -> WSGIApplication:
    """The edges under their prefixes, with the given logins and counts."""
    soap = _soap(store, options, clock, counts.gate, logins, sessions)
    results = options.results or default_results(store.url)
    services = Services(store, clock, options.rest_limits, logins, sessions, results, counts.queue)
    rest = _rest(services, options, counts)
    console = _console(services, counts.gate, options, powers)
    mounts: dict[str, WSGIApplication] = {ENDPOINTS: soap, WSDL_SERVLET: soap, "/healthz": _health(store)}
    mounts[CONSOLE] = console
    mounts |= options.watching.probes
    prefixes = (*PREFIXES, f"{REST_BASE}/", *(VENDOR_PREFIXES if options.as_vendor else ()))
    return told(_by_prefix({**mounts, **dict.fromkeys(prefixes, rest)}), options.watching.observer)


def _console(services: Services, gate: Gate, options: Options, powers: Powers | None) -> WSGIApplication:
    """The console, made at the first visit: pictures, workbooks and the names of months take long to load."""

    @once
    def made() -> WSGIApplication:
        from soapsvc.console.app import console_application  # noqa: PLC0415 - see above
        from soapsvc.console.frame import Services as ConsoleServices  # noqa: PLC0415

        store, clock, logins, sessions = services.store, services.clock, services.logins, services.sessions
        url, compared, results = options.public_url, options.comparisons, services.results
        people = ConsoleServices(store, clock, logins, sessions, gate, results, url, url.client, compared, powers)
        return console_application(people)

    def console(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return made()(environ, start_response)

    return console


def _rest(services: Services, options: Options, counts: Counts) -> WSGIApplication:
    limits = services.limits
    keys = StoredReplies(services.store, services.clock, IDEMPOTENCY_KEYS, limits.lease, limits.replay)
    idempotency = Idempotency(keys, limits.patience)
    strict = options.strict_status
    url, sign_in = options.public_url, SignIn(services.sessions, services.logins)
    frame = Frame(
        services.clock,
        limits,
        sign_in,
        idempotency,
        counts.gate,
        counts.rates,
        counts.strangers,
        url,
        url.client,
        strict,
    )
    own = vendor_routes(services) if options.as_vendor else ()
    known = {(route.method, route.path): route for route in (*routes(services), *own)}
    return with_aliases(rest_application(frame, list(known.values())))


def _soap(
    store: Store, options: Options, clock: Clock, gate: Gate, logins: Logins, sessions: Sessions
) -> SoapApplication:
    reader, queries = Reader(store, clock, options.limits, options.offsets), Queries(store, clock)
    operations: dict[str, Operation] = {
        "login": Login(logins, sessions),
        "getUserInfo": GetUserInfo(store, sessions),
        "billingPreview": BillingPreview(reader, sessions),
        "create": Create(reader, sessions),
        "query": Query(reader, sessions, queries),
        "queryMore": QueryMore(reader, sessions, queries),
    }
    return SoapApplication(operations, options.limits, gate, options.public_url, options.public_url.client)


def _by_prefix(mounts: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """The application with the longest prefix of the path; the path itself stays as it is."""
    ordered = sorted(mounts.items(), key=lambda mount: len(mount[0]), reverse=True)

    def dispatch(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")

        for prefix, mounted in ordered:
            if path.startswith(prefix):
                return mounted(environ, start_response)
        if path == "/" and "text/html" in environ.get("HTTP_ACCEPT", ""):  # a browser: people start at the console
            head = [("Location", CONSOLE), ("Content-Type", "text/plain"), ("Content-Length", "0")]
            start_response("302 Found", head)
            return []
        soap = f"{ENDPOINTS}61.0"
        body = (
            f"There is nothing here. SOAP calls go to {soap}; its WSDL is at {soap}?wsdl. For REST see /docs, "
            f"for people {CONSOLE}.\n"
        )
        return plain(start_response, "404 Not Found", body)

    return dispatch


def _health(store: Store) -> WSGIApplication:
    def health(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        record = current_call()
        record.operation, record.quiet = "healthz", True
        try:
            store.check()
        except SQLAlchemyError as error:
            log_failure(_LOG, error, "health")
            return plain(start_response, "503 Service Unavailable", "the tenant store does not answer\n")
        return plain(start_response, "200 OK", "ok\n")

    return health
