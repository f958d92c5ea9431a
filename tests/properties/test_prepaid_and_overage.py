"""Properties of prepaid or included usage, whatever was used and billed before: each unit counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge, UsageRecord
from soapsvc.engine.lifecycle import bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import InvoiceItem, PreviewRequest
from tests.support.building import AS_OF, account, metered, recurring, sound, subscription, used
from tests.support.examples import examples

START = date(2024, 1, 1)
Uses = Sequence[tuple[date, Decimal]]

uses = st.lists(
    st.tuples(st.integers(0, 364).map(lambda day: START + timedelta(day)), st.decimals(0, 80, places=1)), max_size=15
).map(sorted)
steps = st.lists(st.integers(1, 365), max_size=4).map(
    lambda offsets: [*sorted(START + timedelta(offset) for offset in set(offsets)), date(2025, 1, 1)]
)
VALIDITIES = {"Month": 1, "Quarter": 3, "Semi_Annual": 6, "SUBSCRIPTION_TERM": 12}


def recorded(days: Uses, uom: str = "Hour") -> tuple[UsageRecord, ...]:
    return tuple(used(str(day), units, uom=uom, sequence=place) for place, (day, units) in enumerate(days))


def invoiced(
    charges: Sequence[Charge], days: Uses, targets: Sequence[date], calls: Uses = (), **rules: object
) -> list[InvoiceItem]:
    """The items of usage and true-ups on invoices up to each target, one after the other."""
    whole = account(subscription(*charges), usage=recorded(days) + recorded(calls, "Call"), rules=rules)
    found: list[InvoiceItem] = []
    for target in targets:
        request = PreviewRequest(target)
        result = sound(preview(whole, request, AS_OF))
        found += (item for item in result.items() if item.facts.charge_number != "C-P")
        whole = bill(whole, request, result)
    return found


def drawing(prepaid: int, validity: str, rate: int | None, option: str | None, price: int = 1) -> list[Charge]:
    told = {"prepaidOperationType": "topup", "prepaidTotalQuantity": prepaid, "prepaidUom": "Hour"}
    draws = {"prepaidOperationType": "drawdown", **({"drawdownRate": rate} if rate else {})}
    return [
        recurring(9, str(START), number="C-P", billing_period="Annual", validity_period=validity, attributes=told),
        metered(price, str(START), uom="Hour", attributes=draws, usage_record_rating_option=option),
    ]


@pytest.mark.rule("property: prepaid units")
@examples(60)
@given(
    st.integers(0, 200),
    st.sampled_from([*VALIDITIES]),
    uses,
    steps,
    st.sampled_from([None, 2, 3]),
    st.sampled_from([None, "OnDemand"]),
)
def test_prepaid_plus_billed_units_are_the_units_used(
    prepaid: int, validity: str, days: Uses, targets: list[date], rate: int | None, option: str | None
) -> None:
    """
    Billed in steps on any days, or at once: of each validity period as much is drawn as was prepaid, or all that was
    used; the rest is billed, once.
    """
    length, factor = VALIDITIES[validity], rate or 1
    items = invoiced(drawing(prepaid, validity, rate, option), days, targets)
    for first in range(1, 13, length):
        months = range(first, first + length)
        needed = sum(units * factor for day, units in days if day.month in months)
        billed = sum(item.quantity for item in items if item.service_start.month in months)
        assert needed - billed == min(needed, prepaid)
    assert all(item.amount == item.quantity for item in items)


@pytest.mark.rule("property: prepaid units")
@examples(60)
@given(st.integers(0, 400), st.sampled_from([*VALIDITIES]), uses, uses, steps)
def test_two_charges_that_share_a_fund_draw_as_much_as_was_prepaid_or_all_that_both_used(
    prepaid: int, validity: str, days: Uses, calls: Uses, targets: list[date]
) -> None:
    """A call draws three of the hours that are prepaid; what is lacking is billed in hours."""
    draws = {"prepaidOperationType": "drawdown", "drawdownUom": "Hour", "drawdownRate": 3}
    charges = [
        *drawing(prepaid, validity, None, None),
        metered(1, str(START), number="C-V", uom="Call", attributes=draws),
    ]
    items, length = invoiced(charges, days, targets, calls), VALIDITIES[validity]
    for first in range(1, 13, length):
        months = range(first, first + length)
        needed = sum(units for day, units in days if day.month in months)
        needed += 3 * sum(units for day, units in calls if day.month in months)
        billed = sum(item.quantity for item in items if item.service_start.month in months)
        assert needed - billed == min(needed, prepaid)


@pytest.mark.rule("property: prepaid units")
@examples(60)
@given(st.integers(0, 300), uses, steps, st.integers(1, 9))
def test_prepaid_plus_billed_money_is_what_the_usage_costs(
    prepaid: int, days: Uses, targets: list[date], price: int
) -> None:
    """Prepaid money pays months in their order, billed in steps or at once."""
    charges = drawing(prepaid, "SUBSCRIPTION_TERM", None, None, price)
    money = [replace(each, attributes={**each.attributes, "commitmentType": "CURRENCY"}) for each in charges]
    items = invoiced(money, days, targets)
    costs = sum(units for _, units in days) * price
    assert costs - sum(item.amount for item in items) == min(costs, prepaid)


@pytest.mark.rule("property: overage")
@examples(60)
@given(st.integers(0, 60), uses, steps, st.sampled_from([None, "OnDemand"]))
def test_included_plus_overage_units_are_the_units_used(
    included: int, days: Uses, targets: list[date], option: str | None
) -> None:
    """Of every month the first units are free, and those above cost 2 each, whenever invoices are made."""
    charge = metered(
        None, str(START), uom="Hour", model="Overage", included_units=included, overage_price=2, name="U",
        usage_record_rating_option=option,
    )  # fmt: skip
    items = invoiced([charge], days, targets)
    for month in range(1, 13):
        needed = sum(units for day, units in days if day.month == month)
        own = [item for item in items if item.service_start.month == month]
        above = [item for item in own if item.charge_name.endswith(" -- Overage")]
        assert sum(item.quantity for item in own) == needed
        assert sum(item.quantity for item in above) == max(0, needed - included)
        assert sum(item.amount for item in own) == 2 * max(0, needed - included)
        assert all(item.amount == 2 * item.quantity for item in above)


@pytest.mark.rule("property: commitment")
@examples(60)
@given(st.integers(0, 400), uses, steps)
def test_usage_within_a_commitment_plus_its_true_up_is_the_commitment(
    commitment: int, days: Uses, targets: list[date]
) -> None:
    """Each quarter's usage is billed whole, in steps or at once, and the true-up is what it lacks to the commitment."""
    charges = [
        metered(1, str(START), uom="Hour", attributes={"chargeFunction": "CreditCommitment"}),
        recurring(commitment, str(START), number="C-T", billing_period="Quarter",
                  attributes={"chargeFunction": "CommitmentTrueUp"}),
    ]  # fmt: skip
    items = invoiced(charges, days, targets, commitment_true_up=True)
    for first in range(1, 13, 3):
        own = [item for item in items if item.service_start.month in range(first, first + 3)]
        consumed = sum(item.amount for item in own if item.facts.charge_type == "Usage")
        assert consumed == sum(units for day, units in days if day.month in range(first, first + 3))
        assert [item.amount for item in own if item.facts.charge_number == "C-T"] == [max(0, commitment - consumed)]
