"""The vendor's Python SDK, unmodified, against a real server: token, preview by id and by number, typed answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.support.server import Server, serving

# The SDK uses pydantic in ways that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

METERING, NUMBER = "402892154627d9a2014627e1b0b60114", "A00000014"
USER = UserEntry(
    "sdk@example.com",
    password="sdk",
    client_id="2d7a9f4e-5c1b-4e0a-9a55-7f3f1c1f6a10",  # the SDK wants 36 characters
    client_secret="an sdk's secret of enough length",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("sdk")
    url = f"sqlite:///{folder / 'tenant.sqlite'}"
    store = Store.open(url)
    import_tenant(store, fixtures_dir())
    store.put_user(USER)
    store.close()
    with serving(folder / "log", "--database", url, "--workers", "2") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Any]:
    """The SDK's own client: it fetches the token itself."""
    from zuora_sdk import Configuration  # noqa: PLC0415 - slow to import
    from zuora_sdk.zuora_client import ZuoraClient  # noqa: PLC0415

    made = ZuoraClient(USER.client_id, USER.client_secret, None, Configuration(host=server.url))
    made.initialize()
    yield made
    made.stop_auto_auth()


def billing_preview(client: Any, **fields: Any) -> Any:
    from zuora_sdk import CreateBillingPreviewRequest  # noqa: PLC0415

    return client.operations_api().create_billing_preview(CreateBillingPreviewRequest(**fields))


def test_it_gets_a_token(client: Any) -> None:
    info = client.get_token_info()
    assert info["access_token"]
    assert info["is_expired"] is False


@pytest.mark.parametrize("key", [{"account_id": METERING}, {"account_number": NUMBER}], ids=["by id", "by number"])
def test_a_billing_preview_is_typed(client: Any, key: dict[str, str]) -> None:
    answer = billing_preview(
        client, **key, target_date=date(2014, 6, 1), charge_type_to_exclude="OneTime,Recurring", assume_renewal="None"
    )
    assert type(answer).__name__ == "CreateBillingPreviewResponse"
    assert (answer.success, answer.account_id, answer.credit_memo_items) == (True, METERING, None)
    assert {type(item).__name__ for item in answer.invoice_items} == {"CreateBillingPreviewInvoiceItem"}
    shown = [(item.charge_number, item.charge_amount, item.quantity, item.charge_type) for item in answer.invoice_items]
    assert shown == [("C-00000060", 0, 10, "Usage"), ("C-00000063", 10, 5, "Usage")]
    assert {(str(item.service_start_date), str(item.service_end_date)) for item in answer.invoice_items} == {
        ("2014-05-23", "2014-05-31")
    }
    assert all(not item.additional_properties for item in answer.invoice_items), "nothing that the SDK does not know"


def test_a_failure_is_typed(client: Any) -> None:
    answer = billing_preview(client, account_number="A-none", target_date=date(2014, 6, 1))
    assert answer.success is False
    assert answer.process_id
    assert answer.request_id
    ((code, message),) = [(reason.code, reason.message) for reason in answer.reasons]
    assert (code, message) == (50000040, "Cannot find entity by key: 'A-none'.")


def test_it_reads_the_headers(client: Any) -> None:
    from zuora_sdk import CreateBillingPreviewRequest  # noqa: PLC0415

    request = CreateBillingPreviewRequest(account_number=NUMBER, target_date=date(2014, 6, 1))
    response = client.operations_api().create_billing_preview_with_http_info(
        request, zuora_track_id="sdk-track", idempotency_key="sdk-key", accept_encoding="gzip"
    )
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert response.status_code == 200
    assert headers["zuora-track-id"] == "sdk-track"
    assert headers["content-encoding"] == "gzip"
    assert response.data.account_id == METERING


def test_without_a_token_it_raises_its_own_exception(server: Server) -> None:
    from zuora_sdk import ApiClient, Configuration, CreateBillingPreviewRequest, OperationsApi  # noqa: PLC0415
    from zuora_sdk.exceptions import UnauthorizedException  # noqa: PLC0415

    api = OperationsApi(ApiClient(Configuration(host=server.url)))
    with pytest.raises(UnauthorizedException) as caught:
        api.create_billing_preview(CreateBillingPreviewRequest(account_number=NUMBER, target_date=date(2014, 6, 1)))
    assert caught.value.data.message == "Authentication error"
    assert caught.value.get_zuora_request_id()
