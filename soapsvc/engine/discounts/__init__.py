"""Discounts: which items each reduces, in which order, and by how much.

The room offers the discounts of a discount charge, and `discount_rows`, which makes the discount items of an account's
rows.

Read `scope` (what a discount reduces), `windows` (when), `single_charge`; then `discounter`, the entry, with `chain`
(several on one item) and `balances` (fixed amounts).
"""

from soapsvc.engine.discounts.discounter import DiscountRows, discount_rows
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.discounts.windows import check_windows, discounts_of, is_discount

__all__ = ["Discount", "DiscountRows", "check_windows", "discount_rows", "discounts_of", "is_discount"]
