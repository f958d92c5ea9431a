"""Vectors, each written out as a tenant directory: through the engine, and through the command line.

There are this project's own, and the specification's where that is at hand. Its vectors of single usage formulas stand
in tests/engine/usage/test_usage_vectors.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, InvoiceItem, PreviewRequest
from soapsvc.engine.schedule import DaysInMonth
from soapsvc.engine.schedule.calendar import days_in_month
from soapsvc.engine.schedule.proration import days_between
from soapsvc.tenant import open_tenant
from tests.support.captures.golden import rest_fields
from tests.support.tenants import spec_vectors, write_vector_tenant
from tests.vectors.own import OWN_VECTORS

AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NUMBERS = {"chargeAmount", "taxAmount", "quantity", "amount"}

_SPEC = spec_vectors() or {"vectors": [], "billing_rules_base": {}}
SPECIFIED = [vector for vector in _SPEC["vectors"] if "kind" not in vector["inputs"]]
VECTORS = [*OWN_VECTORS, *SPECIFIED]
RATIOS = [vector for vector in _SPEC["vectors"] if vector["inputs"].get("kind") == "proration_ratio"]

Item = Mapping[str, Any]


def name_of(vector: Item) -> str:
    return str(vector["name"])


def test_the_vectors_are_there() -> None:
    if not SPECIFIED:
        pytest.skip("the specification's vectors are not at hand (../shared/spec)")
    assert len(SPECIFIED) >= 112
    assert RATIOS


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_engine_answers_exactly_the_items_of_the_vector(vector: Item, tmp_path: Path) -> None:
    folder = write_vector_tenant(tmp_path, vector, _SPEC["billing_rules_base"])
    account = open_tenant(folder).account(id=vector["name"])
    assert account is not None
    result = preview(account, request_of(vector["inputs"]["request"]), AS_OF)
    assert result.errors == ()
    answered = [{**rest_fields(item), "documentType": "invoice"} for item in result.items()]
    answered += [memo_fields(item) for item in result.credit_memo_items()]
    assert unmatched(answered, vector["expected_items"]) == ([], [])


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_command_line_answers_the_same(vector: Item, tmp_path: Path) -> None:
    folder = write_vector_tenant(tmp_path, vector, _SPEC["billing_rules_base"])
    arguments = ["preview", "--tenant", str(folder), "--account-id", vector["name"], "--format", "json"]
    done = CliRunner().invoke(main, [*arguments, *options_of(vector["inputs"]["request"])])
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
    answered = [{**item, "documentType": "invoice"} for item in body["invoiceItems"]]
    answered += [{**item, "documentType": "creditMemo"} for item in body.get("creditMemoItems", ())]
    assert unmatched(answered, vector["expected_items"]) == ([], [])


@pytest.mark.parametrize("vector", RATIOS, ids=name_of)
def test_the_days_of_a_part_of_a_month(vector: Item) -> None:
    start, last = (date.fromisoformat(vector["inputs"][name]) for name in ("serviceStartDate", "serviceEndDate"))
    (expected,) = vector["expected_items"]
    for rule in DaysInMonth:
        whole = days_in_month(start.year, start.month) if rule is DaysInMonth.USE_ACTUAL_DAYS else 30
        assert f"{days_between(start, last + timedelta(1), rule)}/{whole}" == expected[rule]


def request_of(wire: Item) -> PreviewRequest:
    """The engine's request for one in the vendor's words."""
    return PreviewRequest(
        date.fromisoformat(wire["targetDate"]),
        AssumeRenewal(wire.get("assumeRenewal", "None")),
        frozenset(filter(None, wire.get("chargeTypeToExclude", "").split(","))),
        wire.get("includingEvergreenSubscription", False),
        wire.get("includingDraftItems", False),
    )


def options_of(wire: Item) -> list[str]:
    """The same request as options of `soapsvc preview`."""
    options = ["--target-date", wire["targetDate"], "--assume-renewal", wire.get("assumeRenewal", "None")]
    if wire.get("chargeTypeToExclude"):
        options += ["--charge-type-to-exclude", wire["chargeTypeToExclude"]]
    if wire.get("includingEvergreenSubscription"):
        options.append("--include-evergreen")
    if wire.get("includingDraftItems"):
        options.append("--include-draft-items")
    return options


def memo_fields(item: InvoiceItem) -> Item:
    """A credit memo item under the REST names; its amount includes an inclusive tax."""
    return {**rest_fields(item), "documentType": "creditMemo", "amount": item.amount + item.tax_amount}


def unmatched(answered: Iterable[Item], expected: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """The items that were not expected, and the expected items that are missing; only the named keys are compared."""
    left = list(answered)
    missing = []
    # The most detailed expectation first, so that a vague one does not take the item of a precise one.
    for item in sorted(expected, key=len, reverse=True):
        fits = next((found for found in left if all(same(found.get(key), item[key], key) for key in item)), None)
        if fits is None:
            missing.append(item)
        else:
            left.remove(fits)
    return left, missing


def same(found: object, expected: object, key: str) -> bool:
    return Decimal(str(found)) == Decimal(str(expected)) if key in NUMBERS and found is not None else found == expected
