"""The usual way to write it: a plain Spyne application that returns objects, with lxml validation.

It returns the same items, which are made once, so only the stack is measured: no engine, no store, no login.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from spyne import Application, Boolean, ComplexModel, DateTime, Decimal, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from bench.workloads import Workload
from soapsvc.engine.result import PreviewResult

_API = "http://api.zuora.com/"
_OBJECT = "http://object.api.zuora.com/"
_ITEM_FIELDS = (
    "Id",
    "ChargeAmount",
    "ChargeDate",
    "ChargeDescription",
    "ChargeId",
    "ChargeName",
    "ChargeNumber",
    "ChargeType",
    "ProcessingType",
    "ProductName",
    "Quantity",
    "RatePlanChargeId",
    "ServiceEndDate",
    "ServiceStartDate",
    "SubscriptionId",
    "SubscriptionNumber",
    "UOM",
)
_TYPES = {
    "ChargeAmount": Decimal,
    "ProcessingType": Decimal,
    "Quantity": Decimal,
    "ChargeDate": DateTime,
    "ServiceEndDate": DateTime,
    "ServiceStartDate": DateTime,
}


class InvoiceItem(ComplexModel):
    """The fields of an item that a preview fills."""

    __namespace__ = _OBJECT
    _type_info: ClassVar = [(name, _TYPES.get(name, Unicode)) for name in _ITEM_FIELDS]


class SessionHeader(ComplexModel):
    """The session of a call; accepted, not checked."""

    __namespace__ = _API
    session = Unicode


class BillingPreviewRequest(ComplexModel):
    """One request."""

    __namespace__ = _API
    AccountId = Unicode
    ChargeTypeToExclude = Unicode
    TargetDate = DateTime
    IncludingEvergreenSubscription = Boolean


class BillingPreviewResult(ComplexModel):
    """One result."""

    __namespace__ = _API
    AccountId = Unicode
    Success = Boolean
    Size = Integer
    InvoiceItem = InvoiceItem.customize(max_occurs="unbounded")


class BillingPreviewResponse(ComplexModel):
    """The results of a call."""

    __namespace__ = _API
    results = BillingPreviewResult.customize(max_occurs="unbounded")


def objects(result: PreviewResult) -> list[InvoiceItem]:
    """A preview as the objects that a Spyne service returns."""
    midnight = datetime.min.time()
    return [
        InvoiceItem(
            Id=f"{number:032x}",
            ChargeAmount=item.amount,
            ChargeDate=result.as_of,
            ChargeDescription=item.facts.charge_description,
            ChargeId=item.facts.charge_id,
            ChargeName=item.charge_name,
            ChargeNumber=item.facts.charge_number,
            ChargeType=item.facts.charge_type,
            ProcessingType=0,
            ProductName=item.facts.product_name,
            Quantity=item.quantity,
            RatePlanChargeId=item.facts.rate_plan_charge_id,
            ServiceEndDate=datetime.combine(item.service_end - timedelta(1), midnight),
            ServiceStartDate=datetime.combine(item.service_start, midnight),
            SubscriptionId=item.facts.subscription_id,
            SubscriptionNumber=item.facts.subscription_number,
            UOM=item.facts.unit_of_measure,
        )
        for number, item in enumerate(result.items())
    ]


def application(work: Workload, answers: Callable[[str], PreviewResult]) -> Callable[..., Iterable[bytes]]:
    """The WSGI application with the items of a workload; `answers` gives an account's preview, once, at start."""
    canned = {work.account_id(number): objects(answers(work.account_id(number))) for number in range(work.requests)}

    class PreviewService(ServiceBase):
        __in_header__ = SessionHeader

        @rpc(
            BillingPreviewRequest.customize(max_occurs="unbounded"),
            _returns=BillingPreviewResponse,
            _body_style="out_bare",
            _out_message_name="billingPreviewResponse",
            _args=["requests"],
        )
        def billingPreview(ctx: Any, requests: list[BillingPreviewRequest]) -> BillingPreviewResponse:  # noqa: N802, N805
            return BillingPreviewResponse(
                results=[
                    BillingPreviewResult(
                        AccountId=request.AccountId,
                        Success=True,
                        Size=len(canned[request.AccountId]),
                        InvoiceItem=canned[request.AccountId],
                    )
                    for request in requests
                ]
            )

    return WsgiApplication(
        Application([PreviewService], _API, in_protocol=Soap11(validator="lxml"), out_protocol=Soap11())
    )
