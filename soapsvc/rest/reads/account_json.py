"""Imported accounts in the form of "Retrieve an account".

A document exported from v1 has that form, and is answered unchanged. A flat object, as other exports write it, is
answered in v1's sections: each field once, in its v1 section, or at the top where v1 has no such field. The answer
always has the account's id and number, even if the document lacks them.
"""

from __future__ import annotations

from collections.abc import Mapping

from soapsvc.rest.reads.members import Members, is_given, json_text, members, record
from soapsvc.tenant.store import AccountDocument

BASIC, BILLING, METRICS, TAX = "basicInfo", "billingAndPayment", "metrics", "taxInfo"
_FIELDS = {
    BASIC: (
        *("id", "name", "accountNumber", "notes", "status", "crmId", "batch", "invoiceTemplateId", "parentId"),
        *("communicationProfileId", "creditMemoTemplateId", "debitMemoTemplateId", "sequenceSetId", "profileNumber"),
        *("salesRep", "customerServiceRepName", "organizationId", "organizationName", "organizationLabel", "orgId"),
        *("orgName", "entityId", "purchaseOrderNumber", "partnerAccount", "tags", "summaryStatementTemplateId"),
        "lastMetricsUpdate",
    ),
    BILLING: (
        *("billCycleDay", "bcdSettingOption", "currency", "paymentTerm", "paymentGateway", "autoPay", "rollUpUsage"),
        *("invoiceDeliveryPrefsPrint", "invoiceDeliveryPrefsEmail", "additionalEmailAddresses"),
        *("defaultPaymentMethodId", "paymentMethodCascadingConsent", "paymentGatewayNumber", "gatewayRoutingEligible"),
    ),
    METRICS: (
        *("balance", "totalInvoiceBalance", "creditBalance", "contractedMrr", "totalDebitMemoBalance"),
        *("unappliedPaymentAmount", "unappliedCreditMemoAmount", "reservedPaymentAmount"),
    ),
    TAX: (
        *("companyCode", "VATId", "exemptStatus", "exemptCertificateId", "exemptCertificateType"),
        *("exemptDescription", "exemptEffectiveDate", "exemptExpirationDate", "exemptIssuingJurisdiction"),
        "exemptEntityUseCode",
    ),
}
_SECTION_OF = {name: section for section, names in _FIELDS.items() for name in names}
_SPELLINGS: Mapping[str, str] = {"accountId": "id", "number": "accountNumber"}
"""The names in a flat account of a section's fields."""


def account_members(account: AccountDocument) -> Members:
    """The account's members."""
    found = record(account.document)
    if BASIC not in found and BILLING not in found:
        found = _in_sections(found)
    basic = members(found[BASIC]) if BASIC in found else {}
    if basic is None:
        return found
    known = {"id": account.id, "accountNumber": account.number}
    missing = {name: json_text(value) for name, value in known.items() if value and not is_given(basic, name)}
    if missing:
        found[BASIC] = json_text({**basic, **missing})
    return found


def section(account: Members, name: str) -> Members:
    """The members of a section; none where it is null or absent."""
    return (members(account[name]) if name in account else None) or {}


def _in_sections(flat: Members) -> Members:
    """A flat account in sections; of two spellings of one field, the second stays at the top."""
    sections: dict[str, Members] = {name: {} for name in _FIELDS}
    others: Members = {}
    for key, value in flat.items():
        name = _SPELLINGS.get(key, key)
        own = sections.get(_SECTION_OF.get(name, ""))
        if own is None or name in own:
            others[key] = value
        else:
            own[name] = value
    return {**{name: json_text(own) for name, own in sections.items() if own}, **others}
