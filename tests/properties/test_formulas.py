"""Properties of formulas over any usage: the running quantity and the record make the total."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge, UsageRecord
from tests.properties.test_prepaid_and_overage import Uses, invoiced, steps, uses
from tests.support.building import account, answer, metered, sound, subscription
from tests.support.examples import examples

START = date(2024, 1, 1)
HALF_A_CENT = Decimal("0.005")

units = st.decimals(0, 200, places=2)
records = st.lists(st.tuples(st.integers(0, 100), units), max_size=8)


def by(formula: str, number: str) -> Charge:
    """A usage charge of its own unit, priced by a formula."""
    configuration: dict[str, Any] = {"attributes": {"chargeModelConfiguration": {"formula": formula}}}
    return metered(None, START, number=number, uom=number, model="MultiAttributePricing", **configuration)


def billed(formulas: dict[str, str], used: list[tuple[int, Decimal]]) -> dict[str, list[Decimal]]:
    """The monthly amounts of charges that meter the same usage by several formulas."""
    charges = [by(formula, number) for number, formula in formulas.items()]
    usage = tuple(
        UsageRecord(START + timedelta(day), quantity, uom=number, sequence=position)
        for number in formulas
        for position, (day, quantity) in enumerate(used)
    )
    found: dict[str, list[Decimal]] = {number: [] for number in formulas}
    for item in sound(answer(account(subscription(*charges), usage=usage), "2024-05-01")).items():
        found[item.facts.charge_number].append(item.amount)
    return found


@given(records, st.integers(0, 300))
def test_running_and_the_record_cost_what_the_total_costs(used: list[tuple[int, Decimal]], cap: int) -> None:
    found = billed(
        {
            "C-R": f"min({cap}, usageQuantity(RUNNING) + usageQuantity())",
            "C-T": f"min({cap}, usageQuantity(TOTAL))",
        },
        used,
    )
    assert found["C-R"] == found["C-T"]


@given(records, st.integers(0, 300))
def test_the_records_shares_below_a_cap_sum_to_the_capped_units_of_the_month(
    used: list[tuple[int, Decimal]], cap: int
) -> None:
    """A record costs what it adds: up to the cap with it, less up to the cap before it."""
    formula = f"min({cap}, usageQuantity(TOTAL)) - min({cap}, usageQuantity(RUNNING))"
    amounts = billed({"C-1": formula}, used)["C-1"]
    for month, amount in enumerate(amounts, start=1):
        spent = sum(
            (Fraction(quantity) for day, quantity in used if (START + timedelta(day)).month == month), Fraction(0)
        )
        assert abs(Fraction(amount) - min(spent, Fraction(cap))) <= HALF_A_CENT


@examples(60)
@given(uses, steps, st.integers(0, 300), st.sampled_from([None, "OnDemand"]))
def test_capped_units_are_billed_in_steps_as_at_once(
    days: Uses, targets: list[date], cap: int, option: str | None
) -> None:
    """On demand, a period's formula is computed again over all its records, less the billed amount of the period."""
    formula = f"min({cap}, usageQuantity(TOTAL)) - min({cap}, usageQuantity(RUNNING))"
    charge = replace(by(formula, "C-1"), uom="Hour", usage_record_rating_option=option)
    items = invoiced([charge], days, targets)
    for month in range(1, 13):
        spent = sum(units for day, units in days if day.month == month)
        assert sum(item.amount for item in items if item.service_start.month == month) == min(spent, cap)
