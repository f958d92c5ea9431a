"""Discounts: which items each reduces, in which order, and by how much.

The room offers the discounts of a discount charge, and `Discounter`, which makes the discount items of an account's
rows.

Read `scope` (what a discount reduces), `windows` (when), `single_charge`; then `discounter`, the entry, with `chain`
(several on one item) and `balances` (fixed amounts).
"""

from soapsvc.engine.discounts.discounter import Discounter, DiscountRows
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.discounts.single_charge import single_charges
from soapsvc.engine.discounts.windows import check_windows, discounts_of, is_discount

__all__ = ["Discount", "DiscountRows", "Discounter", "check_windows", "discounts_of", "is_discount", "single_charges"]
