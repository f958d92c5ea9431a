"""Compares a preview with a golden capture: every compared field, and the order.

The fields have the names of the REST answer, so that an engine result, a REST body and a CSV row can all be compared.
Two differences between the ages of captures are allowed: discount items came after all charges until mid 2024, and the
captures of 2020 show no tax beside a net amount.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from soapsvc.engine.result import AssumeRenewal, InvoiceItem, PreviewRequest

NUMBERS = ("chargeAmount", "taxAmount", "quantity", "numberOfDeliveries")
COMPARED = (
    "serviceStartDate",
    "serviceEndDate",
    "chargeAmount",
    "taxAmount",
    "quantity",
    "chargeNumber",
    "chargeName",
    "chargeType",
    "processingType",
    "unitOfMeasure",
    "numberOfDeliveries",
)

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Golden:
    """One capture: its document, and the fields that are compared."""

    path: Path
    document: Mapping[str, Any]

    @property
    def account_id(self) -> str:
        return str(self.document["name"])

    def requests(self) -> Iterator[PreviewRequest]:
        """The replays: at the likely target date and at both ends of the range that fits."""
        inferred = self.document["inferred_request"]
        for key in ("targetDateLikely", "targetDateFrom", "targetDateTo"):
            if inferred.get(key):
                yield PreviewRequest(
                    date.fromisoformat(inferred[key]),
                    AssumeRenewal(inferred["assumeRenewal"]),
                    frozenset(inferred["chargeTypeToExclude"] or ()),
                )

    def expected(self) -> list[Item]:
        """The answered items of the capture's charges; it lacks the subscriptions of other accounts."""
        subscriptions = self.document["subscriptions"] or self.document["subscriptions_reconstructed"]
        known = {
            charge["number"]
            for subscription in subscriptions
            for plan in subscription["ratePlans"]
            for charge in plan["ratePlanCharges"]
        }
        return [item for item in self.document["preview"]["invoiceItems"] if item["chargeNumber"] in known]

    def mismatch(self, answered: Iterable[Item]) -> str:
        """The difference between the answered items and the capture's, in one sentence; empty if there is none."""
        expected = self.expected()
        skipped = {"taxAmount"} if self.document.get("inferred_tax", {}).get("taxAmountReportedAsZero") else set()
        skipped |= set(COMPARED) - set(expected[0]) if expected else set()
        names = [name for name in COMPARED if name not in skipped]
        ours, theirs = [_key(item, names) for item in answered], [_key(item, names) for item in expected]
        if ours == theirs or _equal_but_for_discounts_last(ours, theirs, names):
            return ""
        first = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), (ours[-1:], theirs[-1:]))
        return f"{len(ours)} items for {len(theirs)}; first difference: {first[0]} for {first[1]}"


def read_golden(path: Path) -> Golden:
    return Golden(path, json.loads(path.read_bytes(), parse_float=Decimal))


def rest_fields(item: InvoiceItem) -> Item:
    """An engine's item under the REST names, end date inclusive as on the wire."""
    return {
        "serviceStartDate": item.service_start.isoformat(),
        "serviceEndDate": (item.service_end - timedelta(1)).isoformat(),
        "chargeAmount": item.amount,
        "taxAmount": item.tax_amount,
        "quantity": item.quantity,
        "chargeNumber": item.facts.charge_number,
        "chargeName": item.charge_name,
        "chargeType": item.facts.charge_type,
        "processingType": item.facts.processing_type,
        "unitOfMeasure": item.facts.unit_of_measure,
        "numberOfDeliveries": item.number_of_deliveries,
    }


def _key(item: Item, names: list[str]) -> tuple[Any, ...]:
    return tuple(Decimal(str(item[name])) if name in NUMBERS else (item[name] or "") for name in names)


def _equal_but_for_discounts_last(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], names: list[str]) -> bool:
    """The older order: the charges in order, then all discounts in any order."""
    place = names.index("processingType")
    kinds = [item[place] for item in theirs]
    if "Discount" not in kinds or "Charge" in kinds[kinds.index("Discount") :]:
        return False

    def charges(items: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [item for item in items if item[place] != "Discount"]

    return charges(ours) == charges(theirs) and Counter(ours) == Counter(theirs)
