"""The objects that can be queried, by name: their fields, in the order of the published contract."""

from __future__ import annotations

from soapsvc.zoql.catalogue import ZObject
from soapsvc.zoql.objects.accounts import ACCOUNT, CONTACT
from soapsvc.zoql.objects.amendments import AMENDMENT
from soapsvc.zoql.objects.charges import RATE_PLAN_CHARGE, RATE_PLAN_CHARGE_TIER
from soapsvc.zoql.objects.invoices import INVOICE, INVOICE_ITEM, TAXATION_ITEM
from soapsvc.zoql.objects.product_charges import PRODUCT_RATE_PLAN_CHARGE, PRODUCT_RATE_PLAN_CHARGE_TIER
from soapsvc.zoql.objects.products import PRODUCT, PRODUCT_RATE_PLAN, UNIT_OF_MEASURE
from soapsvc.zoql.objects.runs import BILLING_PREVIEW_RUN
from soapsvc.zoql.objects.subscriptions import RATE_PLAN, SUBSCRIPTION
from soapsvc.zoql.objects.usage import USAGE

OBJECTS: tuple[ZObject, ...] = (
    ACCOUNT,
    AMENDMENT,
    BILLING_PREVIEW_RUN,
    CONTACT,
    INVOICE,
    INVOICE_ITEM,
    PRODUCT,
    PRODUCT_RATE_PLAN,
    PRODUCT_RATE_PLAN_CHARGE,
    PRODUCT_RATE_PLAN_CHARGE_TIER,
    RATE_PLAN,
    RATE_PLAN_CHARGE,
    RATE_PLAN_CHARGE_TIER,
    SUBSCRIPTION,
    TAXATION_ITEM,
    UNIT_OF_MEASURE,
    USAGE,
)
"""By name, as the contract lists them."""

BY_NAME = {each.name: each for each in OBJECTS}
_BY_LOWER_NAME = {each.name.lower(): each for each in OBJECTS}


def find_object(name: str) -> ZObject | None:
    """The object of that name, in any case."""
    return _BY_LOWER_NAME.get(name.lower())
