"""Fixtures of the stand-in's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standin.client import Standing, standing
from tests.support.tenants import write_tenant

TENANT = """
time_zone = "Europe/Dublin"
[tenant]
name = "Tests"
[[users]]
username = "tests@example.com"
password = "tests"
client_id = "tests"
client_secret = "tests secret"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tenant directory with one account and no subscription."""
    account = {"id": "a" * 32, "accountNumber": "A-1", "name": "First", "currency": "EUR", "billCycleDay": 1}
    return write_tenant(tmp_path / "tenant", TENANT, accounts=account)


@pytest.fixture
def stand(folder: Path) -> Iterator[Standing]:
    """A stand-in over that tenant, its clock at 2026-01-15T09:00:00Z."""
    made = standing(folder)
    yield made
    made.stand_in.copy.close()
