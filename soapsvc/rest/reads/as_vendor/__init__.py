"""The operations that only a stand-in has, for clients that read a live tenant: settings, object query, memos.

`soapsvc fetch` is such a client. Outside stand-in mode these routes do not exist.
"""

from collections.abc import Iterator

from soapsvc.rest.http import Operation
from soapsvc.rest.reads.as_vendor.batch_query import BatchQuery
from soapsvc.rest.reads.as_vendor.credit_memos import CreditMemoItems, CreditMemos
from soapsvc.rest.reads.as_vendor.object_query import ObjectQuerySubscriptions
from soapsvc.rest.reads.as_vendor.settings import SETTINGS, TaxRates, ToldSettings
from soapsvc.tenant.store import Store

VENDOR_PREFIXES = ("/settings/", "/object-query/")
"""The prefixes of the paths that no other surface has."""


def vendor_reads(store: Store) -> Iterator[tuple[str, Operation]]:
    """The path of each read, and the operation of its GET."""
    for path, tell in SETTINGS.items():
        yield path, ToldSettings(store, tell)
    yield "/settings/tax-rate-periods/{period}/tax-rates", TaxRates(store)
    yield "/object-query/subscriptions", ObjectQuerySubscriptions(store)
    yield "/v1/credit-memos", CreditMemos(store)
    yield "/v1/credit-memos/{key}/items", CreditMemoItems(store)


__all__ = ["VENDOR_PREFIXES", "BatchQuery", "vendor_reads"]
