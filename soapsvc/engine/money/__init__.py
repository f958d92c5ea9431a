"""Numbers: exact arithmetic, and who rounds.

Every room computes exactly, with `exact` fractions or in the context `EXACT`. Only `rounding` rounds: an item's amount
once by its currency (the tenant's rules say to how many decimals: `soapsvc.tenant.formats`), a usage record's quantity
by its unit.

Read `arithmetic`, then `rounding`.
"""

from soapsvc.engine.money.arithmetic import EXACT, exact, exact_product, number_text, refusing_loss
from soapsvc.engine.money.rounding import Rounding, RoundingMode, rounding_of, unit_rounding

__all__ = [
    "EXACT",
    "Rounding",
    "RoundingMode",
    "exact",
    "exact_product",
    "number_text",
    "refusing_loss",
    "rounding_of",
    "unit_rounding",
]
