"""The pytest plugin with the fixture `soapsvc_server`; it comes with the package. Unused it costs next to nothing.

`soapsvc_options` says how the server is started; a project overrides it in its conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from soapsvc.testing.server import Server


@pytest.fixture(scope="session")
def soapsvc_options() -> dict[str, Any]:
    """The arguments of `soapsvc.testing.Server`, by name; override this fixture in a conftest.py."""
    return {}


@pytest.fixture(scope="session")
def soapsvc_process(soapsvc_options: dict[str, Any]) -> Iterator[Server]:
    """One server for all tests of this process. Most tests use `soapsvc_server`, which is reset for each test."""
    from soapsvc.testing.server import Server  # noqa: PLC0415 - who uses no fixture does not load it

    with Server(**soapsvc_options) as server:
        yield server


@pytest.fixture
def soapsvc_server(soapsvc_process: Server) -> Server:
    """A stand-in in its initial state: tenant, clock, faults and requests, whatever earlier tests changed."""
    soapsvc_process.reset(first=True)
    return soapsvc_process
