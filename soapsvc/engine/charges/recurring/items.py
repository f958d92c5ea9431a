"""The items of a recurring charge, segment by segment: which span of time is still to be billed, and at what amounts.

S (segment start)      charged through        E (end under the assumed terms)
|------- billed -------|------ to be billed ------|
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from soapsvc.engine.account import Charge
from soapsvc.engine.charges.item_rows import RatedItems, Rows, warnings_of
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring.billing_grids import due_periods_on_grids, grid_on, grids_of
from soapsvc.engine.charges.recurring.cached_charges import CachedCharge, cached_charge
from soapsvc.engine.charges.recurring.credits import credit_rows, kept_to
from soapsvc.engine.charges.recurring.price import recurring_rows
from soapsvc.engine.pricing import priced_segments
from soapsvc.engine.schedule import (
    BillingGrid,
    ProrationRules,
    Segment,
    Span,
    first_bill_day_of,
    opening,
    start_of,
)


def recurring_charge_rows(segments: Sequence[Segment], context: Context) -> RatedItems:
    """Credits and due items of a recurring charge, segment by segment.

    One `Rows` per price that a segment has: a price change at an assumed renewal makes several.
    """
    found = RatedItems([], [])
    opens = date.min
    for segment in segments:
        cached = cached_charge(segment.charge, context)
        grids = grids_of(segment.charge, context, cached)
        opens = max(opens, first_billed_day(segment, grids, cached.rules, context))
        credit, kept = _given_back(segment, opens, grids[0][1], cached, context)
        if credit is not None:
            found.parts.append(credit)
        due = _due_rows(segment, opens, grids, cached, context)
        found.parts.extend(due.parts)
        found.notes.extend(due.notes)
        opens = max(opens, kept)
    return found


def _given_back(
    segment: Segment, opens: date, billing_grid: BillingGrid, cached: CachedCharge, context: Context
) -> tuple[Rows | None, date]:
    """The credits of a segment that was billed beyond its end, and the day up to which its billed time is kept.

    The credit is due on the segment's end. Time that the tenant bills past the end of a term is credited
    if the term is not renewed by the next bill day ("Billing Rules - Billing Document").
    """
    through, start = segment.charge.charged_through_date, start_of(segment.charge)
    if through is None:
        return None, start
    end = due = max(segment.end.latest, start)
    if segment.end.bills_past_term_end:
        end = max(segment.end.end, start)
        due = first_bill_day_of(billing_grid, end)
    if through <= end:
        return None, start
    billed_span = Span(max(start, opens), through, ends_charge=False)
    credit = credit_rows(
        cached.price(segment.charge, billing_grid, context), cached.facts, context, billed_span, end, due
    )
    return credit, kept_to(billed_span, billing_grid, cached.rules, end)


def first_billed_day(
    segment: Segment, grids: Sequence[tuple[date, BillingGrid]], rules: ProrationRules, context: Context
) -> date:
    """The first billed day of the charge, or of its new start after a gap, if the target date reaches it."""
    first = segment.charge_started
    if rules.bills_stubs or first > context.shared.request.target_date:
        return first
    return opening(first, grid_on(grids, first), rules)


def _due_rows(
    segment: Segment,
    opens: date,
    grids: Sequence[tuple[date, BillingGrid]],
    cached: CachedCharge,
    context: Context,
) -> RatedItems:
    """The due items of a segment that is billed from `opens` on."""
    found = RatedItems([], [])
    shared = context.shared
    target = shared.request.target_date
    for priced, span, segment_start in segment_spans(segment, segment.charge.charged_through_date, opens, context):
        for billing_grid, periods in due_periods_on_grids(grids, span, target, cached.in_arrears, cached.rules):
            if periods.starts:
                price = cached.price(priced, billing_grid, context)
                if price.warnings:
                    found.notes.extend(warnings_of(segment.charge, price.warnings, context))
                rows = recurring_rows(
                    price, periods, cached.facts, segment_start, shared.rounding, shared.request.explain
                )
                found.parts.append(rows)
    return found


def segment_spans(
    segment: Segment, charged_through: date | None, opens: date, context: Context
) -> list[tuple[Charge, Span, date]]:
    """The spans of a segment that are still to be billed, one per price: (charge at its price, span, price's start).

    Time before `charged_through` was billed. Without that date the segment is billed from `opens` on, or from its
    start.
    """
    charge, end = segment.charge, segment.end
    segments = priced_segments(charge, start_of(charge), end.end, context.terms, context.shared.account.catalog)
    spans = []
    for position, (priced, segment_start, segment_end) in enumerate(segments):
        last = position == len(segments) - 1
        resumes = charged_through is not None and charged_through > segment_start
        span_start = charged_through if charged_through is not None and resumes else max(segment_start, opens)
        if span_start >= segment_end:
            continue
        rebased = resumes and span_start not in context.terms.starts
        latest = end.latest if last else None
        ends_charge = segment.is_last and last
        span = Span(span_start, segment_end, ends_charge=ends_charge, latest=latest, rebased=rebased)
        spans.append((priced, span, segment_start))
    return spans
