"""`GET /v1/catalog/products` ("Retrieve all products") and the rate plans of one product, as they were imported."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from soapsvc.rest.http import Call, Fields, Reply, asks_for_version
from soapsvc.rest.reads.members import Members, elements, json_text, listed, record
from soapsvc.rest.reads.paging import read_paging
from soapsvc.rest.reads.reader import reader
from soapsvc.tenant.store import Store

PLANS = "productRatePlans"
_FIRST_VERSION_WITH_URLS = 230
_USUAL_SIZE = 10


@dataclass(frozen=True, slots=True)
class CatalogProducts:
    """All products. From version 230 of the API on, a product has the URL of its list of rate plans."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them, in the order of their files."""
        fields = Fields({}, call.query)
        paging = read_paging(fields, _USUAL_SIZE)
        fields.check(strict=call.strict)
        with reader(self.store, call) as documents:
            found, more = documents.all.products(paging.page)
        shown = [_product(call, key, document) for key, document in found]
        return Reply([listed("products", shown, paging.next_page(call, more=more))])


@dataclass(frozen=True, slots=True)
class ProductRatePlans:
    """The rate plans of one product ("List product rate plans by product")."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them."""
        fields = Fields({}, call.query)
        paging = read_paging(fields, _USUAL_SIZE)
        fields.check(strict=call.strict)
        with reader(self.store, call) as documents:
            product = record(documents.product(call.path["key"]))
        plans = elements(product.get(PLANS)) or ()
        shown = plans[paging.page.skipped :][: paging.size]
        more = len(plans) > paging.page.skipped + paging.size
        return Reply([listed(PLANS, shown, paging.next_page(call, more=more))])


def _product(call: Call, key: str, document: bytes) -> Members:
    found = record(document)
    if PLANS in found and asks_for_version(call.headers, _FIRST_VERSION_WITH_URLS):
        base = call.base_url + call.url.partition("/v1/")[0]
        found[PLANS] = json_text(f"{base}/v1/rateplan/{quote(key, safe='')}/productRatePlan")
    return found
