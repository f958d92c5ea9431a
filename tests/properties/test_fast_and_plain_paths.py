"""Fast paths against plain ones, on any account: what is kept between previews, and the bytes of the SOAP writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, InvoiceItem, PreviewRequest, PreviewResult
from soapsvc.soap.contract import Shape
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.soap.frame import SoapVersion
from soapsvc.soap.writing import Result, preview_answer
from tests.properties.strategies import accounts as made
from tests.properties.strategies.amended import amended
from tests.support.building import AS_OF, amount_off, answer

RENEWALS = st.sampled_from(["None", "All", "Autorenew"])
LATER = AS_OF + timedelta(days=400)
AMENDED = amended().map(lambda found: found.whole)
ANY = made.accounts() | AMENDED
PROCESSING_TYPES = {"Charge": "0", "Discount": "1"}
ENVELOPE = (
    "<?xml version='1.0' encoding='UTF-8'?>"
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<ns1:billingPreviewResponse xmlns:ns1="http://api.zuora.com/">{}'
    "</ns1:billingPreviewResponse></soapenv:Body></soapenv:Envelope>"
)
ITEM = (
    '<ns1:InvoiceItem xsi:type="ns2:InvoiceItem" xmlns:ns2="http://object.api.zuora.com/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</ns1:InvoiceItem>'
)


@given(ANY, made.targets, made.targets, RENEWALS, RENEWALS, st.booleans())
def test_an_account_that_was_previewed_before_gives_what_a_fresh_one_gives(
    whole: Account, before: date, target: date, renewed_before: str, renew: str, explain: bool
) -> None:
    """The cache of an account never changes the result of a preview, for any request."""
    answer(whole, before, renew=renewed_before)
    again = answer(whole, target, renew=renew, explain=explain)
    assert whole.rating_cache.charges
    assert again == answer(replace(whole), target, renew=renew, explain=explain)
    request = PreviewRequest(target, AssumeRenewal(renew), explain=explain)
    assert preview(whole, request, LATER) == replace(again, as_of=LATER), "the kept result, if it is small"


@given(made.accounts(fixed=False) | AMENDED, made.targets, RENEWALS, st.booleans())
def test_percentages_taken_off_many_items_at_once_are_those_taken_off_one_by_one(
    whole: Account, target: date, renew: str, explain: bool
) -> None:
    """A fixed amount of 0 takes nothing off, but where it reaches, items are reduced one by one."""
    nothing = amount_off(0, "2000-01-01", number="C-NOTHING", discount_level="account")
    first, *others = whole.subscriptions
    slowed = replace(whole, subscriptions=(replace(first, charges=(*first.charges, nothing)), *others))
    one_by_one, at_once = (answer(each, target, renew=renew, explain=explain) for each in (slowed, whole))
    assert replace(one_by_one, notes=()) == replace(at_once, notes=()), "but for the note on the discount itself"


@given(ANY, made.targets, RENEWALS, st.sampled_from(SHAPES))
def test_the_soap_writer_gives_the_bytes_of_a_plain_rendering(
    whole: Account, target: date, renew: str, shape: Shape
) -> None:
    result = replace(answer(whole, target, renew=renew), account_id="a" * 32)
    if not result.success:
        return
    fast = b"".join(preview_answer(SoapVersion.SOAP11, shape, [Result(result.account_id, result)])).decode()
    assert told_apart(fast) == told_apart(ENVELOPE.format(rendered(result, shape)))


def told_apart(text: str) -> str:
    """The text with made-up ids numbered by their first mention, so that two answers can be compared."""
    seen: dict[str, str] = {}
    own = re.compile(r"(?<=Id>)[0-9a-f]{32}(?=<)")
    return own.sub(lambda found: seen.setdefault(found[0], f"id {len(seen)}"), text)


def rendered(result: PreviewResult, shape: Shape) -> str:
    """A result element by element, an item at a time."""
    items = "".join(ITEM.format("".join(elements)) for elements in item_elements(result, shape))
    success = f"<ns1:Success>true</ns1:Success><ns1:Size>{len(result)}</ns1:Size>"
    return f"<ns1:results><ns1:AccountId>{result.account_id}</ns1:AccountId>{success}{items}</ns1:results>"


def item_elements(result: PreviewResult, shape: Shape) -> Iterator[list[str]]:
    """The elements of each item, in the order of the WSDL; what is unknown or no id is absent."""
    for number, block in enumerate(result.blocks):
        for item in block.items():
            values = item_values(result, item, number, shape)
            names = [field.name for field in shape.fields("InvoiceItem") if values.get(field.name)]
            names.insert(0, "Id")
            if item.applied_to is not None:
                names.insert(1, "AppliedToInvoiceItemId")
            yield [f"<ns2:{name}>{escape(values[name])}</ns2:{name}>" for name in dict.fromkeys(names)]


def item_values(result: PreviewResult, item: InvoiceItem, block: int, shape: Shape) -> dict[str, str]:
    facts = item.facts
    midnight = "" if shape.dates_are_dates else "T00:00:00"
    values = {
        "Id": made_up(block, item.row),
        "AppliedToInvoiceItemId": "" if item.applied_to is None else made_up(block, item.applied_to),
        "ChargeAmount": plain(f"{item.amount:f}"),
        "ChargeDate": result.as_of.isoformat(timespec="milliseconds"),
        "ChargeDescription": facts.charge_description,
        "ChargeId": facts.charge_id,
        "ChargeName": item.charge_name,
        "ChargeNumber": facts.charge_number,
        "ChargeType": facts.charge_type,
        "ProcessingType": PROCESSING_TYPES[facts.processing_type],
        "ProductName": facts.product_name,
        "Quantity": plain(f"{item.quantity:f}"),
        "ServiceEndDate": f"{item.service_end - timedelta(1)}{midnight}",
        "ServiceStartDate": f"{item.service_start}{midnight}",
        "SubscriptionNumber": facts.subscription_number,
        "UOM": facts.unit_of_measure,
    }
    for name, own in (("RatePlanChargeId", facts.rate_plan_charge_id), ("SubscriptionId", facts.subscription_id)):
        if facts.transient or re.fullmatch(r"[0-9a-f]{32}", own):
            values[name] = f"{abs(hash((name, own))):032x}"[-32:]
    return values


def made_up(block: int, row: int) -> str:
    return f"{block:016x}{row:016x}"


def plain(number: str) -> str:
    short = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if short == "-0" else short
