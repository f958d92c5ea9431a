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
from soapsvc.engine.charges.recurring.billing_grids import billings_of, cut_on_grids, grid_on
from soapsvc.engine.charges.recurring.credits import credit_rows, kept_to
from soapsvc.engine.charges.recurring.price import recurring_rows
from soapsvc.engine.charges.recurring.rating_cache import ChargePlan, charge_plan
from soapsvc.engine.pricing import priced_segments
from soapsvc.engine.schedule import (
    Billing,
    ProrationRules,
    Segment,
    Span,
    ends_with_term,
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
        plan = charge_plan(segment.charge, context)
        billings = billings_of(segment.charge, context, plan)
        opens = max(opens, first_billed_day(segment, billings, plan.rules, context))
        credit, kept = _given_back(segment, opens, billings[0][1], plan, context)
        if credit is not None:
            found.parts.append(credit)
        due = _due_rows(segment, opens, billings, plan, context)
        found.parts.extend(due.parts)
        found.notes.extend(due.notes)
        opens = max(opens, kept)
    return found


def _given_back(
    segment: Segment, opens: date, billing: Billing, plan: ChargePlan, context: Context
) -> tuple[Rows | None, date]:
    """What comes back of a segment that was billed beyond its end, and the day to which it keeps what was billed.

    It comes back on the day on which the segment has ended. What the tenant bills past the end of a term comes back
    if the term is not renewed by the next bill day ("Billing Rules - Billing Document").
    """
    through, start = segment.charge.charged_through_date, start_of(segment.charge)
    end = due = max(segment.end.latest, start)
    if segment.end.straddles and ends_with_term(segment.charge, segment.end, context.terms):
        end = max(segment.end.end, start)
        due = first_bill_day_of(billing, end)
    if through is None or through <= end:
        return None, start
    billed = Span(max(start, opens), through, ends=False)
    credit = credit_rows(plan.price(segment.charge, billing, context), plan.facts, context, billed, end, due)
    return credit, kept_to(billed, billing, plan.rules, end)


def first_billed_day(
    segment: Segment, billings: Sequence[tuple[date, Billing]], rules: ProrationRules, context: Context
) -> date:
    """The first billed day of the charge, or since it started anew, as far as the target date asks for it."""
    first = segment.begins
    if rules.bills_stubs or first > context.shared.request.target_date:
        return first
    return opening(first, grid_on(billings, first), rules)


def _due_rows(
    segment: Segment,
    opens: date,
    billings: Sequence[tuple[date, Billing]],
    plan: ChargePlan,
    context: Context,
) -> RatedItems:
    """The due items of a segment that is billed from `opens` on."""
    found = RatedItems([], [])
    shared = context.shared
    target = shared.request.target_date
    for priced, span, segment_start in segment_spans(segment, segment.charge.charged_through_date, opens, context):
        for billing, pieces in cut_on_grids(billings, span, target, plan.in_arrears, plan.rules):
            if pieces.starts:
                price = plan.price(priced, billing, context)
                if price.warnings:
                    found.notes.extend(warnings_of(segment.charge, price.warnings, context))
                rows = recurring_rows(price, pieces, plan.facts, segment_start, shared.rounding, shared.request.explain)
                found.parts.append(rows)
    return found


def segment_spans(
    segment: Segment, billed: date | None, opens: date, context: Context
) -> list[tuple[Charge, Span, date]]:
    """The spans of a segment that are still to be billed, one per price: (charge at its price, span, price's start).

    It was billed to `billed`, or else is billed from `opens` on, if not from its start.
    """
    charge, end = segment.charge, segment.end
    segments = priced_segments(charge, start_of(charge), end.end, context.terms, context.shared.account.catalog)
    spans = []
    for position, (priced, segment_start, segment_end) in enumerate(segments):
        last = position == len(segments) - 1
        resumes = billed is not None and billed > segment_start
        span_start = billed if resumes and billed is not None else max(segment_start, opens)
        if span_start >= segment_end:
            continue
        rebased = resumes and span_start not in context.terms.starts
        latest = end.latest if last else None
        spans.append((priced, Span(span_start, segment_end, segment.is_last and last, latest, rebased), segment_start))
    return spans
