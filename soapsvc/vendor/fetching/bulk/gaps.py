"""The accounts that need single reads: they have a charge with fields that exports lack."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from soapsvc.engine.account import squeeze
from soapsvc.tenant.reading import Document, each, first, mapping, optional

_PLAIN = frozenset(
    {"flatfee", "perunit", "tiered", "volume", "overage", "tieredwithoverage"}
    | {f"{name}pricing" for name in ("flatfee", "perunit", "tiered", "volume", "overage", "tieredwithoverage")}
)
"""Models whose prices are all in the export of tiers. Discounts have classes, formulas have fields, and so on."""
_CATALOGUE_TELLS = ("smoothingModel", "formula", "deliverySchedule", "unusedIncludedUnitPrice")
_SPECIFIC_RATE = "creditbyspecificrate"
_STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Gaps:
    """The ids of accounts that are read singly, and the number of all accounts."""

    keys: tuple[str, ...]
    accounts: int


def accounts_with_gaps(files: Mapping[str, tuple[Path, ...]], products: list[Document]) -> Gaps:
    """The accounts that own, or pay for, a subscription with such a charge, in the order of the export."""
    special = set(_special(products))
    plans = {row["RatePlan.Id"] for row in _rows(files, "RatePlanCharge") if _has_gap(row, special)}
    subscriptions = {row["Subscription.Id"] for row in _rows(files, "RatePlan") if row["RatePlan.Id"] in plans}
    wanted = {
        row[key]
        for row in _rows(files, "Subscription")
        if row["Subscription.Id"] in subscriptions
        for key in ("Account.Id", "Subscription.InvoiceOwnerId")
        if row.get(key)
    }
    known = [row["Account.Id"] for row in _rows(files, "Account")]
    return Gaps(tuple(key for key in known if key in wanted), len(known))


def _has_gap(row: Mapping[str, str], special: set[str]) -> bool:
    model = squeeze(row.get("RatePlanCharge.ChargeModel", "").replace(" ", ""))
    credit = squeeze(row.get("RatePlanCharge.OverageUnusedUnitsCreditOption", "").replace(" ", ""))
    function = squeeze(row.get("RatePlanCharge.ChargeFunction", ""))
    return (
        model not in _PLAIN
        or credit == _SPECIFIC_RATE
        or function not in ("", _STANDARD)
        or row.get("ProductRatePlanCharge.Id", "") in special
    )


def _special(products: list[Document]) -> Iterator[str]:
    """The charges of the catalogue with something that exports of charges lack."""
    for product in products:
        for plan in optional(product, "productRatePlans", each(mapping)) or ():
            for charge in optional(plan, "productRatePlanCharges", each(mapping)) or ():
                if any(charge.get(name) for name in _CATALOGUE_TELLS) and (key := first(charge, "id")) is not None:
                    yield key


def _rows(files: Mapping[str, tuple[Path, ...]], own: str) -> Iterator[Mapping[str, str]]:
    for path in files.get(own, ()):
        with path.open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)
