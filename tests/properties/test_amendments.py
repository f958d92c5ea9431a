"""Properties of amended subscriptions, day by day: each day of service is billed once, and no other day.

segments      |---- 100 ----|------- 200 -------|-- 300 --- …      any of them may end or start on the term's end
pause                             |........|
billed        |---- 100 ----|-200-|        |-200-|-- 300 --- …
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge
from soapsvc.engine.result import InvoiceItem
from soapsvc.engine.schedule import add_months
from tests.properties.strategies import amended as made
from tests.properties.strategies.accounts import targets
from tests.properties.strategies.amended import Amended, Life, Run
from tests.support.building import answer, sound

RENEWALS = st.sampled_from(["None", "All"])
_DAY = timedelta(1)


def items_of(found: Amended, target: date, renew: str) -> list[InvoiceItem]:
    return list(sound(answer(found.whole, target, renew=renew)).items())


def days_of(items: Iterable[InvoiceItem]) -> Counter[date]:
    """How often each day is billed."""
    found: Counter[date] = Counter()
    for item in items:
        found.update(days(item.service_start, item.service_end))
    return found


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(offset) for offset in range((end - start).days)]


def of_charge(items: Iterable[InvoiceItem], number: str) -> list[InvoiceItem]:
    return [each for each in items if each.facts.charge_number == number and each.facts.processing_type == "Charge"]


def must_be_billed(life: Life, run: Run, target: date) -> list[date]:
    """The days of a run that no preview up to the target may leave out: in arrears those of periods surely over."""
    last = target + _DAY if not life.in_arrears else target - timedelta(life.longest)
    return days(run[0], min(run[1], last))


@given(made.amended(), targets, RENEWALS)
def test_each_day_of_service_is_billed_once_and_no_other(found: Amended, target: date, renew: str) -> None:
    """Over all segments, term grids and pauses, where the tenant bills every stub."""
    items = items_of(found, target, renew)
    for number, life in found.lives.items():
        billed = days_of(of_charge(items, number))
        assert set(billed.values()) <= {1}
        served = life.served(target, renew)
        for run in served:
            assert not [day for day in must_be_billed(life, run, target) if day not in billed]
            inside = [day in billed for day in days(*run)]
            assert inside == sorted(inside, reverse=True), "a run is billed from its start on"
        for day in billed:
            in_service = any(start <= day < end for start, end in served)
            assert in_service or life.may_run_past_the_term(day, target, renew)


@given(made.amended(made.STUB_RULES), targets, RENEWALS)
def test_stub_rules_leave_out_or_add_less_than_a_period_at_the_ends_of_a_run(
    found: Amended, target: date, renew: str
) -> None:
    """No day is billed twice. A run may lack days at its two ends, and be billed beyond its end, as the rules say."""
    items = items_of(found, target, renew)
    for number, life in found.lives.items():
        billed = days_of(of_charge(items, number))
        assert set(billed.values()) <= {1}
        for run in life.served(target, renew):
            missing = [day for day in must_be_billed(life, run, target) if day not in billed]
            first = next((day for day in days(*run) if day in billed), run[1])
            stubs = 2 if first == run[1] else 1  # a run of two stubs alone may lack both
            assert (first - run[0]).days < stubs * life.longest or first > target
            left_out = [day for day in missing if day >= first]
            assert not left_out or (run[1] - left_out[0]).days < life.longest
        for day in billed:
            near = any(start <= day < end + timedelta(life.longest) for start, end in life.served(target, renew))
            assert near or life.may_run_past_the_term(day, target, renew)


@given(made.amended() | made.amended(made.STUB_RULES), targets, RENEWALS)
def test_nothing_starts_after_the_target_or_ends_after_it_in_arrears(found: Amended, target: date, renew: str) -> None:
    for item in items_of(found, target, renew):
        life = found.lives.get(item.facts.charge_number)
        assert item.service_start <= target
        assert life is None or not life.in_arrears or item.service_end <= target


@given(made.amended(), targets, RENEWALS)
def test_a_discount_reduces_an_item_once(found: Amended, target: date, renew: str) -> None:
    """Its segments hold one after the other."""
    for block in sound(answer(found.whole, target, renew=renew)).blocks:
        reduced = Counter((row, each.facts.charge_number) for each in block.discounts for row in each.applied_to or ())
        assert set(reduced.values()) <= {1}


def opening_of(coupon: Charge, anchor: date, day: date, bill_cycle_day: int) -> date:
    """The start of the period of a coupon's grid in which a day lies; the grid hangs on its first segment's start."""
    first = add_months(anchor.replace(day=1), 0, bill_cycle_day)
    first = first if first >= anchor else add_months(first, 1, bill_cycle_day)
    length = {"Month": 1, "Quarter": 3, "Annual": 12}[coupon.billing_period or ""]
    opens = [add_months(first, count * length, bill_cycle_day) for count in range(-1, 120)]
    return max(each for each in opens if each <= day)


@given(made.amended() | made.amended(made.STUB_RULES), targets, RENEWALS)
def test_a_fixed_amount_takes_no_more_than_its_balance(found: Amended, target: date, renew: str) -> None:
    """Whatever is removed, paused, repriced or renewed, of the charges and of the discount itself."""
    coupons = {each.id: each for each in found.whole.subscriptions[0].charges if each.discount_amount is not None}
    anchor = min((each.effective_start_date or date.max for each in coupons.values()), default=date.max)
    taken: dict[tuple[str, date], Decimal] = {}
    for item in items_of(found, target, renew):
        coupon = coupons.get(item.facts.rate_plan_charge_id)
        if coupon is not None:
            opens = opening_of(coupon, anchor, item.service_start, found.whole.bill_cycle_day)
            taken[coupon.id, opens] = taken.get((coupon.id, opens), Decimal(0)) - item.amount
    for (segment, _), amount in taken.items():
        assert 0 <= amount <= (coupons[segment].discount_amount or 0)


@given(made.amended() | made.amended(made.STUB_RULES), targets, RENEWALS)
def test_usage_is_rated_in_the_period_that_it_lies_in(found: Amended, target: date, renew: str) -> None:
    """That no day is billed twice or left out says the rest: each unit is rated once."""
    for item in of_charge(items_of(found, target, renew), "C-U"):
        inside = [each for each in found.whole.usage if item.service_start <= each.start_date < item.service_end]
        assert item.quantity == len(inside)
