"""The contract of the admin plane: as written, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from soapsvc.resources import admin_file
from soapsvc.rest.operations import contract_page
from soapsvc.standin import PREFIX, Answer, Call, Route
from soapsvc.standin.routes import HTML
from soapsvc.web.once import once

_SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def reference_routes() -> Iterator[Route]:
    """The routes of the three forms."""
    yield Route("GET", "/openapi.yaml", _written)
    yield Route("GET", "/openapi.json", lambda _call: Answer(_contract()))
    yield Route("GET", "/docs", _page)


def _written(_call: Call) -> Answer:
    return Answer(admin_file().read_bytes(), media_type="application/yaml; charset=utf-8")


def _page(_call: Call) -> Answer:
    return Answer(contract_page(_contract(), PREFIX).encode(), media_type=HTML, headers=_SAFE)


@once
def _contract() -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - whoever does not read the contract does not load it

    contract: dict[str, Any] = yaml.safe_load(admin_file().read_bytes())
    return contract
