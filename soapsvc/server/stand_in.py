"""A stand-in as one WSGI application: the service behind its front, the admin plane beside it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import soapsvc
from soapsvc.soap.contract import FIRST, LAST, version_text
from soapsvc.standin import PREFIX, AdminPlane, Answer, Call, Route, StandIn, Tenancy, Times
from soapsvc.standin.front import Front
from soapsvc.standin.runs import Runs
from soapsvc.web.gate import Gate
from soapsvc.web.guessing import GuessLimits

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.001

ENDLESS_GUESSES = GuessLimits(own=sys.maxsize, name=sys.maxsize, address=sys.maxsize)
"""A test may log in wrongly as often as it likes, and is answered at once."""


def with_powers(stand_in: StandIn, service: Application, queue: Gate) -> Application:
    """The service over a stand-in's store, in its front, and the admin plane; begins with the seed.

    A call begins when what those before it have left to be done is done, so that answers depend on nothing but calls:
    the runs that they made, and the asynchronous requests of the `queue`.
    """
    runs = Runs(stand_in)

    def before() -> None:
        runs.settle()
        _wait_for(queue)

    front = Front(stand_in, service, before)
    admin = AdminPlane(admin_routes(stand_in), stand_in.settings.admin_token)
    stand_in.reset(first=True)

    def dispatch(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_admin = path == PREFIX or path.startswith(f"{PREFIX}/")
        return (admin if is_admin else front)(environ, start_response)

    return dispatch


def _wait_for(queue: Gate) -> None:
    """Wait until no asynchronous request waits for its answer; not for ever, as one may be large."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while queue.free() < queue.limit and time.monotonic() < end:
        time.sleep(_PAUSE_SECONDS)


def admin_routes(stand_in: StandIn) -> Iterable[Route]:
    """All routes of the admin plane."""
    yield Route("GET", "/health", _health)
    yield Route("GET", "/version", _version)
    yield from Times(stand_in).routes()
    yield from Tenancy(stand_in).routes()


def _health(_call: Call) -> Answer:
    return Answer({"status": "ok"})


def _version(_call: Call) -> Answer:
    wsdl = {"first": version_text(FIRST), "last": version_text(LAST)}
    return Answer({"soapsvc": soapsvc.__version__, "wsdl": wsdl})
