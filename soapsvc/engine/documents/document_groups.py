"""Which subscriptions are invoiced together, on the same invoice and credit memo.

Sources: "Rules for generating invoices and credit memos"; "Flexible Billing Attributes" (a subscription that has a
bill-to contact, payment term, invoice template, sequence set or communication profile of its own is invoiced apart
from those that have others; sold-to and ship-to contacts do not count).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soapsvc.engine.account import Account, Subscription, field_of

_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "billToContactId": "bill-to contact",
        "paymentTerm": "payment term",
        "invoiceTemplateId": "invoice template",
        "sequenceSetId": "sequence set",
        "communicationProfileId": "communication profile",
    }
)


def document_groups(account: Account) -> dict[str, str]:
    """The document group of each of the account's subscriptions, by its number; "" is the account's own.

    Subscriptions of one group share their invoices and credit memos.
    """
    return {each.subscription_number: _group(each, account) for each in account.subscriptions}


def _group(subscription: Subscription, account: Account) -> str:
    """The document group of a subscription: "" for the account's own documents, else the subscription or its group.

    A subscription that is invoiced separately has documents of its own, even if it names an invoice group. The
    account's attribute counts where the subscription has none.
    """
    if subscription.invoice_separately:
        return subscription.subscription_number
    parts = [subscription.invoice_group_number] if subscription.invoice_group_number else []
    if subscription.attributes:
        for name, label in _ATTRIBUTES.items():
            own = field_of(subscription, name)
            if own is not None and own != field_of(account, name):
                parts.append(f"{label} {own}")
    return ", ".join(parts)
