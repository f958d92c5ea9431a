"""The Python clients of `make interop`, driven in every test run, against every shape of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soapsvc.soap.contract.shapes import SHAPES
from tests.interop.run import PYTHON_CLIENTS, Client
from tests.soap.sample_tenant import write_sample_tenant
from tests.support.server import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("interop")
    with serving(folder / "log", "--tenant", str(write_sample_tenant(folder / "tenant")), "--workers", "1") as running:
        yield running


@pytest.mark.parametrize("version", [*(shape.name for shape in SHAPES), "71.0", "153.0"])
@pytest.mark.parametrize("client", PYTHON_CLIENTS, ids=lambda client: client.name)
def test_a_python_client(server: Server, tmp_path: Path, client: Client, version: str) -> None:
    assert client.run(server.url, version, tmp_path) == []
