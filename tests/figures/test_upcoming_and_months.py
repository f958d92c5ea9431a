"""The next invoices, however far away; months without a gap; the parts of a bar that can be told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from soapsvc.engine.account import Account, Charge, Subscription
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.figures.lines import preview_lines
from soapsvc.figures.months import MOST_STACKS, OTHERS, Stack, by_month
from soapsvc.figures.upcoming import latest_target, next_invoices

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sold(period: str, *, charges: int = 1) -> Account:
    flat = [
        Charge(
            f"c{n}",
            f"C-{n}",
            "Recurring",
            "FlatFee",
            product_name=f"Product {n}",
            price=Decimal(n + 1),
            billing_period=period,
            effective_start_date=date(2026, 1, 1),
        )
        for n in range(charges)
    ]
    term = {"term_start_date": date(2026, 1, 1), "term_end_date": date(2046, 1, 1)}
    return Account("a", "A-1", "USD", subscriptions=(Subscription("s", "S-1", charges=tuple(flat), **term),))


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("Month", [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]),
        ("Five_Years", [date(2026, 1, 1), date(2031, 1, 1), date(2036, 1, 1)]),
    ],
)
def test_the_next_three_invoices(period: str, days: list[date]) -> None:
    found = next_invoices(sold(period), PreviewRequest(date(2046, 1, 1)), NOW, 3)
    assert [invoice.day for invoice in found.invoices] == days
    assert [line.day for line in preview_lines(sold(period), found.result)] == days


def test_the_target_date_bounds_the_next_invoices() -> None:
    found = next_invoices(sold("Month"), PreviewRequest(date(2026, 2, 15)), NOW, 9)
    assert [invoice.day.month for invoice in found.invoices] == [1, 2]


def test_the_latest_target_of_a_leap_day_is_a_day() -> None:
    assert latest_target(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_months_without_items_stand_between_those_that_have_some() -> None:
    """6 a quarter: January and April, nothing in between."""
    lines = preview_lines(sold("Quarter"), preview(sold("Quarter"), PreviewRequest(date(2026, 4, 30)), NOW))
    (months,) = by_month(lines, Stack.PRODUCT)
    assert [month.month for month in months.months] == [1, 2, 3, 4]
    assert months.sums() == [1, 0, 0, 1]


def test_products_beyond_the_last_stack_are_one_stack_and_none_is_lost() -> None:
    """1 + 2 + … + 12 = 78."""
    many = sold("Month", charges=12)
    (months,) = by_month(preview_lines(many, preview(many, PreviewRequest(date(2026, 1, 1)), NOW)), Stack.PRODUCT)
    assert len(months.stacks) == MOST_STACKS
    assert list(months.stacks)[-1] == OTHERS
    assert months.sums() == [78]
