"""A stand-in as one WSGI application: the service behind its front, and the admin plane."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import soapsvc
from soapsvc.console import PREFIX as CONSOLE
from soapsvc.rest.http import RestLimits
from soapsvc.server.counting import Counts, InFlight, SharedRates
from soapsvc.server.standing.reference import reference_routes
from soapsvc.server.standing.wire import Edges
from soapsvc.soap.contract import FIRST, LAST, version_text
from soapsvc.soap.frame import Limits
from soapsvc.standin import PREFIX, AdminPlane, Answer, BillRuns, Call, Parity, Route, StandIn, Tenancy, Times
from soapsvc.standin.faults import Faults
from soapsvc.standin.front import Front, Runs
from soapsvc.standin.pages import Pages
from soapsvc.standin.seeds.names import names_of
from soapsvc.standin.watch.journal import Journal
from soapsvc.standin.watch.observed import Observed
from soapsvc.web.gate import Gate
from soapsvc.web.guessing import GuessLimits
from soapsvc.web.quotas import VENDOR_WINDOWS

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.001

_MANY = 1_000_000
_ENDLESS_GUESSES = GuessLimits(own=sys.maxsize, name=sys.maxsize, address=sys.maxsize)
"""No limit and no delay for wrong logins, so that tests can log in wrongly at will."""
_ENDLESS_WINDOWS = tuple(replace(window, limit=sys.maxsize // 2) for window in VENDOR_WINDOWS)


def own_limits(stand_in: StandIn, limits: Limits, rest_limits: RestLimits) -> tuple[Limits, RestLimits]:
    """The limits of a stand-in: no delay for wrong logins; the vendor's other limits, unless switched off."""
    patient = replace(limits, guesses=_ENDLESS_GUESSES)
    if stand_in.settings.limits is Parity.VENDOR:
        return patient, rest_limits
    many = replace(rest_limits, accounts_per_call=_MANY, subscription_numbers=_MANY, async_queue=_MANY)
    return replace(patient, requests_per_call=_MANY, concurrency=_MANY), many


def own_counts(stand_in: StandIn, concurrency: int, queue: int) -> Counts:
    """Counts that are reset with the stand-in."""
    windows = VENDOR_WINDOWS if stand_in.settings.limits is Parity.VENDOR else _ENDLESS_WINDOWS
    rates, strangers = SharedRates(windows), SharedRates(windows)
    stand_in.on_reset += [rates.clear, strangers.clear]
    return Counts(InFlight(concurrency), rates, strangers, InFlight(queue))


def with_powers(stand_in: StandIn, service: Application, queue: Gate) -> Application:
    """The service behind its front, and the admin plane; starts from the seed.

    A call begins only when the work of earlier calls is done (their runs, and the asynchronous requests of the
    `queue`), so answers depend only on the calls. The console is not behind the front: faults do not affect its pages,
    and the journal does not list them.
    """
    wire = Edges(stand_in)
    faults, journal, runs = Faults(wire, partial(names_of, stand_in.store)), Journal(stand_in.clock), Runs(stand_in)
    stand_in.powers |= {"faults": faults, "journal": journal}
    stand_in.on_reset += [faults.clear, journal.clear]

    def before() -> None:
        runs.settle()
        _wait_for(queue)

    front = Front(stand_in, service, wire, (faults, journal, runs), before)
    pages = Pages(Times(stand_in).document, Tenancy(stand_in).document, faults, journal)
    routes = [
        *admin_routes(stand_in),
        *Observed(stand_in, faults, journal).routes(),
        *pages.routes(),
        *reference_routes(),
    ]
    stand_in.powers["admin"] = [(route.path, route.method) for route in routes]
    admin = AdminPlane(routes, stand_in.settings.admin_token)
    stand_in.powers["plane"] = admin
    stand_in.reset(first=True)

    def dispatch(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            return admin(environ, start_response)
        if path == CONSOLE or path.startswith(f"{CONSOLE}/"):
            before()
            return service(environ, start_response)
        return front(environ, start_response)

    return dispatch


def _wait_for(queue: Gate) -> None:
    """Wait until no asynchronous request waits for its answer, up to a limit, as one may be large."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while queue.free() < queue.limit and time.monotonic() < end:
        time.sleep(_PAUSE_SECONDS)


def admin_routes(stand_in: StandIn) -> Iterable[Route]:
    """All routes of the admin plane."""
    yield Route("GET", "/health", _health)
    yield Route("GET", "/version", _version)
    yield from Times(stand_in).routes()
    yield from Tenancy(stand_in).routes()
    bill_runs = BillRuns(stand_in)
    stand_in.powers["bill_runs"] = bill_runs
    yield from bill_runs.routes()


def _health(_call: Call) -> Answer:
    return Answer({"status": "ok"})


def _version(_call: Call) -> Answer:
    wsdl = {"first": version_text(FIRST), "last": version_text(LAST)}
    return Answer({"soapsvc": soapsvc.__version__, "wsdl": wsdl})
