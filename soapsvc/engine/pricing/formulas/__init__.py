"""Price formulas: parse a text into a syntax tree, and evaluate the tree to an exact number.

Read `syntax` (the grammar, the tree), `parser`, `moment` (what a formula reads), `values` (the functions) and `lookups`
(fields and custom objects).
"""

from soapsvc.engine.pricing.formulas.moment import FormulaContext, Moment
from soapsvc.engine.pricing.formulas.parser import parse_formula
from soapsvc.engine.pricing.formulas.syntax import FIELD, Formula
from soapsvc.engine.pricing.formulas.values import MAX_BITS, Evaluator

__all__ = [
    "FIELD",
    "MAX_BITS",
    "Evaluator",
    "Formula",
    "FormulaContext",
    "Moment",
    "parse_formula",
]
