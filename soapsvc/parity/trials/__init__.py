"""Tries recorded previews under other settings: what verify names causes by, and what fit searches with.

Read `knobs` (what can be tried), `trial` (one preview under any settings), `bench` (all of them), then `index` (how far
off they are), `zones` and `moments` (which time zones can be told apart) and `watched` (which rules are read at all).
"""

from soapsvc.parity.trials.bench import Bench
from soapsvc.parity.trials.index import NO_LOSS, Loss, total
from soapsvc.parity.trials.knobs import Knob, Switch, read_by, rounding_knobs, rule_knobs, shown, zone_knob
from soapsvc.parity.trials.trial import Sample, Trial
from soapsvc.parity.trials.zones import Zones, zones_of

__all__ = [
    "NO_LOSS",
    "Bench",
    "Knob",
    "Loss",
    "Sample",
    "Switch",
    "Trial",
    "Zones",
    "read_by",
    "rounding_knobs",
    "rule_knobs",
    "shown",
    "total",
    "zone_knob",
    "zones_of",
]
