"""Faults: rules that say which calls are answered otherwise, and how.

Read `calls` (a call as faults and the journal see it), `rules` (a rule, as JSON has it), `table` (which rule a call
meets), `effects` (what becomes of its answer), and `transport` (connections that end).
"""

from soapsvc.standin.faults.effects import apply_effect, failing_of
from soapsvc.standin.faults.rules import Effect, Rule, read_rule
from soapsvc.standin.faults.table import Faults

__all__ = ["Effect", "Faults", "Rule", "apply_effect", "failing_of", "read_rule"]
