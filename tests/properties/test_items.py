"""Properties of the items of any account, whatever its charges and rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge
from soapsvc.engine.lifecycle import bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import Block, InvoiceItem, PreviewRequest, PreviewResult
from tests.properties.strategies import accounts as made
from tests.properties.strategies.everything import map_charges
from tests.support.building import (
    AS_OF,
    account,
    amount_off,
    answer,
    numbered,
    percent_off,
    recurring,
    segments,
    sound,
    subscription,
)
from tests.support.examples import examples

RENEWALS = st.sampled_from(["None", "All", "Autorenew"])


def previewed(whole: Account, target: date, renew: str = "None") -> PreviewResult:
    return sound(answer(whole, target, renew=renew))


def charge_series(result: PreviewResult) -> Iterator[Block]:
    """The recurring charges, with their stubs (so called by a flag) but without what is credited."""
    recurring_blocks = (block for block in result.blocks if block.series.facts.charge_type == "Recurring")
    return (block for block in recurring_blocks if not any(block.series.credits or ()))


def lines(items: Iterable[InvoiceItem]) -> list[str]:
    return [numbered(item) for item in items]


@given(made.accounts(), made.targets, RENEWALS)
def test_periods_of_a_charge_follow_one_another_without_gap_or_overlap(
    whole: Account, target: date, renew: str
) -> None:
    for block in charge_series(previewed(whole, target, renew)):
        periods = list(zip(block.series.starts, block.series.ends, strict=True))
        assert all(start < end for start, end in periods)
        assert all(former[1] == latter[0] for former, latter in pairwise(periods))


@given(made.accounts(), made.targets, RENEWALS, st.data())
def test_nothing_is_billed_before_the_charged_through_date(
    whole: Account, target: date, renew: str, data: st.DataObject
) -> None:
    through = data.draw(made.days)
    (first, *others) = whole.subscriptions
    charges = tuple(
        replace(charge, charged_through_date=through)
        if "Discount" not in charge.model and (charge.effective_end_date or through) >= through
        else charge
        for charge in first.charges
    )
    billed = {charge.number for charge in charges if charge.charged_through_date is not None}
    moved = replace(whole, subscriptions=(replace(first, charges=charges), *others))
    for block in charge_series(previewed(moved, target, renew)):
        if block.series.facts.charge_number in billed:
            assert block.series.starts[0] >= through


@given(made.accounts(stubs=False), made.targets, RENEWALS)
def test_every_item_is_due(whole: Account, target: date, renew: str) -> None:
    timing = {charge.number: charge.billing_timing for each in whole.subscriptions for charge in each.charges}
    for item in previewed(whole, target, renew).items():
        if item.facts.processing_type != "Charge":
            continue
        if item.facts.charge_type == "OneTime" or timing[item.facts.charge_number] == "IN_ADVANCE":
            assert item.service_start <= target
        else:
            assert item.service_end <= target


def _ends_on_its_own(charge: Charge) -> bool:
    return charge.apply_to_billing_period_partially and charge.discount_level == "account"


@given(made.accounts(fixed=False, past_end=True), made.targets, st.integers(0, 400), RENEWALS)
def test_an_earlier_target_shows_a_part_of_what_a_later_one_shows(
    whole: Account, target: date, further: int, renew: str
) -> None:
    """Past the end of term nothing is cut, so that a renewal more does not change an item that was shown before.

    An enhanced discount of the account is left out: it reduces items of all subscriptions up to the end of the terms of
    its own, which moves when these are renewed.
    """
    assume(not any(_ends_on_its_own(charge) for each in whole.subscriptions for charge in each.charges))
    earlier = Counter(lines(previewed(whole, target, renew).items()))
    later = Counter(lines(previewed(whole, target + timedelta(further), renew).items()))
    assert earlier <= later


@given(made.accounts(past_end=False), made.targets, st.integers(0, 400))
def test_the_same_without_renewals_and_with_terms_that_cut(whole: Account, target: date, further: int) -> None:
    """Fixed amounts too, of which a later target may move the balance from one charge to another, not the charges."""

    def charges(result: PreviewResult) -> Counter[str]:
        return Counter(lines(item for item in result.items() if item.facts.processing_type == "Charge"))

    earlier, later = previewed(whole, target), previewed(whole, target + timedelta(further))
    assert charges(earlier) <= charges(later)


@given(made.accounts(), made.targets, RENEWALS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(whole: Account, target: date, renew: str, random: object) -> None:
    mixed = [
        replace(each, charges=tuple(shuffled(each.charges, random))) for each in shuffled(whole.subscriptions, random)
    ]
    again = previewed(replace(whole, subscriptions=tuple(mixed)), target, renew)
    assert lines(again.items()) == lines(previewed(whole, target, renew).items())


def shuffled(things: Iterable[object], random: object) -> list[object]:
    mixed = list(things)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    return mixed


@examples(60)
@given(
    made.days,
    st.lists(st.integers(1, 100), min_size=1, max_size=3),
    st.integers(1, 400),
    st.sampled_from(["Month", "Quarter", "Annual", "Week"]),
    st.integers(1, 20),
    st.booleans(),
)
def test_a_balance_is_used_up_alike_in_steps_and_at_once(
    start: date, monthly: list[int], amount: int, period: str, months: int, enhanced: bool
) -> None:
    """One fixed amount on several charges in advance, billed every 30 days or looked at once.

    Charges and the sum of what is taken off are the same. Which charge it is taken off depends on the invoice: on one
    for several months the first charge comes before the second, month by month they take turns.
    """
    charges = [recurring(price, start, number=f"C-{position}") for position, price in enumerate(monthly)]
    coupon = amount_off(amount, start, billing_period=period, apply_to_billing_period_partially=enhanced)
    whole = account(subscription(*charges, coupon), bill_cycle_day=start.day)
    target = start + timedelta(30 * months)
    invoiced: Counter[str] = Counter()
    taken = Decimal(0)
    state = whole
    for step in range(months + 1):
        request = PreviewRequest(start + timedelta(30 * step))
        result = sound(preview(state, request, AS_OF))
        invoiced += Counter(lines(item for item in result.items() if item.applied_to is None))
        taken += taken_off(result)
        state = bill(state, request, result)
    at_once = previewed(whole, target)
    assert invoiced == Counter(lines(item for item in at_once.items() if item.applied_to is None))
    assert taken == taken_off(at_once)


def taken_off(result: PreviewResult) -> Decimal:
    return sum((item.amount for item in result.items() if item.applied_to is not None), Decimal(0))


@given(made.recurring_charges(), st.integers(1, 600), made.bill_days, st.booleans())
def test_splitting_a_segment_without_a_price_change_moves_the_total_by_the_rounding_of_one_item_at_most(
    charge: Charge, offset: int, bill_cycle_day: int, month_first: bool
) -> None:
    """Days are counted as they are: parts of months of 30 days do not sum to the whole. Everything is due.

    Nor do parts by day where whole months of a price per month count as months (2.2): those are split by months.
    """
    month_first = month_first or charge.list_price_base == "Per_Month"
    assume(charge.list_price_base != "Per_Year")  # rounds cumulatively within a segment
    start = charge.effective_start_date
    assert start is not None
    split_on = start + timedelta(offset)
    end = charge.effective_end_date or start + timedelta(700)
    assume(split_on < end)
    unit = {"proration_unit": "ProrateByMonthFirst" if month_first else "ProrateByDay"}
    parts = (
        replace(charge, effective_end_date=None),
        replace(charge, effective_start_date=split_on, effective_end_date=end),
    )
    totals = []
    for charges in ((replace(charge, effective_end_date=end),), segments(*parts)):
        terms = subscription(*charges, start=start, end=start + timedelta(701))
        items = previewed(account(terms, rules=unit, bill_cycle_day=bill_cycle_day), end).items()
        totals.append(sum((item.amount for item in items), Decimal(0)))
    assert abs(totals[0] - totals[1]) <= Decimal("0.01")


@given(made.accounts(), made.targets, RENEWALS, st.sampled_from(["NetAmount", "TaxAmount"]), st.integers(1, 27))
def test_net_and_tax_of_every_item_sum_to_its_gross(
    whole: Account, target: date, renew: str, rounding: str, percent: int
) -> None:
    inclusive = replace(whole, rules=replace(whole.rules, tax_inclusive_rounding=rounding))
    taxed = map_charges(inclusive, lambda charge: replace(charge, tax_rate=Decimal(percent) / 100))
    gross = [item.amount for item in previewed(whole, target, renew).items()]
    split = [item.amount + item.tax_amount for item in previewed(taxed, target, renew).items()]
    assert split == gross


@given(made.recurring_charges(), made.targets, made.bill_days, made.rules, st.booleans())
def test_a_discount_of_100_percent_leaves_nothing(
    charge: Charge, target: date, bill_cycle_day: int, rules: dict[str, object], enhanced: bool
) -> None:
    start = charge.effective_start_date
    assert start is not None
    everything = percent_off(100, start, "2099-01-01", apply_to_billing_period_partially=enhanced)
    whole = account(
        subscription(charge, everything, start=start, end=start.replace(year=start.year + 3, day=1)),
        rules=rules,
        bill_cycle_day=bill_cycle_day,
    )
    items = list(previewed(whole, target).items())
    assert sum((item.amount for item in items if item.amount > 0 or item.applied_to is not None), Decimal(0)) == 0


@given(made.accounts(), made.targets, RENEWALS)
def test_discounts_never_take_more_than_their_item(whole: Account, target: date, renew: str) -> None:
    for block in previewed(whole, target, renew).blocks:
        left = list(block.series.amounts)
        for discount in block.discounts:
            for position, amount in zip(discount.applied_to or (), discount.amounts, strict=True):
                assert amount < 0
                left[position] += amount
        assert all(rest >= 0 or rest == amount for rest, amount in zip(left, block.series.amounts, strict=True))


@given(made.accounts(), made.targets, RENEWALS)
def test_explaining_changes_no_amount(whole: Account, target: date, renew: str) -> None:
    plain = previewed(whole, target, renew)
    explained = sound(answer(whole, target, renew=renew, explain=True))
    assert lines(explained.items()) == lines(plain.items())
    for item in explained.items():
        assert item.trace is not None
        assert item.trace.rounded == item.amount
        assert list(item.trace.lines())


@given(made.accounts(), made.targets, RENEWALS)
def test_an_empty_preview_has_a_reason(whole: Account, target: date, renew: str) -> None:
    result = previewed(whole, target, renew)
    assert len(result) or [note for note in result.notes if note.kind == "reason"]
