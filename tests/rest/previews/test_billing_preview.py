"""`POST /v1/operations/billing-preview`: fields, answers, and how a request is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import ClassVar

import pytest

from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.tenant import Store
from tests.rest.client import BILLING_PREVIEW, Rest
from tests.rest.conftest import MovableClock

METERING = "402892154627d9a2014627e1b0b60114"
NUMBER = "A00000014"
PERIODS = "A00001001"
ITEM_KEYS = [
    "id",
    "subscriptionName",
    "subscriptionId",
    "subscriptionNumber",
    "serviceStartDate",
    "serviceEndDate",
    "chargeAmount",
    "chargeDescription",
    "chargeName",
    "chargeNumber",
    "chargeId",
    "productName",
    "quantity",
    "taxAmount",
    "unitOfMeasure",
    "chargeDate",
    "chargeType",
    "processingType",
    "appliedToItemId",
    "numberOfDeliveries",
]
"""The order of real answers ("observed previews: response")."""


def test_the_sample_of_the_vendors_page(rest: Rest) -> None:
    answer = rest.preview(
        accountId=METERING,
        targetDate="2014-06-01",
        chargeTypeToExclude="OneTime,Recurring",
        includingEvergreenSubscription=True,
    ).json
    assert list(answer) == ["accountId", "invoiceItems", "success"]
    assert (answer["accountId"], answer["success"]) == (METERING, True)
    first, second = answer["invoiceItems"]
    assert list(first) == ITEM_KEYS
    assert second == {
        "id": second["id"],
        "subscriptionName": "A-S00000021",
        "subscriptionId": second["subscriptionId"],
        "subscriptionNumber": "A-S00000021",
        "serviceStartDate": "2014-05-23",
        "serviceEndDate": "2014-05-31",
        "chargeAmount": 10,
        "chargeDescription": "",
        "chargeName": "Readings",
        "chargeNumber": "C-00000063",
        "chargeId": second["chargeId"],
        "productName": "Gateway",
        "quantity": 5,
        "taxAmount": 0,
        "unitOfMeasure": "Each",
        "chargeDate": "2026-03-15 10:30:00",
        "chargeType": "Usage",
        "processingType": "Charge",
        "appliedToItemId": None,
        "numberOfDeliveries": 0,
    }


def test_an_account_is_found_by_its_number(rest: Rest) -> None:
    answer = rest.preview(accountNumber=NUMBER, targetDate="2014-06-01").json
    assert answer["accountId"] == METERING


def test_id_and_number_may_both_be_given_for_one_account(rest: Rest) -> None:
    assert rest.preview(accountId=METERING, accountNumber=NUMBER, targetDate="2014-06-01").json["success"] is True


def test_id_and_number_of_different_accounts(rest: Rest) -> None:
    reply = rest.preview(accountId=METERING, accountNumber=PERIODS, targetDate="2014-06-01")
    assert reply.reasons == [(50000020, "'accountId' and 'accountNumber' name different accounts; give one of them.")]


@pytest.mark.parametrize("key", ["accountId", "accountNumber"])
def test_an_unknown_key(rest: Rest, key: str) -> None:
    reply = rest.preview(**{key: "nobody", "targetDate": "2014-06-01"})
    assert reply.status == 200
    assert reply.reasons == [(50000040, "Cannot find entity by key: 'nobody'.")]
    assert list(reply.json) == ["success", "processId", "reasons", "requestId"]
    assert reply.json["requestId"] == reply.headers["zuora-request-id"]


def test_neither_id_nor_number(rest: Rest) -> None:
    reply = rest.preview(targetDate="2014-06-01")
    assert reply.reasons == [(50000022, "'accountId' or 'accountNumber' is required.")]


@pytest.mark.parametrize("absent", [None, ""])
def test_no_target_date(rest: Rest, absent: object) -> None:
    reply = rest.preview(accountNumber=NUMBER, targetDate=absent)
    assert reply.reasons == [(50000022, "'targetDate' is required.")]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("targetDate", "1 June 2014", "'targetDate' is '1 June 2014', not a date such as 2024-01-31."),
        ("targetDate", "2014-02-30", "'targetDate' is '2014-02-30', which is not a date of the calendar."),
        ("targetDate", 20140601, "'targetDate' is 20140601, not a date such as 2024-01-31."),
        ("targetDate", "2046-03-16", "'targetDate' is 2046-03-16, more than 20 years after 2026-03-15."),
        ("assumeRenewal", "all", "'assumeRenewal' value should be one of: All, None, Autorenew."),
        ("chargeTypeToExclude", "Onetime", "'chargeTypeToExclude' value should be one of: OneTime, Recurring, Usage."),
        ("includingDraftItems", "yes", "'includingDraftItems' is 'yes', not true or false."),
        ("includingEvergreenSubscription", 1, "'includingEvergreenSubscription' is 1, not true or false."),
        ("accountId", 7, "'accountId' is 7, not a text."),
        ("accountId", "x" * 256, "'accountId' has more than 255 characters."),
        ("asOf", "now", "'asOf' is 'now', not a dateTime such as 2024-01-31T08:30:00+01:00."),
        ("asOf", "1066-10-14", "'asOf' is in the year 1066; the year must be 1970 to 2200."),
        ("nextInvoices", 0, "'nextInvoices' is 0; it must be 1 to 100."),
        ("nextInvoices", "101", "'nextInvoices' is '101'; it must be 1 to 100."),
        ("nextInvoices", 1.5, "'nextInvoices' is 1.5, not a whole number."),
        (
            "nextInvoices",
            "1" * 5000,
            f"'nextInvoices' is {'1' * 40}…, too large or too small for an amount or quantity.",
        ),
        ("groupBy", "month", "'groupBy' value should be one of: invoice."),
        ("explain", "maybe", "'explain' is 'maybe', not true or false."),
        ("subscriptionNumbers", [1], "'subscriptionNumbers[0]' is 1, not a text."),
        ("subscriptionNumbers", ["A"] * 1001, "'subscriptionNumbers' has 1001 entries; at most 1000 are allowed."),
        ("accounts", "A1", "'accounts' is 'A1', not a list."),
        ("accounts", [{}], "'accounts[0]' needs an accountId or an accountNumber."),
        ("accounts", [{"accountId": "x"}], "'accounts' cannot be combined with 'accountId' or 'accountNumber'."),
    ],
)
def test_a_wrong_value(rest: Rest, field: str, value: object, message: str) -> None:
    fields = {"accountNumber": NUMBER, "targetDate": "2014-06-01", field: value}
    assert rest.preview(**fields).reasons == [(50000020, message)]


def test_all_problems_are_reported_at_once(rest: Rest) -> None:
    reply = rest.preview(assumeRenewal="Sometimes", includingDraftItems="yes")
    assert [code for code, _ in reply.reasons] == [50000022, 50000020, 50000020, 50000022]


def test_the_last_target_date_that_is_possible(rest: Rest) -> None:
    assert rest.preview(accountNumber=NUMBER, targetDate="2046-03-15").json["success"] is True


def test_too_many_accounts(rest: Rest) -> None:
    reply = rest.preview(accounts=[{"accountId": "x"}] * 1001, targetDate="2014-06-01")
    assert reply.reasons[0] == (50000020, "'accounts' has 1001 entries; at most 1000 are allowed.")


def test_booleans_may_be_texts(rest: Rest) -> None:
    """As the vendor's own sample of a preview run sends them."""
    fields = {"accountNumber": "A00001005", "targetDate": "2026-06-01"}
    with_them = rest.preview(**fields, includingEvergreenSubscription="true").json["invoiceItems"]
    assert with_them
    assert rest.preview(**fields, includingEvergreenSubscription="false").json["invoiceItems"] == []


def test_charge_types_may_be_a_list(rest: Rest) -> None:
    fields = {"accountNumber": NUMBER, "targetDate": "2014-06-01"}
    as_list = rest.preview(**fields, chargeTypeToExclude=["OneTime", "Recurring"]).json["invoiceItems"]
    assert {item["chargeType"] for item in as_list} == {"Usage"}


def test_an_account_that_cannot_be_rated(rest: Rest) -> None:
    reply = rest.preview(accountNumber="A00001012", targetDate="2026-06-01")
    assert reply.status == 200
    ((code, message),) = reply.reasons
    assert code == 50000030
    assert "MISSING_PRICE" in message


def test_drafts_come_with_their_own_ids(rest: Rest) -> None:
    fields = {"accountNumber": "A00001009", "targetDate": "2014-06-01"}
    assert rest.preview(**fields).json["invoiceItems"] == []
    (draft,) = rest.preview(**fields, includingDraftItems=True).json["invoiceItems"]
    assert list(draft) == ITEM_KEYS
    assert draft["id"]
    assert draft["chargeAmount"] > 0


def test_a_discount_names_the_item_that_it_reduces(rest: Rest) -> None:
    items = rest.preview(accountNumber="A00001004", targetDate="2026-12-31").json["invoiceItems"]
    by_id = {item["id"]: item for item in items}
    discounts = [item for item in items if item["appliedToItemId"]]
    assert discounts
    for discount in discounts:
        reduced = by_id[discount["appliedToItemId"]]
        assert (discount["processingType"], reduced["processingType"]) == ("Discount", "Charge")
        assert discount["serviceStartDate"] == reduced["serviceStartDate"]


def test_a_renewed_subscription_shows_one_throw_away_id(rest: Rest) -> None:
    fields = {"accountNumber": "A00001009", "targetDate": "2029-01-01"}
    assumed = rest.preview(**fields, assumeRenewal="All").json["invoiceItems"]
    shown = {(item["subscriptionNumber"], item["subscriptionId"]) for item in assumed}
    assert len(shown) == len({number for number, _ in shown})
    again = rest.preview(**fields, assumeRenewal="All").json["invoiceItems"]
    assert shown.isdisjoint((item["subscriptionNumber"], item["subscriptionId"]) for item in again)


def test_tax_inclusive_amounts_are_net(rest: Rest) -> None:
    items = rest.preview(accountNumber="A00001010", targetDate="2026-12-31").json["invoiceItems"]
    taxed = [item for item in items if item["taxAmount"]]
    assert taxed
    assert all(isinstance(item["taxAmount"], Decimal | int) for item in items)


def test_a_body_that_is_not_json(rest: Rest) -> None:
    reply = rest.post(BILLING_PREVIEW, b'{"accountId": ')
    assert reply.status == 200
    assert reply.reasons == [(50000090, "The request body is not JSON (Input data was truncated).")]


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"'])
def test_a_body_that_is_not_an_object(rest: Rest, body: bytes) -> None:
    assert rest.post(BILLING_PREVIEW, body).reasons == [(50000090, "The request body is not a JSON object.")]


def test_an_unknown_field_is_ignored_and_reported_on_request(rest: Rest) -> None:
    fields = {"accountNumber": NUMBER, "targetDate": "2014-06-01", "assumeRenewl": "All"}
    assert "notes" not in rest.preview(**fields).json
    first = rest.preview(**fields, notes=True).json["notes"][0]
    assert (first["kind"], first["code"]) == ("warning", "UNKNOWN_FIELD")
    assert first["message"].startswith("'assumeRenewl' is not known; the nearest known name is 'assumeRenewal'.")


STRICT = {"Prefer": "handling=strict"}


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"targetDate": "2014-06-01"}, 400, 50000022),
        ({"accountId": "nobody", "targetDate": "2014-06-01"}, 404, 50000040),
        ({"accountNumber": NUMBER, "targetDate": "June"}, 400, 50000020),
        ({"accountNumber": NUMBER, "targetDate": "2014-06-01", "tagretDate": 1}, 400, 50000021),
        ({"accountNumber": "A00001012", "targetDate": "2026-06-01"}, 422, 50000030),
    ],
)
def test_strictly_a_failure_has_its_true_status(rest: Rest, fields: dict[str, object], status: int, code: int) -> None:
    reply = rest.preview(headers=STRICT, **fields)
    assert (reply.status, reply.reasons[0][0]) == (status, code)


def test_strictly_a_malformed_body_is_400(rest: Rest) -> None:
    assert rest.post(BILLING_PREVIEW, b"{", STRICT).status == 400


def test_an_operator_may_choose_true_statuses_for_all(store: Store, clock: MovableClock, token: str) -> None:
    rest = Rest(application(store, Options(strict_status=True), clock), token)
    assert rest.preview(accountId="nobody", targetDate="2014-06-01").status == 404


class TestAnswerThatBreaks:
    """Failures while an answer is written; the gate has one place, which must be free again afterwards."""

    FIELDS: ClassVar = {"accountNumber": NUMBER, "targetDate": "2014-06-01"}

    @pytest.fixture
    def rest(self, store: Store, clock: MovableClock, token: str) -> Rest:
        return Rest(application(store, Options(), clock, InFlight(1)), token)

    def test_at_its_beginning_it_is_a_500(self, rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as broken:
            broken.setattr("soapsvc.rest.operations.billing_preview.preview_answer", self.breaking("{"))
            reply = rest.preview(**self.FIELDS)
        assert reply.status == 500
        assert reply.reasons[0][1].startswith("An unexpected error has occurred. Reference: ")
        assert rest.preview(**self.FIELDS).status == 200

    def test_later_it_breaks_the_connection(self, rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as broken:
            broken.setattr("soapsvc.rest.operations.billing_preview.preview_answer", self.breaking(" " * 200_000))
            with pytest.raises(ZeroDivisionError):
                rest.preview(**self.FIELDS)
        assert rest.preview(**self.FIELDS).status == 200

    @staticmethod
    def breaking(beginning: str) -> Callable[..., Iterator[str]]:
        def answer(*_: object) -> Iterator[str]:
            yield beginning
            raise ZeroDivisionError

        return answer
