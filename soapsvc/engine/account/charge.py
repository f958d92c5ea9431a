"""One segment of a rate plan charge, as the vendor's v1 API has it: prices, periods, discounts, what was billed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


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
    """The reduction of a billed item by a fixed-amount discount: the item's charge segment, service start, the amount.

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
    `taken_off` lists, for a fixed-amount discount, the billed items that used it, oldest first; None where unknown.
    `usage_is_complete` says that the account has all records that a usage charge was billed for; there may be none.
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
