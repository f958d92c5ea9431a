"""The SOAP call billingPreview() and its answer: up to twenty previews in one envelope, read by their positions."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from soapsvc.parity.recording.answers import answer_of
from soapsvc.parity.recording.model import INVOICE, Answer, RecordedPreview, Refusal
from soapsvc.parity.recording.requests import Asked, read_request
from soapsvc.tenant.reading import Document, FieldProblem, at
from soapsvc.vendor.envelopes import leaf_texts, local_name, parsed

_REST_NAMES = {
    "Id": "id",
    "AppliedToInvoiceItemId": "appliedToInvoiceItemId",
    "ChargeAmount": "chargeAmount",
    "ChargeDate": "chargeDate",
    "ChargeId": "chargeId",
    "ChargeName": "chargeName",
    "ChargeNumber": "chargeNumber",
    "ChargeType": "chargeType",
    "ProcessingType": "processingType",
    "Quantity": "quantity",
    "ServiceEndDate": "serviceEndDate",
    "ServiceStartDate": "serviceStartDate",
    "SubscriptionNumber": "subscriptionNumber",
    "UOM": "unitOfMeasure",
    "AccountId": "accountId",
    "TargetDate": "targetDate",
    "AssumeRenewal": "assumeRenewal",
    "ChargeTypeToExclude": "chargeTypeToExclude",
    "IncludingEvergreenSubscription": "includingEvergreenSubscription",
}
"""Without taxes: billingPreview() does not compute them."""


def is_soap(content: bytes) -> bool:
    """Whether a text looks like a SOAP envelope."""
    return b"Envelope" in content[:4096] and content.lstrip()[:1] in (b"<", b"\xef")


def read_exchange(request: bytes, answer: bytes) -> Iterator[RecordedPreview]:
    """The previews of one call. Raises FieldProblem.

    A call that ended in a fault gives a refusal for each of its requests.
    """
    asked = read_soap_requests(request)
    answers = read_soap_answers(answer, len(asked))
    if len(answers) != len(asked):
        raise FieldProblem("results", f"are {len(answers)} for {len(asked)} requests; there must be one each")
    for one, found in zip(asked, answers, strict=True):
        yield RecordedPreview(one.account_id, one.account_number, one.request, found, surface="soap")


def read_soap_requests(content: bytes) -> list[Asked]:
    """The requests of a billingPreview call. Raises FieldProblem."""
    call = _called(content, "billingPreview")
    return [at(f"requests[{place}]", read_request, _document(node)) for place, node in enumerate(call)]


def read_soap_answers(content: bytes, asked: int) -> list[Answer]:
    """The answers to the requests of a call, in order; a fault is the answer to all requests in `asked`."""
    body = _body(content)
    if len(body) and local_name(body[0]) == "Fault":
        texts = leaf_texts(body[0])
        code, message = texts.get("FaultCode") or texts.get("faultcode"), texts.get("FaultMessage")
        return [Answer(refusals=(Refusal(code or "", message or texts.get("faultstring") or ""),))] * asked
    response = _called(content, "billingPreviewResponse")
    return [at(f"results[{place}]", _answer, node) for place, node in enumerate(response)]


def _answer(result: etree._Element) -> Answer:
    errors = [node for node in result if local_name(node) == "Errors" and len(node)]
    success = next((node.text for node in result if local_name(node) == "Success"), "true")
    if errors or (success or "").strip() not in ("true", "1"):
        told = [{local_name(each): (each.text or "").strip() for each in node} for node in errors] or [{}]
        return Answer(refusals=tuple(Refusal(each.get("Code", ""), each.get("Message", "")) for each in told))
    items = [_document(node) for node in result if local_name(node) == "InvoiceItem"]
    return answer_of([(INVOICE, item, f"InvoiceItem[{place}]") for place, item in enumerate(items)])


def _document(node: etree._Element) -> Document:
    return {
        name: (each.text or "").strip()
        for each in node
        if (name := _REST_NAMES.get(local_name(each))) is not None and (each.text or "").strip()
    }


def _called(content: bytes, name: str) -> etree._Element:
    found = next((node for node in _body(content) if local_name(node) == name), None)
    if found is None:
        raise FieldProblem("Body", f"has no {name}")
    return found


def _body(content: bytes) -> etree._Element:
    try:
        root = parsed(content)
    except etree.XMLSyntaxError as error:
        raise FieldProblem("", f"is not XML ({error})") from error
    found = next((node for node in root if local_name(node) == "Body"), None)
    if found is None:
        raise FieldProblem("", "is not a SOAP envelope: it has no Body")
    return found
