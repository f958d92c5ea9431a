"""The REST surfaces as one WSGI application: the routes on falcon, each in the frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import quote

import falcon

from soapsvc.rest.frame import Frame, Route
from soapsvc.rest.http import (
    OAUTH,
    QUICKSTART,
    REQUEST_ID,
    V1,
    BadRequest,
    Failure,
    MethodNotAllowed,
    NotFound,
    Style,
    failed,
)
from soapsvc.rest.reads import VENDOR_PREFIXES


def rest_application(frame: Frame, routes: Iterable[Route]) -> Callable[..., Iterable[bytes]]:
    """The application of these routes; every other path and method gets a failure in the style of its surface."""
    app = falcon.App()
    app.req_options.strip_url_path_trailing_slash = True
    by_path: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        by_path[route.path].append(route)
    for path, own in by_path.items():
        app.add_route(path, _Resource(frame, own))
    app.add_error_handler(falcon.HTTPError, partial(_answer_http_error, frame))
    return app


class _Resource:
    """The falcon resource of one path: a method `on_post` for a route with POST, and so on."""

    def __init__(self, frame: Frame, routes: Iterable[Route]) -> None:
        for route in routes:
            setattr(self, f"on_{route.method.lower()}", partial(frame.serve, route))


def _answer_http_error(
    frame: Frame, request: falcon.Request, response: falcon.Response, error: falcon.HTTPError, _path: object
) -> None:
    call = frame.read_call(request, {})
    reply = failed(_style_of(request.path), _failure(request, error), call)
    frame.send(reply, {REQUEST_ID: call.request_id}, request, response)


def _failure(request: falcon.Request, error: falcon.HTTPError) -> Failure:
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = (error.headers or {}) if isinstance(error.headers, dict) else dict(error.headers or ())
        return MethodNotAllowed(allowed.get("Allow", "").split(", "))
    if isinstance(error, falcon.HTTPNotFound):
        return NotFound(f"There is nothing at {quote(request.path)}. The reference is at /docs.")
    return BadRequest(error.description or error.title or "The request is not valid HTTP.")


def _style_of(path: str) -> Style:
    if path.startswith(("/v1/", *VENDOR_PREFIXES)):
        return V1
    return OAUTH if path.startswith("/oauth/") else QUICKSTART
