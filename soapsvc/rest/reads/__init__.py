"""What can be read of the tenant over REST: accounts, subscriptions, usage, catalogue, one resource in a module.

Read `reader` (the one way to what a user may see), `members` (a document's members as v1 writes them) and `paging`;
then the resources: `accounts` and `summary` with `account_json`, `subscriptions` with `segments`, `usage`, `catalog`.
"""

from soapsvc.rest.reads.accounts import RetrieveAccount
from soapsvc.rest.reads.catalog import CatalogProducts, ProductRatePlans
from soapsvc.rest.reads.subscriptions import AccountSubscriptions, RetrieveSubscription
from soapsvc.rest.reads.summary import AccountSummary
from soapsvc.rest.reads.usage import AccountUsage

__all__ = [
    "AccountSubscriptions",
    "AccountSummary",
    "AccountUsage",
    "CatalogProducts",
    "ProductRatePlans",
    "RetrieveAccount",
    "RetrieveSubscription",
]
