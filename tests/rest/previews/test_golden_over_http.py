"""Every golden capture, replayed over HTTP: `POST /v1/operations/billing-preview` on a socket, field by field.

The items' keys are in the order of real answers ("observed previews: response"). The captures were collected with
`subscriptionNumber` moved to the front, so that key is left out where their order is compared. Those of tenants with
Invoice Settlement have `creditMemoItems`, too.
"""

from __future__ import annotations

import http.client
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.engine.result import PreviewRequest
from soapsvc.server import Options, application
from soapsvc.tenant import UserEntry, open_tenant
from tests.golden.replay import AS_OF
from tests.rest.previews.test_billing_preview import ITEM_KEYS
from tests.support.captures.golden import Golden, read_golden
from tests.support.services.serving import served
from tests.support.tenants import golden_cases, write_golden_tenant

RULES = "[billing_rules]"
MOVED = "subscriptionNumber"


def test_the_captures_are_there() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    assert len(golden_cases()) >= 68


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_the_capture_is_answered(path: Path, tmp_path: Path) -> None:
    golden = read_golden(path)
    tenant = write_golden_tenant(tmp_path / "tenant", golden.document)
    settles = "creditMemoItems" in golden.document["preview"]
    toml = tenant / "tenant.toml"
    toml.write_text(toml.read_text().replace(RULES, f"{RULES}\ninvoiceSettlement = {json.dumps(settles)}"))
    store = open_tenant(tenant)
    store.put_user(UserEntry("user", password_hash="never used"))
    token = store.create_session("user", int((AS_OF + timedelta(minutes=5)).timestamp()))
    with served(application(store, Options(), fixed_clock(AS_OF))) as url:
        for request in golden.requests():
            body = posted(url, token, golden.account_id, request)
            answer = json.loads(body, parse_float=Decimal)
            assert list(answer) == ["accountId", *golden.document["preview"], "success"]
            assert (answer["accountId"], answer["success"]) == (golden.account_id, True)
            assert answer.get("creditMemoItems") == golden.document["preview"].get("creditMemoItems")
            assert golden.mismatch(answer["invoiceItems"]) == "", request
            assert_keys(golden, answer["invoiceItems"])


def posted(url: str, token: str, account_id: str, request: PreviewRequest) -> bytes:
    fields = {
        "accountId": account_id,
        "targetDate": request.target_date.isoformat(),
        "assumeRenewal": request.assume_renewal.value,
        "chargeTypeToExclude": ",".join(sorted(request.exclude)),
    }
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("POST", "/v1/operations/billing-preview", json.dumps(fields), headers)
        response = connection.getresponse()
        assert response.status == 200
        return response.read()
    finally:
        connection.close()


def assert_keys(golden: Golden, items: list[dict[str, object]]) -> None:
    """Each item has exactly the keys of real answers in their order; each captured one has them in the same order."""
    for item in items:
        assert list(item) == ITEM_KEYS
    for captured in golden.expected():
        known = [key for key in ITEM_KEYS if key in captured and key != MOVED]
        assert [key for key in captured if key != MOVED] == known
