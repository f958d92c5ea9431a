"""A comparison as bars: the amount that each cause adds or removes."""

from __future__ import annotations

from markupsafe import Markup

from soapsvc.console.locale import Reader
from soapsvc.console.pictures.bars import Bar, bars
from soapsvc.figures.changes import Sums


def change_chart(currency: str, sums: Sums, reader: Reader) -> Markup:
    """The bars of one currency, the causes in the order in which they first occur."""
    found = {cause: each for (of, cause), each in sums.by_cause.items() if of == currency}
    parts = [
        Bar(each.delta, f"{cause}: {reader.money(each.delta, currency)} in {reader.number(each.count)} changes")
        for cause, each in found.items()
    ]
    return bars(f"Changes by cause, in {currency}", list(found), {currency: parts}, axis=reader.axis)
