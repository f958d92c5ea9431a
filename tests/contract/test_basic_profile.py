"""Every row of the Basic Profile table, on every WSDL file, on every kind of answer, and on the service itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from soapsvc.resources import wsdl_dir
from tests.contract.basic_profile import COVERAGE, MARKS, ROWS, table
from tests.contract.profile_messages import exchanges
from tests.contract.profile_rows import Assertion, Description
from tests.soap.client import Service
from tests.soap.conftest import clock, options, service, store

__all__ = ["clock", "options", "service", "store"]

BY_KIND = {kind: [row for row in ROWS if row.kind == kind] for kind in ("WSDL", "message", "service")}


@pytest.mark.parametrize("path", sorted(wsdl_dir().glob("*.wsdl")), ids=lambda path: path.stem)
@pytest.mark.parametrize("row", BY_KIND["WSDL"], ids=lambda row: f"{row.ids} {row.rules}")
def test_the_description(row: Assertion, path: Path) -> None:
    row.check(Description(path.read_bytes()))


@pytest.mark.parametrize("row", BY_KIND["message"], ids=lambda row: f"{row.ids} {row.rules}")
def test_the_messages(row: Assertion, service: Service) -> None:
    for exchange in exchanges(service):
        row.check(exchange)


@pytest.mark.parametrize("row", BY_KIND["service"], ids=lambda row: f"{row.ids} {row.rules}")
def test_the_service(row: Assertion, service: Service) -> None:
    row.check(service)


def test_the_table_of_the_documentation_is_this_one() -> None:
    assert f"{MARKS[0]}\n{table()}\n{MARKS[1]}" in COVERAGE.read_text(encoding="utf-8")
