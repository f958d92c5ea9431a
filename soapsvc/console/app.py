"""The console's routes, and its static files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import falcon
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.console import PREFIX
from soapsvc.console.frame import Answer, Frame, Page, Services, Visit, not_found, redirect
from soapsvc.console.pages import (
    account,
    accounts,
    compare,
    comparisons,
    downloads,
    item,
    run,
    runs,
    sign_in,
    stand_in,
)
from soapsvc.console.security import HEADERS
from soapsvc.tenant.database import log_failure
from soapsvc.web.once import once

_LOG = logging.getLogger(__name__)
_AWAY = "The tenant store does not answer. Try again in a moment.\n"
_DEFECT = "The service failed; its log says why.\n"

_PAGES: dict[str, tuple[Page | None, Page | None, bool]] = {
    "/console": (lambda _: redirect("/console/accounts"), None, False),
    "/console/sign-in": (sign_in.form, sign_in.sign_in, True),
    "/console/sign-out": (None, sign_in.sign_out, False),
    "/console/accounts": (accounts.show, None, False),
    "/console/account": (account.show, None, False),
    "/console/account/item": (item.show, None, False),
    "/console/account/file": (downloads.preview_file, None, False),
    "/console/runs": (runs.show, runs.start, False),
    "/console/run": (run.show, None, False),
    "/console/run/progress": (run.progress, None, False),
    "/console/run/cancel": (None, run.cancel, False),
    "/console/run/file": (downloads.run_file, None, False),
    "/console/compare": (compare.show, None, False),
    "/console/compare/file": (compare.file, None, False),
    "/console/comparisons": (comparisons.show, None, False),
    "/console/comparison": (comparisons.one, None, False),
    "/console/stand-in": (stand_in.show, stand_in.act, False),
}
"""For each path: the pages of GET and POST, and whether it is open without sign-in."""
_STATIC = {
    "icon.svg": "image/svg+xml",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
}


class _Resource:
    def __init__(self, frame: Frame, get: Page | None, post: Page | None, is_open: bool) -> None:
        if get is not None:
            self.on_get = partial(_serve, frame, get, is_open)
        if post is not None:
            self.on_post = partial(_serve, frame, post, is_open)


def _serve(frame: Frame, page: Page, is_open: bool, request: falcon.Request, response: falcon.Response) -> None:
    frame.serve(page, request, response, is_open=is_open)


def console_application(services: Services) -> Callable[..., Any]:
    """The console as a WSGI application; its paths begin with `PREFIX`."""
    frame = Frame(services)
    app = falcon.App()
    app.req_options.strip_url_path_trailing_slash = True
    for path, (get, post, is_open) in _PAGES.items():
        app.add_route(path, _Resource(frame, get, post, is_open))
    for name in _STATIC:
        app.add_route(f"/console/static/{name}", _Resource(frame, partial(_static, name), None, True))
    app.add_sink(partial(_serve, frame, _nothing, False), PREFIX)
    app.add_error_handler(Exception, _failed)
    return app


def _failed(_request: falcon.Request, response: falcon.Response, error: Exception, _params: Any) -> None:
    """The page of an error: the log has the details, the page has none."""
    if isinstance(error, falcon.HTTPError):
        raise error
    log_failure(_LOG, error, "a page of the console")
    away = isinstance(error, SQLAlchemyError)
    response.status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.INTERNAL_SERVER_ERROR
    response.content_type = "text/plain; charset=utf-8"
    response.set_headers({"Cache-Control": "no-store", **dict(HEADERS)})
    response.text = _AWAY if away else _DEFECT


def _nothing(_: Visit) -> Answer:
    raise not_found("page at this address")


def _static(name: str, _: Visit) -> Answer:
    content, tag = _file(name)
    return Answer([content], HTTPStatus.OK, _STATIC[name], {"Cache-Control": "no-cache", "ETag": tag})


@once
def _file(name: str) -> tuple[bytes, str]:
    content = files("soapsvc.console").joinpath("static", name).read_bytes()
    return content, f'"{sha256(content).hexdigest()[:32]}"'
