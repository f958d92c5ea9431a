"""Bad input: what is wrong with one request is an error on its result, what is wrong with the call is a fault."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from soapsvc.soap.operations import billing_preview
from soapsvc.soap.reading import values
from tests.soap.client import Service, envelope, request
from tests.soap.sample_tenant import BROKEN, EMPTY, MONTHLY, UNKNOWN

XSI_TYPE = (
    "<a:requests xsi:type='{type}'><a:AccountId>{account}</a:AccountId>"
    "<a:TargetDate>2014-07-01</a:TargetDate></a:requests>"
)
NO_ACCOUNT = ("MISSING_REQUIRED_VALUE", "Missing required value: AccountId", "AccountId")
NO_TARGET_DATE = ("MISSING_REQUIRED_VALUE", "Missing required value: TargetDate", "TargetDate")


def invalid(message: str, field: str) -> tuple[str, str, str]:
    return "INVALID_VALUE", message, field


@pytest.mark.parametrize(
    ("asked", "account", "errors"),
    [
        (request(UNKNOWN), UNKNOWN, [invalid(f"The account id {UNKNOWN} is invalid.", "AccountId")]),
        (request("1234"), "1234", [invalid("The account id 1234 is invalid.", "AccountId")]),
        (request("no-id"), None, [invalid("The account id no-id is invalid.", "AccountId")]),
        (request(""), None, [NO_ACCOUNT]),
        (request(" \n "), None, [NO_ACCOUNT]),
        ("<a:requests><a:TargetDate>2014-07-01</a:TargetDate></a:requests>", None, [NO_ACCOUNT]),
        (f"<a:requests><a:AccountId>{EMPTY}</a:AccountId></a:requests>", EMPTY, [NO_TARGET_DATE]),
        (request(EMPTY, ""), EMPTY, [NO_TARGET_DATE]),
        ("<a:requests/>", None, [NO_ACCOUNT, NO_TARGET_DATE]),
        ("<a:requests xsi:nil='true'/>", None, [NO_ACCOUNT, NO_TARGET_DATE]),
        (request(EMPTY, "soon"), EMPTY, [invalid("The target date soon is not a date.", "TargetDate")]),
        (request(EMPTY, "2014-02-30"), EMPTY, [invalid("The target date 2014-02-30 is not a date.", "TargetDate")]),
        (
            request(EMPTY, "3014-05-28"),
            EMPTY,
            [invalid("The target date 3014-05-28 is after 2064-07-04.", "TargetDate")],
        ),
        (
            request(EMPTY, ChargeTypeToExclude="usage"),
            EMPTY,
            [
                invalid(
                    "The charge type usage is invalid. Charge types are OneTime, Recurring, Usage.",
                    "ChargeTypeToExclude",
                )
            ],
        ),
        (
            request(EMPTY, IncludingEvergreenSubscription="yes"),
            EMPTY,
            [invalid("The value yes is neither true nor false.", "IncludingEvergreenSubscription")],
        ),
        (
            (
                f"<a:requests><a:AccountId>{EMPTY}</a:AccountId><a:AccountId>{MONTHLY}</a:AccountId>"
                "<a:TargetDate>2014-07-01</a:TargetDate></a:requests>"
            ),
            MONTHLY,
            [invalid("AccountId is given more than once", "AccountId")],
        ),
    ],
)
def test_a_wrong_request_is_an_error_on_its_result(
    service: Service, asked: str, account: str | None, errors: list[tuple[str, str, str]]
) -> None:
    before, result, after = service.preview(request(MONTHLY), asked, request(EMPTY)).results()
    assert (result.get("AccountId"), result.get("Success"), result.get("Size")) == (account, "false", None)
    assert result.errors == errors
    assert (before.get("Success"), before.get("Size")) == ("true", "4")
    assert (after.get("Success"), after.get("Size")) == ("true", "0")


def test_a_charge_that_cannot_be_rated_is_an_error_on_its_account(service: Service) -> None:
    broken, intact = service.preview(request(BROKEN), request(MONTHLY)).results()
    ((code, message, field),) = broken.errors
    assert (broken.get("AccountId"), broken.get("Success"), broken.get("Size")) == (BROKEN, "false", None)
    assert code == "MISSING_REQUIRED_VALUE"
    assert field == "price"
    assert message is not None
    assert "A-S00000013" in message
    assert "C-00000066" in message
    assert (intact.get("Success"), intact.get("Size")) == ("true", "4")


def test_an_assumed_renewal_that_does_not_exist(service: Service) -> None:
    (result,) = service.preview(request(EMPTY, AssumeRenewal="Some"), path="/apps/services/a/81.0").results()
    assert result.errors == [invalid("The value Some is invalid. Values are All, None, Autorenew.", "AssumeRenewal")]


def test_results_stand_in_the_order_of_the_requests(service: Service) -> None:
    accounts = [MONTHLY, UNKNOWN, EMPTY, MONTHLY, BROKEN]
    assert [r.get("AccountId") for r in service.preview(*map(request, accounts)).results()] == accounts


def test_no_requests_are_an_empty_answer(service: Service) -> None:
    reply = service.preview()
    assert reply.status == 200
    assert '<ns1:billingPreviewResponse xmlns:ns1="http://api.zuora.com/"></ns1:billingPreviewResponse>' in reply.text


def test_twenty_requests_are_answered(service: Service) -> None:
    assert [result.get("Size") for result in service.preview(*[request(MONTHLY)] * 20).results()] == ["4"] * 20


def test_twenty_one_requests_are_a_fault_and_nothing_is_processed(service: Service) -> None:
    reply = service.preview(*[request(MONTHLY)] * 21)
    sentence = "The call has 21 requests; one call may have at most 20."
    assert (reply.status, reply.fault) == (500, ("fns:MAX_RECORDS_EXCEEDED", sentence, "UnexpectedErrorFault"))


@pytest.mark.parametrize("claimed", ["a:InvoiceItem", "o:zObject", "BillingPreviewRun", "x:SubscribeRequest"])
def test_a_request_that_says_it_is_another_type(service: Service, claimed: str) -> None:
    reply = service.preview(request(MONTHLY), XSI_TYPE.format(type=claimed, account=MONTHLY))
    sentence = f"requests[1] is a {claimed.rpartition(':')[2]}, not a BillingPreviewRequest"
    assert (reply.status, reply.fault) == (500, ("fns:INVALID_TYPE", sentence, "InvalidTypeFault"))


@pytest.mark.parametrize("claimed", ["a:BillingPreviewRequest", "BillingPreviewRequest", "wsdl:BillingPreviewRequest"])
def test_a_request_that_says_its_type_with_any_prefix(service: Service, claimed: str) -> None:
    (result,) = service.preview(XSI_TYPE.format(type=claimed, account=MONTHLY)).results()
    assert result.get("Size") == "4"


def test_a_missing_session_is_reported_before_other_errors(service: Service) -> None:
    service.token = "unknown"
    reply = service.preview(*[request(MONTHLY)] * 21)
    assert reply.fault == ("fns:INVALID_SESSION", "Invalid session", "UnexpectedErrorFault")


def test_an_unexpected_error_shows_a_reference_and_logs_the_reason(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(billing_preview, "preview", explode)
    reply = service.preview(request(MONTHLY))
    code, sentence, detail = reply.fault
    assert (reply.status, code, detail) == (500, "fns:UNKNOWN_ERROR", "UnexpectedErrorFault")
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text
    reference = sentence.removeprefix("An unexpected error has occurred. Reference: ")
    assert reference == reply.headers["X-Request-Id"]
    (record,) = [record for record in caplog.records if record.exc_info is not None]
    assert reference in record.getMessage()
    assert record.exc_info is not None
    assert "secret detail" in str(record.exc_info[1])


def test_an_answer_that_has_begun_breaks_off_where_an_unexpected_error_occurs(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small answers are made whole and become a fault; one that is on its way is never ended as if it were whole."""
    real, seen = billing_preview.preview, []

    def explode_at_the_last(*arguments: Any) -> object:
        seen.append(1)
        if len(seen) == 20:
            raise ZeroDivisionError
        return real(*arguments)

    monkeypatch.setattr(billing_preview, "preview", explode_at_the_last)
    with pytest.raises(ZeroDivisionError):
        service.preview(*[request(MONTHLY, "2034-05-31")] * 20)


def test_a_target_date_of_any_length_is_read_and_only_short_ones_are_remembered(service: Service) -> None:
    remembered = values._parsed.cache_info().currsize
    (result,) = service.preview(request(MONTHLY, f"2014-07-01T00:00:00.{'0' * 100_000}")).results()
    assert result.get("Success") == "true"
    assert values._parsed.cache_info().currsize == remembered


def test_an_empty_preview_says_why_in_the_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.preview(request(MONTHLY, "2014-05-31"))
    assert [record.getMessage() for record in caplog.records if MONTHLY in record.getMessage()] != []


def test_an_operation_that_the_contract_does_not_have(service: Service) -> None:
    reply = service.post(envelope("<a:subscribe/>"))
    sentence = "There is no operation '{http://api.zuora.com/}subscribe'"
    assert (reply.status, reply.fault) == (500, ("soapenv:Client", sentence, None))


def test_an_operation_in_another_namespace(service: Service) -> None:
    reply = service.post(envelope("<o:billingPreview/>"))
    sentence = "There is no operation '{http://object.api.zuora.com/}billingPreview'"
    assert (reply.status, reply.fault) == (500, ("soapenv:Client", sentence, None))


def test_something_else_than_requests_in_the_call(service: Service) -> None:
    reply = service.preview(request(MONTHLY), "<a:request/>")
    assert (reply.status, reply.fault) == (500, ("soapenv:Client", "Unexpected subelement request", None))


@pytest.mark.parametrize("version", ["60.0", "154.0", "61", "next", "61.0/more", ""])
def test_a_version_that_does_not_exist(service: Service, version: str) -> None:
    reply = service.preview(request(MONTHLY), path=f"/apps/services/a/{version}")
    code, sentence, detail = reply.fault
    assert (reply.status, code, detail) == (500, "fns:INVALID_VERSION", "UnexpectedErrorFault")
    assert sentence == f"This service has no version {version!r}; use 61.0 to 153.0."
