"""Accounts, subscriptions, products, usage and drafts out of the rows of an export, as documents of v1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from soapsvc.engine.account import squeeze
from soapsvc.tenant.exports import names
from soapsvc.tenant.exports.rows import Fields, Rows

Document = dict[str, object]

_TIERED = frozenset(
    {"tieredpricing", "volumepricing", "tieredwithoveragepricing", "tiered", "volume", "tieredwithoverage"}
)
_CYCLE_FIELDS = ("billcycletype", "billcycleday", "weeklybillcycleday")
_FROM_CATALOGUE = ("discountClass", "isStackedDiscount", "usageRecordRatingOption", "unusedUnitsCreditRates")
"""Fields of a charge that no export has; they come from the catalogue."""
_REMOVED = "removeproduct"


def accounts(rows: Rows) -> Iterator[Document]:
    """Every account, with the country of its sold-to contact, else of its bill-to contact."""
    for row in rows.all("Account"):
        document = names.renamed(row, names.ACCOUNT)
        for field, key in (("soldToContact", "soldtoid"), ("billToContact", "billtoid")):
            contact = rows.one("Contact", row.get(key) or row.get(f"{field.lower()}id"))
            country = contact.get("country") or row.get(f"{field[:6].lower()}country")
            if country is not None:
                document[field] = {"id": contact.get("id"), "country": country}
        yield document


def subscriptions(rows: Rows) -> Iterator[Document]:
    """The newest version of every subscription, with its rate plans and charges."""
    newest: dict[str, int] = {}
    for row in rows.all("Subscription"):
        number, version = row.get("name", ""), int(row.get("version") or 1)
        newest[number] = max(version, newest.get(number, version))
    for row in rows.all("Subscription"):
        if int(row.get("version") or 1) == newest[row.get("name", "")]:
            plans = [_plan(rows, plan) for plan in rows.of("RatePlan", row.get("id"))]
            yield {**names.renamed(row, names.SUBSCRIPTION), "ratePlans": plans}


def _plan(rows: Rows, row: Fields) -> Document:
    product_plan = rows.one("ProductRatePlan", row.get("productrateplanid"))
    product = rows.one("Product", row.get("productid") or product_plan.get("productid"))
    found: Document = {
        "id": row.get("id"),
        "productRatePlanId": row.get("productrateplanid"),
        "ratePlanName": row.get("name"),
        "productName": row.get("productname") or product.get("name"),
        "productSku": row.get("productsku") or product.get("sku"),
        "lastChangeType": "Remove" if squeeze(row.get("amendmenttype", "")) == _REMOVED else None,
        "ratePlanCharges": [_charge(rows, charge) for charge in rows.of("RatePlanCharge", row.get("id"))],
    }
    return {key: value for key, value in found.items() if value is not None}


def _charge(rows: Rows, row: Fields) -> Document:
    document = names.renamed(row, names.CHARGE)
    if (day := _billing_day(row)) is not None:
        document["billingDay"] = day
    catalogue = names.renamed(rows.one("ProductRatePlanCharge", row.get("productrateplanchargeid")), names.CHARGE)
    for name in _FROM_CATALOGUE:
        if name in catalogue:
            document.setdefault(name, catalogue[name])
    tiers = [names.renamed(tier, names.TIER) for tier in rows.of("RatePlanChargeTier", row.get("id"))]
    return _priced(document, tiers, f"{row.get('chargemodel', '')}")


def _priced(document: Document, tiers: list[Document], model: str) -> Document:
    """A charge with its tiers, or with the prices of its one tier."""
    if squeeze(model) in _TIERED or len(tiers) > 1:
        return {**document, "tiers": tiers} if tiers else document
    for tier in tiers:
        for name in names.PRICES:
            if tier.get(name) is not None:
                document.setdefault(name, tier[name])
    return document


def _billing_day(row: Fields) -> str | None:
    """v1's one field for the three of SOAP."""
    kind, day, weekday = (row.get(name) for name in _CYCLE_FIELDS)
    if kind is None:
        return None
    word = squeeze(kind)
    if word == "specificdayofmonth" and day is not None:
        return f"{kind}/{day}"
    return f"{kind}/{weekday}" if word == "specificdayofweek" and weekday is not None else kind


def products(rows: Rows) -> Iterator[Document]:
    """Every product of the catalogue."""
    for row in rows.all("Product"):
        plans = [_product_plan(rows, plan) for plan in rows.of("ProductRatePlan", row.get("id"))]
        yield {
            **{key: row[key] for key in ("id", "sku", "name") if key in row},
            "productRatePlans": plans,
        }


def _product_plan(rows: Rows, row: Fields) -> Document:
    charges = [_product_charge(rows, charge) for charge in rows.of("ProductRatePlanCharge", row.get("id"))]
    return {**{key: row[key] for key in ("id", "name") if key in row}, "productRatePlanCharges": charges}


def _product_charge(rows: Rows, row: Fields) -> Document:
    document = names.renamed(row, names.CATALOG_CHARGE)
    by_currency: dict[str, list[Document]] = {}
    for tier in rows.of("ProductRatePlanChargeTier", row.get("id")):
        by_currency.setdefault(tier.get("currency", ""), []).append(names.renamed(tier, names.TIER))
    model = row.get("chargemodel", "")
    pricing = [_priced({"currency": currency}, tiers, model) for currency, tiers in by_currency.items()]
    return {**document, "pricing": pricing} if pricing else document


def usage(rows: Rows) -> Iterator[Mapping[str, object]]:
    """Every usage record; joined ids stand where v1 has them."""
    joins = {"rateplanchargeid": "chargeid", "accountid": "accountid", "subscriptionid": "subscriptionid"}
    for row in rows.all("Usage"):
        found = {joins.get(key, key): value for key, value in row.items()}
        found.pop("accountname", None)
        yield {{"subscriptionname": "subscriptionnumber"}.get(key, key): value for key, value in found.items()}


def drafts(rows: Rows) -> Iterator[Document]:
    """Every draft invoice with its items."""
    for row in rows.all("Invoice"):
        if row.get("status", "Draft").lower() == "draft":
            items = [names.renamed(item, names.ITEM) for item in rows.of("InvoiceItem", row.get("id"))]
            yield {"id": row.get("id"), "accountId": row.get("accountid"), "status": "Draft", "invoiceItems": items}
