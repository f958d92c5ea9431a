"""Answers and faults byte for byte: clients in production match prefixes and faultcode as text."""

from __future__ import annotations

import re

import pytest

from tests.soap.client import SOAP12, Service, envelope, preview, request, session_header
from tests.soap.sample_tenant import EMPTY, MONTHLY, SAMPLE, UNKNOWN

OPEN = (
    "<?xml version='1.0' encoding='UTF-8'?>"
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
)
CLOSE = "</soapenv:Body></soapenv:Envelope>"
RESPONSE = '<ns1:billingPreviewResponse xmlns:ns1="http://api.zuora.com/">'
END_RESPONSE = "</ns1:billingPreviewResponse>"
ITEM = (
    '<ns1:InvoiceItem xsi:type="ns2:InvoiceItem" xmlns:ns2="http://object.api.zuora.com/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


def sample_item(charge: int, amount: str, quantity: str, t: str) -> str:
    return (
        f"{ITEM}<ns2:Id>ID</ns2:Id><ns2:ChargeAmount>{amount}</ns2:ChargeAmount>"
        "<ns2:ChargeDate>2014-05-28T18:34:49.643+08:00</ns2:ChargeDate>"
        f"<ns2:ChargeId>40289215dd{charge:022d}</ns2:ChargeId><ns2:ChargeName>Tea</ns2:ChargeName>"
        f"<ns2:ChargeNumber>C-0000006{charge}</ns2:ChargeNumber><ns2:ChargeType>Usage</ns2:ChargeType>"
        "<ns2:ProcessingType>0</ns2:ProcessingType>"
        '<ns2:ProductName>Tea &amp; "Biscuits" &lt;Ltd&gt;</ns2:ProductName>'
        f"<ns2:Quantity>{quantity}</ns2:Quantity><ns2:RatePlanChargeId>40289215cc{charge:022d}</ns2:RatePlanChargeId>"
        f"<ns2:ServiceEndDate>2014-05-31{t}</ns2:ServiceEndDate><ns2:ServiceStartDate>2014-05-23{t}</ns2:ServiceStartDate>"
        "<ns2:SubscriptionId>40289215bb0000000000000000000009</ns2:SubscriptionId>"
        "<ns2:SubscriptionNumber>A-S00000019</ns2:SubscriptionNumber><ns2:UOM>Each</ns2:UOM></ns1:InvoiceItem>"
    )


def without_ids(text: str) -> str:
    return re.sub(r"<ns2:Id>[0-9a-f]{32}</ns2:Id>", "<ns2:Id>ID</ns2:Id>", text)


@pytest.mark.parametrize(
    ("version", "t"),
    [("61.0", "T00:00:00"), ("64.0", "T00:00:00"), ("68.0", "T00:00:00"), ("69.0", ""), ("71.0", ""), ("153.0", "")],
)
def test_a_preview_of_usage(service: Service, version: str, t: str) -> None:
    """Two charges used in 2014-05-23..31: 10 x 0.00 and 5 x 2.00. Date-like fields are dateTimes through 68.0."""
    asked = request(SAMPLE, "2014-06-01T19:18:09", ChargeTypeToExclude="OneTime,Recurring")
    reply = service.preview(asked, path=f"/apps/services/a/{version}")
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert without_ids(reply.text) == (
        f"{OPEN}{RESPONSE}<ns1:results><ns1:AccountId>{SAMPLE}</ns1:AccountId><ns1:Success>true</ns1:Success>"
        f"<ns1:Size>2</ns1:Size>{sample_item(0, '0', '10', t)}{sample_item(3, '10', '5', t)}</ns1:results>"
        f"{END_RESPONSE}{CLOSE}"
    )


def test_a_discount_item_follows_its_item_and_points_at_it(service: Service) -> None:
    """10.00 in June less 50 % = -5.00."""
    (result,) = service.preview(request(MONTHLY, "2014-06-01")).results()
    charge, discount = result.items
    assert list(discount)[:4] == ["Id", "AppliedToInvoiceItemId", "ChargeAmount", "ChargeDate"]
    assert discount["AppliedToInvoiceItemId"] == charge["Id"]
    assert "AppliedToInvoiceItemId" not in charge
    assert (charge["ChargeAmount"], charge["ProcessingType"]) == ("10", "0")
    assert (discount["ChargeAmount"], discount["ProcessingType"]) == ("-5", "1")


def test_ids_are_fresh_and_distinct(service: Service) -> None:
    asked = request(MONTHLY, "2015-01-01")
    ids = [item["Id"] for _ in range(2) for result in service.preview(asked, asked).results() for item in result.items]
    assert len(set(ids)) == len(ids) == 2 * 2 * 16


def test_an_account_with_nothing_to_bill(service: Service) -> None:
    assert service.preview(request(EMPTY)).text == (
        f"{OPEN}{RESPONSE}<ns1:results><ns1:AccountId>{EMPTY}</ns1:AccountId><ns1:Success>true</ns1:Success>"
        f"<ns1:Size>0</ns1:Size></ns1:results>{END_RESPONSE}{CLOSE}"
    )


def test_a_row_error_is_a_200_without_size(service: Service) -> None:
    reply = service.preview(request(UNKNOWN))
    assert reply.status == 200
    assert reply.text == (
        f"{OPEN}{RESPONSE}<ns1:results><ns1:AccountId>{UNKNOWN}</ns1:AccountId><ns1:Success>false</ns1:Success>"
        f"<ns1:Errors><ns1:Code>INVALID_VALUE</ns1:Code><ns1:Message>The account id {UNKNOWN} is invalid.</ns1:Message>"
        f"<ns1:Field>AccountId</ns1:Field></ns1:Errors></ns1:results>{END_RESPONSE}{CLOSE}"
    )


def test_a_wrong_login(service: Service) -> None:
    reply = service.login(password="wrong")
    sentence = "Invalid login. User name and password do not match."
    assert reply.status == 500
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert reply.text == (
        f'{OPEN}<soapenv:Fault xmlns:fns="http://fault.api.zuora.com/"><faultcode>fns:INVALID_VALUE</faultcode>'
        f"<faultstring>{sentence}</faultstring><detail><fns:LoginFault><fns:FaultCode>INVALID_VALUE</fns:FaultCode>"
        f"<fns:FaultMessage>{sentence}</fns:FaultMessage></fns:LoginFault></detail></soapenv:Fault>{CLOSE}"
    )


def test_a_login(service: Service) -> None:
    reply = service.login()
    assert reply.text == (
        f'{OPEN}<ns1:loginResponse xmlns:ns1="http://api.zuora.com/"><ns1:result><ns1:Session>{service.token}</ns1:Session>'
        "<ns1:ServerUrl>http://127.0.0.1:8080/apps/services/a/61.0</ns1:ServerUrl></ns1:result></ns1:loginResponse>"
        f"{CLOSE}"
    )


def test_user_info(service: Service) -> None:
    reply = service.post(envelope("<a:getUserInfo/>", session_header(service.token)))
    assert re.sub("<ns1:UserId>[0-9a-f]{32}<", "<ns1:UserId>ID<", reply.text) == (
        f'{OPEN}<ns1:getUserInfoResponse xmlns:ns1="http://api.zuora.com/"><ns1:TenantId>42</ns1:TenantId>'
        "<ns1:TenantName>Sample &amp; Sons</ns1:TenantName><ns1:UserEmail>jo@example.com</ns1:UserEmail>"
        "<ns1:UserFullName>Jo</ns1:UserFullName><ns1:UserId>ID</ns1:UserId><ns1:Username>jo@example.com</ns1:Username>"
        f"</ns1:getUserInfoResponse>{CLOSE}"
    )


def test_a_soap_12_answer_is_in_soap_12(service: Service) -> None:
    reply = service.post(
        preview(request(EMPTY), session=service.token, soap=SOAP12), CONTENT_TYPE="application/soap+xml; charset=utf-8"
    )
    assert reply.headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert reply.text.startswith(
        "<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv=\"http://www.w3.org/2003/05/soap-envelope\">"
        f"<soapenv:Body>{RESPONSE}"
    )


def test_a_soap_12_fault_names_its_code_in_the_subcode_and_in_the_reason(service: Service) -> None:
    """Savon shows the reason alone, and its users look for INVALID_SESSION in it."""
    reply = service.post(preview(session="x", soap=SOAP12), CONTENT_TYPE="application/soap+xml")
    assert reply.status == 500
    assert reply.text == (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope"><soapenv:Body>'
        '<soapenv:Fault xmlns:fns="http://fault.api.zuora.com/"><soapenv:Code><soapenv:Value>soapenv:Receiver</soapenv:Value>'
        "<soapenv:Subcode><soapenv:Value>fns:INVALID_SESSION</soapenv:Value></soapenv:Subcode></soapenv:Code>"
        '<soapenv:Reason><soapenv:Text xml:lang="en">fns:INVALID_SESSION: Invalid session</soapenv:Text>'
        "</soapenv:Reason>"
        "<soapenv:Detail><fns:UnexpectedErrorFault><fns:FaultCode>INVALID_SESSION</fns:FaultCode>"
        "<fns:FaultMessage>Invalid session</fns:FaultMessage></fns:UnexpectedErrorFault></soapenv:Detail>"
        "</soapenv:Fault>"
        f"{CLOSE}"
    )
