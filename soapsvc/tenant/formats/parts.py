"""The objects inside imported documents, each with its id: contacts, rate plans, charges, tiers, items.

An object without an id gets one that is derived from its place: the same at every import, and for every reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from soapsvc.tenant.reading import Document, day, derived_id, optional, whole

CONTACTS = ("billToContact", "soldToContact", "shipToContact")
"""The keys of an account's contacts in its document."""

ITEMS = ("invoiceItems", "creditMemoItems", "items")
"""The keys that may hold the items of a billing document."""

_USAGE_ID = ("id", "Id", "ID")


class DocumentPart(NamedTuple):
    """An object inside a document: its id and its fields."""

    id: str
    document: Document


def mappings(document: Document, key: str) -> list[Document]:
    """The objects of a list in a document; empty without a list."""
    found = document.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def is_given(document: Document, key: str) -> bool:
    """Whether a document has a value under a key; an empty text does not count."""
    value = document.get(key)
    return value is not None and value != ""


def own_id(document: Document) -> str | None:
    """The id in an object's own fields."""
    found = document.get("id")
    return found if isinstance(found, str) and found else None


def contact_parts(account_id: str, document: Document) -> dict[str, DocumentPart]:
    """An account's contacts by their keys in its document."""
    return {
        place: DocumentPart(own_id(found) or derived_id("contact", account_id, place), found)
        for place in CONTACTS
        if isinstance(found := document.get(place), Mapping)
    }


def rate_plan_parts(subscription_number: str, document: Document) -> Iterator[DocumentPart]:
    """The rate plans of a v1 subscription, in its order."""
    for place, plan in enumerate(mappings(document, "ratePlans")):
        yield DocumentPart(own_id(plan) or rate_plan_id(subscription_number, place), plan)


def rate_plan_id(subscription_number: str, place: int) -> str:
    """The id of a rate plan that came without one."""
    return derived_id("rate plan", subscription_number, str(place))


def charge_parts(subscription_number: str, plan: Document) -> Iterator[DocumentPart]:
    """The charges of a v1 rate plan: each segment separately, with the fields that all segments share."""
    for charge in mappings(plan, "ratePlanCharges"):
        if not isinstance(charge.get("chargeSegments"), list):
            yield _segment(subscription_number, charge)
            continue
        common = {key: value for key, value in charge.items() if key != "chargeSegments"}
        for segment in mappings(charge, "chargeSegments"):
            yield _segment(subscription_number, {**common, **segment})


def _segment(subscription_number: str, charge: Document) -> DocumentPart:
    if (known := own_id(charge)) is not None:
        return DocumentPart(known, charge)
    segment, start = optional(charge, "segment", whole), optional(charge, "effectiveStartDate", day)
    return DocumentPart(charge_id(subscription_number, str(charge.get("number")), segment or 1, start), charge)


def charge_id(subscription_number: str, number: str, segment: int, start: date | None) -> str:
    """The id of a charge's segment that came without one."""
    return derived_id("charge", subscription_number, number, str(segment), str(start))


def tier_parts(owner_id: str, charge: Document) -> Iterator[DocumentPart]:
    """The tiers of a charge, or of an entry of its `pricing`. A price without tiers is one, with the owner's id."""
    found = mappings(charge, "tiers") or mappings(charge, "productRatePlanChargeTiers")
    if not found and is_given(charge, "price"):
        yield DocumentPart(owner_id, {"tier": 1, "price": charge["price"]})
    for place, tier in enumerate(found):
        yield DocumentPart(own_id(tier) or derived_id("tier", owner_id, str(place)), tier)


def product_plan_parts(product_id: str, product: Document) -> Iterator[DocumentPart]:
    """The rate plans of a v1 catalogue product."""
    for place, plan in enumerate(mappings(product, "productRatePlans")):
        yield DocumentPart(own_id(plan) or derived_id("product rate plan", product_id, str(place)), plan)


def product_charge_parts(plan: Document) -> Iterator[DocumentPart]:
    """The charges of a product rate plan; the import refuses one without id."""
    for charge in mappings(plan, "productRatePlanCharges"):
        yield DocumentPart(own_id(charge) or "", charge)


def product_tier_parts(charge_id: str, charge: Document) -> Iterator[DocumentPart]:
    """The price tiers of a product rate plan charge, by currency; missing fields come from the `pricing` entry."""
    for pricing in mappings(charge, "pricing") or [charge]:
        currency = pricing.get("currency")
        facts = {key: pricing.get(key) for key in ("currency", "discountAmount", "discountPercentage")}
        owner_id = derived_id("tiers", charge_id, str(currency))
        found = list(tier_parts(owner_id, pricing))
        if not found and any(is_given(facts, key) for key in ("discountAmount", "discountPercentage")):
            found = [DocumentPart(owner_id, {"tier": 1})]
        for tier in found:
            yield DocumentPart(tier.id, {**facts, **tier.document})


def item_parts(document_id: str, document: Document) -> Iterator[DocumentPart]:
    """The items of an invoice or a credit memo."""
    key = next((key for key in ITEMS if key in document), ITEMS[0])
    for place, item in enumerate(mappings(document, key)):
        yield DocumentPart(own_id(item) or derived_id("draft item", document_id, str(place)), item)


def tax_parts(item_id: str, item: Document) -> Iterator[DocumentPart]:
    """The taxation items of an invoice item: a list, or a page with `data`, as the vendor's reads have them."""
    page = item.get("taxationItems")
    document = page if isinstance(page, Mapping) else {"data": page}
    for place, tax in enumerate(mappings(document, "data")):
        yield DocumentPart(own_id(tax) or derived_id("taxation item", item_id, str(place)), tax)


def usage_id(key: str, document: Document) -> str:
    """The id of a usage record that is kept under `key`."""
    found = next((document[name] for name in _USAGE_ID if document.get(name)), None)
    return found if isinstance(found, str) else derived_id("usage", key)
