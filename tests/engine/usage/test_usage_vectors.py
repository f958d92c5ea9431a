"""The specification's vectors of single usage formulas, read where the specification is at hand.

Those of legacy prepayments are left out: previews do not follow periodsToPrepay, and warn. Own-number twins of each
stand in test_usage_prepaid.py and test_usage_late.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import BillingRules, Tier
from soapsvc.engine.money import rounding_of
from soapsvc.engine.subscription.true_ups import true_up
from soapsvc.engine.usage import Fund, FundPool, UsageSetting, rate_late_usage
from soapsvc.engine.usage.prepaid import prepayment_credit
from tests.support.rating import JANUARY, priced, rows_of, used
from tests.support.tenants import spec_vectors

Inputs = Mapping[str, Any]

ROUNDING = rounding_of(BillingRules())


def _prepaid_drawdown(inputs: Inputs) -> list[dict[str, Decimal]]:
    pool = FundPool([Fund(date(2024, 1, 1), None, Fraction(inputs["prepaidUnits"]), "GB")])
    pool.draw(date(2024, 1, 1), date(2024, 1, 2), Fraction(inputs["drawnDown"]), "GB")
    charge = priced("PerUnit", price=inputs["unitPrice"], attributes={"chargeFunction": "Drawdown"})
    rows = rows_of(charge, [used("01-05", inputs["newUsage"])], funds=pool)
    left = ROUNDING(pool.balance("GB"))
    return [{"quantity": row.quantity, "chargeAmount": ROUNDING(row.amount), "remainingBalance": left} for row in rows]


def _minimum_commitment(inputs: Inputs) -> list[dict[str, Decimal]]:
    return [{"chargeAmount": true_up(Decimal(inputs["commitment"]), Decimal(inputs["consumed"]))}]


def _late_usage(inputs: Inputs) -> list[dict[str, Decimal]]:
    found = tuple(Tier(Decimal(start), Decimal(price), Decimal(end)) for start, end, price in inputs["tiers"])
    charge = priced(inputs["model"], tiers=found)
    billed = used("01-05", inputs["billedQuantity"], rbe_status="Processed")
    assert rows_of(charge, [replace(billed, rbe_status=None)])[0].amount == Decimal(inputs["billedAmount"])
    late = [used("01-06", inputs["lateQuantity"])]
    rows = rate_late_usage(charge, JANUARY, late, BillingRules(), setting=UsageSetting(processed=[billed]))
    return [{"quantity": row.quantity, "chargeAmount": ROUNDING(row.amount)} for row in rows]


def _prepayment_credit(inputs: Inputs) -> list[dict[str, Decimal]]:
    start = date.fromisoformat(inputs["start"])
    credit = prepayment_credit(
        Decimal(inputs["price"]),
        (start, start.replace(year=start.year + 1)),
        date.fromisoformat(inputs["removed"]),
        Decimal(inputs["remainingUnits"]),
        Decimal(inputs["units"]),
    )
    names = ("timeBased", "consumptionBased", "fullCredit")
    return [{name: ROUNDING(value) for name, value in zip(names, credit, strict=True)}]


FORMULAS: Mapping[str, Callable[[Inputs], list[Any]]] = {
    "prepaid_drawdown": _prepaid_drawdown,
    "minimum_commitment": _minimum_commitment,
    "late_usage": _late_usage,
    "prepayment_credit": _prepayment_credit,
}


def _comparable(value: object) -> object:
    """Numbers of any spelling as Decimal."""
    if isinstance(value, (str, int, Decimal)):
        text = str(value)
        return Decimal(text) if text.lstrip("-").replace(".", "", 1).isdigit() else text
    if isinstance(value, Mapping):
        return {name: _comparable(part) for name, part in value.items()}
    return [_comparable(part) for part in value]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", sorted(FORMULAS))
def test_the_vectors_of_a_single_formula_hold(kind: str) -> None:
    document = spec_vectors()
    if document is None:
        pytest.skip("the specification's vectors are not at hand (../shared/spec)")
    vectors = [vector for vector in document["vectors"] if vector["inputs"].get("kind") == kind]
    assert vectors
    for vector in vectors:
        assert _comparable(FORMULAS[kind](vector["inputs"])) == _comparable(vector["expected_items"]), vector["name"]
