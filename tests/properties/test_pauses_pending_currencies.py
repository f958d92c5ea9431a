"""Properties of any suspended or pending subscription, and of any account in several currencies.

Each is compared with an account that needs none of these rules: a plan that is removed and added, an active
subscription, an account for each currency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge, Subscription
from soapsvc.engine.result import PreviewResult
from tests.properties.strategies import accounts as made
from tests.support.building import account, answer, line, numbered, one_time, recurring, segments, sound, subscription
from tests.support.examples import examples

RENEWALS = st.sampled_from(["None", "All", "Autorenew"])
TERM_END = made.FIRST_DAY + timedelta(1200)


class Paused(NamedTuple):
    """A charge in a subscription from the first day on, no service in `[start, end)`, and the tenant's rules."""

    charge: Charge
    start: date
    end: date
    rules: dict[str, object]
    bill_cycle_day: int

    def whole(self, *charges: Charge, **fields: object) -> Account:
        """The account of a subscription with these charges."""
        terms = subscription(*charges, start=made.FIRST_DAY, end=TERM_END, **fields)
        return account(terms, rules=dict(self.rules), bill_cycle_day=self.bill_cycle_day)

    def suspended(self, *charges: Charge) -> Account:
        """As an export shows it that does not split charges."""
        return self.whole(*charges, scheduled_suspend_date=self.start, scheduled_resume_date=self.end)

    @property
    def ends(self) -> date:
        """The end of the charge."""
        return self.charge.effective_end_date or TERM_END


@st.composite
def paused(draw: st.DrawFn) -> Paused:
    """Any recurring charge whose grid does not hang on itself, billed to any day, and a pause anywhere."""
    charge = draw(made.recurring_charges())
    if charge.billing_period_alignment == "AlignToCharge":
        charge = replace(charge, billing_period_alignment="AlignToSubscriptionStart")
    if charge.billing_day == "ChargeTriggerDay":
        charge = replace(charge, billing_day="DefaultFromCustomer")
    begins = charge.effective_start_date
    assert begins is not None
    through = draw(st.none() | st.integers(1, 500).map(lambda days: begins + timedelta(days)))
    start = begins + timedelta(draw(st.integers(-100, 400)))
    end = start + timedelta(draw(st.integers(1, 300)))
    chosen = {**draw(made.rules), **draw(made.stub_rules)}
    return Paused(replace(charge, charged_through_date=through), start, end, chosen, draw(made.bill_days))


def lines(result: PreviewResult) -> list[str]:
    return [line(item) for item in sound(result).items()]


def around(found: Paused) -> list[Charge]:
    """The charge as two: removed where the pause begins, and added where it ends, each if it has its time."""
    charge, begins = found.charge, found.charge.effective_start_date
    assert begins is not None
    if begins >= found.end or found.ends <= found.start:
        return [charge]
    added = replace(charge, effective_start_date=found.end, charged_through_date=None, number="C-2", id="C-2-1")
    removed = replace(charge, effective_end_date=max(begins, found.start))
    return [removed, added] if found.ends > found.end else [removed]


@examples(150)
@given(paused(), made.targets)
def test_a_pause_costs_what_removing_and_adding_costs(found: Paused, target: date) -> None:
    """
    |---- billed ----|  (paused)  |---- billed ----|     =     |---- removed --|            |---- added ----|
    """
    changed = found.whole(*around(found))
    assert lines(answer(found.suspended(found.charge), target)) == lines(answer(changed, target))


@examples(100)
@given(paused(), made.targets, RENEWALS)
def test_an_export_that_splits_the_pause_and_one_that_does_not_are_alike(
    found: Paused, target: date, renew: str
) -> None:
    parts = [replace(part, number=found.charge.number) for part in around(found)]
    split = found.suspended(*segments(*parts))
    assert lines(answer(split, target, renew=renew)) == lines(
        answer(found.suspended(found.charge), target, renew=renew)
    )


@given(paused(), made.days, made.targets, st.booleans())
def test_a_one_time_charge_is_billed_unless_its_day_is_without_service(
    found: Paused, day: date, target: date, resumes: bool
) -> None:
    result = sound(answer(found.suspended(one_time(99, day)), target))
    without = found.start <= day < found.end
    assert [item.service_start for item in result.items()] == ([day] if day <= target and not without else [])
    assert ("SUSPENDED" in {note.code for note in result.notes}) is (without and day <= target)


def with_status(whole: Account, status: str, waiting: frozenset[int] = frozenset()) -> Account:
    """The account with its subscriptions in a status; charges at the places `waiting` do not know their start yet."""

    def changed(each: Subscription) -> Subscription:
        charges = [
            replace(charge, effective_start_date=None) if place in waiting else charge
            for place, charge in enumerate(each.charges)
        ]
        return replace(each, status=status, charges=tuple(charges))

    return replace(whole, subscriptions=tuple(map(changed, whole.subscriptions)))


@given(
    made.accounts(),
    made.targets,
    RENEWALS,
    st.sampled_from(["Pending Activation", "PendingAcceptance"]),
    st.frozensets(st.integers(0, 3)),
)
def test_a_pending_subscription_is_billed_like_an_active_one_charge_by_charge(
    whole: Account, target: date, renew: str, status: str, waiting: frozenset[int]
) -> None:
    """Charges without a start give nothing, and each of them says so, but for discounts, which stand for nothing."""
    pending = sound(answer(with_status(whole, status, waiting), target, renew=renew))
    without = tuple(
        replace(each, charges=tuple(charge for place, charge in enumerate(each.charges) if place not in waiting))
        for each in whole.subscriptions
    )
    active = sound(answer(replace(whole, subscriptions=without), target, renew=renew))
    assert [numbered(item) for item in pending.items()] == [numbered(item) for item in active.items()]
    told = {note.charge_number for note in pending.notes if note.code == "UNKNOWN_TRIGGER_DATE"}
    assert told == {
        charge.number
        for each in whole.subscriptions
        for place, charge in enumerate(each.charges)
        if place in waiting and "Discount" not in charge.model
    }


def in_currencies(whole: Account, currencies: Iterable[str]) -> Account:
    """The account with its subscriptions in these currencies."""
    pairs = zip(whole.subscriptions, currencies, strict=True)
    return replace(whole, subscriptions=tuple(replace(each, currency=currency) for each, currency in pairs))


@given(made.accounts(), made.accounts(), made.targets, RENEWALS)
def test_an_account_in_two_currencies_is_the_two_accounts_of_them(
    whole: Account, other: Account, target: date, renew: str
) -> None:
    """The subscriptions of one account in AUD, those of another, under the same rules, in USD."""
    renamed = tuple(
        replace(
            each,
            id=f"B{each.id}",
            subscription_number=f"B{each.subscription_number}",
            charges=tuple(replace(part, id=f"B{part.id}", number=f"B{part.number}") for part in each.charges),
        )
        for each in other.subscriptions
    )
    alone = (
        in_currencies(whole, ["AUD"] * len(whole.subscriptions)),
        in_currencies(replace(whole, subscriptions=renamed), ["USD"] * len(renamed)),
    )
    both = replace(whole, subscriptions=(*alone[0].subscriptions, *alone[1].subscriptions))
    together = Counter(numbered(item) for item in sound(answer(both, target, renew=renew)).items())
    assert together == Counter(
        numbered(item) for each in alone for item in sound(answer(each, target, renew=renew)).items()
    )


def test_the_pauses_made_here_meet_every_case() -> None:
    """A pause before, across, within and after a charge, and one that holds all of it."""
    charge = recurring(1, made.FIRST_DAY + timedelta(50), made.FIRST_DAY + timedelta(90))
    days = [(0, 10), (0, 60), (60, 70), (60, 100), (100, 110), (0, 100)]
    made_here = [
        around(Paused(charge, made.FIRST_DAY + timedelta(first), made.FIRST_DAY + timedelta(last), {}, 1))
        for first, last in days
    ]
    assert [len(parts) for parts in made_here] == [1, 2, 2, 1, 1, 1]
