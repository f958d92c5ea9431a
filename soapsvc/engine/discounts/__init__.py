"""Discounts: which items each reduces, in which order, and by how much.

The room offers the discounts of a discount charge, and `discount_rows`, which makes the discount items of an account's
rows.

The rules in short. A discount covers the items that start in its window; an enhanced one covers the overlap of item and
window. A percentage that ends with a term whose last period is billed whole covers that period; a fixed amount stops
with the term. A fixed amount has a balance for each period of its own grid; items use it up charge by charge, and the
rest lapses. Several discounts on one item apply one after the other: by class, percentages before fixed amounts, those
of the rate plan before the subscription's before the account's. When an item is credited, its discount is credited too:
the discount on the billed item less the discount on the part that is kept.

Read `scope` (what a discount reduces: rate plan, subscription or account), `windows` (when it applies, also past the
term), `single_charge` (the one charge that a fixed amount for partial periods reduces), `turns` (in which order items
use balances); then `discounter`, the entry, with `chain` (several on one item), `balances` (the rest of fixed amounts,
partial periods), `when_billed` (which discounts reduced a billed item), `billed` (how much they took off it),
`credited` (discounts on credited items) and `explained`.
"""

from soapsvc.engine.discounts.billed import Earlier
from soapsvc.engine.discounts.discounter import DiscountRows, discount_rows
from soapsvc.engine.discounts.scope import Discount, balance_rank
from soapsvc.engine.discounts.windows import check_windows, discounts_of, is_discount

__all__ = [
    "Discount",
    "DiscountRows",
    "Earlier",
    "balance_rank",
    "check_windows",
    "discount_rows",
    "discounts_of",
    "is_discount",
]
