"""Product and ProductRatePlan, from the v1 product catalogue, and UnitOfMeasure, from tenant.toml."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import created, own_id, updated
from soapsvc.zoql.types import BOOLEAN, DATE, ID, LONG

PRODUCT = ZObject(
    "Product",
    (
        own_id("row"),
        Field("AllowFeatureChanges", BOOLEAN, "product.allowFeatureChanges"),
        Field("Category", source="product.category"),
        *created("product"),
        Field("Description", source="product.description"),
        Field("EffectiveEndDate", DATE, "product.effectiveEndDate"),
        Field("EffectiveStartDate", DATE, "product.effectiveStartDate"),
        Field("Name", source="product.name", found=True),
        Field("SKU", source="product.sku", found=True),
        *updated("product"),
    ),
    note="A catalogue that an older release imported, without queries, has to be imported again.",
)

PRODUCT_RATE_PLAN = ZObject(
    "ProductRatePlan",
    (
        own_id("ids"),
        Field("ActiveCurrencies", source="plan.activeCurrencies"),
        *created("plan"),
        Field("Description", source="plan.description"),
        Field("EffectiveEndDate", DATE, "plan.effectiveEndDate"),
        Field("EffectiveStartDate", DATE, "plan.effectiveStartDate"),
        Field("Name", source="plan.name", found=True),
        Field("ProductId", ID, "row.id", found=True),
        *updated("plan"),
    ),
)

UNIT_OF_MEASURE = ZObject(
    "UnitOfMeasure",
    (
        own_id("ids"),
        Field("Active", BOOLEAN),
        Field("CreatedById", ID),
        Field("CreatedDate", "dateTime"),
        Field("DecimalPlaces", LONG, "unit.decimals"),
        Field("DisplayedAs"),
        Field("RoundingMode", source="unit.rounding_mode"),
        Field("UomName", source="unit.name"),
        Field("UpdatedById", ID),
        Field("UpdatedDate", "dateTime"),
    ),
    note="The `unit_of_measure` tables of tenant.toml; their Ids are derived from their names.",
)
