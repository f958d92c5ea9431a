"""Tenants to be fetched, which we serve in the vendor's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import pytest

from soapsvc.clock import fixed_clock
from soapsvc.server.wsgi import Options, application
from soapsvc.tenant import open_tenant
from soapsvc.vendor.client import Patience, Vendor
from soapsvc.vendor.credentials import OAuthClient
from soapsvc.vendor.pace import Pace
from tests.support.services.waiting import Made
from tests.vendor.tenant import CLIENT_ID, CLIENT_SECRET, NOW, write_source

Application = Callable[..., Iterable[bytes]]


def vendor_over(app: Application, *, at_once: int = 4, attempts: int = 8) -> Vendor:
    """A client of an application in this process; it never waits."""
    patience = Patience(attempts=attempts, sleep=lambda _seconds: None)
    return Vendor(
        "https://rest.example.com",
        OAuthClient(CLIENT_ID, CLIENT_SECRET),
        patience=patience,
        transport=httpx.WSGITransport(app=app, raise_app_exceptions=True),
        pace=Pace(at_once, Made()),
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant directory of twelve accounts."""
    return write_source(tmp_path_factory.mktemp("source"), 12)


@pytest.fixture(scope="module")
def upstream(source: Path) -> Iterator[Application]:
    """The service over it."""
    store = open_tenant(source)
    yield application(store, Options(as_vendor=True), fixed_clock(NOW))
    store.close()
