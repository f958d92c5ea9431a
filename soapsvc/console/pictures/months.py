"""Future billing by month as stacked bars."""

from __future__ import annotations

from markupsafe import Markup

from soapsvc.console.locale import Reader
from soapsvc.console.pictures.bars import Bar, bars
from soapsvc.figures.months import Months


def month_chart(months: Months, reader: Reader) -> Markup:
    """The bars of one currency; the text of each part has its month, its name and its amount."""
    names = [reader.month(month) for month in months.months]
    stacks = {
        name: [
            Bar(amount, f"{month}, {name}: {reader.money(amount, months.currency)}")
            for month, amount in zip(names, amounts, strict=True)
        ]
        for name, amounts in months.stacks.items()
    }
    label = f"Billing to come by month, in {months.currency}"
    return bars(label, names, stacks, axis=reader.axis)
