"""The Python clients of `make interop`, driven in every test run, against every shape of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from soapsvc.soap.contract.shapes import SHAPES
from tests.interop.run import PYTHON_CLIENTS, Client
from tests.interop.scenario import differences
from tests.soap.sample_tenant import write_sample_tenant
from tests.support.server import Server, serving

VERSIONS = [*(shape.name for shape in SHAPES), "71.0", "153.0"]
USERS = {version: f"jo-{version}@example.com" for version in VERSIONS}
"""One for each version: a user's fourth wrong password is answered late."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("interop")
    tenant = write_sample_tenant(folder / "tenant", list(USERS.values()))
    with serving(folder / "log", "--tenant", str(tenant), "--workers", "1") as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("client", PYTHON_CLIENTS, ids=lambda client: client.name)
def test_a_python_client(server: Server, tmp_path: Path, client: Client, version: str) -> None:
    own = replace(client, environ={**client.environ, "ZUORA_USER": USERS[version]})
    assert own.run(server.url, version, tmp_path, partial(differences, user=USERS[version])) == []
