"""Property: the order of subscriptions and charges in the data decides nothing, also where they share funds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge, UsageRecord
from soapsvc.engine.result import PreviewResult
from tests.support.building import account, amount_off, answer, metered, recurring, subscription, used
from tests.support.examples import examples

START = date(2024, 1, 1)
FUNCTIONS = ["Drawdown", "Drawdown", "CreditCommitment", "DrawdownAndCreditCommitment"]

days = st.integers(0, 100).map(lambda offset: START + timedelta(offset))
targets = st.integers(60, 366).map(lambda offset: START + timedelta(offset))
units = st.sampled_from(["Each", "Each", "Each", "Hour"])
versions = st.sampled_from([None, 1, 2])


@st.composite
def funds(draw: st.DrawFn) -> dict[str, Any]:
    """Perhaps a list of funds, many of which start together and end on different days."""
    listed = []
    for _ in range(draw(st.integers(0, 3))):
        end = START + timedelta(30 * draw(st.integers(1, 12)))
        balance = draw(st.integers(1, 90))
        listed.append({"startDate": str(START), "endDate": str(end), "totalBalance": balance, "uom": draw(units)})
    return {"prepaidBalanceFunds": listed} if listed else {}


@st.composite
def usage_charges(draw: st.DrawFn, number: str) -> Charge:
    """A usage charge that draws on funds or counts towards a commitment; it may list funds."""
    told = {"chargeFunction": draw(st.sampled_from(FUNCTIONS)), **draw(funds())}
    period = draw(st.sampled_from(["Month", "Quarter"]))
    through = draw(st.sampled_from([None, None, None, date(2024, 4, 1)]))
    return metered(draw(st.integers(1, 5)), START, number=number, attributes=told,
                   version=draw(versions), billing_period=period, charged_through_date=through)  # fmt: skip


@st.composite
def others(draw: st.DrawFn, number: str) -> list[Charge]:
    """Up to two prepayments and up to two true-ups, and perhaps a coupon."""
    found = []
    for place in range(draw(st.integers(0, 2))):
        told = {"prepaidOperationType": "topup", "prepaidTotalQuantity": draw(st.integers(1, 60))}
        told["prepaidUom"] = draw(units)
        validity = draw(st.sampled_from(["Month", "Quarter", "Annual"]))
        found.append(recurring(9, START, number=f"{number}-P{place}", attributes=told, billing_period="Annual",
                               validity_period=validity))  # fmt: skip
    for place in range(draw(st.integers(0, 2))):
        told = {"chargeFunction": "CommitmentTrueUp"}
        period = draw(st.sampled_from(["Month", "Quarter"]))
        price = draw(st.integers(1, 90))
        found.append(recurring(price, START, number=f"{number}-T{place}", billing_period=period, attributes=told))
    level = draw(st.sampled_from([None, "subscription", "account"]))
    return [*found, amount_off(15, START, number=f"{number}-D", discount_level=level)] if level else found


@st.composite
def records(draw: st.DrawFn, numbers: list[str]) -> UsageRecord:
    """A record of one of the charges, unbilled or billed before."""
    status = draw(st.sampled_from(["Pending", "Pending", "Processed"]))
    number, day = draw(st.sampled_from(numbers)), draw(days)
    return used(str(day), draw(st.integers(5, 60)), charge_number=number, rbe_status=status)


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[Account, Account]:
    """An account whose usage shares funds and commitments, and the same one in another order."""
    parts, numbers = [], []
    for number in ("A-S1", "A-S2")[: draw(st.integers(1, 2))]:
        usage = [draw(usage_charges(f"{number}-{place}")) for place in range(draw(st.integers(2, 4)))]
        own = [*usage, *draw(others(number))]
        parts.append(subscription(*own, subscription_number=number, attributes=draw(funds())))
        numbers += [charge.number for charge in usage]
    usage_of_all = tuple(draw(st.lists(records(numbers), min_size=6, max_size=20)))
    whole = account(*parts, usage=usage_of_all, rules={"commitment_true_up": draw(st.booleans())})
    mixed = [replace(each, charges=tuple(draw(st.permutations(each.charges)))) for each in whole.subscriptions]
    return whole, replace(whole, subscriptions=tuple(draw(st.permutations(mixed))))


def told(result: PreviewResult) -> list[object]:
    """All that the answer says of items, in order, or why there are none."""
    errors = sorted((error.code, str(error.charge_number)) for error in result.errors)
    return [*result.items(), *result.credit_memo_items(), *errors]


@pytest.mark.rule("property: order of the data")
@examples(150)
@given(shuffled(), targets)
def test_another_order_of_subscriptions_and_charges_gives_the_same_items_in_the_same_order(
    pair: tuple[Account, Account], target: date
) -> None:
    whole, mixed = pair
    assert told(answer(whole, target)) == told(answer(mixed, target))
