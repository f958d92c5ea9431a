"""What a preview is computed from: account, subscriptions, charges, usage, and the tenant's billing rules.

Field names are the vendor's v1 REST names in snake_case. Enumerations stay the strings that the tenant holds (REST or
catalogue spelling); `enums` reads them where a rule needs them, so that an odd value in a charge that
is never billed harms nothing. Money and quantities are `Decimal`, dates are calendar dates; every `…_end_date` and
`charged_through_date` is exclusive, as stored by the vendor ("observed previews: periods").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from soapsvc.engine.account.rating_cache import RatingCache

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tier:
    """One price tier; `ending_unit` None is open. `price_format` is PerUnit or FlatFee ("Tiered pricing")."""

    starting_unit: Decimal
    price: Decimal
    ending_unit: Decimal | None = None
    price_format: str = "PerUnit"


@dataclass(frozen=True, slots=True)
class DiscountApplyDetail:
    """Limits a discount to one product rate plan charge ("Specify the discount scope")."""

    applied_product_rate_plan_charge_id: str | None = None
    applied_product_rate_plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class DeliverySchedule:
    """Days on which a Delivery charge delivers; `frequency` is Weekly, Monthly or Yearly."""

    frequency: str = "Weekly"
    monday: bool = False
    tuesday: bool = False
    wednesday: bool = False
    thursday: bool = False
    friday: bool = False
    saturday: bool = False
    sunday: bool = False
    day_of_month: int | None = None
    month_of_year: int | None = None


@dataclass(frozen=True, slots=True)
class TakenOff:
    """What a fixed-amount discount took off one item that was billed: its charge segment, its service start, how much.

    `amount` is in the currency of the subscription, above 0.
    """

    charge_id: str
    service_start: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """One segment of a rate plan charge (v1 `ratePlanCharges[]`), with the facts of its rate plan that an item shows.

    `id` is the segment's id, `original_charge_id` the id that items carry, `number` joins the segments of one charge.
    `attributes` holds every further v1 field of the charge, for formulas and for the charge models that need it.
    `taken_off` tells of a fixed-amount discount what it was used for, oldest first; None where that is not known.
    `usage_is_complete` says that the account has all records that a usage charge was billed for, even if that is none.
    """

    id: str
    number: str
    type: str
    model: str
    original_charge_id: str | None = None
    product_rate_plan_charge_id: str | None = None
    product_rate_plan_id: str | None = None
    rate_plan_id: str | None = None
    product_name: str | None = None
    product_sku: str | None = None
    rate_plan_name: str | None = None
    name: str | None = None
    description: str | None = None
    uom: str | None = None
    currency: str | None = None
    segment: int | None = None
    version: int | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    included_units: Decimal | None = None
    overage_price: Decimal | None = None
    overage_calculation_option: str | None = None
    overage_unused_units_credit_option: str | None = None
    unused_units_credit_rates: Decimal | None = None
    smoothing_model: str | None = None
    number_of_periods: int | None = None
    discount_amount: Decimal | None = None
    discount_percentage: Decimal | None = None
    discount_level: str | None = None
    discount_class: str | None = None
    discount_class_order: int | None = None
    apply_discount_to: str | None = None
    is_stacked_discount: bool = False
    apply_to_billing_period_partially: bool = False
    discount_apply_details: tuple[DiscountApplyDetail, ...] = ()
    billing_day: str | None = None
    billing_period: str | None = None
    specific_billing_period: int | None = None
    billing_period_alignment: str | None = None
    billing_timing: str | None = None
    list_price_base: str | None = None
    specific_list_price_base: int | None = None
    validity_period: str | None = None
    trigger_event: str | None = None
    trigger_date: date | None = None
    end_date_condition: str | None = None
    specific_end_date: date | None = None
    up_to_periods: int | None = None
    up_to_periods_type: str | None = None
    effective_start_date: date | None = None
    effective_end_date: date | None = None
    original_effective_start_date: date | None = None
    original_effective_end_date: date | None = None
    charged_through_date: date | None = None
    processed_through_date: date | None = None
    rating_group: str | None = None
    usage_record_rating_option: str | None = None
    price_change_option: str | None = None
    price_increase_percentage: Decimal | None = None
    proration_option: str | None = None
    is_prorate_partial_month: bool | None = None
    proration_unit: str | None = None
    days_in_month: str | None = None
    delivery_schedule: DeliverySchedule | None = None
    tax_mode: str | None = None
    tax_code: str | None = None
    tax_rate: Decimal | None = None
    billed_amount_in_period: Decimal | None = None
    billed_quantity_in_period: Decimal | None = None
    taken_off: tuple[TakenOff, ...] | None = None
    usage_is_complete: bool = False
    removed: bool = False
    attributes: Mapping[str, object] = field(default_factory=dict)


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

    `charge_number` or `subscription_number` + `uom` or `uom` alone tie it to charges ("Usage file format").
    `sequence` is the order of creation. A record that is Processed was billed by all charges that it belongs to, or
    by those in `billed_charges`, by number, where it waits for others. `fields` holds custom fields, such as the totals
    of the pre-rated models, by v1 name.
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
class TaxRate:
    """A tax rate in percent with the selectors that a charge must meet; no selector means every charge.

    `mode` is TaxInclusive or TaxExclusive; only inclusive rates show in a preview ("Preview a billing: taxes").
    """

    percent: Decimal
    mode: Literal["TaxInclusive", "TaxExclusive"] = "TaxInclusive"
    charge_number: str | None = None
    product_rate_plan_charge_id: str | None = None
    tax_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class UnitOfMeasure:
    """A unit whose usage is counted to `decimals` places, rounded UP or DOWN ("Customization of units of measure")."""

    name: str
    decimals: int
    rounding_mode: str = "UP"


@dataclass(frozen=True, slots=True)
class CatalogCharge:
    """A product rate plan charge of the catalogue, as far as renewals at the latest catalogue price need it."""

    id: str
    type: str | None = None
    model: str | None = None
    billing_period: str | None = None
    uom: str | None = None
    tax_mode: str | None = None
    tax_code: str | None = None
    currency: str | None = None
    price: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
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
class BillingRules:
    """The tenant's billing rules, under the names of `[billing_rules]` in tenant.toml (snake_case here).

    Defaults are those of the vendor's documentation where it prints one, else the engine's recommended ones
    (docs/rules/billing-rules.md names the source of each).
    """

    bill_recurring_partial_month: bool = True
    prorate_recurring_partial_period: bool = True
    bill_recurring_partial_week: bool = True
    bill_usage_partial_month: bool = True
    bill_usage_partial_week: bool = True
    days_in_month: str = "UseActualDays"
    proration_unit: str = "ProrateByDay"
    credit_method: str = "TotalMinusCharged"
    credit_one_time: bool = False
    credit_prorated_fixed_discount: bool = False
    stacked_discount_class: str = "Ignore"
    percent_discount_base: str = "Rounded"
    invoice_past_end_of_term_auto_renew_on: bool = True
    invoice_past_end_of_term_auto_renew_off: bool = False
    ignore_past_end_of_term_when_charge_ends_by_term_end: bool = False
    rate_usage_individually: bool = False
    skip_usage_without_records: bool = False
    late_usage: bool = False
    unbilled_usage: bool = False
    credit_memo_rule: str = "NetNegativeNoGrouping"
    invoice_settlement: bool = False
    tax_inclusive_rounding: str = "NetAmount"
    decimals: int = 2
    rounding_mode: str = "HALF_UP"
    rounding_increment: Decimal | None = None
    proration_suffixes: bool = True
    use_system_default_suffix_for_credit_items: bool = True
    partial_month_denominator: str = "BillCycleMonth"
    commitment_true_up: bool = False


@dataclass(frozen=True, slots=True)
class CurrencyTerms:
    """What billing takes from a currency: the rules, which say how amounts are rounded, and the catalogue's prices."""

    rules: BillingRules
    catalog: Mapping[str, CatalogCharge]


@dataclass(frozen=True, slots=True)
class Account:
    """An account with all that it is billed for: subscriptions it owns the invoices of, usage, drafts, rates, rules.

    `bill_cycle_day` 0 means auto-set from the first recurring charge. `organization_id` and `entity_id` are kept for
    filters, `attributes` holds further v1 fields, for formulas. `rules` and `catalog` are those of the account's
    currency, `currency_terms` has them for each other one that its subscriptions are in. `rating_cache` is the
    engine's own: what the next preview of the same account need not read again.
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
