"""Reads of the tenant over REST: accounts, subscriptions, usage, catalogue, one resource in a module.

Read `reader` (finds the documents that a user may see), `members` (a document's members as v1 writes them) and
`paging`; then the resources: `accounts` and `summary` with `account_json`, `subscriptions` with `segments`, `usage`,
`catalog`. `as_vendor` has the further reads of a stand-in.
"""

from soapsvc.rest.reads.accounts import RetrieveAccount
from soapsvc.rest.reads.as_vendor import VENDOR_PREFIXES, BatchQuery, vendor_reads
from soapsvc.rest.reads.catalog import CatalogProducts, ProductRatePlans
from soapsvc.rest.reads.subscriptions import AccountSubscriptions, RetrieveSubscription
from soapsvc.rest.reads.summary import AccountSummary
from soapsvc.rest.reads.usage import AccountUsage

__all__ = [
    "VENDOR_PREFIXES",
    "AccountSubscriptions",
    "AccountSummary",
    "AccountUsage",
    "BatchQuery",
    "CatalogProducts",
    "ProductRatePlans",
    "RetrieveAccount",
    "RetrieveSubscription",
    "vendor_reads",
]
