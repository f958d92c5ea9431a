"""Theirs beside ours: what is laid beside what, and what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.comparison import compare, our_items
from soapsvc.parity.recording import Answer, Item, Names, Refusal
from tests.properties.strategies.accounts import accounts
from tests.support.building import AS_OF, account, amount_off, percent_off, recurring
from tests.support.examples import examples

DAY = date(2026, 1, 1)
BILLED = account(recurring(30, "2026-01-01"), percent_off(10, "2026-01-01"), amount_off(2, "2026-01-01", number="C-D2"))
REQUEST = PreviewRequest(date(2026, 4, 1))
OURS = preview(BILLED, REQUEST, AS_OF)
ITEMS = our_items(OURS).items


def differences(*items: Item, names: Names = Names.KEPT) -> list[tuple[tuple[str, ...], Decimal]]:
    found = compare(Answer(items), OURS, names)
    assert found.items == found.equal + len(found.differences)
    return [(each.kinds, each.money) for each in found.differences]


def changed(place: int, **fields: Any) -> list[Item]:
    return [replace(item, **fields) if position == place else item for position, item in enumerate(ITEMS)]


def test_a_preview_agrees_with_itself_in_any_order() -> None:
    assert len(ITEMS) == 12
    assert differences(*ITEMS) == differences(*reversed(ITEMS)) == []


@pytest.mark.parametrize(
    ("fields", "kinds", "money"),
    [
        ({"amount": Decimal(25)}, ("amount",), 5),
        ({"tax": Decimal(5)}, ("tax",), -5),
        ({"amount": Decimal(25), "tax": Decimal(5)}, ("amount", "tax"), 0),
        ({"quantity": Decimal(2)}, ("quantity",), 0),
        ({"charge_name": "Other"}, ("name",), 0),
        ({"end": date(2026, 1, 20)}, ("dates",), 0),
        ({"start": date(2026, 1, 5)}, ("dates",), 0),
        ({"start": date(2026, 1, 5), "end": date(2026, 1, 20), "amount": Decimal(1)}, ("dates", "amount"), 29),
        ({"document": "creditMemo"}, ("document",), 0),
    ],
)
def test_a_field_that_differs_is_named_with_its_money(fields: dict[str, Any], kinds: tuple[str], money: int) -> None:
    assert differences(*changed(0, **fields)) == [(kinds, Decimal(money))]


def test_fields_missing_from_the_vendors_answer_are_not_compared() -> None:
    assert differences(*changed(0, tax=None, quantity=None, charge_name=None, unit=None, deliveries=None)) == []
    untold = [replace(item, tax=None, charge_name=None, charge_type=None) for item in ITEMS]
    assert differences(*untold) == []


def test_an_item_that_only_one_has() -> None:
    assert differences(*ITEMS[1:]) == [(("extra",), ITEMS[0].amount)]
    more = replace(ITEMS[0], charge_number="C-9")
    assert differences(*ITEMS, more) == [(("missing",), -more.amount)]


def test_two_discounts_on_the_same_days_are_distinguished_by_their_amounts() -> None:
    reductions = [place for place, item in enumerate(ITEMS) if item.charge_number == "C-D1"]
    assert differences(*changed(reductions[0], amount=Decimal(-4))) == [(("amount",), Decimal(1))]


def test_items_without_numbers_are_known_by_their_charge_or_its_name() -> None:
    by_id = [replace(item, charge_number="", subscription_number="") for item in ITEMS]
    assert differences(*by_id) == []
    by_name = [replace(item, charge_number="", charge_id="") for item in ITEMS if item.charge_number == "C-1"]
    named = preview(account(recurring(30, "2026-01-01", name="Box")), REQUEST, AS_OF)
    assert compare(Answer(tuple(replace(item, charge_name="Box") for item in by_name)), named, Names.KEPT).agrees


def test_a_masked_subscription_is_the_one_that_has_the_charge() -> None:
    assert differences(*(replace(item, subscription_number="MASKED") for item in ITEMS)) == []


def test_hidden_names_are_compared_hidden() -> None:
    names = Names("salt")
    hidden = [replace(item, charge_name=names.shown(item.charge_name or "")) for item in ITEMS]
    assert differences(*hidden, names=names) == []


def test_two_refusals_agree_and_one_does_not() -> None:
    refused = Answer(refusals=(Refusal("53100040", "no such account"),))
    wrong = preview(account(recurring(None, "2026-01-01")), REQUEST, AS_OF)
    assert wrong.errors
    assert compare(refused, wrong, Names.KEPT).agrees
    assert [each.kinds for each in compare(refused, OURS, Names.KEPT).differences] == [("refused",)]
    assert [each.kinds for each in compare(Answer(ITEMS), wrong, Names.KEPT).differences] == [("refused",)]


@given(accounts(), st.data())
@examples(60)
def test_one_changed_amount_is_one_difference_of_as_much_money(billed: Any, data: st.DataObject) -> None:
    result = preview(billed, REQUEST, AS_OF)
    items = list(our_items(result).items)
    if result.errors or not items:
        return
    place = data.draw(st.integers(0, len(items) - 1))
    items[place] = replace(items[place], amount=items[place].amount + 1000)
    found = compare(Answer(tuple(data.draw(st.permutations(items)))), result, Names.KEPT)
    assert [each.money for each in found.differences] == [Decimal(-1000)]
