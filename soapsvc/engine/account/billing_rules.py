"""The tenant's settings for all its accounts: billing rules, tax rates, units of measure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class BillingRules:
    """The tenant's billing rules, under the names of `[billing_rules]` in tenant.toml (snake_case here).

    A default is the one that the vendor's documentation prints; where it prints none, the engine recommends one
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
