"""Subscriptions made by Hypothesis that were amended: price changes, plans added and removed, pauses, cancellations.

Every change may fall on any day, also on the term's end or in a term that is only assumed. `Life` computes without the
engine, day by day, when a charge has service.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge, Subscription, UsageRecord
from tests.properties.strategies import accounts as made
from tests.support.building import account, amount_off, metered, percent_off, recurring, subscription, used

EVERY_STUB: dict[str, Any] = {}
STUB_RULES = st.sampled_from(
    [
        {"bill_recurring_partial_month": False, "bill_usage_partial_month": False},
        {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": False},
        {"bill_recurring_partial_week": False, "bill_usage_partial_week": False},
    ]
)
_DAY = timedelta(1)
_LONGEST = {"Month": 31, "Quarter": 93, "Semi_Annual": 186, "Annual": 366, "Eighteen_Months": 550, "Week": 7}

Run = tuple[date, date]


@dataclass(frozen=True)
class Terms:
    """A subscription's time: its current term, the length of those that follow, its pause, and where it stops."""

    start: date
    end: date
    renewal_months: int = 0
    pause: Run | None = None
    cancelled: date | None = None
    past_end: bool = False

    @property
    def stop(self) -> date:
        """The day from which there is no service: cancelled, or suspended for good."""
        open_pause = self.pause[0] if self.pause and self.pause[1] == date.max else date.max
        return min(open_pause, self.cancelled or date.max)

    def last_end(self, target: date, renew: str) -> date:
        """The end of the last term that the preview assumes."""
        end, count = self.end, 0
        while renew == "All" and self.renewal_months and end <= target and end < self.stop:
            count += 1
            end = self.end + relativedelta(months=self.renewal_months * count)
        return end

    def without_late_pause(self, renew: str) -> Terms:
        """The same without a pause that begins after a term that is not renewed: there is no service to suspend."""
        is_late = self.pause is not None and self.pause[0] >= self.end
        return replace(self, pause=None) if is_late and not (renew == "All" and self.renewal_months) else self

    def runs(self, start: date, end: date) -> list[Run]:
        """`[start, end)` without the pause and what comes after the end."""
        end = min(end, self.stop)
        if self.pause is None:
            return [(start, end)] if start < end else []
        parts = [(start, min(end, self.pause[0])), (max(start, self.pause[1]), end)]
        return [(first, last) for first, last in parts if first < last]


@dataclass(frozen=True)
class Life:
    """The service of a charge: from `start` to `ended`, or as long as its terms last."""

    terms: Terms
    start: date
    ended: date | None
    in_arrears: bool
    longest: int
    """The days of its longest billing period."""
    segments: tuple[Charge, ...] = field(repr=False, default=())

    def served(self, target: date, renew: str) -> list[Run]:
        """The runs of days with service under the terms that the preview assumes."""
        return self.terms.runs(self.start, min(self.ended or date.max, self.terms.last_end(target, renew)))

    def may_run_past_the_term(self, day: date, target: date, renew: str) -> bool:
        """Whether the last billed period may include this day, although it is after the last term."""
        past = self.terms.past_end and day >= self.terms.last_end(target, renew)
        runs = self.terms.without_late_pause(renew).runs(self.start, self.ended or date.max)
        return past and any(first <= day < last for first, last in runs)


class Amended:
    """An account of one subscription with its charges' lives, by number."""

    def __init__(self, whole: Account, lives: dict[str, Life]) -> None:
        self.whole = whole
        self.lives = lives

    def __repr__(self) -> str:
        """The text of a failing example: accounts and their usage would be too long to read."""
        set_fields = ("effective_start_date", "effective_end_date", "removed", "price", "billing_period")
        lines = [repr(next(iter(self.lives.values())).terms), repr(self.whole.rules), str(self.whole.bill_cycle_day)]
        for charge in self.whole.subscriptions[0].charges:
            lines.append(f"{charge.id}: " + ", ".join(f"{name}={getattr(charge, name)}" for name in set_fields))
            lines.append(f"    {charge.billing_day} {charge.billing_period_alignment} {charge.specific_billing_period}")
        return "\n".join(lines)


def near(*days: date) -> st.SearchStrategy[date]:
    """Any day of two years, often one of those given or a neighbour of one."""
    anywhere = st.integers(0, 700).map(lambda offset: days[0] + timedelta(offset))
    beside = st.tuples(st.sampled_from(days), st.integers(-1, 1)).map(lambda found: found[0] + timedelta(found[1]))
    return st.sampled_from(days) | beside | anywhere


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """A term of 1 to 14 months, its renewal, perhaps a pause and a cancellation anywhere."""
    start = draw(made.days)
    end = (start + relativedelta(months=draw(st.integers(1, 14)))).replace(day=min(start.day, 28))
    found = Terms(start, end, draw(st.sampled_from([0, 1, 4, 12])), past_end=draw(st.booleans()))
    if draw(st.booleans()):
        paused = draw(near(end, start).filter(lambda day: day > start))
        length = draw(st.none() | st.integers(1, 150))
        found = replace(found, pause=(paused, date.max if length is None else paused + timedelta(length)))
    if draw(st.integers(0, 3)) == 0:
        found = replace(found, cancelled=draw(near(end, start).filter(lambda day: day > start)))
    return found


@st.composite
def charges(draw: st.DrawFn, within: Terms, number: str, *, usage: bool = False) -> Life:
    """A charge added on any day, with up to three segments, perhaps removed on any day."""
    start = draw(st.just(within.start) | near(within.start, within.end)).replace()
    start = max(start, within.start)
    form = draw(made.recurring_charges(number, st.just(start)))
    prices = draw(st.lists(st.decimals(1, 500, places=2), min_size=1, max_size=3))
    changes = sorted(draw(near(start, within.end)) for _ in prices[1:])
    starts = [start, *(max(start, day) for day in changes)]
    removed = draw(st.none() | near(within.end, start))
    if removed is not None:
        removed = max(removed, starts[-1])
    shared = {
        name: getattr(form, name)
        for name in (
            *("billing_period", "specific_billing_period", "billing_day", "billing_timing"),
            *("billing_period_alignment", "list_price_base"),
        )
    }
    if usage:
        shared.update(billing_timing=None, list_price_base=None)
    segments = []
    for position, (price, begins) in enumerate(zip(prices, starts, strict=True)):
        last = position == len(prices) - 1
        ends = (removed or max(begins, within.end)) if last else starts[position + 1]
        made_by = metered if usage else recurring
        segments.append(
            made_by(
                1 if usage else price,
                begins,
                ends,
                number=number,
                id=f"{number}-{position + 1}",
                segment=position + 1,
                original_effective_start_date=start,
                removed=removed is not None,
                **shared,
            )
        )
    return Life(
        within, start, removed, usage or shared["billing_timing"] == "IN_ARREARS", _longest(form), tuple(segments)
    )


def _longest(charge: Charge) -> int:
    specific = charge.specific_billing_period or 1
    lengths = {"Specific_Months": 31 * specific, "Specific_Weeks": 7 * specific, "Specific_Days": specific}
    return {**_LONGEST, **lengths}[charge.billing_period or ""]


@st.composite
def discounts(draw: st.DrawFn, within: Terms, number: str, *, fixed: bool = True) -> tuple[Charge, ...]:
    """A percentage or a fixed amount a month, quarter or year, in one or two segments, to the term's end or removed."""
    change = draw(st.none() | near(within.end, within.start))
    starts = [within.start] if change is None or change <= within.start else [within.start, change]
    common = {"number": number, "discount_level": "subscription", "removed": draw(st.booleans())}
    if fixed and draw(st.booleans()):
        period = draw(st.sampled_from(["Month", "Quarter", "Annual"]))
        segment = partial(amount_off, billing_period=period, **common)
    else:
        segment = partial(percent_off, **common)
    return tuple(
        segment(
            draw(st.integers(1, 100)),
            begins,
            starts[position + 1] if position + 1 < len(starts) else max(begins, within.end),
            id=f"{number}-{position + 1}",
            segment=position + 1,
        )
        for position, begins in enumerate(starts)
    )


def subscribed(within: Terms, *charges: Charge) -> Subscription:
    """A subscription of such terms."""
    return subscription(
        *charges,
        start=within.start,
        end=within.end,
        auto_renew=within.renewal_months > 0,
        renewal_term=within.renewal_months,
        scheduled_suspend_date=within.pause[0] if within.pause else None,
        scheduled_resume_date=within.pause[1] if within.pause and within.pause[1] < date.max else None,
        scheduled_cancel_date=within.cancelled,
    )


def split(whole: Account, within: Terms) -> Account:
    """The account as an export shows a pause within the current term: every charge has segments before and after it.

    A single segment could not separate the items before the pause from the items after it.
    """
    if within.pause is None or within.pause[1] >= within.end:
        return whole
    (terms,) = whole.subscriptions
    parts: dict[str, list[Charge]] = {}
    for charge in terms.charges:
        begins, ends = charge.effective_start_date, charge.effective_end_date
        assert begins is not None
        assert ends is not None
        runs = replace(within, cancelled=None).runs(begins, ends)
        for first, last in runs:
            segment = len(parts.setdefault(charge.number, [])) + 1
            part = {"segment": segment, "id": f"{charge.number}-{segment}"}
            parts[charge.number].append(replace(charge, effective_start_date=first, effective_end_date=last, **part))
    return replace(whole, subscriptions=(replace(terms, charges=tuple(chain.from_iterable(parts.values()))),))


def past_end(allowed: bool) -> dict[str, bool]:
    """The two rules on billing past the end of the term."""
    return {"invoice_past_end_of_term_auto_renew_on": allowed, "invoice_past_end_of_term_auto_renew_off": allowed}


@st.composite
def amended(
    draw: st.DrawFn, stub_rules: st.SearchStrategy[dict[str, Any]] | None = None, *, fixed: bool = True
) -> Amended:
    """An account of one or two recurring charges, a usage charge with records, and perhaps a discount."""
    within = draw(terms())
    lives = {f"C-{place}": draw(charges(within, f"C-{place}")) for place in range(1, draw(st.integers(2, 3)))}
    lives["C-U"] = draw(charges(within, "C-U", usage=True))
    parts = [segment for life in lives.values() for segment in life.segments]
    if draw(st.booleans()):
        parts += draw(discounts(within, "C-D1", fixed=fixed))
    rules = {
        **draw(made.rules),
        **past_end(within.past_end),
        **(draw(stub_rules) if stub_rules is not None else EVERY_STUB),
    }
    whole = account(subscribed(within, *parts), rules=rules, bill_cycle_day=draw(made.bill_days), usage=records(within))
    return Amended(whole, lives)


def records(within: Terms) -> tuple[UsageRecord, ...]:
    """A unit of usage every five days, for three years."""
    return tuple(used(str(within.start + timedelta(offset)), 1) for offset in range(0, 1100, 5))
