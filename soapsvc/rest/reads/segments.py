"""The segments of charges that a read of a subscription shows: `charge-detail` ("Retrieve a subscription by key").

A document has either the last segment of each charge on the charge itself, or all segments in `chargeSegments`. The
requested form is made from the document's form; where both are the same, charges are answered unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from soapsvc.rest.http import Category, Fields, one_of
from soapsvc.rest.reads.members import NULL, Members, elements, json_text, text_of
from soapsvc.tenant.reading import FieldProblem, day, flag

SEGMENTS = "chargeSegments"
OF_ALL_SEGMENTS = frozenset(
    (
        *("originalChargeId", "productRatePlanChargeId", "productRatePlanChargeNumber", "number", "name", "type"),
        *("model", "version", "billingDay", "billingPeriod", "specificBillingPeriod", "billingPeriodAlignment"),
        *("billingTiming", "listPriceBase", "specificListPriceBase", "ratingGroup", "usageRecordRatingOption", "uom"),
        *("smoothingModel", "numberOfPeriods", "overageCalculationOption", "overageUnusedUnitsCreditOption"),
        *("unusedUnitsCreditRates", "isUnbilled", "invoiceScheduleId", "isStackedDiscount"),
        *("reflectDiscountInNetAmount", "priceUpsellQuantityStacked", "upsellOriginChargeNumber"),
    )
)
"""The fields of a charge whose segments are listed; all other fields are a segment's."""

_DETAILS = {each: each for each in ("last-segment", "current-segment", "all-segments", "specific-segment")}
_Fits = Callable[[Members], bool]


@dataclass(frozen=True, slots=True)
class ChargeDetail:
    """The form of charges that a request asks for; `at` is the day of the segments, None for all days.

    `listed`: in `chargeSegments`, not on the charge. `all_plans`: also rate plans without a charge that is shown.
    """

    at: date | None = None
    listed: bool = False
    all_plans: bool = True

    def shown(self, subscription: Members) -> Members:
        """A subscription with the requested segments."""
        plans = elements(subscription.get("ratePlans"))
        if plans is None:
            return subscription
        shaped = [self._plan(plan) for plan in plans]
        kept = [plan for plan in shaped if self.all_plans or elements(plan.get("ratePlanCharges"))]
        return {**subscription, "ratePlans": json_text(kept)}

    def _plan(self, plan: Members) -> Members:
        charges = elements(plan.get("ratePlanCharges"))
        if charges is None:
            return plan
        groups = _by_charge(charges)
        return {**plan, "ratePlanCharges": json_text([each for group in groups for each in self._charge(group)])}

    def _charge(self, group: Sequence[Members]) -> list[Members]:
        """A charge, one or more entries of its rate plan, with the requested segments; empty where it has none."""
        if self.listed and self.at is None and all(SEGMENTS in entry for entry in group):
            return list(group)
        segments = [segment for entry in group for segment in _segments(entry)]
        if self.at is not None:
            segments = [segment for segment in segments if _is_in_force(segment, self.at)]
        if not segments:
            return [] if self.at is not None else list(group)
        return [_with_segments(segments)] if self.listed else [max(segments, key=_rank)]


def read_charge_detail(fields: Fields, today: date) -> ChargeDetail:
    """The form that the query asks for; problems are added to `fields`."""
    detail = fields.get("charge-detail", one_of(_DETAILS))
    as_of = fields.get("as-of-date", day)
    all_plans = not fields.get("exclude-rate-plans-with-no-charges", flag)
    if detail == "specific-segment" and not fields.has("as-of-date"):
        fields.refuse("as-of-date", "'as-of-date' is required for specific-segment.", Category.MISSING_PARAMETER)
    at = {"current-segment": today, "specific-segment": as_of}.get(detail or "")
    return ChargeDetail(at, listed=detail in {"all-segments", "specific-segment"}, all_plans=all_plans)


def _by_charge(charges: Sequence[Members]) -> list[list[Members]]:
    """The entries of a rate plan by charge: entries with the same number are segments of one charge."""
    groups: dict[object, list[Members]] = {}
    for place, charge in enumerate(charges):
        groups.setdefault(text_of(charge.get("number")) or place, []).append(charge)
    return list(groups.values())


def _segments(entry: Members) -> list[Members]:
    """The segments of an entry, each with the fields that all of them share."""
    segments = elements(entry.get(SEGMENTS))
    if segments is None:
        return [entry]
    common = {name: value for name, value in entry.items() if name != SEGMENTS}
    return [{**common, **segment} for segment in segments]


def _with_segments(segments: Sequence[Members]) -> Members:
    """A charge with a list of segments; the charge keeps its own fields that are equal in all segments."""
    first = segments[0]
    common = {
        name: value
        for name, value in first.items()
        if name in OF_ALL_SEGMENTS and all(segment.get(name) == value for segment in segments)
    }
    own = [{name: value for name, value in each.items() if name not in common} for each in segments]
    return {**common, SEGMENTS: json_text(own)}


def _is_in_force(segment: Members, at: date) -> bool:
    """Whether a segment is in force on a day: from its start to its exclusive end; of no length, on its start."""
    start, end = (_day(segment.get(name)) for name in ("effectiveStartDate", "effectiveEndDate"))
    return start is not None and (start == at or (start < at and (end is None or at < end)))


def _rank(segment: Members) -> tuple[int, date]:
    """The sort key of segments: their number, else their start; of two equal ones, the first is greater."""
    number = msgspec.json.decode(segment.get("segment", NULL))
    start = _day(segment.get("effectiveStartDate"))
    return (number if isinstance(number, int) else 0, start or date.min)


def _day(value: msgspec.Raw | None) -> date | None:
    try:
        found = text_of(value)
        return None if found is None else day(found)
    except FieldProblem:
        return None
