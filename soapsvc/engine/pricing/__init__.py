"""The price of one full period: the charge models, and price changes at renewals.

The room works on a charge's prices and a quantity, without dates and usage records. It offers the list fee of a
quantity, the fee function for usage, price formulas, decision tables, and the price in each term.

Read `charge_models` (the table of models), `models` (each of them), `formulas`, `price_changes`.
"""

from soapsvc.engine.pricing.charge_models import billed_quantity, fee_warnings, list_fee, rules_of_model
from soapsvc.engine.pricing.formulas import FIELD, MAX_BITS, Evaluator, FormulaContext, Moment
from soapsvc.engine.pricing.models import (
    Metering,
    RatingWarning,
    bands_of,
    decision_table,
    evaluator_of,
    included_units,
    overage_price,
    quantity_fee,
    volume_parts,
)
from soapsvc.engine.pricing.price_changes import (
    changes_price,
    follows_change,
    keeps_its_limits,
    keeps_its_price,
    lacks_latest_price,
    priced_segments,
)

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
    "decision_table",
    "evaluator_of",
    "fee_warnings",
    "follows_change",
    "included_units",
    "keeps_its_limits",
    "keeps_its_price",
    "lacks_latest_price",
    "list_fee",
    "overage_price",
    "priced_segments",
    "quantity_fee",
    "rules_of_model",
    "volume_parts",
]
