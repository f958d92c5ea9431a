"""Discounts: which items each reduces, in which order, and by how much.

The room offers the discounts of a discount charge, and `discount_rows`, which makes the discount items of an account's
rows.

Read `scope` (what a discount reduces), `windows` (when; what follows an item past the term), `single_charge`, `turns`
(whose turn it is); then `discounter`, the entry, with `chain` (several on one item), `balances` (what fixed amounts
have left, partial periods), `billed` (what was taken off before), `credited` (what comes back) and `explained`.
"""

from soapsvc.engine.discounts.discounter import DiscountRows, discount_rows
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.discounts.windows import check_windows, discounts_of, is_discount

__all__ = ["Discount", "DiscountRows", "check_windows", "discount_rows", "discounts_of", "is_discount"]
