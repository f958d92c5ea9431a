"""The vendor's product catalogue: product rate plan charges with their prices per currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from soapsvc.engine.account import CatalogCharge
from soapsvc.tenant.formats.v1 import read_tiers
from soapsvc.tenant.reading import Document, Shape, at, each, mapping, optional

_CHARGE = Shape(
    CatalogCharge,
    spellings={"UOM": "uom", "productRatePlanChargeTiers": "tiers", "chargeType": "type", "chargeModel": "model"},
    readers={"tiers": read_tiers},
)


def catalog_charges(product: Document) -> Iterator[tuple[Document, tuple[CatalogCharge, ...]]]:
    """Every charge of a v1 catalogue product: its document and one CatalogCharge per currency it is priced in.

    Raises FieldProblem.
    """
    for plan_index, plan in enumerate(optional(product, "productRatePlans", each(mapping)) or ()):
        charges = at(
            f"productRatePlans[{plan_index}]",
            lambda plan: optional(plan, "productRatePlanCharges", each(mapping)),
            plan,
        )
        for index, charge in enumerate(charges or ()):
            path = f"productRatePlans[{plan_index}].productRatePlanCharges[{index}]"
            yield charge, at(path, read_catalog_charge, charge)


def read_catalog_charge(document: Document) -> tuple[CatalogCharge, ...]:
    """One product rate plan charge, once for each currency of its `pricing`, or once where it has none."""
    values, _ = _CHARGE.split({key: value for key, value in document.items() if key != "pricing"})
    pricing = optional(document, "pricing", each(mapping)) or ()
    priced = [at(f"pricing[{index}]", _CHARGE.split, entry)[0] for index, entry in enumerate(pricing)]
    return tuple(_CHARGE.build({**values, **prices}) for prices in priced) or (_CHARGE.build(values),)


def in_currency(charges: Mapping[str, CatalogCharge], currency: str) -> CatalogCharge:
    """The entry of a charge for `currency`; without one, the facts of another currency's entry, without prices."""
    found = charges.get(currency) or charges.get("")
    if found is not None:
        return found
    other = next(iter(charges.values()))
    return replace(other, currency=None, price=None, tiers=(), overage_price=None, discount_amount=None)
