"""Every golden capture and every vector of the specification loads as a tenant directory, whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soapsvc.tenant import open_tenant
from tests.support.tenants import golden_cases, spec_vectors, write_golden_tenant, write_vector_tenant

_SPEC = spec_vectors()
VECTORS = [vector for vector in (_SPEC or {"vectors": []})["vectors"] if "subscriptions" in vector["inputs"]]


def charges_of(documents: list[dict[str, Any]]) -> int:
    return sum(len(plan["ratePlanCharges"]) for document in documents for plan in document["ratePlans"])


def test_captures_and_vectors_are_here() -> None:
    if _SPEC is None or not golden_cases():
        pytest.skip("the captures or the specification are not here")
    assert (len(golden_cases()) >= 68, len(VECTORS) >= 112) == (True, True)


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_a_capture_loads_with_every_charge(path: Path, tmp_path: Path) -> None:
    case = json.loads(path.read_bytes())
    account = open_tenant(write_golden_tenant(tmp_path, case)).account(id=case["name"])
    assert account is not None
    documents = case["subscriptions"] or case["subscriptions_reconstructed"]
    assert [len(s.charges) for s in account.subscriptions] == [
        charges_of([document]) for document in sorted(documents, key=lambda found: found["subscriptionNumber"])
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_a_vector_loads_with_every_charge_and_record(vector: dict[str, Any], tmp_path: Path) -> None:
    assert _SPEC is not None
    folder = write_vector_tenant(tmp_path, vector, _SPEC["billing_rules_base"])
    account = open_tenant(folder).account(number=vector["name"])
    assert account is not None
    assert sum(len(s.charges) for s in account.subscriptions) == charges_of(vector["inputs"]["subscriptions"])
    assert len(account.usage) == len(vector["inputs"].get("usages", []))
    assert all(charge.attributes == {} for s in account.subscriptions for charge in s.charges), "a field is not read"
