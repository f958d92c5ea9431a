"""Price formulas: text to a syntax tree, and the tree to an exact number.

Read `syntax`, `values` and `lookups`.
"""

from soapsvc.engine.pricing.formulas.syntax import FIELD, Formula, parse_formula
from soapsvc.engine.pricing.formulas.values import MAX_BITS, Evaluator, FormulaContext, Moment

__all__ = [
    "FIELD",
    "MAX_BITS",
    "Evaluator",
    "Formula",
    "FormulaContext",
    "Moment",
    "parse_formula",
]
