"""Ask a live tenant for the preview of one account: over REST, or over SOAP as legacy clients do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from xml.sax.saxutils import escape

from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.recording import Answer, Refusal, read_answer, read_soap_answers
from soapsvc.tenant.reading import FieldProblem
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import BadAnswer, Forbidden, Refused
from soapsvc.vendor.soap_calls import SoapEndpoint

PREVIEW = "/v1/operations/billing-preview"


class Previews(Protocol):
    """Asks for previews. `surface` is its name in recordings."""

    @property
    def surface(self) -> str:
        """The name in recordings."""
        ...

    def answer(self, request: PreviewRequest, account_id: str) -> Answer:
        """The answer for the account with this id; a refusal is an answer too. Raises VendorError."""
        ...


@dataclass(frozen=True, slots=True)
class OverRest:
    """`POST /v1/operations/billing-preview`."""

    vendor: Vendor
    surface: str = "rest"

    def answer(self, request: PreviewRequest, account_id: str) -> Answer:
        """The answer for the account with this id."""
        return _or_refusal(lambda: read_answer(self.vendor.post(PREVIEW, _body(request, account_id))))


@dataclass(frozen=True, slots=True)
class OverSoap:
    """`billingPreview()`, which has neither draft items nor taxes."""

    endpoint: SoapEndpoint
    surface: str = "soap"

    def answer(self, request: PreviewRequest, account_id: str) -> Answer:
        """The answer for the account with this id."""
        return _or_refusal(lambda: _only(self.endpoint.call(_operation(request, account_id))))


def _or_refusal(ask: Callable[[], Answer]) -> Answer:
    """The answer, or the refusal of this one account as an answer; an error that concerns all accounts is raised."""
    try:
        return ask()
    except Forbidden:
        raise
    except Refused as refused:
        return Answer(refusals=(Refusal(f"{refused.code or ''}", f"{refused}"),))


def _only(envelope: bytes) -> Answer:
    """The one answer in an envelope. Raises BadAnswer."""
    try:
        (answer,) = read_soap_answers(envelope, 1)
    except (FieldProblem, ValueError) as error:
        raise BadAnswer(f"the answer to billingPreview is not a preview of one account: {error}") from error
    return answer


def _operation(request: PreviewRequest, account_id: str) -> str:
    """The body of the call; its fields stand in the order of the WSDL."""
    fields = {
        "AccountId": account_id,
        "ChargeTypeToExclude": ",".join(sorted(request.exclude)),
        "TargetDate": request.target_date.isoformat(),
        "IncludingEvergreenSubscription": f"{request.including_evergreen_subscription}".lower(),
        "AssumeRenewal": "" if request.assume_renewal is AssumeRenewal.NONE else f"{request.assume_renewal}",
    }
    inner = "".join(f"<a:{name}>{escape(value)}</a:{name}>" for name, value in fields.items() if value)
    return f"<a:billingPreview><a:requests>{inner}</a:requests></a:billingPreview>"


def _body(request: PreviewRequest, account_id: str) -> dict[str, object]:
    body: dict[str, object] = {
        "accountId": account_id,
        "targetDate": request.target_date.isoformat(),
        "assumeRenewal": f"{request.assume_renewal}",
        "includingEvergreenSubscription": request.including_evergreen_subscription,
        "includingDraftItems": request.including_draft_items,
    }
    if request.exclude:
        body["chargeTypeToExclude"] = ",".join(sorted(request.exclude))
    return body
