"""The items of one charge segment: which span of time is still to be billed, and at what amounts.

S (segment start)      charged through        E (end under the assumed terms)
|------- billed -------|------ to be billed ------|
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from soapsvc.engine.calendar import FIRST_DATE, FOREVER, ListGrid, out_of_calendar
from soapsvc.engine.context import Context
from soapsvc.engine.credits import credit_rows
from soapsvc.engine.enums import BillingPeriod, ChargeType, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.fees import RatingWarning
from soapsvc.engine.model import ZERO, Charge
from soapsvc.engine.periods import Billing, billing_of, start_of
from soapsvc.engine.plans import ChargePlan, charge_plan, current_billing
from soapsvc.engine.price_change import priced_segments
from soapsvc.engine.pricing import billed_quantity, list_fee
from soapsvc.engine.proration import proration_rules
from soapsvc.engine.recurring import recurring_price, recurring_rows
from soapsvc.engine.result import Note
from soapsvc.engine.rows import SUFFIX_CREDIT, CreditBasis, Rows, facts_of
from soapsvc.engine.spans import Cut, Span, apply_stub_rules, billed_cut, cut
from soapsvc.engine.terms import ChargeEnd, charge_end, is_evergreen

_DAY = timedelta(1)


def one_time_rows(charge: Charge, context: Context, notes: list[Note]) -> list[Rows]:
    """The item of a one-time charge never billed, or its credit when billed and gone (rule creditOneTime).

    What rating approximated is added to `notes`.
    """
    start = start_of(charge)
    end = charge_end(charge, context.terms, context.account.rules).end
    due = start <= context.request.target_date
    gone = charge.removed or end < start or (end == start and charge.effective_end_date != start)
    if charge.charged_through_date is not None and charge.charged_through_date >= start:
        gives_back = gone and due and context.account.rules.credit_one_time
        return [_one_time(charge, start, context, notes, credit=True)] if gives_back else []
    if gone or not due:
        return []
    if not FIRST_DATE <= start <= FOREVER:
        raise out_of_calendar(start, "effectiveStartDate")
    return [_one_time(charge, start, context, notes, credit=False)]


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
        rows.credits = [CreditBasis(start, -rows.amounts[0], ZERO, rated.value, Fraction(0))]
    if context.request.explain:
        rows.steps = [rated.steps]
    return rows


def warnings_of(charge: Charge, warnings: Iterable[RatingWarning], context: Context) -> Iterator[Note]:
    """What was approximated, each kind once."""
    number = context.subscription.subscription_number
    for code, message in dict.fromkeys(map(tuple, warnings)):
        text = f"Charge {charge.number} of subscription {number}: {message}"
        yield Note("warning", code, text, number, charge.number)


def recurring_segment_rows(charge: Charge, context: Context, begins: bool, ends: bool, notes: list[Note]) -> list[Rows]:
    """Credits and due items of one recurring segment.

    `begins` / `ends` tell whether the charge itself starts / ends with it. What rating approximated is added to
    `notes`.

    One `Rows` per price that the segment has: a price change at an assumed renewal makes several.
    """
    plan = charge_plan(charge, context)
    end = charge_end(charge, context.terms, context.account.rules)
    start = start_of(charge)
    billings = billings_of(charge, context, plan)
    found = []
    billed = charge.charged_through_date
    if billed is not None and billed > max(end.end, start) and not end.straddles:
        price = plan.price(charge, billings[0][1], context)
        credit = credit_rows(price, plan.facts, context, Span(start, billed, begins, ends=False), max(end.end, start))
        found = [credit] if credit else []
    for priced, span, segment_start in segment_spans(charge, billed, end, context, begins, ends):
        for billing, due in cut_on_grids(billings, span, context.request.target_date, plan.in_arrears):
            pieces = apply_stub_rules(due, span, billing, plan.rules)
            if pieces.starts:
                price = plan.price(priced, billing, context)
                if price.warnings:
                    notes += warnings_of(charge, price.warnings, context)
                found.append(
                    recurring_rows(price, pieces, plan.facts, segment_start, context.rounding, context.request.explain)
                )
    return found


def billed_before(charge_type: ChargeType, charge: Charge, context: Context, begins: bool) -> Rows | None:
    """The items of a segment that were billed before, as they must have been; None for usage and where there are none.

    `begins` tells whether the charge itself starts with the segment.
    """
    start, through = start_of(charge), charge.charged_through_date
    if through is None or through < start:
        return None
    if charge_type is ChargeType.ONE_TIME:
        return _one_time(charge, start, context, [], credit=False)
    if charge_type is ChargeType.USAGE:
        return None
    rules, billing = proration_rules(charge, context.account.rules), billings_of(charge, context)[0][1]
    price = recurring_price(charge, billing, rules, context)
    pieces = billed_cut(Span(start, through, begins, ends=False), billing, rules)
    facts = facts_of(charge, context.subscription, charge_type, context.transient)
    return recurring_rows(price, pieces, facts, start, context.rounding, context.request.explain)


def segment_spans(
    charge: Charge, billed: date | None, end: ChargeEnd, context: Context, begins: bool, ends: bool
) -> list[tuple[Charge, Span, date]]:
    """The spans of a segment from `billed` on, one per price: (charge at its price, span, start of the price)."""
    segments = priced_segments(charge, start_of(charge), end.end, context.terms, context.account.catalog)
    spans = []
    for position, (priced, segment_start, segment_end) in enumerate(segments):
        first, last = position == 0, position == len(segments) - 1
        resumes = billed is not None and billed > segment_start
        span_start = billed if resumes and billed is not None else segment_start
        if span_start >= segment_end:
            continue
        rebased = resumes and span_start not in context.terms.starts
        begins_here, ends_here = begins and first and not resumes, ends and last
        span = Span(span_start, segment_end, begins_here, ends_here, end.straddles and last, rebased)
        spans.append((priced, span, segment_start))
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
    billings: Sequence[tuple[date, Billing]], span: Span, target: date, in_arrears: bool
) -> list[tuple[Billing, Cut]]:
    """Cuts a span on the grid of the term that each period starts in: (grid, its periods), in time order.

    A period is never cut where the grid changes; what is left to the new grid's next boundary is a stub of the new
    grid.
    """
    if len(billings) == 1:
        return [(billings[0][1], cut(span, billings[0][1], target, in_arrears))]
    found = []
    start = span.start
    while start < span.end and start <= target:
        position = max((place for place, (since, _) in enumerate(billings) if since <= start), default=0)
        billing = billings[position][1]
        change = billings[position + 1][0] if position + 1 < len(billings) else FOREVER
        stop = billing.grid.boundary(billing.grid.index(change - _DAY) + 1) if change < FOREVER else span.end
        part = span._replace(start=start, end=min(stop, span.end), straddles=span.straddles and stop >= span.end)
        pieces = cut(part, billing, target, in_arrears)
        if len(pieces):
            found.append((billing, pieces))
        start = stop
    return found
