"""The writer's treatment of odd data; its fast path agrees with the plain view of a result."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.soap.contract.shapes import SHAPES
from soapsvc.soap.frame import RowError, SoapVersion
from soapsvc.soap.writing import Result, preview_answer
from tests.soap.client import Result as Read

ID = "0123456789abcdef0123456789abcdef"
AS_OF = datetime(2014, 5, 28, 10, 34, 49, 643999, tzinfo=UTC).astimezone(timezone(timedelta(hours=-7)))
API = "{http://api.zuora.com/}"


def facts(**changes: Any) -> ItemFacts:
    values = {
        "subscription_id": ID,
        "subscription_number": "A-S1",
        "charge_id": ID,
        "rate_plan_charge_id": ID,
        "charge_number": "C-1",
        "charge_name": "Tea",
        "charge_description": "",
        "charge_type": "Recurring",
        "processing_type": "Charge",
        "product_name": "",
        "product_sku": "",
        "unit_of_measure": "",
        **changes,
    }
    return ItemFacts(**values)


def series(amounts: list[str], **changes: Any) -> Series:
    starts = [date(2014, 1, 1) + timedelta(days=31 * place) for place in range(len(amounts))]
    ends = [start + timedelta(days=31) for start in starts]
    columns = {"applied_to": None, "names": None, **changes}
    return Series(
        columns.pop("facts", facts()),
        starts,
        ends,
        [Decimal(amount) for amount in amounts],
        columns.pop("quantities", [Decimal(1)] * len(amounts)),
        **columns,
    )


def written(*blocks: Block, shape: int = 0) -> list[dict[str, str | None]]:
    result = Result(ID, PreviewResult(ID, "A1", "USD", AS_OF, blocks))
    pieces = list(preview_answer(SoapVersion.SOAP11, SHAPES[shape], [result]))
    root = etree.fromstring(b"".join(pieces))
    (read,) = [Read(node) for node in root.iter(f"{API}results")]
    assert read.get("Size") == str(len(read.items))
    return read.items


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("10.00", "10"),
        ("-112.500000000", "-112.5"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("1E-9", "0.000000001"),
        ("1234567890123.45", "1234567890123.45"),
        ("100", "100"),
    ],
)
def test_amounts_and_quantities_are_short_and_plain(amount: str, text: str) -> None:
    (item,) = written(Block(series([amount], quantities=[Decimal(amount)])))
    assert (item["ChargeAmount"], item["Quantity"]) == (text, text)


def test_charge_date_has_milliseconds_and_the_offset() -> None:
    assert written(Block(series(["1"])))[0]["ChargeDate"] == "2014-05-28T03:34:49.643-07:00"


def test_an_instant_at_utc_has_an_offset_too() -> None:
    result = Result(ID, PreviewResult(ID, "A1", "USD", datetime(2014, 5, 28, tzinfo=UTC), (Block(series(["1"])),)))
    answer = b"".join(preview_answer(SoapVersion.SOAP11, SHAPES[0], [result]))
    assert b"<ns2:ChargeDate>2014-05-28T00:00:00.000+00:00</ns2:ChargeDate>" in answer


def test_unknown_values_are_absent() -> None:
    (item,) = written(Block(series(["1"])))
    assert not {"ChargeDescription", "ProductName", "UOM", "AppliedToInvoiceItemId"} & set(item)


def test_an_id_that_is_not_one_of_the_contract_is_left_out() -> None:
    odd = facts(subscription_id="sub-1", rate_plan_charge_id="", charge_id="charge/1")
    (item,) = written(Block(series(["1"], facts=odd)))
    assert item["ChargeId"] == "charge/1"
    assert not {"SubscriptionId", "RatePlanChargeId"} & set(item)


def test_throw_away_ids_are_one_for_each_id_in_an_answer() -> None:
    renewed = facts(transient=True, subscription_id=ID, rate_plan_charge_id=ID[::-1])
    items = written(Block(series(["1", "2"], facts=renewed)), Block(series(["3"], facts=renewed)))
    assert len({item["SubscriptionId"] for item in items}) == 1
    assert len({item["RatePlanChargeId"] for item in items}) == 1
    assert {item["SubscriptionId"] for item in items} & {ID, ID[::-1]} == set()


def test_names_that_vary_within_a_charge() -> None:
    items = written(Block(series(["1", "2"], names=["Tea", "Tea -- Proration"])))
    assert [item["ChargeName"] for item in items] == ["Tea", "Tea -- Proration"]


def test_discounts_stand_behind_their_items_in_the_order_in_which_they_were_applied() -> None:
    """Two discounts on the second of three items, one on the third."""
    block = Block(
        series(["10", "20", "30"]),
        (series(["-1", "-2"], applied_to=[1, 2]), series(["-3"], applied_to=[1])),
    )
    items = written(block)
    assert [item["ChargeAmount"] for item in items] == ["10", "20", "-1", "-3", "30", "-2"]
    by_id = {item["Id"]: item["ChargeAmount"] for item in items}
    applied = [by_id.get(item.get("AppliedToInvoiceItemId")) for item in items]
    assert applied == [None, None, "20", "20", None, "30"]


@given(st.text(max_size=60))
def test_any_text_makes_a_well_formed_answer(text: str) -> None:
    """Characters that XML allows come back unchanged; all others become U+FFFD."""
    named = facts(charge_name=f"x{text}", product_name=f"x{text}", charge_number=f"x{text}", unit_of_measure=f"x{text}")
    (item,) = written(Block(series(["1"], facts=named)))
    expected = "".join(char if can_be_written(char) else "\ufffd" for char in f"x{text}")
    assert {item["ChargeName"], item["ProductName"], item["ChargeNumber"], item["UOM"]} == {expected}


def can_be_written(char: str) -> bool:
    return char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000"


@given(st.text(max_size=60))
def test_any_text_makes_a_well_formed_error(text: str) -> None:
    result = Result(None, errors=(RowError("INVALID_VALUE", f"x{text}", "AccountId"),))
    root = etree.fromstring(b"".join(preview_answer(SoapVersion.SOAP12, SHAPES[0], [result])))
    assert root.findtext(f".//{API}Code") == "INVALID_VALUE"


AMOUNTS = st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=6)


@given(data=st.data(), charges=st.lists(AMOUNTS, max_size=3), shape=st.integers(0, len(SHAPES) - 1))
def test_the_fast_path_gives_what_the_plain_view_says(
    data: st.DataObject, charges: list[list[Decimal]], shape: int
) -> None:
    """`Block.items()` is the slow, plain order of items: row by row with discounts behind."""
    blocks = []
    for amounts in charges:
        rows = data.draw(st.lists(st.lists(st.integers(0, len(amounts) - 1), unique=True).map(sorted), max_size=2))
        discounts = tuple(series(["-1"] * len(applied), applied_to=applied) for applied in rows if applied)
        blocks.append(Block(series([str(amount) for amount in amounts]), discounts))
    items = written(*blocks, shape=shape)
    place = 0
    for block in blocks:
        expected = list(block.items())
        shown = items[place : place + len(expected)]
        place += len(expected)
        for item, plain in zip(shown, expected, strict=True):
            suffix = "" if SHAPES[shape].dates_are_dates else "T00:00:00"
            assert Decimal(item["ChargeAmount"] or "") == plain.amount
            assert item["ServiceStartDate"] == f"{plain.service_start}{suffix}"
            assert item["ServiceEndDate"] == f"{plain.service_end - timedelta(days=1)}{suffix}"
            applied_to = None if plain.applied_to is None else shown[plain.applied_to]["Id"]
            assert item.get("AppliedToInvoiceItemId") == applied_to
    assert place == len(items)
