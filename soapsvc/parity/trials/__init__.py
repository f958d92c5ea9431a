"""Try recorded previews under other settings: `verify` finds causes with it, and `fit` searches with it.

Read `knobs` (settings and their values), `trial` (one preview under any settings), `bench` (all previews), then `index`
(the loss of a preview), `zones` and `moments` (time zones with different results) and `watched` (rules that are read).
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
