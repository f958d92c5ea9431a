"""The sample tenant in its own store, for tests of rules that apply to every API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soapsvc.tenant import Store, open_tenant
from tests.soap.sample_tenant import write_sample_tenant


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The sample tenant."""
    opened = open_tenant(write_sample_tenant(tmp_path / "tenant"))
    yield opened
    opened.close()
