"""`GET /v1/accounts/{key}/summary` ("Retrieve an account summary"): the account with its latest records.

All values are from imported documents; fields that they lack are absent. No export has payments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from soapsvc.clock import Clock
from soapsvc.engine.schedule import add_months
from soapsvc.rest.http import Call, Fields, Reply
from soapsvc.rest.reads.account_json import BASIC, BILLING, METRICS, TAX, account_members, section
from soapsvc.rest.reads.members import Members, elements, record, text_of
from soapsvc.rest.reads.reader import Reader, reader
from soapsvc.tenant.formats import CONTACTS
from soapsvc.tenant.reading import flag
from soapsvc.tenant.store import AccountDocument, Page, Store
from soapsvc.wire import decimal_text

MONTHS = 6
"""The number of months of usage: the current month and those before it."""
INVOICES = 6

_AT_ONCE = 100
_BASIC = (
    *("id", "name", "accountNumber", "status", "batch", "tags", "partnerAccount", "purchaseOrderNumber"),
    *("organizationLabel", "customerServiceRepName", "lastMetricsUpdate"),
)
_BILLING = (
    *("billCycleDay", "currency", "additionalEmailAddresses", "invoiceDeliveryPrefsEmail", "invoiceDeliveryPrefsPrint"),
    "paymentMethodCascadingConsent",
)
_TEXTS = ("balance",)
_CUSTOM = ("__c", "__NS", "__QT")
_SUBSCRIPTION = (
    *("id", "subscriptionNumber", "status", "autoRenew", "termType", "subscriptionStartDate", "termStartDate"),
    "termEndDate",
)
_TERMS = ("initialTerm", "renewalTerm")
_RATE_PLAN = ("productId", "productName", "productRatePlanId", "productSku", "ratePlanName")
_INVOICE = ("id", "invoiceNumber", "invoiceDate", "dueDate", "amount", "balance", "status")


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The operation."""

    store: Store
    clock: Clock

    def __call__(self, call: Call) -> Reply:
        """Answer with the summary of the account of that id or number."""
        fields = Fields({}, call.query)
        excluded = fields.get("excludeUsage", flag)
        fields.check(strict=call.strict)
        today = self.clock().astimezone(self.store.settings().zone).date()
        with reader(self.store, call) as documents:
            account = documents.account(call.path["key"])
            body: dict[str, object] = dict(_of_account(account_members(account)))
            body["subscriptions"] = list(_subscriptions(documents, account))
            body["invoices"] = _invoices(documents, account)
            body["payments"] = []
            if not excluded:
                body["usage"] = _usage(documents, account, today)
        return Reply([msgspec.json.encode(body | {"success": True})])


def _of_account(account: Members) -> Iterator[tuple[str, object]]:
    basic, billing, metrics = (section(account, name) for name in (BASIC, BILLING, METRICS))
    custom = {name: value for name, value in basic.items() if name.endswith(_CUSTOM)}
    texts = {name: _as_text(value) for name, value in _only(metrics, _TEXTS).items()}
    yield BASIC, {**_only(basic, _BASIC), **_only(billing, _BILLING), **texts, **custom}
    yield from _only(account, (*CONTACTS, TAX)).items()


def _subscriptions(documents: Reader, account: AccountDocument) -> Iterator[dict[str, object]]:
    """The newest versions, the last changed first; a hundred of them are in memory at a time."""
    skipped, more = 0, True
    while more:
        found, more = documents.all.subscriptions(account, Page(skipped, _AT_ONCE))
        skipped += _AT_ONCE
        for each in found:
            subscription = record(each.document)
            plans = elements(subscription.get("ratePlans")) or ()
            terms = {name: term for name in _TERMS if (term := _term(subscription, name)) is not None}
            custom = {name: value for name, value in subscription.items() if name.endswith(_CUSTOM)}
            shown = {**_only(subscription, _SUBSCRIPTION), **terms, **custom}
            yield {**shown, "ratePlans": [_only(plan, _RATE_PLAN) for plan in plans]}


def _term(subscription: Members, name: str) -> str | None:
    """A term as a text, such as `12 Months`; None where there is none."""
    length, period = (msgspec.json.decode(subscription.get(key, b"null")) for key in (name, f"{name}PeriodType"))
    return None if length is None else f"{length} {period or 'Month'}s"


def _invoices(documents: Reader, account: AccountDocument) -> list[dict[str, msgspec.Raw]]:
    """The last imported invoices, by their dates."""
    invoices = [record(each) for each in documents.all.invoices(account)]
    dated = sorted(invoices, key=lambda invoice: text_of(invoice.get("invoiceDate")) or "", reverse=True)
    return [_only(invoice, _INVOICE) for invoice in dated[:INVOICES]]


def _usage(documents: Reader, account: AccountDocument, today: date) -> list[dict[str, str | None]]:
    """The usage in each of the last months, by unit of measure, the last month first."""
    first, this_month = add_months(today.replace(day=1), 1 - MONTHS), today.strftime("%Y-%m")
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for started, unit, quantity in documents.all.quantities(account, first.isoformat()):
        if (month := started[: len(this_month)]) <= this_month:
            sums[(month, unit or "")] += quantity
    by_unit = sorted(sums.items(), key=lambda each: each[0][1])
    newest = sorted(by_unit, key=lambda each: each[0][0], reverse=True)
    return [
        {"startDate": month, "unitOfMeasure": unit or None, "quantity": decimal_text(total)}
        for (month, unit), total in newest
    ]


def _only(found: Members, names: Any) -> dict[str, msgspec.Raw]:
    return {name: found[name] for name in names if name in found}


def _as_text(value: msgspec.Raw) -> object:
    """A number as a text: the summary has texts where the account itself has numbers."""
    written = bytes(value).decode()
    return written if written[:1] not in {'"', "n"} else value
