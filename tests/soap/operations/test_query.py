"""`query` and `queryMore` on the wire: the cases of queries.json over the demo tenant, pages, and validity.

A case is a query or a locator at a version, with more header if any, and what must come back: the records as raw text,
or their fields, the size of the whole answer, or a fault (code, text, detail).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from soapsvc.server import Options, application
from soapsvc.soap.contract import shape_of
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.tenant import Store, UserEntry, open_tenant
from soapsvc.zoql import OBJECTS
from tests.contract.test_answers_are_valid import schema
from tests.soap.client import API, Reply, Service, envelope, session_header
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import NOW
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

CASES = json.loads((Path(__file__).parent / "queries.json").read_bytes())
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
CHARGES = 2_500


def session(store: Store, username: str) -> str:
    store.put_user(UserEntry(username, password_hash="never used"))
    return store.create_session(username, int(NOW.timestamp()) + 900)


@pytest.fixture(scope="module")
def demo() -> Iterator[Service]:
    store = open_tenant(FIXTURES)
    yield Service(application(store, Options(), MovableClock(NOW)), session(store, "jo"))
    store.close()


def ask(service: Service, call: str, version: str, header: str = "") -> Reply:
    body = envelope(f"<a:{call}", session_header(service.token) + header)
    return service.post(body, f"/apps/services/a/{version}")


def query(service: Service, text: str, version: str = "153.0", header: str = "") -> Reply:
    return ask(service, f"query><a:queryString>{escape(text)}</a:queryString></a:query>", version, header)


def more(service: Service, locator: str, version: str = "153.0") -> Reply:
    return ask(service, f"queryMore><a:queryLocator>{escape(locator)}</a:queryLocator></a:queryMore>", version)


def fields(reply: Reply) -> list[dict[str, str | None]]:
    records = reply.root.iter(f"{{{API}}}records")
    return [{etree.QName(value).localname: value.text for value in record} for record in records if len(record)]


def text(reply: Reply, name: str) -> str | None:
    (found,) = reply.root.iter(f"{{{API}}}{name}")
    return found.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case(demo: Service, case: dict[str, Any]) -> None:
    version, header = case["version"], case.get("header", "")
    reply = more(demo, case["locator"], version) if "locator" in case else query(demo, case["query"], version, header)
    if "fault" in case:
        assert (reply.status, reply.fault) == (500, tuple(case["fault"]))
        return
    assert reply.status == 200, reply.text
    if "records" in case:
        assert case["records"] in reply.text
    if "fields" in case:
        assert fields(reply) == case["fields"]
    assert text(reply, "size") == str(case.get("size", len(case.get("fields", []))))
    assert text(reply, "done") == "true"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_object_with_all_its_fields_is_valid(demo: Service, shape: Any) -> None:
    assert shape_of(shape.since) == shape
    schema_of_shape, counts = schema(shape.name), {}
    for zobject in OBJECTS:
        names = [field.name for field in (zobject.fields[0], *zobject.own_fields(shape.since)) if field.queried]
        reply = query(demo, f"select {', '.join(names)} from {zobject.name}", shape.name)  # noqa: S608 - it is no SQL
        schema_of_shape.validate(etree.tostring(reply.root[0][0]).decode())
        counts[zobject.name] = len(fields(reply))
    empty = {name for name, count in counts.items() if not count}
    assert empty == {"Amendment", "BillingPreviewRun", "TaxationItem", "UnitOfMeasure"}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A subscription of 2,500 charges."""
    charges = [charge(f"C-{number:05}", id=f"{number:032}") for number in range(CHARGES)]
    folder = write_tenant(
        tmp_path_factory.mktemp("large"),
        accounts=[account()],
        subscriptions=[subscription(ratePlans=[{"id": "9" * 32, "ratePlanCharges": charges}])],
    )
    store = open_tenant(folder)
    yield Service(application(store, Options(), MovableClock(NOW)), session(store, "jo"))
    store.close()


WANTED = "select Id, ChargeNumber from RatePlanCharge where RatePlanId = '99999999999999999999999999999999'"


def test_2500_charges_are_two_pages(large: Service) -> None:
    first = query(large, WANTED, "61.0")
    assert (len(fields(first)), text(first, "done"), text(first, "size")) == (2000, "false", "2500")
    locator = text(first, "queryLocator")
    assert re.fullmatch("[0-9a-f]{32}-2000", locator or "")
    second = more(large, locator or "", "61.0")
    assert "<ns1:queryMoreResponse " in second.text
    assert '<ns1:queryLocator xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="1" />' in second.text
    assert (len(fields(second)), text(second, "done"), text(second, "size")) == (500, "true", "2500")
    numbers = [record["ChargeNumber"] for record in [*fields(first), *fields(second)]]
    assert numbers == [f"C-{number:05}" for number in range(CHARGES)]
    for reply in (first, second):
        schema("61.0").validate(etree.tostring(reply.root[0][0]).decode())


@pytest.mark.parametrize(
    ("size", "length"), [("1", 1), ("700", 700), ("+5", 5), ("2001", 2000), ("0", 2000), ("x", 2000)]
)
def test_a_page_is_as_long_as_the_header_says_and_2000_at_most(large: Service, size: str, length: int) -> None:
    header = f"<a:QueryOptions><a:batchSize> {size} </a:batchSize></a:QueryOptions>"
    first = query(large, WANTED, header=header)
    assert len(fields(first)) == length
    assert len(fields(more(large, text(first, "queryLocator") or ""))) == min(length, CHARGES - length)


def test_a_bad_locator_is_a_valid_fault(large: Service) -> None:
    (detail,) = more(large, "nobody").root[0][0][2]
    schema("113.0").validate(etree.tostring(detail).decode())
    assert etree.QName(detail).localname == "InvalidQueryLocatorFault"
