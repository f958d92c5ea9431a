"""Preview, bill, let time pass, preview again …: the invoices are the items that one preview shows at once.

    |-- invoice --|-- invoice --|-- renewal -- invoice --|     =     |------------- one preview ---------------|

Each rule that makes them differ (docs/rules/billing-rules.md, 12) has a property of its own: it says what holds then.
`HYPOTHESIS_TIMES=100 pytest --timeout=0 tests/properties/test_billing_in_steps.py -k makes_the_invoices` tries 20,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Subscription
from soapsvc.engine.lifecycle import advance, bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, Block, InvoiceItem, PreviewRequest, PreviewResult
from tests.properties.strategies import accounts as made
from tests.properties.strategies import amended, everything, renewals
from tests.properties.test_fixed_discounts import couponed
from tests.support.building import AS_OF, sound
from tests.support.examples import examples

steps = st.lists(made.targets, max_size=5).map(sorted)
RULE = pytest.mark.rule("property: billing in steps")
_DAY = timedelta(1)


def asked(day: date, renew: AssumeRenewal = AssumeRenewal.NONE) -> PreviewRequest:
    return PreviewRequest(day, renew, including_evergreen_subscription=True)


def at_once(whole: Account, target: date) -> PreviewResult:
    """One preview that assumes what is to come."""
    return sound(preview(whole, asked(target, AssumeRenewal.AUTORENEW), AS_OF))


def in_steps(whole: Account, days: Sequence[date], target: date) -> list[PreviewResult]:
    """The invoices of bill runs on these days up to the target, and on the target itself."""
    results = []
    for day in (*(day for day in days if day < target), target):
        whole = advance(whole, day)
        results.append(sound(preview(whole, asked(day), AS_OF)))
        whole = bill(whole, asked(day), results[-1])
    return results


def items(results: Iterable[PreviewResult]) -> Iterator[tuple[Block, InvoiceItem]]:
    """All items, those of credit memos with the sign that they have on an invoice."""
    for result in results:
        for blocks, sign in ((result.blocks, 1), (result.credit_memo_blocks, -1)):
            for block in blocks:
                for item in block.items():
                    yield block, replace(item, amount=item.amount * sign + 0, tax_amount=item.tax_amount * sign + 0)


def is_credit(block: Block) -> bool:
    """Whether a block credits what was billed; a block does so with all of its items."""
    return block.series.facts.charge_type != "Usage" and bool(block.series.credits) and block.series.credits[0]


def last_day(terms: Subscription) -> date:
    """The end of the term of a subscription that is not renewed by itself."""
    renews = terms.auto_renew and (terms.renewal_term or terms.renewal_setting == "RENEW_TO_EVERGREEN")
    return date.max if renews or terms.term_end_date is None else terms.term_end_date


def lines(whole: Account, results: Iterable[PreviewResult]) -> Counter[str]:
    """The items, but for what is credited of time after a term that was not renewed: that is billed in steps only."""
    ended = {each.subscription_number: last_day(each) for each in whole.subscriptions}
    return Counter(
        text(item)
        for block, item in items(results)
        if not (is_credit(block) and item.service_start >= ended[block.series.facts.subscription_number])
    )


def text(item: InvoiceItem) -> str:
    facts = item.facts
    return (
        f"{facts.subscription_number} {item.charge_name} {facts.charge_number} {item.service_start}…{item.service_end}"
        f" {item.amount:f} + {item.tax_amount:f} for {item.quantity:f}"
    )


@RULE
@examples(200)
@given(everything.accounts(), made.targets, steps)
def test_billing_in_steps_makes_the_invoices_that_one_preview_shows(
    whole: Account, target: date, days: list[date]
) -> None:
    """Any charge, any rule, any life. Grids that hang on a term are left to a property below."""
    whole = everything.by_no_renewed_term(whole)
    assert lines(whole, in_steps(whole, days, target)) == lines(whole, [at_once(whole, target)])


@RULE
@examples(60)
@given(everything.accounts(on_demand=True), made.targets, steps)
def test_on_demand_the_parts_of_a_period_sum_to_it(whole: Account, target: date, days: list[date]) -> None:
    """
    in steps   |-- 3 --|-- 3 + 4 - 3 --|     at once   |------ 7 ------|     each part is rounded by itself
    """
    whole = everything.by_no_renewed_term(whole)
    stepwise, whole_periods = in_steps(whole, days, target), at_once(whole, target)
    quantities, parts = by_period(stepwise)
    wanted, _ = by_period([whole_periods])
    assert quantities == wanted
    amounts, once = amounts_by_period(stepwise), amounts_by_period([whole_periods])
    unit = Decimal(1).scaleb(-whole.rules.decimals)
    for key in {*amounts, *once}:
        assert abs(amounts.get(key, Decimal(0)) - once.get(key, Decimal(0))) <= unit * (parts[key] + 1)


Period = tuple[str, date]


def by_period(results: Iterable[PreviewResult]) -> tuple[Counter[Period], Counter[Period]]:
    """The units of each usage period, by charge and start, and the number of items that they are on."""
    quantities: Counter[Period] = Counter()
    parts: Counter[Period] = Counter()
    for _, item in items(results):
        if item.facts.charge_type == "Usage":
            key = item.facts.charge_number, item.service_start
            quantities[key] += item.quantity  # type: ignore[assignment]
            parts[key] += 1
    return +quantities, parts


def amounts_by_period(results: Iterable[PreviewResult]) -> dict[Period, Decimal]:
    found: dict[Period, Decimal] = {}
    for _, item in items(results):
        if item.facts.charge_type == "Usage":
            key = item.facts.charge_number, item.service_start
            found[key] = found.get(key, Decimal(0)) + item.amount + item.tax_amount
    return found


@RULE
@examples(60)
@given(renewals.at_another_price())
def test_time_billed_beyond_a_price_change_is_credited_and_billed_at_the_new_price(
    renewed: tuple[Account, date, list[date]],
) -> None:
    """
    in steps   |----------- 100 -----------|     at once   |---- 60 ----|---- 44 ----|
                    credit |---- -40 ------|
                           |----- 44 ------|

    Two roundings may differ by a unit of the amount and one of its tax: that of a percentage, which is of more items,
    and that of a price for longer than the period, which is spread so that the periods sum to it.
    """
    whole, target, days = renewed
    unit = Decimal(1).scaleb(-whole.rules.decimals)
    stepwise, once = netted(whole, in_steps(whole, days, target)), netted(whole, [at_once(whole, target)])
    spread = {
        charge.number for each in whole.subscriptions for charge in each.charges if charge.list_price_base == "Per_Year"
    }
    for key in {*stepwise, *once}:
        allowed = 2 * unit if key.discount != key.charge or key.charge in spread else 0
        assert abs(stepwise.get(key, Decimal(0)) - once.get(key, Decimal(0))) <= allowed, key


def _is_no_credit(pair: tuple[Block, InvoiceItem]) -> bool:
    return not is_credit(pair[0])


class Billed(NamedTuple):
    """What an amount is of: the time of a charge, or what a discount takes off it."""

    subscription: str
    discount: str
    charge: str
    start: date
    end: date


def netted(whole: Account, results: Sequence[PreviewResult]) -> dict[Billed, Decimal]:
    """Amounts by service period: each credit is taken off the item that it credits, which ends where it begins."""
    ended = {each.subscription_number: last_day(each) for each in whole.subscriptions}
    found: dict[Billed, Decimal] = {}
    # What is credited was billed by an earlier result: credits come first.
    for block, item in chain.from_iterable(sorted(items([each]), key=_is_no_credit) for each in results):
        facts, start = item.facts, item.service_start
        owner = facts.subscription_number, facts.charge_number, block.series.facts.charge_number
        gross = item.amount + item.tax_amount
        if not is_credit(block):
            key = Billed(*owner, start, item.service_end)
            found[key] = found.get(key, Decimal(0)) + gross
        elif start < ended[block.series.facts.subscription_number]:
            # A discount that was rounded to nothing has no item, and that of a part of an item begins after the item.
            nothing = Billed(*owner, start, start)
            over = (key for key in found if key[:3] == owner and key.start < item.service_end and start < key.end)
            billed = max(over, default=nothing)
            left = found.pop(billed, Decimal(0)) + gross
            kept = billed._replace(end=max(start, billed.start))
            found[kept] = found.get(kept, Decimal(0)) + left
    return found


@RULE
@examples(60)
@given(couponed(), made.targets, steps)
def test_a_fixed_amount_takes_as_much_in_steps_as_at_once(whole: Account, target: date, days: list[date]) -> None:
    """Of each period's balance no more is used, whichever item takes it: on an invoice the first charge comes first.

    balance 25   at once   |C-1: 20|C-2: 5|     in steps, C-2 billed first   |C-2: 10|C-1: 15|
    """
    stepwise, whole_periods = in_steps(whole, days, target), at_once(whole, target)
    assert charges_of(stepwise) == charges_of([whole_periods])
    assert reductions_of(stepwise) == reductions_of([whole_periods])


def charges_of(results: Iterable[PreviewResult]) -> Counter[str]:
    return Counter(text(item) for _, item in items(results) if item.facts.processing_type == "Charge")


def reductions_of(results: Iterable[PreviewResult]) -> Decimal:
    return sum((item.amount for _, item in items(results) if item.facts.processing_type == "Discount"), Decimal(0))


@RULE
@examples(60)
@given(everything.accounts(), made.targets, steps)
def test_charges_by_terms_billed_before_each_renewal_are_billed_as_in_one_step(
    whole: Account, target: date, days: list[date]
) -> None:
    """A renewal anchors the grid anew for all that is not billed: also for a stub that the tenant does not bill."""
    whole = everything.in_advance(whole)
    stepwise = in_steps(whole, sorted([*days, *around_renewals(whole, target)]), target)
    assert lines(whole, stepwise) == lines(whole, [at_once(whole, target)])


def around_renewals(whole: Account, target: date) -> Iterator[date]:
    """The day before each renewal, and the day itself, on which what was due at the end of the term is billed."""
    for each in whole.subscriptions:
        for day in everything.term_ends(each, target):
            yield from (day - _DAY, day)


@RULE
@examples(60)
@given(amended.amended(fixed=False) | amended.amended(amended.STUB_RULES, fixed=False), made.targets, steps)
def test_an_amended_subscription_is_billed_in_steps_as_in_one(
    found: amended.Amended, target: date, days: list[date]
) -> None:
    """Prices changed, plans removed and added, pauses and cancellations on any day, also in a term yet to come."""
    whole = everything.by_no_renewed_term(found.whole)
    whole = replace(whole, rules=replace(whole.rules, **amended.past_end(True)))
    assert lines(whole, in_steps(whole, days, target)) == lines(whole, [at_once(whole, target)])


@RULE
@examples(60)
@given(everything.accounts(past_end=None), made.targets, steps)
def test_each_day_is_billed_once_where_terms_are_cut_at_their_end(
    whole: Account, target: date, days: list[date]
) -> None:
    """
    at once    |------ a period across the renewal ------|
    in steps   |-- to the term end --|-- from it on -----|     the term is not renewed yet when its first part is billed
    """
    whole = everything.by_no_renewed_term(whole)
    stepwise, once = (days_billed(whole, each) for each in (in_steps(whole, days, target), [at_once(whole, target)]))
    assert set(stepwise.values()) <= {1}
    assert set(once) <= set(stepwise)


def days_billed(whole: Account, results: Iterable[PreviewResult]) -> Counter[tuple[str, date]]:
    """How often each day of a recurring charge is billed."""
    return Counter(
        (item.facts.charge_number, item.service_start + timedelta(offset))
        for block, item in items(results)
        if item.facts.charge_type == "Recurring" and item.facts.processing_type == "Charge" and not is_credit(block)
        for offset in range((item.service_end - item.service_start).days)
    )


@RULE
@examples(100)
@given(everything.accounts(on_demand=True, price_changes=True, past_end=None) | couponed(), made.targets)
def test_billed_periods_are_not_shown_again(whole: Account, target: date) -> None:
    """The same preview after its invoice is empty, but for what is credited of time after a term that has ended."""
    whole = advance(whole, target)
    after = bill(whole, asked(target), sound(preview(whole, asked(target), AS_OF)))
    again = sound(preview(after, asked(target), AS_OF))
    assert not lines(whole, [again])
