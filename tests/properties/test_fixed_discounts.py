"""Properties of fixed-amount discounts over versions and segments, whatever they reduce."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge, Subscription
from soapsvc.engine.result import InvoiceItem
from soapsvc.engine.schedule import add_months
from tests.properties.strategies import accounts as made
from tests.support.building import (
    account,
    amount_off,
    answer,
    metered,
    one_time,
    recurring,
    segments,
    sound,
    subscription,
    used,
)
from tests.support.examples import examples

START = date(2023, 1, 1)
CENT = Decimal("0.01")
MONTHS = {"Month": 1, "Quarter": 3, "Annual": 12}

offsets = st.integers(0, 120)
targets = st.integers(0, 600).map(lambda offset: START + timedelta(offset))
versions = st.sampled_from([None, 1, 2, 3])


def day(offset: int) -> date:
    return START + timedelta(offset)


@st.composite
def charges(draw: st.DrawFn, number: str) -> list[Charge]:
    """One charge of one or two segments, a one-time or a usage charge, of any version, not billed yet."""
    version, begins = draw(versions), day(draw(offsets))
    price = draw(st.decimals(-20, 300, places=2))
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return [one_time(price, begins, number=number, version=version)]
    if kind == 1:
        return [metered(price / 10, begins, number=number, version=version)]
    period = {"billing_period": draw(st.sampled_from(["Month", "Quarter", "Week", "Annual"]))}
    first = recurring(price, begins, number=number, version=version, **period)
    if draw(st.booleans()):
        return [first]
    border = begins + timedelta(draw(st.integers(1, 200)))
    second = recurring(draw(st.decimals(0, 300, places=2)), border, number=number, version=draw(versions), **period)
    return list(segments(first, second))


@st.composite
def coupons(draw: st.DrawFn) -> list[Charge]:
    """A classic fixed amount in one or two segments, for some time."""
    begins = day(draw(offsets))
    fields: dict[str, Any] = {
        "billing_period": draw(st.sampled_from([*MONTHS])),
        "discount_level": draw(st.sampled_from(["subscription", "account"])),
    }
    amounts = st.decimals(0, 600, places=2)
    ends = begins + timedelta(draw(st.integers(20, 500)))
    first = amount_off(draw(amounts), begins, ends, **fields)
    if draw(st.booleans()):
        return list(segments(first))
    border = begins + timedelta(draw(st.integers(1, 300)))
    return list(segments(replace(first, effective_end_date=border), amount_off(draw(amounts), border, **fields)))


@st.composite
def couponed(draw: st.DrawFn) -> Account:
    """An account of one or two subscriptions for four years; the first one has a coupon, the only discount."""
    parts = []
    for position in range(draw(st.integers(1, 2))):
        numbers = [f"A-S{position}-C{place}" for place in range(draw(st.integers(2, 4)))]
        own = [segment for number in numbers for segment in draw(charges(number))]
        own += draw(coupons()) if position == 0 else []
        parts.append(subscription(*own, start=START, end="2027-01-01", subscription_number=f"A-S{position}"))
    usage = tuple(used(str(day(offset)), 1) for offset in range(0, 600, 7))
    return account(*parts, bill_cycle_day=draw(made.bill_days), usage=usage)


class Reduced(NamedTuple):
    """An item, the segment that it is of, and what is taken off it by each segment of the coupon."""

    item: InvoiceItem
    charge: Charge
    taken: dict[str, Decimal]


def reduced_items(whole: Account, target: date) -> list[Reduced]:
    """All charge items in the order in which they use balances up."""
    charge_of = {
        (each.subscription_number, charge.id): charge for each in whole.subscriptions for charge in each.charges
    }
    found: list[Reduced] = []
    for item in sound(answer(whole, target)).items():
        if item.applied_to is None:
            charge = charge_of[item.facts.subscription_number, item.facts.rate_plan_charge_id]
            found.append(Reduced(item, charge, {}))
        else:
            found[-1].taken[item.facts.rate_plan_charge_id] = -item.amount
    return sorted(found, key=rank)


def rank(reduced: Reduced) -> tuple[Any, ...]:
    charge = reduced.charge
    return (charge.version or 1, charge.segment or 1, charge.effective_start_date, charge.number,
            reduced.item.service_start)  # fmt: skip


def window_of(coupon: Charge) -> tuple[date, date]:
    start, end = coupon.effective_start_date, coupon.effective_end_date
    assert start is not None
    assert end is not None
    return start, end


def balances(coupon: Charge, bill_cycle_day: int, until: date) -> Iterator[tuple[date, date, Fraction]]:
    """The days on which each period of a coupon segment is open, and what it opens with, counted by days."""
    opened, closed = window_of(coupon)
    assert coupon.discount_amount is not None
    months = MONTHS[coupon.billing_period or ""]
    anchor = coupon.original_effective_start_date or opened
    first = add_months(anchor.replace(day=1), 0, bill_cycle_day)
    first = first if first >= anchor else add_months(first, 1, bill_cycle_day)
    for count in range(-1, 60):
        opens = add_months(first, count * months, bill_cycle_day)
        closes = add_months(first, (count + 1) * months, bill_cycle_day)
        start, end = max(opens, opened), min(closes, closed)
        if start < end and start <= until:
            yield start, end, Fraction(coupon.discount_amount) * Fraction((end - start).days, (closes - opens).days)


def reducible(found: list[Reduced], coupon: Charge, owner: Subscription, start: date, end: date) -> list[Reduced]:
    wide = coupon.discount_level == "account"
    return [
        each
        for each in found
        if start <= each.item.service_start < end
        and each.item.amount > 0
        and (wide or each.item.facts.subscription_number == owner.subscription_number)
    ]


@examples(150)
@given(couponed(), targets)
def test_a_period_takes_no_more_than_its_balance_and_leaves_none_while_there_is_something_to_reduce(
    whole: Account, target: date
) -> None:
    found = reduced_items(whole, target)
    owner = whole.subscriptions[0]
    for coupon in (charge for charge in owner.charges if "Discount" in charge.model):
        for start, end, balance in balances(coupon, whole.bill_cycle_day, target):
            items = reducible(found, coupon, owner, start, end)
            taken = [each.taken.get(coupon.id, Decimal(0)) for each in items]
            wanted = min(balance, Fraction(sum((each.item.amount for each in items), Decimal(0))))
            assert abs(Fraction(sum(taken, Decimal(0))) - wanted) <= Fraction(CENT) / 2
            spent = False
            for each, amount in zip(items, taken, strict=True):
                assert not (spent and amount > 0), "a later charge is reduced though an earlier one is not paid off"
                spent = spent or amount < each.item.amount


@examples(60)
@given(couponed(), targets)
def test_nothing_else_is_taken_off(whole: Account, target: date) -> None:
    """Outside the open days of the coupon, off negative items, and off subscriptions beyond its level."""
    owner = whole.subscriptions[0]
    found = reduced_items(whole, target)
    for coupon in (charge for charge in owner.charges if "Discount" in charge.model):
        inside = reducible(found, coupon, owner, *window_of(coupon))
        rows = {id(each) for each in inside}
        assert [each for each in found if coupon.id in each.taken and id(each) not in rows] == []
