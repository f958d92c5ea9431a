"""The charge models: one model, or one family of models, per module.

Read `model_rules` (what a model is); `flat_fee`, `per_unit`, `overage`, `tiered` (tiered and volume) with `tiers`
(their bands, and units beyond the last one), and `quantity_models` (their table by quantity); `multi_attribute`;
`calculated` with `decision_tables` and `rate_cards`. The table of all models is `charge_models`, above this room.
"""

from soapsvc.engine.pricing.models.calculated import CALCULATED
from soapsvc.engine.pricing.models.decision_tables import decision_table
from soapsvc.engine.pricing.models.flat_fee import DELIVERY
from soapsvc.engine.pricing.models.model_rules import (
    PRICE_FACTOR,
    Formulas,
    Metering,
    ModelRules,
    Rated,
    RatingWarning,
    included_units,
    overage_price,
    price_factor,
)
from soapsvc.engine.pricing.models.multi_attribute import MULTI_ATTRIBUTE_PRICING, evaluator_of
from soapsvc.engine.pricing.models.quantity_models import QUANTITY_MODELS, quantity_fee
from soapsvc.engine.pricing.models.tiers import bands_of, volume_parts

__all__ = [
    "CALCULATED",
    "DELIVERY",
    "MULTI_ATTRIBUTE_PRICING",
    "PRICE_FACTOR",
    "QUANTITY_MODELS",
    "Formulas",
    "Metering",
    "ModelRules",
    "Rated",
    "RatingWarning",
    "bands_of",
    "decision_table",
    "evaluator_of",
    "included_units",
    "overage_price",
    "price_factor",
    "quantity_fee",
    "volume_parts",
]
