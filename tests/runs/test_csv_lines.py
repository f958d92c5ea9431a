"""The lines of the CSV file are those of the slow and obvious way, to the last byte, whatever an account holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soapsvc.engine.account import Account, DraftItem
from soapsvc.engine.preview import preview
from soapsvc.engine.result import Block, ItemFacts, PreviewResult, Series
from soapsvc.runs.sinks import CsvLines
from soapsvc.tenant import Store, open_tenant
from soapsvc.wire import instant_text
from tests.golden.replay import AS_OF
from tests.properties.strategies import accounts as made
from tests.support.building import answer
from tests.support.captures.csv_reference import reference_lines
from tests.support.captures.golden import read_golden
from tests.support.runs import EVERYTHING
from tests.support.tenants import golden_cases, write_golden_tenant

SEED = "any"
FIRST_DAY = date(2024, 1, 1)
NASTY = [
    "",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t1",
    "\r1",
    "\n1",
    "  =1",
    "\uff1d1",
    "'",
    '"',
    'a"b',
    "a,b",
    "a\nb",
    "a\rb",
    "ü€😀",
]
DRAFT_TEXTS = (
    *("id", "subscription_id", "subscription_number", "rate_plan_charge_id", "charge_number", "charge_name"),
    *("charge_description", "charge_type", "processing_type", "product_sku", "unit_of_measure"),
)

texts = st.sampled_from(NASTY) | st.text(alphabet="aZ09=+-@\t\r\n \"',;.\0\uff0bäß漢", max_size=6) | st.text(max_size=8)
numbers = st.decimals(-10_000, 10_000, places=2) | st.sampled_from([Decimal("1E+3"), Decimal("-0.00"), Decimal("1E-9")])
lengths = st.integers(1, 4)


def of_length(values: st.SearchStrategy[Any], length: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=length, max_size=length)


@st.composite
def series(draw: st.DrawFn, length: int, applied_to: list[int] | None = None) -> Series:
    """Items of one to four days that follow one another."""
    facts = ItemFacts(*(draw(texts) for _ in range(12)), transient=draw(st.booleans()))
    days = [FIRST_DAY + timedelta(day) for day in range(length + 1)]
    return Series(
        facts,
        days[:-1],
        days[1:],
        draw(of_length(numbers, length)),
        draw(of_length(numbers, length)),
        taxes=draw(st.none() | of_length(numbers, length)),
        names=draw(st.none() | of_length(texts, length)),
        applied_to=applied_to,
    )


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """A charge of one to four items, and up to two discounts on any of them."""
    length = draw(lengths)
    reduced = draw(st.lists(st.lists(st.integers(0, length - 1), min_size=1, max_size=5).map(sorted), max_size=2))
    return Block(draw(series(length)), tuple(draw(series(len(rows), rows)) for rows in reduced))


drafts = st.builds(
    DraftItem,
    document_type=st.sampled_from(["invoice", "creditMemo"]),
    service_start_date=st.just(FIRST_DAY),
    service_end_date=st.just(FIRST_DAY),
    amount=numbers,
    tax_amount=numbers,
    quantity=numbers,
    applied_to_item_id=st.none() | texts,
    **dict.fromkeys(DRAFT_TEXTS, texts),
)
results = st.builds(
    PreviewResult,
    account_id=texts,
    account_number=texts,
    currency=st.just("USD"),
    as_of=st.just(datetime(2024, 7, 9, 17, 6, 58, tzinfo=UTC)),
    blocks=st.lists(blocks(), max_size=3).map(tuple),
    credit_memo_blocks=st.lists(blocks(), max_size=2).map(tuple),
    draft_items=st.lists(drafts, max_size=3).map(tuple),
)


def fast_lines(result: PreviewResult, *, credit_memos: bool) -> str:
    charge_date = instant_text(result.as_of)
    return "".join(line for lines in CsvLines(result, SEED, charge_date, credit_memos=credit_memos) for line in lines)


def assert_same(result: PreviewResult) -> None:
    for credit_memos in (False, True):
        expected = reference_lines(result, SEED, credit_memos=credit_memos)
        assert fast_lines(result, credit_memos=credit_memos) == expected


@settings(max_examples=200)
@given(results)
def test_random_previews_have_the_same_lines_as_the_reference_writer(result: PreviewResult) -> None:
    assert_same(result)


@settings(max_examples=60)
@given(made.accounts(), made.targets, st.sampled_from(["None", "All"]))
def test_random_accounts(whole: Account, target: date, renew: str) -> None:
    assert_same(answer(whole, target, renew=renew))


def test_a_generated_tenant(generated: Store) -> None:
    items = 0
    for account in generated.accounts():
        result = preview(account, EVERYTHING.preview_request(), AS_OF)
        items += len(result)
        assert_same(result)
    assert items > 5000


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_a_capture(path: Path, tmp_path: Path) -> None:
    golden = read_golden(path)
    account = open_tenant(write_golden_tenant(tmp_path, golden.document)).account(id=golden.account_id)
    assert account is not None
    for request in golden.requests():
        assert_same(preview(account, request, AS_OF))


def test_ids_derive_from_the_seed_and_the_account_alone() -> None:
    facts = ItemFacts("s", "S", "c", "r", "C", "name", "", "Recurring", "Charge", "", "", "", transient=True)
    days = [FIRST_DAY, FIRST_DAY + timedelta(1)]
    block = Block(Series(facts, days, days, [Decimal(1)] * 2, [Decimal(1)] * 2))
    result = PreviewResult("a", "A", "USD", AS_OF, (block, block))

    def ids(result: PreviewResult, seed: str) -> list[list[str]]:
        lines = "".join(line for lines in CsvLines(result, seed, "", credit_memos=False) for line in lines)
        return [[cell for cell in line.split(",") if len(cell) == 32] for line in lines.splitlines()]

    once = ids(result, "one seed")
    assert ids(result, "one seed") == once
    shown = {charge for charge, _, _ in once}, {subscription for _, _, subscription in once}
    assert [len(each) for each in shown] == [1, 1], "what has one id has one made-up id"
    items = [item for _, item, _ in once]
    assert len({*items, *shown[0], *shown[1]}) == 6, "everything else has another one"
    others = [*ids(result, "another seed"), *ids(replace(result, account_id="b"), "one seed")]
    assert not {each for line in others for each in line} & {each for line in once for each in line}


def test_6000_items_of_an_account_have_6000_ids() -> None:
    facts = ItemFacts("s", "S", "c", "r", "C", "name", "", "Recurring", "Charge", "", "", "")
    days = [FIRST_DAY + timedelta(day) for day in range(3001)]
    block = Block(Series(facts, days[:-1], days[1:], [Decimal(1)] * 3000, [Decimal(1)] * 3000))
    result = PreviewResult("a", "A", "USD", AS_OF, (block, block))
    lines = fast_lines(result, credit_memos=False).splitlines()
    ids = {cell for line in lines for cell in line.split(",") if len(cell) == 32}
    assert len(ids) == len(lines) == 6000
