"""How much one full period costs: the charge models, and price changes at renewals.

The room knows a charge's prices and a quantity, and neither dates nor usage records. It offers the list fee of a
quantity, the fee by quantity that usage is rated with, price formulas, decision tables, and the price in each term.

Read `charge_models` (the table) and `model_rules` (what a model is); `flat_fee`, `per_unit`, `overage`, `tiered` with
`tiers`, and `quantity_models`; `multi_attribute` with `formula`, `formula_values` and `formula_lookups`; `calculated`
with `decision_tables` and `rate_cards`; `price_changes`.
"""

from soapsvc.engine.pricing.charge_models import billed_quantity, fee_warnings, list_fee, rules_of_model
from soapsvc.engine.pricing.decision_tables import decision_table
from soapsvc.engine.pricing.formula import FIELD
from soapsvc.engine.pricing.formula_values import MAX_BITS, Evaluator, FormulaContext, Moment
from soapsvc.engine.pricing.model_rules import Metering, RatingWarning, included_units, overage_price
from soapsvc.engine.pricing.multi_attribute import context_with, formula_of
from soapsvc.engine.pricing.price_changes import changes_price, follows_change, lacks_latest_price, priced_segments
from soapsvc.engine.pricing.quantity_models import quantity_fee
from soapsvc.engine.pricing.tiers import bands_of, volume_parts

__all__ = [
    "FIELD",
    "MAX_BITS",
    "Evaluator",
    "FormulaContext",
    "Metering",
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
    "rules_of_model",
    "volume_parts",
]
