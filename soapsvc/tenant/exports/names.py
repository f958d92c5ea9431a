"""v1's names of the fields of exports, and v1's spelling of values that the import does not read as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from soapsvc.engine.account import Account, CatalogCharge, Charge, DraftItem, Subscription, Tier, squeeze
from soapsvc.tenant.reading import camel


def _of(*kinds: type, others: str = "") -> dict[str, str]:
    """The names of the engine's records and further ones, by their squeezed form."""
    own = [camel(field.name) for kind in kinds for field in fields(kind)]
    return {squeeze(name): name for name in (*own, *others.split())}


ACCOUNT = {
    **_of(Account, others="paymentTerm invoiceTemplateId communicationProfileId sequenceSetId parentId"),
    "number": "accountNumber",
}
SUBSCRIPTION = {
    **_of(
        Subscription,
        others="accountId accountNumber originalId version createdDate updatedDate renewalSetting isLatestVersion",
    ),
    "name": "subscriptionNumber",
    "contractacceptancedate": "customerAcceptanceDate",
    "isinvoiceseparate": "invoiceSeparately",
    "invoiceownerid": "invoiceOwnerAccountId",
    "invoiceowneraccountid": "invoiceOwnerAccountId",
}
CHARGE = {
    **_of(
        Charge,
        others="minimumAmount maximumAmount chargeFunction commitmentType creditOption prepaidOperationType "
        "prepaidQuantity prepaidTotalQuantity prepaidUom drawdownRate drawdownUom isRollover rolloverApply "
        "rolloverPeriods rolloverPeriodLength validityPeriodType prorationOption ratingGroup isUnbilled",
    ),
    "chargenumber": "number",
    "chargetype": "type",
    "chargemodel": "model",
    "originalid": "originalChargeId",
}
CATALOG_CHARGE = {
    **_of(CatalogCharge, others="prorationOption description"),
    "chargetype": "type",
    "chargemodel": "model",
}
TIER = _of(Tier, others="tier currency includedUnits overagePrice discountAmount discountPercentage")
ITEM = {**_of(DraftItem), "sku": "sku", "uom": "uOM", "appliedtoinvoiceitemid": "appliedToInvoiceItemId"}
PRICES = ("price", "includedUnits", "overagePrice", "discountAmount", "discountPercentage")
"""The fields that exports have only in the tier of a charge, also where the charge has just one."""


def renamed(row: Mapping[str, str], names: Mapping[str, str]) -> dict[str, object]:
    """A row with v1's names; custom fields keep their names, fields without a name here are left out."""
    found: dict[str, object] = {}
    for key, value in row.items():
        if (name := names.get(key)) is not None:
            found.setdefault(name, value)
    return found
