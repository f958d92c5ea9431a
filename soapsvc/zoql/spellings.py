"""Enumerations as the SOAP API spells them, from the spellings of the v1 REST API and the catalogue.

Unknown values stay as they are. Source: the values that the vendor documents for the fields of both APIs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from soapsvc.engine.account import squeeze

_BILLING_DAY = re.compile(r"(SpecificDayofMonth|SpecificDayofWeek)\W*(\w+)?.*", re.IGNORECASE | re.DOTALL)
_WEEKDAY = re.compile(r"(mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)


def _speller(*spellings: str, **others: str) -> Callable[[object], object]:
    """A function that spells values as in `spellings`, ignoring case and separators; `others` are further names."""
    known = {squeeze(spelling): spelling for spelling in spellings} | others

    def spelt(value: object) -> object:
        return known.get(squeeze(value), value) if isinstance(value, str) else value

    return spelt


billing_period = _speller(
    *("Month", "Quarter", "Semi-Annual", "Annual", "Eighteen Months", "Two Years", "Three Years", "Five Years"),
    *("Specific Months", "Specific Weeks", "Specific Days", "Subscription Term", "Week"),
)
billing_timing = _speller("In Advance", "In Arrears")
charge_type = _speller("OneTime", "Recurring", "Usage")
charge_model = _speller(
    *("Flat Fee Pricing", "Per Unit Pricing", "Tiered Pricing", "Volume Pricing", "Overage Pricing"),
    *("Tiered with Overage Pricing", "Discount-Fixed Amount", "Discount-Percentage", "Delivery Pricing"),
    flatfee="Flat Fee Pricing",
    perunit="Per Unit Pricing",
    tiered="Tiered Pricing",
    volume="Volume Pricing",
    overage="Overage Pricing",
    tieredwithoverage="Tiered with Overage Pricing",
    delivery="Delivery Pricing",
)
end_date_condition = _speller("SubscriptionEnd", "FixedPeriod", "SpecificEndDate", "OneTime")
list_price_base = _speller(
    *("Per Billing Period", "Per Month", "Per Week", "Per Year", "Per Specific Months", "Per Validity Period"),
)
price_format = _speller("Per Unit", "Flat Fee")
status = _speller("PendingActivation", "PendingAcceptance")
up_to_periods_type = _speller("Billing Periods", "Days", "Weeks", "Months", "Years")


def bill_cycle_type(value: object) -> object:
    """BillCycleType of a v1 `billingDay`: the part before the day."""
    match = _BILLING_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    return "SpecificDayofWeek" if match[1].lower().endswith("week") else "SpecificDayofMonth"


def bill_cycle_day(value: object) -> object:
    """BillCycleDay: a number as it is, or the day in a v1 `billingDay` such as `SpecificDayofMonth(15)`."""
    if not isinstance(value, str) or value.isdecimal():
        return value
    match = _BILLING_DAY.fullmatch(value)
    day = match[2] if match is not None and match[1].lower().endswith("month") else None
    digits = re.match(r"\d+", day) if day else None
    return digits[0] if digits else None


def weekly_bill_cycle_day(value: object) -> object:
    """WeeklyBillCycleDay: a day of the week, or the one in a v1 `billingDay` such as `SpecificDayofWeek/Monday`."""
    found = _WEEKDAY.search(value) if isinstance(value, str) else None
    return found[0].capitalize() if found is not None else None


def processing_type(value: object) -> object:
    """ProcessingType: the number for a name of the REST API; a number stays as it is."""
    names = ("charge", "discount", "prepayment", "tax")
    squeezed = squeeze(value) if isinstance(value, str) else ""
    return names.index(squeezed) if squeezed in names else value
