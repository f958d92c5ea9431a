"""The vendor's Python SDK makes a run on a real server, polls it, and downloads the result.

The SDK takes ten seconds to import: its tests are side by side, so that one process runs them.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.standin import SDK_CLIENT
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.support.runs import table
from tests.support.server import Server, serving
from tests.support.vendor_sdk import sdk_client

WAITS = 60
# The SDK uses pydantic in ways that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


USER = UserEntry(
    "sdk@example.com",
    password="sdk",
    client_id="0f5bca6d-54a4-4a3a-9f30-6a6ae9f4f7d2",  # the SDK wants it this long
    client_secret="an sdk's secret of enough length",
)


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[Server]:
    """The demo tenant in a database, served by two processes."""
    store = Store.open(database)
    import_tenant(store, fixtures_dir())
    store.put_user(USER)
    store.close()
    options = ("--database", database, "--results", str(tmp_path / "results"), "--workers", "2", "--run-workers", "1")
    with serving(tmp_path / "log", *options) as started:
        yield started


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    """The SDK's client, logged in."""
    pytest.importorskip("zuora_sdk")
    with sdk_client(str(USER.client_id), str(USER.client_secret), server.url) as made:
        yield made


@pytest.mark.parametrize(("version", "field"), [("313.0", "batch"), ("314.0", "batches")])
def test_a_run_is_made_polled_and_downloaded(client: Any, version: str, field: str) -> None:
    sdk = pytest.importorskip("zuora_sdk")
    client.set_zuora_version(version)
    runs = client.billing_preview_run_api()
    request = sdk.CreateBillingPreviewRunRequest(
        target_date=date(2027, 1, 31), assume_renewal="All", including_evergreen_subscription=True, **{field: "Batch1"}
    )
    run_id = runs.create_billing_preview_run(request).billing_preview_run_id
    end = time.monotonic() + WAITS
    while (run := runs.get_billing_preview_run(run_id)).status in {"Pending", "Processing"}:
        assert time.monotonic() < end, run
        time.sleep(0.1)
    assert (run.status, getattr(run, field), str(run.target_date)) == ("Completed", "Batch1", "2027-01-31")
    assert 0 < run.succeeded_accounts <= run.total_accounts
    content = client.files_api().get_files(run.result_file_url.rpartition("/")[2])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = table(archive.read(f"{run.run_number}.csv"))
    assert len({row["Account: ID"] for row in rows}) > 1
    assert all(row["Invoice Item: Charge Amount"] for row in rows)


def test_the_client_that_the_demo_has_for_the_sdk_is_taken(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "log", "--demo", "--workers", "1") as demo,
        sdk_client(SDK_CLIENT, "demo", demo.url) as client,
    ):
        assert client.get_token_info()["access_token"]
