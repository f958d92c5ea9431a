"""Terms of a subscription: the current one, the renewals that a preview assumes, and where charges end.

    term start            term end      + renewal term  + renewal term
        |--- current term ---|--- assumed ---|--- assumed ---|        target date lies before the last end
                                                      ^target

Sources: "BillingPreviewRequest: AssumeRenewal"; "Billing Rules - Billing Document" (Invoice Past End-of-Term);
observed previews: periods, assumed renewals are not cut at the term boundary; a renewal term of 0 is not renewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from soapsvc.engine.calendar import FOREVER, moved
from soapsvc.engine.enums import (
    BillingPeriod,
    EndDateCondition,
    TermPeriodType,
    UpToPeriodsType,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.model import BillingRules, Charge, Subscription
from soapsvc.engine.periods import period_days, period_months, trigger_date
from soapsvc.engine.result import AssumeRenewal
from soapsvc.engine.statuses import is_pending

MAX_RENEWALS = 10_000

_TERM_UNITS: Mapping[TermPeriodType, tuple[int, int]] = MappingProxyType(
    {
        TermPeriodType.MONTH: (1, 0),
        TermPeriodType.YEAR: (12, 0),
        TermPeriodType.WEEK: (0, 7),
        TermPeriodType.DAY: (0, 1),
    }
)
"""(months, days) of each unit."""

_PERIOD_UNITS: Mapping[UpToPeriodsType, tuple[int, int]] = MappingProxyType(
    {
        UpToPeriodsType.MONTHS: (1, 0),
        UpToPeriodsType.YEARS: (12, 0),
        UpToPeriodsType.WEEKS: (0, 7),
        UpToPeriodsType.DAYS: (0, 1),
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms that a preview sees.

    `starts` are the starts of the current and all assumed terms; `end` is the end of the last of them (FOREVER when
    evergreen or renewed to evergreen); `current_end` the end of the current one. `straddles` says that a period which
    crosses `end` is billed whole (Invoice Past End-of-Term). `cancellation` is the day on which a cancelled
    subscription ends (FOREVER where it has none), None for any other.
    """

    starts: tuple[date, ...]
    current_end: date
    end: date
    straddles: bool
    cancellation: date | None = None

    @property
    def renewed(self) -> bool:
        """True when at least one renewal is assumed."""
        return self.end > self.current_end


def is_evergreen(subscription: Subscription) -> bool:
    """True for a subscription without terms."""
    return squeeze(subscription.term_type) == "evergreen"


def is_cancelled(subscription: Subscription) -> bool:
    """True for a cancelled subscription: billed to its cancellation date, never assumed renewed."""
    return squeeze(subscription.status) in ("cancelled", "canceled")


def terms_of(subscription: Subscription, assume: AssumeRenewal, target: date, rules: BillingRules) -> Terms:
    """The terms up to `target` (inclusive), renewed as `assume` says.

    A pending subscription whose term has not begun has no end yet. Raises RatingError MISSING_DATE for any other termed
    subscription without term dates.
    """
    start = subscription.term_start_date or subscription.subscription_start_date
    cancellation = (subscription.subscription_end_date or FOREVER) if is_cancelled(subscription) else None
    if is_evergreen(subscription):
        return Terms((start or FOREVER,), FOREVER, FOREVER, False, cancellation)
    end = subscription.term_end_date
    if end is None:
        if is_pending(subscription):
            return Terms((start or FOREVER,), FOREVER, FOREVER, False)
        raise RatingError("MISSING_DATE", "A termed subscription needs its termEndDate.", "termEndDate")
    straddles = (
        rules.invoice_past_end_of_term_auto_renew_on
        if subscription.auto_renew
        else rules.invoice_past_end_of_term_auto_renew_off
    )
    current_end = end
    starts = [start or end]
    if cancellation is None and _assumed(subscription, assume):
        if squeeze(subscription.renewal_setting or "") == "renewtoevergreen":
            if end <= target:
                return Terms((*starts, end), current_end, FOREVER, straddles)
        else:
            while end <= target:
                starts.append(end)
                end = renewed_end(subscription, current_end, len(starts) - 1)
    return Terms(tuple(starts), current_end, end, straddles, cancellation)


def awaits_term(charge: Charge, subscription: Subscription) -> bool:
    """True for a charge whose periods hang on the term of a pending subscription that does not know its term yet."""
    if subscription.term_end_date is not None or is_evergreen(subscription) or not is_pending(subscription):
        return False
    return "term" in f"{charge.billing_period} {charge.billing_period_alignment} {charge.billing_day}".lower()


def _assumed(subscription: Subscription, assume: AssumeRenewal) -> bool:
    if assume is AssumeRenewal.NONE:
        return False
    if assume is AssumeRenewal.AUTORENEW and not subscription.auto_renew:
        return False
    evergreen = squeeze(subscription.renewal_setting or "") == "renewtoevergreen"
    return evergreen or (subscription.renewal_term or 0) > 0


def renewed_end(subscription: Subscription, current_end: date, renewals: int) -> date:
    """The term end after `renewals` renewals, counted from the current end in one step: month ends do not drift."""
    if renewals > MAX_RENEWALS:
        raise RatingError("TOO_MANY_RENEWALS", f"More than {MAX_RENEWALS} renewals to the target date.", "renewalTerm")
    unit = parse_or(
        TermPeriodType, subscription.renewal_term_period_type, "renewalTermPeriodType", TermPeriodType.MONTH
    )
    months, days = _TERM_UNITS[unit]
    count = (subscription.renewal_term or 0) * renewals
    return moved(current_end, months * count, days * count, "renewalTerm")


class ChargeEnd(NamedTuple):
    """Where a charge segment ends (exclusive) and whether its last period may run past that end."""

    end: date
    straddles: bool = False


def charge_end(charge: Charge, terms: Terms, rules: BillingRules) -> ChargeEnd:
    """The end of a segment under the assumed terms.

    A stored effectiveEndDate before the term end is final (removed, changed or ended charge); one at the term end
    moves with the term. A charge with an end of its own (Fixed_Period, Specific_End_Date) is uncapped when the term
    is extended. Where the term is renewed to evergreen, there are no terms left to bill by. Sources: "Date attributes
    for product rate plan charges"; observed previews: periods.
    """
    stored = charge.effective_end_date
    if terms.cancellation is not None:
        return ChargeEnd(min(stored or FOREVER, terms.current_end, terms.cancellation))
    if stored is not None and stored < terms.current_end:
        return ChargeEnd(stored)
    own = own_end(charge)
    if terms.end == FOREVER and squeeze(charge.billing_period or "") == squeeze(BillingPeriod.SUBSCRIPTION_TERM):
        return ChargeEnd(terms.current_end)
    if own is None:
        return ChargeEnd(FOREVER if terms.renewed and terms.straddles else terms.end, terms.straddles)
    if own > terms.end:
        return ChargeEnd(own if terms.straddles and terms.renewed else terms.end, terms.straddles)
    straddles = terms.straddles and own == terms.end and not rules.ignore_past_end_of_term_when_charge_ends_by_term_end
    return ChargeEnd(own, straddles)


def own_end(charge: Charge) -> date | None:
    """The end that a charge has of itself, without its subscription's term; None for Subscription_End.

    A fixed period counts from the charge's trigger date (its first segment's start) in the unit of upToPeriodsType.
    """
    condition = parse_or(
        EndDateCondition, charge.end_date_condition, "endDateCondition", EndDateCondition.SUBSCRIPTION_END
    )
    if condition is EndDateCondition.SPECIFIC_END_DATE:
        return charge.specific_end_date or charge.effective_end_date
    if condition is not EndDateCondition.FIXED_PERIOD:
        return None
    if charge.up_to_periods is None:
        raise RatingError("MISSING_VALUE", "A Fixed_Period charge needs upToPeriods.", "upToPeriods")
    return _after_periods(charge, trigger_date(charge), charge.up_to_periods)


def _after_periods(charge: Charge, start: date, count: int) -> date | None:
    """The day on which that many periods have passed; a number of terms is told by the stored end alone."""
    unit = parse_or(UpToPeriodsType, charge.up_to_periods_type, "upToPeriodsType", UpToPeriodsType.BILLING_PERIODS)
    if unit is UpToPeriodsType.BILLING_PERIODS:
        period = parse(BillingPeriod, charge.billing_period or "", "billingPeriod")
        months = period_months(period, charge.specific_billing_period)
        days = period_days(period, charge.specific_billing_period)
        if not months and not days:
            return charge.effective_end_date
    else:
        months, days = _PERIOD_UNITS[unit]
    return moved(start, months * count, days * count, "upToPeriods")
