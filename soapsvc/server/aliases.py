"""Older paths of the same REST operations, which clients still call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[..., Iterable[bytes]]

REST_BASE = "/rest"
"""The path of v1 before it had a host of its own."""

_RENAMED = {"/api/file/": "/v1/files/", "/v1/file/": "/v1/files/", "/v1/batch-query/file/": "/v1/files/"}


def with_aliases(rest: Application) -> Application:
    """The application with its older paths; links in its answers have the base path of the call."""

    def aliased(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(f"{REST_BASE}/"):
            path = path.removeprefix(REST_BASE)
            environ = {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + REST_BASE, "PATH_INFO": path}
        for old, new in _RENAMED.items():
            if path.startswith(old):
                environ = {**environ, "PATH_INFO": new + path.removeprefix(old)}
        return rest(environ, start_response)

    return aliased
