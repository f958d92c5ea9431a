"""The vendor's formats and ours, read into the engine's model: v1 documents, upload files, `tenant.toml`.

Read `v1` (accounts and subscriptions) with `parts` (the objects inside a document, and their ids), `catalog`, `drafts`,
`usage` with `usage_dates` (dates with slashes: month or day first); `tenant_toml`, which reads `settings`, with `rules`
(billing rules; the decimals of each currency).
"""

from soapsvc.tenant.formats.catalog import catalog_charges, in_currency, read_catalog_charge
from soapsvc.tenant.formats.drafts import DocumentType, DraftRecord, read_draft, type_of
from soapsvc.tenant.formats.parts import (
    CONTACTS,
    DocumentPart,
    charge_parts,
    contact_parts,
    item_parts,
    product_charge_parts,
    product_plan_parts,
    product_tier_parts,
    rate_plan_parts,
    tax_parts,
    tier_parts,
    usage_id,
)
from soapsvc.tenant.formats.rules import RULE_VALUES
from soapsvc.tenant.formats.settings import (
    DEFAULT_TIME_ZONE,
    SettingsFile,
    SettingsRefused,
    TenantSettings,
    UserEntry,
)
from soapsvc.tenant.formats.tenant_toml import LONGEST_NAME, load_settings, read_tax_rates, read_toml, user_name
from soapsvc.tenant.formats.usage import (
    PRODUCT_CHARGE,
    UsageEntry,
    date_order_of,
    read_usage,
    redated,
    usage_facts,
    with_plain_dates,
)
from soapsvc.tenant.formats.usage_dates import DateOrder, is_slashed
from soapsvc.tenant.formats.v1 import AccountRecord, SubscriptionRecord, read_account, read_subscription

__all__ = [
    "CONTACTS",
    "DEFAULT_TIME_ZONE",
    "LONGEST_NAME",
    "PRODUCT_CHARGE",
    "RULE_VALUES",
    "AccountRecord",
    "DateOrder",
    "DocumentPart",
    "DocumentType",
    "DraftRecord",
    "SettingsFile",
    "SettingsRefused",
    "SubscriptionRecord",
    "TenantSettings",
    "UsageEntry",
    "UserEntry",
    "catalog_charges",
    "charge_parts",
    "contact_parts",
    "date_order_of",
    "in_currency",
    "is_slashed",
    "item_parts",
    "load_settings",
    "product_charge_parts",
    "product_plan_parts",
    "product_tier_parts",
    "rate_plan_parts",
    "read_account",
    "read_catalog_charge",
    "read_draft",
    "read_subscription",
    "read_tax_rates",
    "read_toml",
    "read_usage",
    "redated",
    "tax_parts",
    "tier_parts",
    "type_of",
    "usage_facts",
    "usage_id",
    "user_name",
    "with_plain_dates",
]
