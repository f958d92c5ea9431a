"""The items of one charge segment: which span of time is still to be billed, and at what amounts.

S (segment start)      charged through        E (end under the assumed terms)
|------- billed -------|------ to be billed ------|
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from soapsvc.engine.account import ZERO, BillingPeriod, Charge, ChargeType, parse
from soapsvc.engine.charges.credits import credit_rows, kept_to
from soapsvc.engine.charges.item_rows import SUFFIX_CREDIT, CreditBasis, Rows, facts_of
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.rating_cache import ChargePlan, charge_plan, current_billing
from soapsvc.engine.charges.recurring_price import recurring_price, recurring_rows
from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing import RatingWarning, billed_quantity, list_fee, priced_segments
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import (
    FIRST_DATE,
    FOREVER,
    Billing,
    Cut,
    ListGrid,
    ProrationRules,
    Segment,
    Span,
    billed_cut,
    billing_of,
    closing,
    cut,
    ends_with_term,
    first_bill_day_of,
    is_evergreen,
    opening,
    out_of_calendar,
    proration_rules,
    start_of,
)

_DAY = timedelta(1)


def one_time_rows(segments: Sequence[Segment], context: Context, notes: list[Note]) -> list[Rows]:
    """The item of a one-time charge never billed, or its credit when it is gone (rule creditOneTime).

    Dates decide, as for other credits: a charge that was billed through its day comes back where it ends on that day or
    before, until its charged-through date is that end again. What rating approximated is added to `notes`.
    """
    found = (_one_time_item(segment, context, notes) for segment in segments)
    return [rows for rows in found if rows is not None]


def _one_time_item(segment: Segment, context: Context, notes: list[Note]) -> Rows | None:
    charge, start = segment.charge, start_of(segment.charge)
    due, gone = start <= context.request.target_date, _is_gone(segment)
    through = charge.charged_through_date
    if through is not None and through >= start:
        gives_back = gone and through > start and due and context.account.rules.credit_one_time
        return _one_time(charge, start, context, notes, credit=True) if gives_back else None
    if gone or not due:
        return None
    if not FIRST_DATE <= start <= FOREVER:
        raise out_of_calendar(start, "effectiveStartDate")
    return _one_time(charge, start, context, notes, credit=False)


def _is_gone(segment: Segment) -> bool:
    """Whether a one-time charge ends before its day is over, for a reason: one of no length may just be exported so."""
    start, end = start_of(segment.charge), segment.end.end
    return end < start or (end == start and (segment.charge.removed or segment.charge.effective_end_date != start))


def _one_time(charge: Charge, start: date, context: Context, notes: list[Note], *, credit: bool) -> Rows:
    rated = list_fee(charge, billed_quantity(charge), explain=context.request.explain, formulas=context.formulas)
    notes += warnings_of(charge, rated.warnings, context)
    value = -rated.value if credit else rated.value
    rows = Rows(
        charge,
        facts_of(charge, context.subscription, ChargeType.ONE_TIME, context.transient),
        (start,),
        (start + _DAY,),
        [context.rounding(value)],
        [value],
        (billed_quantity(charge),),
    )
    if credit:
        rows.suffixes = [SUFFIX_CREDIT]
        rows.credits = [CreditBasis(start, -rows.amounts[0], ZERO, rated.value, Fraction(0), rated.value)]
    if context.request.explain:
        rows.steps = [rated.steps]
    return rows


def warnings_of(charge: Charge, warnings: Iterable[RatingWarning], context: Context) -> Iterator[Note]:
    """What was approximated, each kind once."""
    number = context.subscription.subscription_number
    for code, message in dict.fromkeys(map(tuple, warnings)):
        text = f"Charge {charge.number} of subscription {number}: {message}"
        yield Note("warning", code, text, number, charge.number)


def recurring_charge_rows(segments: Sequence[Segment], context: Context, notes: list[Note]) -> list[Rows]:
    """Credits and due items of a recurring charge, segment by segment.

    One `Rows` per price that a segment has: a price change at an assumed renewal makes several. What rating
    approximated is added to `notes`.
    """
    found: list[Rows] = []
    opens = date.min
    for segment in segments:
        plan = charge_plan(segment.charge, context)
        billings = billings_of(segment.charge, context, plan)
        opens = max(opens, _opening(segment, billings, plan.rules, context))
        credit, kept = _given_back(segment, opens, billings[0][1], plan, context)
        found += [credit] if credit is not None else []
        found += _due_rows(segment, opens, billings, plan, context, notes)
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


def _opening(
    segment: Segment, billings: Sequence[tuple[date, Billing]], rules: ProrationRules, context: Context
) -> date:
    """The first billed day of the charge, or since it started anew, as far as the target date asks for it."""
    first = segment.begins
    if rules.bills_stubs or first > context.request.target_date:
        return first
    return opening(first, grid_on(billings, first), rules)


def _due_rows(
    segment: Segment,
    opens: date,
    billings: Sequence[tuple[date, Billing]],
    plan: ChargePlan,
    context: Context,
    notes: list[Note],
) -> list[Rows]:
    """The due items of a segment that is billed from `opens` on."""
    found = []
    target = context.request.target_date
    for priced, span, segment_start in segment_spans(segment, segment.charge.charged_through_date, opens, context):
        for billing, pieces in cut_on_grids(billings, span, target, plan.in_arrears, plan.rules):
            if pieces.starts:
                price = plan.price(priced, billing, context)
                if price.warnings:
                    notes += warnings_of(segment.charge, price.warnings, context)
                found.append(
                    recurring_rows(price, pieces, plan.facts, segment_start, context.rounding, context.request.explain)
                )
    return found


def billed_before(charge_type: ChargeType, segments: Sequence[Segment], context: Context) -> list[Rows]:
    """The items of a charge that were billed before, as they must have been, one `Rows` per segment; none of usage."""
    found = (_segment_billed_before(charge_type, segment, context) for segment in segments)
    return [rows for rows in found if rows is not None]


def _segment_billed_before(charge_type: ChargeType, segment: Segment, context: Context) -> Rows | None:
    charge = segment.charge
    start, through = start_of(charge), charge.charged_through_date
    if through is None or through < start or charge_type is ChargeType.USAGE:
        return None
    if charge_type is ChargeType.ONE_TIME:
        given_back = _is_gone(segment) and through == start
        return None if given_back else _one_time(charge, start, context, [], credit=False)
    rules, billings = proration_rules(charge, context.account.rules), billings_of(charge, context)
    billing = billings[0][1]
    price = recurring_price(charge, billing, rules, context)
    pieces = billed_cut(Span(max(start, _opening(segment, billings, rules, context)), through, ends=False), billing)
    if not pieces.starts:
        return None
    facts = facts_of(charge, context.subscription, charge_type, context.transient)
    return recurring_rows(price, pieces, facts, start, context.rounding, context.request.explain)


def segment_spans(
    segment: Segment, billed: date | None, opens: date, context: Context
) -> list[tuple[Charge, Span, date]]:
    """The spans of a segment that are still to be billed, one per price: (charge at its price, span, price's start).

    It was billed to `billed`, or else is billed from `opens` on, if not from its start.
    """
    charge, end = segment.charge, segment.end
    segments = priced_segments(charge, start_of(charge), end.end, context.terms, context.account.catalog)
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


def billings_of(charge: Charge, context: Context, plan: ChargePlan | None = None) -> list[tuple[date, Billing]]:
    """The grids of a charge with the date from which each holds.

    There is one, unless the grid is aligned to the term and a renewal term is not a multiple of the billing period:
    then each assumed term anchors its own.
    """
    terms, subscription = context.terms, context.subscription
    period = parse(BillingPeriod, charge.billing_period or "", "billingPeriod")
    if period is BillingPeriod.SUBSCRIPTION_TERM:
        return [(start_of(charge), _term_billing(charge, context))]
    first = plan.billing(context) if plan is not None else current_billing(charge, context)
    found = [(terms.starts[0], first)]
    if len(terms.starts) == 1 or "term" not in f"{charge.billing_period_alignment}{charge.billing_day}".lower():
        return found
    ends = (*terms.starts[1:], terms.end)[1:]
    for term_start, term_end in zip(terms.starts[1:], ends, strict=True):
        if term_end == FOREVER:
            break
        billing = billing_of(charge, subscription, context.bill_cycle_day, term_start, term_end)
        anchor = billing.grid.boundary(billing.grid.index(term_start) + 1)
        latest = found[-1][1].grid
        if latest.boundary(latest.index(anchor)) != anchor:
            found.append((term_start, billing))
    return found


def _term_billing(charge: Charge, context: Context) -> Billing:
    if is_evergreen(context.subscription):
        raise RatingError(
            "INVALID_PERIOD", "billingPeriod Subscription_Term needs a subscription with terms.", "billingPeriod"
        )
    terms = context.terms
    end = max(terms.end, charge.charged_through_date or terms.end)
    return Billing(ListGrid(sorted({*terms.starts, end, min(start_of(charge), terms.starts[0])})), 0, 0)


def cut_on_grids(
    billings: Sequence[tuple[date, Billing]],
    span: Span,
    target: date,
    in_arrears: bool,
    rules: ProrationRules | None = None,
) -> list[tuple[Billing, Cut]]:
    """Cuts a span on the grid of the term that each period starts in: (grid, its periods), in time order.

    A period is never cut where the grid changes; what is left to the new grid's next boundary is a stub of the new
    grid. It is not the charge's first or last: `rules` say how the stub that the charge ends with is billed.
    """
    if len(billings) == 1:
        billing = billings[0][1]
        span = span if rules is None else closing(span, billing, rules, target)
        return [(billing, cut(span, billing, target, in_arrears))]
    found = []
    start = span.start
    while start < span.end and start <= target:
        position = _position(billings, start)
        billing = billings[position][1]
        change = billings[position + 1][0] if position + 1 < len(billings) else FOREVER
        stop = billing.grid.boundary(billing.grid.index(change - _DAY) + 1) if change < FOREVER else span.end
        former = billings[position - 1][1] if position else None
        part = _part(span, start, stop, former)
        part = part if rules is None else closing(part, billing, rules, target)
        pieces = cut(part, billing, target, in_arrears)
        if len(pieces):
            found.append((billing, pieces))
        start = stop
    return found


def grid_on(billings: Sequence[tuple[date, Billing]], day: date) -> Billing:
    """The grid that holds on a day: that of its term, or of the first one before it."""
    return billings[_position(billings, day)][1]


def _position(billings: Sequence[tuple[date, Billing]], day: date) -> int:
    return max((place for place, (since, _) in enumerate(billings) if since <= day), default=0)


def _part(span: Span, start: date, stop: date, former: Billing | None) -> Span:
    """What of a span lies on one grid, `[start, stop)`, which takes over where a period of the former one ends."""
    rebased = span.rebased and (former is None or former.grid.holding(start - _DAY)[1] != start)
    if stop < span.end:
        return Span(start, stop, False, None, rebased)
    return Span(start, span.end, span.ends, span.latest, rebased)
