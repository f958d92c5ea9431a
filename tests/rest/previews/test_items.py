"""The fast writer of items against the slow one, over results of every shape."""

import json
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import DraftItem
from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.rest.previews import BILLING_PREVIEW, Preview, chunks, preview_answer
from tests.rest.reference_writer import billing_preview, numbered

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["100 %s", '"', "\\", "é", "\n"]
)
DAYS = st.dates(date(2000, 1, 1), date(2080, 1, 1))
AMOUNTS = st.decimals(-(10**12), 10**12, places=2) | st.sampled_from(
    [Decimal("1E+3"), Decimal("-0.00"), Decimal("1E-12")]
)
RENEWED = ["A-S2", "A-S3"]


@st.composite
def facts(draw: st.DrawFn) -> ItemFacts:
    number = draw(st.sampled_from(["A-S1", *RENEWED]))
    return ItemFacts(
        subscription_id=f"id of {number}",
        subscription_number=number,
        rate_plan_charge_id=draw(st.sampled_from(["s1", "s2"])),
        transient=number in RENEWED,
        **{
            name: draw(TEXTS)
            for name in (
                "charge_id",
                "charge_number",
                "charge_name",
                "charge_description",
                "charge_type",
                "processing_type",
                "product_name",
                "product_sku",
                "unit_of_measure",
            )
        },
    )


@st.composite
def series(draw: st.DrawFn, rows: int, applied_to: list[int] | None = None) -> Series:
    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=rows, max_size=rows) | values.map(lambda value: [value] * rows))

    starts = column(DAYS)
    return Series(
        draw(facts()),
        starts,
        [start + timedelta(draw(st.integers(1, 400))) for start in starts],
        column(AMOUNTS),
        column(AMOUNTS),
        taxes=draw(st.none() | st.just(column(AMOUNTS))),
        names=draw(st.none() | st.just(column(TEXTS))),
        deliveries=draw(st.none() | st.just(column(st.integers(0, 99)))),
        applied_to=applied_to,
    )


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    rows = draw(st.integers(0, 4))
    reduced = st.lists(st.integers(0, rows - 1), unique=True).map(sorted) if rows else st.just([])
    discounts = [draw(series(len(applied), applied)) for applied in draw(st.lists(reduced, max_size=3))]
    return Block(draw(series(rows)), tuple(discounts))


@st.composite
def drafts(draw: st.DrawFn) -> DraftItem:
    start = draw(DAYS)
    return DraftItem(
        draw(st.sampled_from(["invoice", "creditMemo"])),
        f"draft {draw(TEXTS)}",
        "id of A-S1",
        "A-S1",
        start,
        start + timedelta(draw(st.integers(0, 400))),
        draw(AMOUNTS),
        draw(AMOUNTS),
        charge_name=draw(TEXTS),
        applied_to_item_id=draw(st.none() | st.just("another")),
    )


RESULTS = st.builds(
    PreviewResult,
    TEXTS,
    st.just("A1"),
    st.just("EUR"),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(blocks(), max_size=4).map(tuple),
    st.lists(blocks(), max_size=2).map(tuple),
    st.lists(drafts(), max_size=3).map(tuple),
    st.booleans(),
)


def plain(spelled: str) -> Decimal:
    """The number of a JSON number without an exponent, which some readers would take for a float."""
    assert "e" not in spelled.lower()
    return Decimal(spelled)


@given(RESULTS)
def test_the_answer_is_that_of_the_slow_writer_in_keys_and_their_order(result: PreviewResult) -> None:
    body = b"".join(chunks(preview_answer(BILLING_PREVIEW, Preview(result))))
    answer = numbered(json.loads(body, parse_float=plain, parse_int=plain), renewed=set(RENEWED))
    expected = billing_preview(result)
    assert answer == expected
    for ours, theirs in zip(answer["invoiceItems"], expected["invoiceItems"], strict=True):
        assert list(ours) == list(theirs)
    for ours, theirs in zip(answer.get("creditMemoItems", ()), expected.get("creditMemoItems", ()), strict=True):
        assert list(ours) == list(theirs)
    assert list(answer) == list(expected)
