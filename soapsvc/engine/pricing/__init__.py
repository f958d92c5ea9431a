"""How much one full period costs: the charge models, and price changes at renewals.

The room knows a charge's prices and a quantity, and neither dates nor usage records. It offers the list fee of a
quantity, the fee by quantity that usage is rated with, price formulas, decision tables, and the price in each term.

Read `list_fees` (all models), `quantity_fees` and `tiers` (what depends on quantity alone); `formula`, `formula_values`
and `formula_lookups`; `decision_tables` and `rate_cards`; `price_changes`.
"""

from soapsvc.engine.pricing.decision_tables import decision_table
from soapsvc.engine.pricing.formula import FIELD
from soapsvc.engine.pricing.formula_values import MAX_BITS, Evaluator, FormulaContext, Moment
from soapsvc.engine.pricing.list_fees import billed_quantity, context_with, fee_warnings, formula_of, list_fee
from soapsvc.engine.pricing.price_changes import changes_price, follows_change, lacks_latest_price, priced_segments
from soapsvc.engine.pricing.quantity_fees import RatingWarning, included_units, overage_price, quantity_fee
from soapsvc.engine.pricing.tiers import bands_of, volume_parts

__all__ = [
    "FIELD",
    "MAX_BITS",
    "Evaluator",
    "FormulaContext",
    "Moment",
    "RatingWarning",
    "bands_of",
    "billed_quantity",
    "changes_price",
    "context_with",
    "decision_table",
    "fee_warnings",
    "follows_change",
    "formula_of",
    "included_units",
    "lacks_latest_price",
    "list_fee",
    "overage_price",
    "priced_segments",
    "quantity_fee",
    "volume_parts",
]
