"""The fields of each kind of document that billing reads, by their v1 names. A recording keeps only these."""

from __future__ import annotations

import re
from dataclasses import fields

from soapsvc.engine.account import (
    Account,
    CatalogCharge,
    Charge,
    DeliverySchedule,
    DiscountApplyDetail,
    DraftItem,
    StatusSpan,
    Subscription,
    Tier,
)
from soapsvc.tenant.reading import camel


def _of(*kinds: type) -> frozenset[str]:
    """The fields of the engine's own records."""
    return frozenset(camel(each.name) for kind in kinds for each in fields(kind)) - {"attributes", "description"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DOCUMENT_ATTRIBUTES = _words("billToContactId paymentTerm invoiceTemplateId sequenceSetId communicationProfileId")
"""The fields that decide which subscriptions share an invoice."""

ACCOUNT = (
    _of(Account)
    | _DOCUMENT_ATTRIBUTES
    | _words("accountId number orgId customObjects rollUpUsage basicInfo billingAndPayment billToContact")
    | _words("soldToContact shipToContact soldToCountry billToCountry formerBillCycleDay organizationName orgName")
)
CONTACT = _words("id country")
SUBSCRIPTION = (
    _of(Subscription)
    | _DOCUMENT_ATTRIBUTES
    | _words("accountNumber invoiceOwnerAccountId invoiceOwnerAccountNumber originalId version ratePlans")
    | _words("updateTime updatedDate createTime createdDate prepaidBalanceFunds")
) - {"charges"}
PLAN = _words(
    "id productRatePlanId productId productName productSku ratePlanName lastChangeType ratePlanCharges"
)  # fmt: skip
CHARGE = (
    _of(Charge, Tier, DiscountApplyDetail)
    | _words("chargeSegments subscriptionChargeDeliverySchedule validityPeriodType chargeModelConfiguration")
    | _words("priceFormula customObjects rateCards pricingAttributes attributes chargeFunction commitmentType")
    | _words("creditOption prepaymentUnitType periodsToPrepay prepaidBalanceFunds prepaidOperationType")
    | _words("prepaidQuantity prepaidTotalQuantity prepaidUom drawdownRate drawdownUom isRollover rolloverPeriods")
    | _words("rolloverApply rolloverPeriodLength rolloverLength rolloverBalance minimumAmount maximumAmount")
    | _words("numberOfDeliveries")
)
CATALOG_CHARGE = _of(CatalogCharge, Tier) | _words(
    "pricing chargeType chargeModel UOM productRatePlanChargeTiers useTenantDefaultForPriceChange"
)
DRAFT = (
    _of(DraftItem)
    | _words("invoiceNumber memoNumber creditMemoNumber number status accountId accountNumber targetDate type")
    | _words("invoiceItems creditMemoItems items subscriptionName chargeAmount amountWithoutTax sku sKU skuName")
    | _words("uOM appliedToInvoiceItemId")
) - {"chargeDescription"}
TIER = _of(Tier) | _words("tier currency id")
NESTED = {
    "tiers": TIER,
    "productRatePlanChargeTiers": TIER,
    "pricing": _of(CatalogCharge, Tier) | _words("includedUnits overagePrice"),
    "discountApplyDetails": _of(DiscountApplyDetail),
    "deliverySchedule": _of(DeliverySchedule),
    "subscriptionChargeDeliverySchedule": _of(DeliverySchedule),
    "statusHistory": _of(StatusSpan),
}
"""The kept fields of the objects below a key.

Objects that models and formulas read freely lose only `PERSONAL` fields.
"""
PERSONAL = re.compile(
    r"first_?name|last_?name|nick_?name|e?mail|phone|fax|address|street|city|zip|postal|birth|contact(?!id)|owner|"
    r"note|comment|description|memo|vat_?id|tax_?id|crm|sales_?rep|purchase_?order|created_?by|updated_?by|user|"
    r"password|secret|token|session|authorization|credential|file_?name|account_?name|summary",
    re.IGNORECASE,
)
USAGE = _words(
    "account_id account_number subscription_id subscription_number charge_id charge_number start end uom quantity "
    "rbe_status status group_id unique_key id"
)
PRERATED = _words(
    "totalamount totalamountc perunitrate perunitratec perunitamount perunitamountc perunitprice perunitpricec"
)
"""USAGE is by the names that records of any spelling are read into; PRERATED what they may be priced by, squeezed."""

NAMES = {
    "account": ("name", "organizationName", "orgName"),
    "plan": ("productName", "ratePlanName"),
    "charge": ("name", "productName", "ratePlanName"),
    "draft": ("chargeName", "productName", "skuName"),
}
"""The name fields of each kind of document: hidden, unless names are kept."""
