"""The vendor's CSV exports as a second door: the same tenant from CSV previews as from JSON.

The exports are written by queries over the JSON tenant, in the order and with the headings that an export has.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.tenant import ImportRefused, open_tenant
from soapsvc.tenant.users import User
from soapsvc.zoql import Queries, find_object
from tests.support.tenants import write_tenant
from tests.vendor.previews import preview_of
from tests.vendor.tenant import NOW, write_source

ROOT = Path(__file__).resolve().parents[2]
EXPORTED = ("Account", "Contact", "Subscription", "RatePlan", "RatePlanCharge", "RatePlanChargeTier", "Usage")
CATALOGUE = ("Product", "ProductRatePlan", "ProductRatePlanCharge", "ProductRatePlanChargeTier")
IN_TIERS = ("Price", "IncludedUnits", "OveragePrice", "DiscountAmount", "DiscountPercentage")
JOINED = {"RatePlanId": "RatePlan.Id", "SubscriptionId": "Subscription.Id", "RatePlanChargeId": "RatePlanCharge.Id"}
Heading = Callable[[str, str], str]
HEADINGS: Mapping[str, Heading] = {
    "with the object": lambda own, field: f"{own}.{field}",
    "without": lambda _own, field: field,
    "as labels": lambda own, field: f"{own}: {field}",
    "lower": lambda own, field: f"{own}.{field}".lower(),
}


USER = User("1", "reader", "", "", frozenset())


class Source:
    """A JSON tenant, and its records as exports have them."""

    def __init__(self, folder: Path) -> None:
        self.store = open_tenant(folder)

    def records(self, own: str) -> list[dict[str, str]]:
        """All records of an object; empty cells where there is no value."""
        fields = [field.name for field in find_object(own).fields if field.queried and field.in_version((79, 0))]
        queries, text = Queries(self.store, fixed_clock(NOW)), " ".join(["select", ", ".join(fields), "from", own])
        page = queries.query(USER, text, (79, 0), page=2000, files="")
        return [dict(zip(fields, map(cell, record), strict=True)) for record in page.records]

    def exports(self) -> dict[str, list[dict[str, str]]]:
        """The records by object: prices stand in the tiers and nowhere else, keys come by joins."""
        charges = self.records("RatePlanCharge")
        in_charge = {charge["Id"]: {name: charge.pop(name) for name in IN_TIERS} for charge in charges}
        tiers = self.records("RatePlanChargeTier")
        found = {tier["RatePlanChargeId"] for tier in tiers}
        without = [{"Id": f"t{key[1:]}", "RatePlanChargeId": key, "Tier": "1"} for key in in_charge if key not in found]
        for tier in [*tiers, *without]:
            own = in_charge[tier["RatePlanChargeId"]]
            price = tier.get("Price") or own["Price"]
            tier.update({**own, "Price": price})
        others = {own: self.records(own) for own in (*EXPORTED, *CATALOGUE)}
        return {**others, "RatePlanCharge": charges, "RatePlanChargeTier": [*tiers, *without]}


SAME_IDS_TWICE = {"A00000014"}
"""The sample has the ids of one subscription's charges in another one, too."""


def without_products(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items without what only the catalogue tells: the demo's has not all products."""
    return [{name: value for name, value in item.items() if name != "productName"} for item in items]


def cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value}"


def write_exports(folder: Path, exports: Mapping[str, list[dict[str, str]]], heading: Heading) -> None:
    """Write one file for each object, its columns in no particular order."""
    (folder / "exports").mkdir(parents=True)
    for own, records in exports.items():
        if not records:
            continue
        fields = list(records[0])
        random.Random(own).shuffle(fields)  # noqa: S311 - an order, no secret
        with (folder / "exports" / f"{own}.csv").open("w", newline="", encoding="utf-8-sig") as handle:
            writer = csv.writer(handle)
            writer.writerow([JOINED.get(field, "") or heading(own, field) for field in fields])
            writer.writerows([record.get(field, "") for field in fields] for record in records)


def numbers(source: Source) -> list[str]:
    return [record["AccountNumber"] for record in source.records("Account")]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Source]]:
    folder = write_source(tmp_path_factory.mktemp("source"), 4, payers=False)
    found = Source(folder)
    yield folder, found
    found.store.close()


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_the_same_tenant_from_csv_previews_as_from_json(
    source: tuple[Path, Source], tmp_path: Path, heading: Heading
) -> None:
    folder, records = source
    write_exports(tmp_path, records.exports(), heading)
    shutil.copy(folder / "tenant.toml", tmp_path)
    for number in numbers(records):
        mine, theirs = preview_of(tmp_path, number, "2024-09-01"), preview_of(folder, number, "2024-09-01")
        assert len(mine) > 3
        assert mine == theirs


def test_the_demo_tenant_from_csv_previews_as_from_json(tmp_path: Path) -> None:
    """All charge models and billing periods of the demo; what is on accounts that exports cannot tell is left out."""
    folder = ROOT / "fixtures"
    records = Source(folder)
    write_exports(tmp_path, records.exports(), HEADINGS["with the object"])
    shutil.copy(folder / "tenant.toml", tmp_path)
    different = {}
    compared = sorted(set(numbers(records)) - SAME_IDS_TWICE)
    assert len(compared) >= 12
    for number in compared:
        mine, theirs = (without_products(preview_of(each, number, "2024-09-01")) for each in (tmp_path, folder))
        if mine != theirs:
            lines = [(one, other) for one, other in zip_longest(mine, theirs) if one != other]
            different[number] = [
                {
                    name: (one.get(name), other.get(name))
                    for name in {**one, **other}
                    if one.get(name) != other.get(name)
                }
                for one, other in ((one or {}, other or {}) for one, other in lines)
            ][:2]
    records.store.close()
    assert different == {}


def test_json_wins_over_csv(source: tuple[Path, Source], tmp_path: Path) -> None:
    folder, records = source
    exports = records.exports()
    for charge in exports["RatePlanCharge"]:
        charge["Quantity"] = "1000"
    write_exports(tmp_path, exports, HEADINGS["with the object"])
    for name in ("accounts", "subscriptions", "catalog"):
        shutil.copytree(folder / name, tmp_path / name)
    shutil.copy(folder / "tenant.toml", tmp_path)
    assert preview_of(tmp_path, "A00000001", "2024-09-01") == preview_of(folder, "A00000001", "2024-09-01")


def test_the_catalogue_supplies_fields_that_an_export_of_charges_lacks(tmp_path: Path) -> None:
    tiers = "RatePlanChargeTier.Id,RatePlanCharge.Id,Price,IncludedUnits\nt,c,5,\n"
    heading = "Id,ChargeNumber,Charge Type,RatePlan.Id,ProductRatePlanCharge.Id,ChargeModel,Quantity"
    charges = f"{heading}\nc,C-1,Recurring,p,q,Per Unit Pricing,2\n"
    catalogue = "Id,UsageRecordRatingOption\nq,OnDemand\n"
    write_tenant(
        tmp_path,
        exports={
            "accounts.csv": "Account.Id,Account.AccountNumber,Account.Currency\na,A-1,USD\n",
            "subscriptions.csv": "Id,Name,Account.Id,Version\ns2,S-1,a,2\ns1,S-1,a,1\n",
            "rate plans.csv": "RatePlan.Id,Subscription.Id,RatePlan.Name\np,s2,Plan\n",
            "RatePlan-2.csv": "Id,SubscriptionId,Name\nold,s1,Old\n",
            "RatePlanCharge.csv": charges,
            "RatePlanChargeTier.csv": tiers,
            "ProductRatePlanCharge.csv": catalogue,
        },
    )
    store = open_tenant(tmp_path)
    with store.reading() as connection:
        (document,) = connection.exec_driver_sql("select document from subscriptions").scalars()
    store.close()
    (plan,) = json.loads(document)["ratePlans"]
    (charge,) = plan["ratePlanCharges"]
    assert (charge["price"], charge["usageRecordRatingOption"], plan["ratePlanName"]) == ("5", "OnDemand", "Plan")


PROBLEMS = {
    "what.csv": ("Id,Name\n1,a\n", "exports/what.csv: line 1: does not say its object"),
    "Account.csv": ("Id,AccountNumber\n1,a,b\n", "exports/Account.csv: line 2: has more cells than the header"),
    "Subscription.csv": ("Id,Name,Version\n1,a,new\n", "exports: has a version that is not a number"),
}


@pytest.mark.parametrize(("file", "content", "told"), [(name, *each) for name, each in PROBLEMS.items()])
def test_an_unreadable_value_is_reported_with_its_place(tmp_path: Path, file: str, content: str, told: str) -> None:
    write_tenant(tmp_path, exports={file: content})
    with pytest.raises(ImportRefused) as refused:
        open_tenant(tmp_path)
    assert told in str(refused.value)
