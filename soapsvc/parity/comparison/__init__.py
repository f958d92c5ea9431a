"""Compare their items with ours: `compare` is the one entry, `matching` pairs the items."""

from soapsvc.parity.comparison.differences import (
    EXTRA,
    FIELDS,
    KINDS,
    MISSING,
    REFUSED,
    Comparison,
    Difference,
    charge_numbers,
    compare,
    total,
)
from soapsvc.parity.comparison.items import our_items
from soapsvc.parity.comparison.matching import completed

__all__ = [
    "EXTRA",
    "FIELDS",
    "KINDS",
    "MISSING",
    "REFUSED",
    "Comparison",
    "Difference",
    "charge_numbers",
    "compare",
    "completed",
    "our_items",
    "total",
]
