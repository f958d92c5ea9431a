"""The object of an export file, and the fields of its columns.

A heading is `ChargeNumber`, `RatePlanCharge.ChargeNumber` or `RatePlanCharge: Charge Number`, in any case and order.
The object of a file is the one in its name (`RatePlanCharge.csv`, `rateplancharge-2.csv`), else that of most headings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from soapsvc.engine.account import squeeze

OBJECTS = (
    *("Account", "Contact", "Subscription", "RatePlan", "RatePlanCharge", "RatePlanChargeTier", "Usage"),
    *("Product", "ProductRatePlan", "ProductRatePlanCharge", "ProductRatePlanChargeTier", "Invoice", "InvoiceItem"),
)
_BY_WORD = {squeeze(name): name for name in OBJECTS}
_PLURALS = {f"{word}s": name for word, name in _BY_WORD.items()}
_PARTS = re.compile(r"(?:([A-Za-z ]+)[.:])?\s*([^.:]+)")


def column_of(heading: str) -> tuple[str | None, str]:
    """The object that a heading names (None without one), and its field, squeezed: `chargenumber`."""
    match = _PARTS.fullmatch(heading.strip())
    if match is None:
        return None, squeeze(heading)
    named, field = match[1], _squeezed(match[2])
    return (_BY_WORD.get(_squeezed(named)) if named is not None else None), field


def _squeezed(words: str) -> str:
    return squeeze(words.replace(" ", ""))


def object_of(path: Path, headings: Sequence[str]) -> str | None:
    """The object whose rows a file has; None where neither name nor headings give it."""
    word = re.split(r"[^A-Za-z]+", path.stem.strip())[0].lower() if path.stem else ""
    if (found := {**_PLURALS, **_BY_WORD}.get(word)) is not None:
        return found
    named = Counter(name for heading in headings if (name := column_of(heading)[0]) is not None)
    return named.most_common(1)[0][0] if named else None


def fields_of(own: str, headings: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """The cells of a row by their fields: own ones as `price`, a joined object's as `rateplanid`."""
    found: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if cell == "":
            continue
        named, field = column_of(heading)
        name = field if named in (None, own) else f"{squeeze(named)}{field}"
        found.setdefault(name, cell)
    return found
