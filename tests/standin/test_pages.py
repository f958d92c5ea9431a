"""The status page, and the contract of the admin plane with its reference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.soap.client import request
from tests.standin.client import Standing


def test_the_status_page_has_no_script_and_shows_what_was_asked_escaped(stand: Standing) -> None:
    stand.ok("POST", "/faults", {"effect": {"status": 500}, "operation": "query"})
    soap = stand.soap
    soap.login("tests@example.com", "tests")
    soap.preview(request("&lt;script&gt;"))
    for path in ("", "/"):
        page = stand.admin("GET", path)
        assert page.status == 200
        text = page.body.decode()
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert all(each in text for each in ("2026-01-15T09:00:00Z", "Tests", "billingPreview", "fault-1"))
        assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_contract_has_every_route_and_no_other(stand: Standing, root: Path) -> None:
    paths = yaml.safe_load((root / "openapi" / "admin.yaml").read_bytes())["paths"]
    methods = {(path, method) for path, item in paths.items() for method in item if method != "parameters"}
    for path, method in methods:
        filled = re.sub(r"\{\w+\}", "A-1", path)
        assert stand.admin(method.upper(), filled, {}).status != 405, (path, method)
    app = stand.stand_in.powers["admin"]
    assert {(path or "/", method.lower()) for path, method in app} == methods | {("/openapi.json", "get")}


@pytest.mark.parametrize("path", ["/docs", "/openapi.yaml", "/openapi.json"])
def test_the_reference_is_there(stand: Standing, path: str) -> None:
    reply = stand.admin("GET", path)
    assert reply.status == 200
    assert b"advanceClock" in reply.body
