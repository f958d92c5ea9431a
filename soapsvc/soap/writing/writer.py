"""Answers as bytes, in the literal form that legacy clients match: prefixes, order, dates and numbers.

The constant part of a charge is rendered once; an item costs one f-string. Neither Spyne nor a tree is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.soap import ns
from soapsvc.soap.contract import Shape
from soapsvc.soap.frame import ApiFault, ProtocolFault, RowError, SoapFault, SoapVersion
from soapsvc.soap.reading import is_id
from soapsvc.soap.writing.xmltext import element, instant_text, text
from soapsvc.wire import ThrowAwayIds, decimal_texts, first_day, fresh_ids, last_day

_PIECE = 8 * 1024
_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>"
_ITEM_OPEN = f'<ns1:InvoiceItem xsi:type="ns2:InvoiceItem" xmlns:ns2="{ns.OBJECT}" xmlns:xsi="{ns.XSI}"><ns2:Id>'
_PROCESSING_TYPES = {"Charge": "0", "Discount": "1", "Prepayment": "2", "Tax": "3"}


class Result(NamedTuple):
    """The result of one request: a preview, or its errors. `account_id` is None where the request has no valid ID."""

    account_id: str | None
    preview: PreviewResult | None = None
    errors: tuple[RowError, ...] = ()


def preview_answer(version: SoapVersion, shape: Shape, results: Iterable[Result]) -> Iterator[bytes]:
    """The answer to billingPreview in pieces of some kilobytes or one charge; joined, they are the whole envelope."""
    pending, size = [f'{opening(version)}<ns1:billingPreviewResponse xmlns:ns1="{ns.API}">'], 0
    for result in results:
        for part in _result(result, shape):
            pending.append(part)
            size += len(part)
            if size > _PIECE:
                yield "".join(pending).encode()
                pending, size = [], 0
    pending.append(f"</ns1:billingPreviewResponse>{CLOSING}")
    yield "".join(pending).encode()


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of creating one object: its id, or its errors."""

    id: str | None = None
    errors: tuple[RowError, ...] = ()


def create_answer(version: SoapVersion, saved: Iterable[Saved]) -> bytes:
    """The answer to create."""
    results = "".join(
        f"<ns1:result>{_errors(each.errors)}{element('ns1:Id', each.id)}"
        f"<ns1:Success>{'false' if each.errors else 'true'}</ns1:Success></ns1:result>"
        for each in saved
    )
    return _answer(version, "createResponse", results)


def _answer(version: SoapVersion, name: str, content: str) -> bytes:
    return f'{opening(version)}<ns1:{name} xmlns:ns1="{ns.API}">{content}</ns1:{name}>{CLOSING}'.encode()


def _errors(errors: Iterable[RowError]) -> str:
    return "".join(
        f"<ns1:Errors>{element('ns1:Code', error.code)}{element('ns1:Message', error.message)}"
        f"{element('ns1:Field', error.field)}</ns1:Errors>"
        for error in errors
    )


def answer(version: SoapVersion, name: str, fields: Iterable[tuple[str, str]], *, result: bool = False) -> bytes:
    """An answer of required string fields, inside a `result` where the contract has one."""
    values = "".join(f"<ns1:{field_name}>{text(value)}</ns1:{field_name}>" for field_name, value in fields)
    content = f"<ns1:result>{values}</ns1:result>" if result else values
    return _answer(version, name, content)


def fault_answer(version: SoapVersion, fault: SoapFault) -> bytes:
    """A fault. In SOAP 1.2 the reason repeats the code, because clients of that version search for it in the text."""
    name, name12, detail = _code(fault)
    message = text(fault.message)
    if version is SoapVersion.SOAP11:
        detail = f"<detail>{detail}</detail>" if detail else ""
        content = f"<faultcode>{name}</faultcode><faultstring>{message}</faultstring>{detail}"
    else:
        subcode = f"<soapenv:Subcode><soapenv:Value>{name}</soapenv:Value></soapenv:Subcode>" if detail else ""
        reason = f"{name}: {message}" if detail else message
        detail = f"<soapenv:Detail>{detail}</soapenv:Detail>" if detail else ""
        content = (
            f"<soapenv:Code><soapenv:Value>{name12}</soapenv:Value>{subcode}</soapenv:Code>"
            f'<soapenv:Reason><soapenv:Text xml:lang="en">{reason}</soapenv:Text></soapenv:Reason>{detail}'
        )
    return f'{opening(version)}<soapenv:Fault xmlns:fns="{ns.FAULT}">{content}</soapenv:Fault>{CLOSING}'.encode()


def _code(fault: SoapFault) -> tuple[str, str, str]:
    """The fault's code in SOAP 1.1 and 1.2 and its detail."""
    if isinstance(fault, ApiFault):
        message = text(fault.message)
        detail = (
            f"<fns:{fault.detail}><fns:FaultCode>{fault.code}</fns:FaultCode>"
            f"<fns:FaultMessage>{message}</fns:FaultMessage></fns:{fault.detail}>"
        )
        return f"fns:{fault.code}", "soapenv:Receiver", detail
    code, code12 = (fault.code, fault.code12) if isinstance(fault, ProtocolFault) else ("Server", "Receiver")
    return f"soapenv:{code}", f"soapenv:{code12}", ""


_OPENINGS = {
    version: f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{version.value}"><soapenv:Body>'
    for version in SoapVersion
}


def opening(version: SoapVersion) -> str:
    """The envelope up to the answer's element."""
    return _OPENINGS[version]


CLOSING = "</soapenv:Body></soapenv:Envelope>"
"""The envelope after the answer's element."""


def _result(result: Result, shape: Shape) -> Iterator[str]:
    yield f"<ns1:results>{element('ns1:AccountId', result.account_id)}"
    if result.preview is None:
        yield f"<ns1:Success>false</ns1:Success>{_errors(result.errors)}"
    else:
        yield f"<ns1:Success>true</ns1:Success><ns1:Size>{len(result.preview)}</ns1:Size>"
        items = _ItemWriter(result.preview.as_of, shape)
        for block in result.preview.blocks:
            yield items.block(block)
    yield "</ns1:results>"


class _ItemWriter:
    """Renders the items of one account, which share the instant and the temporary ids of renewed subscriptions."""

    def __init__(self, as_of: datetime, shape: Shape) -> None:
        self._head = f"</ns2:ChargeAmount><ns2:ChargeDate>{instant_text(as_of)}</ns2:ChargeDate>"
        self._date_suffix = shape.date_text("")
        self._shown = ThrowAwayIds()

    def block(self, block: Block) -> str:
        """The items of a charge, each followed by the discounts on it."""
        ids = fresh_ids(len(block.series))
        charges = self._items(block.series, ids, repeat(""))
        if not block.discounts:
            return "".join(charges)
        parts: list[list[str]] = [[charge] for charge in charges]
        for discount in block.discounts:
            rows = discount.applied_to or ()
            references = (f"<ns2:AppliedToInvoiceItemId>{ids[row]}</ns2:AppliedToInvoiceItemId>" for row in rows)
            for row, item in zip(rows, self._items(discount, fresh_ids(len(discount)), references), strict=True):
                parts[row].append(item)
        return "".join(item for items in parts for item in items)

    def _items(self, series: Series, ids: Sequence[str], applied: Iterable[str]) -> list[str]:
        before_name, constant_name, after_name, after_quantity, tail = self._constant(series.facts)
        head, end_to_start = f"{self._head}{before_name}", f"{self._date_suffix}{_END_TO_START}"
        names = repeat(constant_name) if series.names is None else (element("ns2:ChargeName", n) for n in series.names)
        return [
            f"{_ITEM_OPEN}{item_id}</ns2:Id>{reference}<ns2:ChargeAmount>{amount}{head}{name}{after_name}{quantity}"
            f"{after_quantity}{end}{end_to_start}{start}{tail}"
            for item_id, reference, amount, name, quantity, end, start in zip(
                ids,
                applied,
                decimal_texts(series.amounts),
                names,
                decimal_texts(series.quantities),
                map(last_day, series.ends),
                map(first_day, series.starts),
                strict=False,
            )
        ]

    def _constant(self, facts: ItemFacts) -> _Constant:
        """The constant part of a charge's items. The ids of an assumed renewal are made up for this answer."""
        if not facts.transient:
            return _constant(facts, self._date_suffix)
        charge_id, subscription_id = self._shown[facts.rate_plan_charge_id], self._shown[facts.subscription_id]
        shown = facts._replace(rate_plan_charge_id=charge_id, subscription_id=subscription_id)
        return _constant.__wrapped__(shown, self._date_suffix)


_Constant = tuple[str, str, str, str, str]
_END_TO_START = "</ns2:ServiceEndDate><ns2:ServiceStartDate>"


@lru_cache(maxsize=2048)
def _constant(facts: ItemFacts, date_suffix: str) -> _Constant:
    """The constant text of a charge's items, split at the places of name, quantity and the two dates; and the name."""
    return (
        element("ns2:ChargeDescription", facts.charge_description) + element("ns2:ChargeId", facts.charge_id),
        element("ns2:ChargeName", facts.charge_name),
        element("ns2:ChargeNumber", facts.charge_number)
        + element("ns2:ChargeType", facts.charge_type)
        + f"<ns2:ProcessingType>{_PROCESSING_TYPES[facts.processing_type]}</ns2:ProcessingType>"
        + element("ns2:ProductName", facts.product_name)
        + "<ns2:Quantity>",
        f"</ns2:Quantity>{_id('ns2:RatePlanChargeId', facts.rate_plan_charge_id)}<ns2:ServiceEndDate>",
        f"{date_suffix}</ns2:ServiceStartDate>"
        + _id("ns2:SubscriptionId", facts.subscription_id)
        + element("ns2:SubscriptionNumber", facts.subscription_number)
        + element("ns2:UOM", facts.unit_of_measure)
        + "</ns1:InvoiceItem>",
    )


def _id(name: str, value: str) -> str:
    """An element of type ID; an id that is not valid for the contract's ID is left out."""
    return f"<{name}>{value}</{name}>" if is_id(value) else ""
