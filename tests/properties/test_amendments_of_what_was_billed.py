"""Changes after billing: no day is paid twice, and the excess is credited.

billed        |------------------ a year ------------------|
amended                |-- removed, repriced, paused …
credit                 |=============== back ==============|      billed + credits = the price of the time
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge
from soapsvc.engine.lifecycle import bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, InvoiceItem, PreviewRequest
from tests.properties.strategies import amended as made
from tests.properties.strategies.accounts import PERIODS, TIMINGS, bill_days, rules
from tests.properties.strategies.amended import Amended, Life
from tests.properties.test_amendments import days_of, must_be_billed, of_charge
from tests.support.building import AS_OF, account, answer, numbered, recurring, sound, subscription
from tests.support.examples import examples

CENT = Decimal("0.01")


def previewed(whole: Account, target: date, renew: str) -> list[InvoiceItem]:
    return list(sound(answer(whole, target, renew=renew)).items())


def total(items: list[InvoiceItem]) -> Decimal:
    return sum((item.amount for item in items), Decimal(0))


def billed(whole: Account, target: date, renew: str) -> tuple[list[InvoiceItem], Account]:
    """The items of an invoice, and the account after it."""
    request = PreviewRequest(target, AssumeRenewal(renew))
    result = sound(preview(whole, request, AS_OF))
    return list(result.items()), bill(whole, request, result)


@examples(60)
@given(
    made.amended(fixed=False) | made.amended(made.STUB_RULES, fixed=False),
    st.lists(st.integers(0, 1000), min_size=1, max_size=5),
    st.booleans(),
)
def test_amended_subscriptions_are_billed_in_steps_as_at_once(found: Amended, steps: list[int], renews: bool) -> None:
    """With the renewals assumed that are to come, nothing is cut at the end of a term but for good.

    Not so where one charged-through date stands for what was billed before a pause and for what was billed after it: of
    what is billed beyond the start of a pause the rest is credited and is billed anew (billing rules, 5). An export
    splits the segments of a pause in the current term; of one in a term that is only assumed nothing tells.
    Nor with a fixed amount: in steps the item that is billed first takes of a balance, at once that of the charge which
    comes first (8.4).
    """
    terms = next(iter(found.lives.values())).terms
    assume(terms.pause is None or terms.pause[1] < terms.end or terms.pause[1] == date.max)
    renew = "All" if renews else "None"
    assume(not renews or terms.renewal_months)
    whole = replace(made.split(found.whole, terms), rules=replace(found.whole.rules, **made.past_end(renews)))
    targets = sorted(terms.start + timedelta(step) for step in steps)
    invoiced: Counter[str] = Counter()
    state = whole
    for target in targets:
        items, state = billed(state, target, renew)
        invoiced += Counter(map(numbered, items))
    assert invoiced == Counter(map(numbered, previewed(whole, targets[-1], renew)))


def before_its_changes(life: Life) -> Charge:
    """The charge as it was at first: at its first price, to the end of the term."""
    terms = life.terms
    return replace(
        life.segments[0], effective_end_date=max(life.start, terms.end), removed=False, charged_through_date=None
    )


def billed_then_amended(
    found: Amended, day: date, later: int
) -> tuple[dict[str, Life], list[InvoiceItem], Account, date]:
    """The account billed before the changes were known, the amended account, and a day after them all.

    The discount is as it was, for the whole term, off what recurs.
    """
    lives = found.lives
    terms = next(iter(lives.values())).terms
    unchanged = replace(terms, pause=None, cancelled=None)
    first = replace(found.whole, subscriptions=(made.subscribed(unchanged, *map(before_its_changes, lives.values())),))
    invoiced, after = billed(first, day, "None")
    known = after.subscriptions[0].charges
    parts = []
    parts += known[len(lives) :]
    for charge, life in zip(known, lives.values(), strict=False):
        parts += [replace(life.segments[0], charged_through_date=charge.charged_through_date), *life.segments[1:]]
    changes = [each.effective_start_date for life in lives.values() for each in life.segments]
    changes += [life.ended for life in lives.values()] + [terms.cancelled, *(terms.pause or ())]
    last = max(change for change in (day, *changes) if change is not None and change < date.max)
    amended = replace(found.whole, subscriptions=(made.subscribed(terms, *parts),), usage=after.usage)
    return lives, invoiced, amended, last + timedelta(later)


def never_billed(whole: Account) -> Account:
    (terms,) = whole.subscriptions
    charges = tuple(replace(charge, charged_through_date=None) for charge in terms.charges)
    return replace(whole, subscriptions=(replace(terms, charges=charges),))


@examples(60)
@given(made.amended(fixed=False), st.integers(0, 700), st.integers(0, 300))
def test_billed_amount_plus_credit_is_the_price_of_the_kept_time(found: Amended, offset: int, later: int) -> None:
    """To the cent: credits are what was billed less what is kept, of percentages too. Each day is paid once in the end.

    Not so with a fixed amount: what is kept absorbs it first (8.7).
    """
    assume(all(life.segments[0].list_price_base != "Per_Year" for life in found.lives.values()))  # rounds cumulatively
    assume(not found.lives["C-1"].terms.past_end)
    day = found.lives["C-1"].terms.start + timedelta(offset)
    lives, invoiced, amended, target = billed_then_amended(found, day, later)
    items = previewed(amended, target, "None")
    at_once = previewed(never_billed(amended), target, "None")
    for number in recurring_of(lives):
        before, after, wanted = (of_charge(each, number) for each in (invoiced, items, at_once))
        assert total(before) + total(after) == total(wanted)
        assert paid(before, after) == days_of(wanted)
    assert reduction(invoiced) + reduction(items) == reduction(at_once)


def reduction(items: list[InvoiceItem]) -> Decimal:
    return total([item for item in items if item.facts.charge_number == "C-D1"])


def recurring_of(lives: dict[str, Life]) -> list[str]:
    return [number for number in lives if number != "C-U"]


def paid(before: list[InvoiceItem], after: list[InvoiceItem]) -> Counter[date]:
    """How often each day is paid for, less how often it was credited."""
    found = days_of(before)
    found.update(days_of(item for item in after if not item.charge_name.endswith("Credit")))
    found.subtract(days_of(item for item in after if item.charge_name.endswith("Credit")))
    return Counter({day: count for day, count in found.items() if count})


@examples(60)
@given(made.amended(made.STUB_RULES), st.integers(0, 700), st.integers(0, 300))
def test_no_day_is_paid_twice_under_any_rule_on_stubs(found: Amended, offset: int, later: int) -> None:
    assume(not found.lives["C-1"].terms.past_end)
    day = found.lives["C-1"].terms.start + timedelta(offset)
    lives, invoiced, amended, target = billed_then_amended(found, day, later)
    items = previewed(amended, target, "None")
    for number in recurring_of(lives):
        assert set(paid(of_charge(invoiced, number), of_charge(items, number)).values()) <= {1}


@examples(60)
@given(made.amended() | made.amended(made.STUB_RULES), st.integers(0, 700), st.integers(0, 300))
def test_billed_usage_is_not_billed_again_nor_credited(found: Amended, offset: int, later: int) -> None:
    """
    billed        |---- unit by unit ----|
    amended            |-- removed, repriced, paused …      what was billed stays billed, the rest is rated once
    """
    day = found.lives["C-U"].terms.start + timedelta(offset)
    lives, invoiced, amended, target = billed_then_amended(found, day, later)
    life = lives["C-U"]
    before, after = (of_charge(each, "C-U") for each in (invoiced, previewed(amended, target, "None")))
    billed = days_of(before) + days_of(after)
    assert set(billed.values()) <= {1}
    assert all(not item.charge_name.endswith("Credit") for item in after)
    for item in after:
        new = [each for each in amended.usage if item.service_start <= each.start_date < item.service_end]
        assert item.quantity == len(new)
        assert all(each.rbe_status is None for each in new)
    if found.whole.rules.bill_usage_partial_month and found.whole.rules.bill_usage_partial_week:
        for run in life.served(target, "None"):
            assert not [each for each in must_be_billed(life, run, target) if each not in billed]


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[Charge, date, dict[str, object], int]:
    """A charge for two years, a day within them, rules and a bill day."""
    period = draw(st.sampled_from(PERIODS))
    in_weeks = period in ("Week", "Specific_Weeks")
    charge = recurring(
        draw(st.decimals(1, 2000, places=2)),
        "2022-01-01",
        "2024-01-01",
        billing_period=period,
        specific_billing_period=draw(st.integers(1, 7)) if period.startswith("Specific") else None,
        billing_day="SpecificDayofWeek/thursday" if in_weeks else "DefaultFromCustomer",
        billing_timing=draw(st.sampled_from(TIMINGS)),
        billing_period_alignment="AlignToSubscriptionStart",
    )
    start = charge.effective_start_date
    assert start is not None
    chosen = {**draw(rules), "decimals": 2, "days_in_month": "UseActualDays"}
    return charge, start + timedelta(draw(st.integers(1, 700))), chosen, draw(bill_days)


def exchanged(charge: Charge, day: date) -> tuple[Charge, Charge]:
    """The same charge removed and added on a day."""
    added = replace(charge, number="C-2", id="C-2-1", effective_start_date=day, charged_through_date=None)
    return replace(charge, effective_end_date=day, removed=True), added


@examples(60)
@given(exchanges(), st.none() | st.integers(0, 700), st.integers(0, 700))
def test_removing_and_adding_a_charge_on_one_day_changes_no_total_but_by_the_rounding_of_its_parts(
    found: tuple[Charge, date, dict[str, object], int], offset_billed: int | None, offset: int
) -> None:
    """One period becomes two items, each rounded; what was billed is credited and is billed anew."""
    charge, day, chosen, bill_cycle_day = found
    whole = account(subscription(charge, end="2024-01-01"), bill_cycle_day=bill_cycle_day, rules=chosen)
    if offset_billed is not None:
        _, whole = billed(whole, date(2022, 1, 1) + timedelta(offset_billed), "None")
    (terms,) = whole.subscriptions
    (known,) = terms.charges
    through = known.charged_through_date or day
    changed = replace(whole, subscriptions=(replace(terms, charges=exchanged(known, day)),))
    # In arrears the parts are due apart from the whole; what was billed too far is billed anew when it is due.
    target = date(2024, 1, 1) if charge.billing_timing == "IN_ARREARS" else max(day, through) + timedelta(offset)
    assert abs(total(previewed(changed, target, "None")) - total(previewed(whole, target, "None"))) <= CENT
