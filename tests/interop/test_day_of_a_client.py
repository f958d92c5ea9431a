"""The day of a client in zeep, at three versions; and a client made from the WSDL as it was before the objects came."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zeep

from soapsvc.soap.contract.shapes import SHAPES
from tests.interop.day import ACCOUNT_ID, VERSIONS, differences, earlier_wsdl, write_day_tenant
from tests.interop.run import DRIVERS, day_environ
from tests.soap.sample_tenant import PASSWORD, USER
from tests.support.server import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("day")
    tenant = write_day_tenant(folder / "tenant")
    with serving(folder / "log", "--tenant", str(tenant), "--workers", "1", "--run-workers", "1") as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
def test_the_day_of_a_zeep_client(server: Server, version: str) -> None:
    command = [sys.executable, str(DRIVERS / "zeep_day.py"), server.url, version]
    done = subprocess.run(command, env=day_environ(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert differences(done.stdout) == []


@pytest.mark.parametrize("version", [SHAPES[0].name, SHAPES[-1].name])
def test_a_client_of_the_earlier_wsdl_file_still_works(server: Server, tmp_path: Path, version: str) -> None:
    path = tmp_path / "earlier.wsdl"
    path.write_text(earlier_wsdl(version), encoding="utf-8")
    assert "queryMore" not in path.read_text()
    assert "RatePlan" not in path.read_text().replace("RatePlanCharge", "")
    client = zeep.Client(str(path), settings=zeep.Settings(strict=True))
    service: Any = client.create_service(
        "{http://api.zuora.com/}SoapBinding", f"{server.url}/apps/services/a/{version}"
    )
    login = service.login(USER, PASSWORD)
    headers = [client.get_element("ns1:SessionHeader")(session=login.Session)]
    (preview,) = service.billingPreview([{"AccountId": ACCOUNT_ID, "TargetDate": "2026-01-31"}], _soapheaders=headers)
    assert (preview.Success, preview.Size, preview.InvoiceItem[0].ChargeName) == (True, 2500, "Tea")
    found = service.query("select Id, Status from BillingPreviewRun where Status = 'Nobody'", _soapheaders=headers)
    assert (found.done, found.size) == (True, 0)
