"""The changes between the shapes: each later WSDL is the previous one plus its delta, and nothing else changes."""

from __future__ import annotations

import difflib
from itertools import pairwise

import pytest

from soapsvc.resources import wsdl_dir
from soapsvc.soap import contract

DAYS = [
    *("TargetDate", "RevRecStartDate", "ServiceEndDate", "ServiceStartDate", "TargetDate"),
    *("LastInvoiceDate", "TaxExemptEffectiveDate", "TaxExemptExpirationDate"),
    *("ContractEffectiveDate", "CustomerAcceptanceDate", "EffectiveDate", "ServiceActivationDate"),
    *("SpecificUpdateDate", "TermStartDate", "DueDate", "InvoiceDate", "TargetDate"),
    *("EffectiveEndDate", "EffectiveStartDate", "EffectiveEndDate", "EffectiveStartDate"),
    *("ChargedThroughDate", "EffectiveEndDate", "EffectiveStartDate", "ProcessedThroughDate", "SpecificEndDate"),
    *("TriggerDate", "CancelledDate", "ContractAcceptanceDate", "ContractEffectiveDate", "ServiceActivationDate"),
    *("SubscriptionEndDate", "SubscriptionStartDate", "TermEndDate", "TermStartDate", "TaxDate"),
]
"""Of a request, InvoiceItem, BillingPreviewRun, Account, Amendment, Invoice, Product and its rate plan, RatePlanCharge,
Subscription, and TaxationItem."""

DELTAS = {
    ("61.0", "67.0"): ["+ProductRatePlanChargeId"],
    ("67.0", "69.0"): [line for day in DAYS for line in (f"-{day} dateTime", f"+{day} date")],
    ("69.0", "80.0"): ["+AppliedToChargeNumber"],
    ("80.0", "81.0"): ["+AssumeRenewal", "+AssumeRenewal"],
    ("81.0", "110.0"): ["+IncludingDraftItems boolean"],
    ("110.0", "113.0"): ["-Batch", "+Batches"],
}
"""A field that is listed twice is in BillingPreviewRequest and in BillingPreviewRun."""


def lines(shape: str) -> list[str]:
    text = (wsdl_dir() / f"zuora.{shape}.wsdl").read_text(encoding="utf-8")
    return text.replace(f"/a/{shape}", "/a/NN.N").splitlines()


@pytest.mark.parametrize(("older", "newer"), DELTAS)
def test_a_shape_differs_from_the_one_before_only_by_its_delta(older: str, newer: str) -> None:
    changed = [
        line
        for line in difflib.unified_diff(lines(older), lines(newer), lineterm="", n=0)
        if line[0] in "+-" and line[:3] not in {"+++", "---"}
    ]
    assert len(changed) == len(DELTAS[older, newer])
    for expected in DELTAS[older, newer]:
        name, _, kind = expected[1:].partition(" ")
        kind = kind or "string"
        element = f'<xs:element minOccurs="0" name="{name}" nillable="true" type="xs:{kind}"/>'
        found = [line for line in changed if line[0] == expected[0] and line[1:].strip() == element]
        assert len(found) == DELTAS[older, newer].count(expected)


def test_the_deltas_join_all_shapes() -> None:
    names = [shape.name for shape in contract.SHAPES]
    assert list(DELTAS) == list(pairwise(names))


@pytest.mark.parametrize(
    ("version", "shape"),
    [
        ("61.0", "61.0"),
        ("64.0", "61.0"),
        ("66.9", "61.0"),
        ("67.0", "67.0"),
        ("68.0", "67.0"),
        ("69.0", "69.0"),
        ("71.0", "69.0"),
        ("78.0", "69.0"),
        ("80.0", "80.0"),
        ("81.0", "81.0"),
        ("109.0", "81.0"),
        ("110.0", "110.0"),
        ("112.0", "110.0"),
        ("113.0", "113.0"),
        ("153.0", "113.0"),
    ],
)
def test_every_version_has_the_latest_shape_before_it(version: str, shape: str) -> None:
    parsed = contract.parse_version(version)
    assert parsed is not None
    assert contract.shape_of(parsed).name == shape


@pytest.mark.parametrize(
    "text", ["", "60.9", "60.0", "154.0", "153.1", "61", "61.", "v61.0", "61.0.0", "061.0", "\uff16\uff11.0"]
)
def test_other_version_texts_are_unknown(text: str) -> None:
    assert contract.parse_version(text) is None
