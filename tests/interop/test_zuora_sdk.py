"""The vendor's Python SDK, unmodified, against a real server: token, reads, previews, typed answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.support.server import Server, serving
from tests.support.vendor_sdk import sdk_client

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
    with sdk_client(str(USER.client_id), str(USER.client_secret), server.url) as made:
        yield made


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


def test_an_account_is_typed(client: Any) -> None:
    answer = client.accounts_api().get_account(NUMBER)
    assert type(answer).__name__ == "AccountDetailResponse"
    assert answer.success is True
    assert (answer.basic_info.id, answer.basic_info.account_number, answer.basic_info.name) == (
        METERING,
        NUMBER,
        "Meridian Metering",
    )
    assert (answer.billing_and_payment.bill_cycle_day, answer.billing_and_payment.currency) == (1, "USD")
    assert (type(answer.sold_to_contact).__name__, answer.sold_to_contact.country) == ("Contact", "China")


def test_a_summary_is_typed(client: Any) -> None:
    answer = client.accounts_api().get_account_summary("A00001007", exclude_usage=False)
    assert type(answer).__name__ == "AccountSummaryResponse"
    assert (answer.basic_info.currency, answer.basic_info.bill_cycle_day) == ("USD", 1)
    ((number, term, plans),) = [(s.subscription_number, s.initial_term, s.rate_plans) for s in answer.subscriptions]
    assert (number, term, [plan.rate_plan_name for plan in plans]) == ("A-S00001008", "12 Months", ["Harbour power"])
    assert (answer.invoices, answer.payments) == ([], [])


def test_subscriptions_with_all_segments_are_typed(client: Any) -> None:
    api = client.subscriptions_api()
    answer = api.get_subscriptions_by_account(NUMBER, page_size=1, charge_detail="all-segments")
    assert type(answer).__name__ == "GetSubscriptionsResponse"
    assert answer.next_page.endswith(
        f"/v1/subscriptions/accounts/{NUMBER}?pageSize=1&charge-detail=all-segments&page=2"
    )
    second = api.get_subscriptions_by_account(NUMBER, page=2, page_size=1, charge_detail="all-segments")
    found = {each.subscription_number: each for each in (*answer.subscriptions, *second.subscriptions)}
    assert found.keys() == {"A-S00000019", "A-S00000021"}
    (metered,) = [charge for plan in found["A-S00000019"].rate_plans for charge in plan.rate_plan_charges][:1]
    (segment,) = metered.charge_segments
    assert (type(segment).__name__, segment.segment) == ("RatePlanChargeSegment", 1)
    assert api.get_subscription_by_key("A-S00000019").id == found["A-S00000019"].id


def test_usage_is_typed(client: Any) -> None:
    answer = client.usage_api().get_usages_by_account(NUMBER)
    assert type(answer).__name__ == "GetUsagesByAccountResponse"
    shown = [(item.start_date_time, item.charge_number, item.quantity, item.status) for item in answer.usage]
    assert shown == [
        ("2014-05-27 09:05:00", "C-00000063", "5", "Pending"),
        ("2014-05-26 17:40:00", "C-00000060", "6", "Pending"),
        ("2014-05-23 08:15:00", "C-00000060", "4", "Pending"),
    ]


def test_the_catalogue_is_typed(client: Any) -> None:
    """The SDK's types are those of version 230 on, where a product has the URL of its rate plans."""
    answer = client.products_api().get_products(zuora_version="230.0")
    (product,) = answer.products
    assert (type(product).__name__, product.name, product.sku) == ("Product", "Hall", "SKU-HALL")
    assert product.product_rate_plans.endswith(f"/v1/rateplan/{product.id}/productRatePlan")
    (plan,) = client.product_rate_plans_api().get_rate_plans_by_product(product.id).product_rate_plans
    ((name, prices),) = [(charge.name, charge.pricing) for charge in plan.product_rate_plan_charges]
    assert (name, {price.currency: price.price for price in prices}) == ("Music stands", {"USD": 13.5, "EUR": 12.9})


def test_a_query_is_typed_and_its_next_page_shown(client: Any) -> None:
    from zuora_sdk import (  # noqa: PLC0415 - slow to import
        ProxyActionqueryMoreRequest,
        ProxyActionqueryMoreRequestConf,
        ProxyActionqueryRequest,
    )

    api, conf = client.actions_api(), ProxyActionqueryMoreRequestConf(batch_size=1)
    text = "select Id, Name, Status from Subscription where AccountId = '402892154627d9a2014627e1b0b60114'"
    first = api.action_post_query(ProxyActionqueryRequest(query_string=text, conf=conf))
    assert (type(first).__name__, first.size, first.done) == ("ProxyActionqueryResponse", 2, False)
    second = api.action_postquery_more(ProxyActionqueryMoreRequest(query_locator=first.query_locator, conf=conf))
    assert (second.done, second.query_locator) == (True, None)
    found = [(each["Name"], each["Status"]) for each in (*first.records, *second.records)]
    assert found == [("A-S00000019", "Active"), ("A-S00000021", "Active")]


def test_a_refused_query_raises_its_own_exception(client: Any) -> None:
    from zuora_sdk import ProxyActionqueryRequest  # noqa: PLC0415 - slow to import
    from zuora_sdk.exceptions import BadRequestException  # noqa: PLC0415

    with pytest.raises(BadRequestException) as caught:
        client.actions_api().action_post_query(ProxyActionqueryRequest(query_string="select Nothing from Account"))
    fault = caught.value.data
    assert (fault.fault_code, fault.fault_message) == ("INVALID_FIELD", "invalid field for query: Account.Nothing")


def test_a_key_of_nothing_is_typed(client: Any) -> None:
    answer = client.accounts_api().get_account("A-none")
    assert (answer.success, [reason.code for reason in answer.reasons]) == (False, [50000040])


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
