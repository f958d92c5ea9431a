"""Faults: rules that change the answers of chosen calls.

Read `calls` (a call for faults and the journal), `rules` (a rule in JSON), `table` (the rule that matches a call),
`effects` (the changed answer), and `transport` (connections that end).
"""

from soapsvc.standin.faults.effects import apply_effect, failing_of
from soapsvc.standin.faults.rules import Effect, Rule, read_rule
from soapsvc.standin.faults.table import Faults

__all__ = ["Effect", "Faults", "Rule", "apply_effect", "failing_of", "read_rule"]
