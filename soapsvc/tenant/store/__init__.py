"""The tenant store: one account at a time, settings, logins; and the accounts that a user may see.

It offers the `Store`, access by a user's rights, imported documents, and the locators of queries.

Read `store`, `aggregates` (an account with all that it is invoiced for), `currencies` (the currencies of an account),
`matching` (the subscription and charge of usage) and `cache`; `access` (the accounts that a user sees; the edges read
accounts only through it), `listing` and `documents`; `locators`; `health`.
"""

from soapsvc.tenant.store.access import VisibleDocuments, in_sight, visible_account, visible_accounts, visible_documents
from soapsvc.tenant.store.aggregates import catalog_prices
from soapsvc.tenant.store.currencies import billed_currency, currencies_of
from soapsvc.tenant.store.documents import AccountDocument, Documents, Page, SubscriptionDocument, UsageDocument
from soapsvc.tenant.store.listing import Listed, Listing, Wanted, list_accounts, values_of
from soapsvc.tenant.store.locators import Locator, find_locator, put_locator
from soapsvc.tenant.store.matching import foreign_accounts, matched_usage
from soapsvc.tenant.store.store import Current, Store

__all__ = [
    "AccountDocument",
    "Current",
    "Documents",
    "Listed",
    "Listing",
    "Locator",
    "Page",
    "Store",
    "SubscriptionDocument",
    "UsageDocument",
    "VisibleDocuments",
    "Wanted",
    "billed_currency",
    "catalog_prices",
    "currencies_of",
    "find_locator",
    "foreign_accounts",
    "in_sight",
    "list_accounts",
    "matched_usage",
    "put_locator",
    "values_of",
    "visible_account",
    "visible_accounts",
    "visible_documents",
]
