"""No digit is lost between the document and the engine, whichever way a number is written."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from soapsvc.tenant import open_tenant
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant

# JSON has no negative zero apart from zero.
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda amount: amount.adjusted() <= 40 and int(amount.as_tuple().exponent) >= -40 and str(amount) != "-0"
)


@settings(max_examples=25)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=40))
def test_decimals_are_read_back_as_written(amounts: list[tuple[Decimal, Decimal]]) -> None:
    """As JSON numbers (prices) and as strings (quantities and usage), dozens of charges at a time."""
    charges = [
        charge(f"C-{index}", price=f"<{price}>", quantity=str(quantity))
        for index, (price, quantity) in enumerate(amounts)
    ]
    text = json.dumps(subscription(*charges)).replace('"<', "").replace('>"', "")
    with TemporaryDirectory() as folder:
        records = [usage(str(quantity)) for _, quantity in amounts]
        write_tenant(Path(folder), accounts=account(), subscriptions=text, usage=records)
        (found,) = open_tenant(Path(folder)).accounts()
    read = [(str(c.price), str(c.quantity)) for c in found.subscriptions[0].charges]
    assert read == [(str(price), str(quantity)) for price, quantity in amounts]
    assert [str(record.quantity) for record in found.usage] == [str(quantity) for _, quantity in amounts]
