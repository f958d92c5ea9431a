"""Products of the catalogue are kept as they came, beside the prices that the engine reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from soapsvc.tenant import Store, import_tenant
from soapsvc.tenant.tables import PRODUCTS, alive
from tests.support.documents import account
from tests.support.tenants import write_tenant


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


def plan(name: str, *charges: str) -> dict[str, Any]:
    return {"id": f"plan-{name}", "name": name, "productRatePlanCharges": [{"id": each} for each in charges]}


def kept(store: Store, folder: Path, **files: object) -> list[str]:
    """The documents of all products, in their order, after an import of these files of the catalogue."""
    catalog = {f"{name}.json": content for name, content in files.items()}
    import_tenant(store, write_tenant(folder, accounts=account(), catalog=catalog))
    with store.begin() as connection:
        wanted = select(PRODUCTS.c.document).where(alive(PRODUCTS, store.version()))
        found = connection.execute(wanted.order_by(PRODUCTS.c.source, PRODUCTS.c.position)).scalars()
        return [document.decode() for document in found]


def test_a_product_is_kept_to_the_last_character(store: Store, tmp_path: Path) -> None:
    """Numbers as they are spelled, nulls, custom fields, a product without plans, and one without an id."""
    written = [
        '{"id":"p2","name":"Caf\\u00e9","productRatePlans":[{"id":"r","x__c":1.50,"productRatePlanCharges":[]}]}',
        '{"id":"p1","effectiveEndDate":null,"productRatePlans":[]}',
        '{"sku":"no id","weight":0E-9}',
    ]
    assert kept(store, tmp_path, a=f'{{"products": [{",".join(written)}], "success": true}}') == written


def test_a_product_in_several_documents_is_one_with_the_rate_plans_of_all(store: Store, tmp_path: Path) -> None:
    first = {"id": "p", "name": "Rack", "productRatePlans": [plan("a", "c1")]}
    second = {"id": "p", "sku": "SKU-1", "productRatePlans": [plan("b", "c2"), plan("c")]}
    other = {"id": "q", "name": "Mast"}
    third = {"id": "p", "productRatePlans": [plan("d")]}
    rack, mast = map(json.loads, kept(store, tmp_path, a=[first, second, other], b=[third]))
    assert mast == other
    assert rack == {
        "id": "p",
        "name": "Rack",
        "sku": "SKU-1",
        "productRatePlans": [plan("a", "c1"), plan("b", "c2"), plan("c"), plan("d")],
    }


def test_a_product_replaces_the_one_of_its_id_and_others_stay(store: Store, tmp_path: Path) -> None:
    kept(store, tmp_path / "1", a=[{"id": "p", "name": "Rack"}, {"id": "q", "name": "Mast"}])
    documents = kept(store, tmp_path / "2", b=[{"id": "p", "name": "Shelf"}])
    assert [json.loads(each)["name"] for each in documents] == ["Mast", "Shelf"]
