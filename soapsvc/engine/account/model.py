"""The input of a preview: an account with its subscriptions, usage records and drafts.

A charge is in `charge`, the tenant's rules are in `billing_rules`.

Field names are the vendor's v1 REST names in snake_case. Enumerations stay the strings that the tenant holds (REST or
catalogue spelling); `enums` reads them where a rule needs them, so an unknown value in a charge that
is never billed causes no error. Money and quantities are `Decimal`, dates are calendar dates; every `…_end_date` and
`charged_through_date` is exclusive, as stored by the vendor ("observed previews: periods").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from soapsvc.engine.account.billing_rules import BillingRules, TaxRate, UnitOfMeasure
from soapsvc.engine.account.charge import Charge, Tier
from soapsvc.engine.account.rating_cache import RatingCache

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class StatusSpan:
    """One entry of a subscription's status history, `[start_date, end_date)`; `end_date` None is open."""

    status: str
    start_date: date
    end_date: date | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """The latest version of a subscription with all its charges (rate plans flattened, in document order)."""

    id: str
    subscription_number: str
    status: str = "Active"
    term_type: str = "TERMED"
    account_id: str | None = None
    currency: str | None = None
    subscription_start_date: date | None = None
    contract_effective_date: date | None = None
    service_activation_date: date | None = None
    customer_acceptance_date: date | None = None
    term_start_date: date | None = None
    term_end_date: date | None = None
    subscription_end_date: date | None = None
    auto_renew: bool = False
    renewal_setting: str | None = None
    renewal_term: int | None = None
    renewal_term_period_type: str | None = None
    invoice_separately: bool = False
    invoice_group_number: str | None = None
    scheduled_cancel_date: date | None = None
    scheduled_suspend_date: date | None = None
    scheduled_resume_date: date | None = None
    status_history: tuple[StatusSpan, ...] = ()
    charges: tuple[Charge, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One usage record; `start_date` is the record's start in the tenant's time zone and alone decides its period.

    `charge_number`, or `subscription_number` + `uom`, or `uom` alone tie it to charges ("Usage file format").
    `sequence` is the order of creation. A Processed record was billed by every charge that it belongs to. While some of
    them have still to bill it, `billed_charges` holds the numbers of those that have. `fields` holds custom fields,
    such as the totals of the pre-rated models, by v1 name.
    """

    start_date: date
    quantity: Decimal
    uom: str | None = None
    charge_number: str | None = None
    charge_id: str | None = None
    subscription_number: str | None = None
    subscription_id: str | None = None
    end_date: date | None = None
    file_name: str | None = None
    group_id: str | None = None
    unique_key: str | None = None
    rbe_status: str | None = None
    billed_charges: tuple[str, ...] | None = None
    sequence: int = 0
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatalogCharge:
    """A product rate plan charge of the catalogue: the fields that renewals at the latest catalogue price need."""

    id: str
    type: str | None = None
    model: str | None = None
    billing_period: str | None = None
    specific_billing_period: int | None = None
    uom: str | None = None
    tax_mode: str | None = None
    tax_code: str | None = None
    currency: str | None = None
    price: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    overage_price: Decimal | None = None
    discount_percentage: Decimal | None = None
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DraftItem:
    """An item of an existing draft invoice or credit memo, shown unfiltered as the document holds it.

    Service dates are inclusive here as the document has them; `amount` excludes tax.
    """

    document_type: Literal["invoice", "creditMemo"]
    id: str
    subscription_id: str
    subscription_number: str
    service_start_date: date
    service_end_date: date
    amount: Decimal
    tax_amount: Decimal = ZERO
    charge_number: str = ""
    charge_name: str = ""
    charge_description: str = ""
    charge_id: str = ""
    rate_plan_charge_id: str = ""
    charge_type: str = "Recurring"
    processing_type: str = "Charge"
    product_name: str = ""
    product_sku: str = ""
    quantity: Decimal = ONE
    unit_of_measure: str = ""
    applied_to_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class CurrencyTerms:
    """The terms of billing in one currency: the rules, which say how amounts are rounded, and catalogue prices."""

    rules: BillingRules
    catalog: Mapping[str, CatalogCharge]


@dataclass(frozen=True, slots=True)
class Account:
    """An account and everything that its preview needs: the subscriptions invoiced to it, usage, drafts, rates, rules.

    `bill_cycle_day` 0 means auto-set from the first recurring charge. `organization_id` and `entity_id` are kept for
    filters, `attributes` holds further v1 fields, for formulas. `rules` and `catalog` are those of the account's
    currency; `currency_terms` has them for each other currency of its subscriptions. `rating_cache` is written by the
    engine alone: it keeps what the next preview of the same account would read again.
    """

    id: str
    account_number: str = ""
    currency: str = ""
    bill_cycle_day: int = 1
    name: str = ""
    status: str = "Active"
    batch: str = ""
    country: str | None = None
    organization_id: str | None = None
    entity_id: str | None = None
    subscriptions: tuple[Subscription, ...] = ()
    usage: Sequence[UsageRecord] = ()
    drafts: tuple[DraftItem, ...] = ()
    catalog: Mapping[str, CatalogCharge] = field(default_factory=dict)
    tax_rates: tuple[TaxRate, ...] = ()
    units_of_measure: tuple[UnitOfMeasure, ...] = ()
    rules: BillingRules = field(default_factory=BillingRules)
    attributes: Mapping[str, object] = field(default_factory=dict)
    currency_terms: Mapping[str, CurrencyTerms] = field(default_factory=dict)
    rating_cache: RatingCache = field(default_factory=RatingCache, init=False, repr=False, compare=False)
