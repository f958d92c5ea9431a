"""Two runs compared: each change has its amounts and a cause, and sums keep currencies apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from soapsvc.engine.account import Account, Subscription
from soapsvc.figures.changes import Cause, Sums, changes
from soapsvc.figures.run_rows import nobody
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results import Row


def row(start: str = "2026-01-01", amount: str = "10", charge: str = "C-1", account: str = "a", **more: str) -> Row:
    cells = {
        "account_id": account,
        "subscription_number": f"S-{account}",
        "rate_plan_charge_number": charge,
        "invoice_item_charge_amount": amount,
        "invoice_item_service_start_date": start,
        "invoice_item_service_end_date": f"{start[:8]}28",
        "invoice_item_quantity": "1",
        "invoice_item_processing_type": "Charge",
        "legal_document_item_type": "InvoiceItem",
        **more,
    }
    return tuple(cells.get(field) for field in ITEM_FIELDS)


def compared(old: list[Row], new: list[Row]) -> list[tuple[Cause, Decimal]]:
    sides = (iter([("a", rows)] if rows else []) for rows in (old, new))
    return [(each.cause, each.delta) for each in changes(*sides, nobody)]  # type: ignore[misc]


JAN, FEB, MAR = (row(f"2026-{month}-01") for month in ("01", "02", "03"))


@pytest.mark.parametrize(
    ("old", "new", "cause", "delta"),
    [
        ([JAN], [JAN, FEB], Cause.LATER, 10),
        ([JAN, FEB], [JAN], Cause.LESS_FAR, -10),
        ([JAN, FEB], [FEB], Cause.BILLED, -10),
        ([FEB], [JAN, FEB], Cause.EARLIER, 10),
        ([JAN, MAR], [JAN, FEB, MAR], Cause.OTHER_PERIODS, 10),
        ([], [JAN], Cause.NEW_ACCOUNT, 10),
        ([JAN], [], Cause.GONE_ACCOUNT, -10),
        ([JAN], [JAN, row(charge="C-2")], Cause.NEW_CHARGE, 10),
        ([JAN, row(charge="C-2")], [JAN], Cause.GONE_CHARGE, -10),
        ([JAN], [row(amount="12.50")], Cause.PRICE, Decimal("2.50")),
        ([JAN], [row(amount="20", invoice_item_quantity="2")], Cause.QUANTITY, 10),
        ([JAN], [row(amount="9", invoice_item_service_end_date="2026-01-27")], Cause.PERIOD, -1),
        ([JAN], [row(invoice_item_uom="Each")], Cause.DESCRIPTION, 0),
    ],
)
def test_a_change_has_a_cause_and_a_difference(
    old: list[Row], new: list[Row], cause: Cause, delta: Decimal | int
) -> None:
    assert compared(old, new) == [(cause, delta)]


def test_a_credit_memo_lowers_the_total() -> None:
    memo = row(
        amount="",
        legal_document_item_type="CreditMemoItem",
        credit_memo_item_amount="7",
        credit_memo_item_service_start_date="2026-01-01",
    )
    assert compared([JAN], [JAN, memo])[0][1] == -7


def test_sums_keep_currencies_apart_and_name_the_largest_of_each() -> None:
    """12 changes of 1 to 12 dollars, one of 1000 yen: yen do not push dollars out of the ten largest."""
    accounts = {
        key: Account(key, currency=currency, subscriptions=(Subscription(f"s-{key}", f"S-{key}"),))
        for key, currency in (("a", "USD"), ("b", "JPY"))
    }
    dollars = [row(amount=str(number), charge=f"C-{number}") for number in range(1, 13)]
    new = iter([("a", dollars), ("b", [row(amount="1000", account="b")])])
    sums = Sums()
    assert len(list(sums.watch(changes(iter([]), new, lambda ids: {key: accounts[key] for key in ids})))) == 13
    assert {currency: (each.count, each.delta) for currency, each in sums.by_currency.items()} == {
        "USD": (12, Decimal(78)),
        "JPY": (1, Decimal(1000)),
    }
    assert [each.delta for each in sums.largest] == [*range(12, 2, -1), 1000]
