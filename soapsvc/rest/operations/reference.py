"""`GET /openapi.yaml`, `/openapi.json` and `/docs`: the contract as written, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from soapsvc.resources import openapi_file
from soapsvc.rest.http import JSON, Call, Reply
from soapsvc.web.once import once

_SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Referrer-Policy": "no-referrer"}


def contract_as_yaml(_call: Call) -> Reply:
    """The contract byte for byte."""
    return Reply([_written()], media_type="application/yaml; charset=utf-8")


def contract_as_json(_call: Call) -> Reply:
    """The contract as JSON."""
    return Reply([msgspec.json.encode(_contract())], media_type=JSON)


def contract_as_page(_call: Call) -> Reply:
    """The contract as a page to read."""
    return Reply([_page()], media_type="text/html; charset=utf-8", headers=_SAFE)


@once
def _written() -> bytes:
    return openapi_file().read_bytes()


@once
def _contract() -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - whoever does not read the contract does not load it

    contract: dict[str, Any] = yaml.safe_load(_written())
    return contract


@once
def _page() -> bytes:
    return contract_page(_contract()).encode()


def contract_page(contract: Mapping[str, Any], base: str = "") -> str:
    """A contract as a page; `base` is the path in front of the contract's own paths."""
    from soapsvc.rest.operations.reference_page import reference_page  # noqa: PLC0415 - Markdown, for those who read

    return reference_page(contract, base)
