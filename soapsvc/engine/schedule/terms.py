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

from soapsvc.engine.account import (
    BillingPeriod,
    BillingRules,
    Charge,
    EndDateCondition,
    RenewalSetting,
    Subscription,
    TermPeriodType,
    TermType,
    UpToPeriodsType,
    date_of,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import AssumeRenewal
from soapsvc.engine.schedule.billing_periods import is_billed_by_terms, period_days, period_months, trigger_date
from soapsvc.engine.schedule.calendar import FOREVER, add_months, month_index, moved
from soapsvc.engine.schedule.statuses import is_pending

MAX_RENEWALS = 10_000
NEVER = date.max
"""The stop of a subscription that has none. Dates outside the calendar are refused where they are billed."""

RENEWED_FROM = "renewedFrom"
"""Our own attribute: the term end from which renewals count, so that month ends do not drift."""

FIRST_TERM_FROM = "firstTermFrom"
"""Our own attribute: the start of the term in which a charge began, for charges whose periods are the terms."""

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
    """The current term and the assumed renewals.

    `starts` are the starts of the current and all assumed terms; `end` is the end of the last of them (FOREVER when
    evergreen or renewed to evergreen); `current_end` the end of the current one. `bills_past_term_end`: a period that
    crosses `end` is billed whole (Invoice Past End-of-Term). From `stop` on nothing is billed, whatever the terms: the
    subscription is cancelled then, or suspended without resumption (NEVER without a stop).
    """

    starts: tuple[date, ...]
    current_end: date
    end: date
    bills_past_term_end: bool
    stop: date = NEVER

    @property
    def renewed(self) -> bool:
        """True when at least one renewal is assumed."""
        return self.end > self.current_end


def is_evergreen(subscription: Subscription) -> bool:
    """True for a subscription without terms. Raises RatingError UNKNOWN_VALUE for an unknown type."""
    try:
        return parse_or(TermType, subscription.term_type, "termType", TermType.TERMED) is TermType.EVERGREEN
    except RatingError as error:
        raise error.of(subscription.subscription_number, None) from error


def renews_to_evergreen(subscription: Subscription) -> bool:
    """True where a renewal makes it evergreen. Raises RatingError UNKNOWN_VALUE for an unknown setting."""
    usual = RenewalSetting.RENEW_WITH_SPECIFIC_TERM
    setting = parse_or(RenewalSetting, subscription.renewal_setting, "renewalSetting", usual)
    return setting is RenewalSetting.RENEW_TO_EVERGREEN


def is_cancelled(subscription: Subscription) -> bool:
    """True for a cancelled subscription: it is billed up to its cancellation date, and no renewal is assumed."""
    return squeeze(subscription.status) in ("cancelled", "canceled")


def terms_of(
    subscription: Subscription, assume: AssumeRenewal, target: date, rules: BillingRules, stop: date = NEVER
) -> Terms:
    """The terms up to `target` (inclusive), renewed as `assume` says, but not on or after `stop`.

    A pending subscription whose term has not begun has no end yet. Raises RatingError MISSING_DATE for any other termed
    subscription without term dates.
    """
    start = subscription.term_start_date or subscription.subscription_start_date
    cancelled = is_cancelled(subscription)
    if cancelled:
        stop = min(stop, subscription.subscription_end_date or NEVER)
    if is_evergreen(subscription):
        return Terms((start or FOREVER,), FOREVER, FOREVER, False, stop)
    end = subscription.term_end_date
    if end is None:
        if is_pending(subscription):
            return Terms((start or FOREVER,), FOREVER, FOREVER, False)
        raise RatingError("MISSING_DATE", "A termed subscription needs its termEndDate.", "termEndDate")
    bills_past_term_end = not cancelled and (
        rules.invoice_past_end_of_term_auto_renew_on
        if subscription.auto_renew
        else rules.invoice_past_end_of_term_auto_renew_off
    )
    current_end = end
    starts = [start or end]
    if not cancelled and is_renewed(subscription, assume):
        if renews_to_evergreen(subscription):
            if end <= target and end < stop:
                return Terms((*starts, end), current_end, FOREVER, bills_past_term_end, stop)
        else:
            while end <= target and end < stop:
                starts.append(end)
                end = renewed_end(subscription, current_end, len(starts) - 1)
    return Terms(tuple(starts), current_end, end, bills_past_term_end, stop)


def awaits_term(charge: Charge, subscription: Subscription) -> bool:
    """True for a charge whose periods depend on terms, of a pending subscription whose term has not begun."""
    if subscription.term_end_date is not None or is_evergreen(subscription) or not is_pending(subscription):
        return False
    return "term" in f"{charge.billing_period} {charge.billing_period_alignment} {charge.billing_day}".lower()


def is_renewed(subscription: Subscription, assume: AssumeRenewal) -> bool:
    """True when the preview assumes a renewal of the subscription, and no cancellation or suspension stops it."""
    if assume is AssumeRenewal.NONE:
        return False
    if assume is AssumeRenewal.AUTORENEW and not subscription.auto_renew:
        return False
    return renews_to_evergreen(subscription) or (subscription.renewal_term or 0) > 0


def renewed_end(subscription: Subscription, current_end: date, renewals: int) -> date:
    """The term end after `renewals` renewals, counted in one step: month ends do not drift.

    They count from the current end, or from the end at the first renewal where an attribute holds it.
    """
    if renewals > MAX_RENEWALS:
        raise RatingError(
            "TOO_MANY_RENEWALS",
            f"There are more than {MAX_RENEWALS} renewals up to the target date; check renewalTerm or "
            "take an earlier one.",
            "renewalTerm",
        )
    unit = parse_or(
        TermPeriodType, subscription.renewal_term_period_type, "renewalTermPeriodType", TermPeriodType.MONTH
    )
    months, days = _TERM_UNITS[unit]
    length = subscription.renewal_term or 0
    if months and RENEWED_FROM in subscription.attributes:
        first = date_of(subscription.attributes[RENEWED_FROM], RENEWED_FROM)
        passed = month_index(current_end) - month_index(first)
        if passed >= 0 and add_months(first, passed) == current_end:
            return moved(first, passed + months * length * renewals, 0, "renewalTerm")
    return moved(current_end, months * length * renewals, days * length * renewals, "renewalTerm")


class ChargeEnd(NamedTuple):
    """Where a charge segment ends (exclusive), and the latest day to which its last period may run past that end."""

    end: date
    latest: date

    @property
    def bills_past_term_end(self) -> bool:
        """True when the last period may run past the end (Invoice Past End-of-Term).

        Then the segment ends with a term that is not renewed.
        """
        return self.latest > self.end


def charge_end(charge: Charge, terms: Terms, rules: BillingRules, follower: date | None = None) -> ChargeEnd:
    """The end of a segment under the assumed terms; `follower` is the start of the charge's next segment.

    A stored effectiveEndDate before the term end is final; one at the term end moves with the term, unless another
    segment follows or the rate plan was removed there. A charge with an end of its own (Fixed_Period,
    Specific_End_Date) is uncapped when the term is extended. Where the term is renewed to evergreen, there are no terms
    left to bill by. Sources: "Date attributes for product rate plan charges"; observed previews: periods.
    """
    stored = charge.effective_end_date or follower
    if stored is not None and stored < terms.current_end:
        found = ChargeEnd(stored, stored)
    else:
        found = _end_by_terms(charge, terms, rules, stored if charge.removed or follower is not None else None)
    return found if found.latest <= terms.stop else ChargeEnd(min(found.end, terms.stop), terms.stop)


def _end_by_terms(charge: Charge, terms: Terms, rules: BillingRules, final: date | None) -> ChargeEnd:
    """The end of a segment that lasts to the end of the current term at least; no later than `final`.

    A period that crosses the end of the last term is billed whole, but not past the charge's own end.
    """
    own = own_end(charge)
    termless = terms.end == FOREVER and is_billed_by_terms(charge)
    if own is None and final is None and not termless:
        return ChargeEnd(FOREVER if terms.renewed and terms.bills_past_term_end else terms.end, _latest(FOREVER, terms))
    bound = min(final or FOREVER, own or FOREVER)
    if termless:
        return ChargeEnd(min(bound, terms.current_end), min(bound, terms.current_end))
    if bound > terms.end:
        latest = _latest(bound, terms)
        return ChargeEnd(latest if terms.renewed else terms.end, latest)
    ignored = terms.renewed or final is not None or rules.ignore_past_end_of_term_when_charge_ends_by_term_end
    return ChargeEnd(bound, bound if ignored or bound < terms.end else _latest(FOREVER, terms))


def _latest(bound: date, terms: Terms) -> date:
    """The day up to which the last period of a charge that lasts to `bound` may run."""
    return bound if terms.bills_past_term_end else terms.end


def own_end(charge: Charge) -> date | None:
    """The end by the charge's own endDateCondition, without its subscription's term; None for Subscription_End.

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
    """The day after that many periods; where the unit is terms, the stored end."""
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
