"""Discounts: which items each reduces, in which order, and by how much.

The room offers the discounts of a discount charge, and `discount_rows`, which makes the discount items of an account's
rows.

The rules in short. A discount covers the items that start in its window, an enhanced one what item and window have in
common. A percentage that ends with a term whose last period is billed whole covers that period; a fixed amount stops
with the term. A fixed amount has a balance for each period of its own grid; items use it up charge by charge, and what
is left lapses. Several on one item work one after the other: by class, percentages before amounts, the rate plan before
the subscription before the account. What comes back is what was taken off then, less what is taken off the part kept.

Read `scope` (what a discount reduces: rate plan, subscription or account), `windows` (when; what follows an item past
the term), `single_charge`, `turns` (in which turn items use balances up); then `discounter`, the entry, with `chain`
(several on one item), `balances` (what fixed amounts have left, partial periods), `billed` (what was taken off before),
`credited` (what comes back) and `explained`.
"""

from soapsvc.engine.discounts.discounter import DiscountRows, discount_rows
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.discounts.windows import check_windows, discounts_of, is_discount

__all__ = ["Discount", "DiscountRows", "check_windows", "discount_rows", "discounts_of", "is_discount"]
