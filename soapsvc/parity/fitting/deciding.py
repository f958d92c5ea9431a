"""The kind of account that would decide a setting that the sample leaves open."""

from __future__ import annotations

from collections.abc import Mapping

_DECIDING: Mapping[str, str] = {
    "bill_recurring_partial_month": "a recurring charge by months whose start or end is off its bill day",
    "prorate_recurring_partial_period": "a recurring charge by quarters or years that starts or ends within a period",
    "bill_recurring_partial_week": "a recurring charge by weeks whose start or end is off its weekday",
    "bill_usage_partial_month": "a usage charge by months that starts off its bill day and has usage before it",
    "bill_usage_partial_week": "a usage charge by weeks that starts off its weekday and has usage before it",
    "days_in_month": "a part of a month that does not have 30 days",
    "proration_unit": "a partial period of a charge by quarters or years",
    "credit_method": "a charge that was removed after it was billed, off its bill day",
    "credit_one_time": "a one-time charge that was removed after it was billed",
    "credit_prorated_fixed_discount": "a fixed-amount discount on a charge that was removed after it was billed",
    "stacked_discount_class": "stacked percentage discounts of different classes on one charge",
    "percent_discount_base": "a percentage discount on a prorated amount that has to be rounded",
    "invoice_past_end_of_term_auto_renew_on": "a subscription that renews itself, previewed without renewal, whose "
    "last period runs past its term",
    "invoice_past_end_of_term_auto_renew_off": "a subscription that does not renew itself, whose last period runs past "
    "its term",
    "ignore_past_end_of_term_when_charge_ends_by_term_end": "a charge that ends with its term, where a period runs "
    "past it and the tenant bills past the end of terms",
    "rate_usage_individually": "a usage charge with several records in a period whose amounts have to be rounded",
    "skip_usage_without_records": "a usage charge with a period that has no usage",
    "late_usage": "usage that was loaded after its period had been billed",
    "unbilled_usage": "usage in the period that is open on the target date",
    "credit_memo_rule": "an account under Invoice Settlement with a credit",
    "invoice_settlement": "an account with a credit: under Invoice Settlement it is a credit memo",
    "tax_inclusive_rounding": "a tax-inclusive price whose net falls on half a cent",
    "proration_suffixes": "a prorated charge, asked for over REST or a version of SOAP that shows names",
    "use_system_default_suffix_for_credit_items": "a credit of a billed period, with its name",
    "partial_month_denominator": "a partial period that crosses the end of a month, off the bill day",
    "commitment_true_up": "a charge with a minimum commitment that its usage does not reach",
    "rounding_mode": "an amount that has to be rounded",
    "decimals": "an amount that has to be rounded",
    "rounding_increment": "an amount that has to be rounded",
    "time_zone": "usage within some hours of midnight, with its time and offset, or a recording with its instant and "
    "charge dates",
}


def deciding_account(field: str) -> str:
    """The kind of account that would decide a setting, by its field."""
    return _DECIDING[field]
