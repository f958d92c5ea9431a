"""Counts over all worker processes: calls under way, calls per minute, hour and day, answers.

`shared` has the numbers in common memory that the others use; `inflight` is the count of the gate, `rates` that of the
rate limits, `counts` holds all counts of one service, `run_counts` how much of each run is counted.
"""

from soapsvc.server.counting.counts import Counts
from soapsvc.server.counting.inflight import InFlight
from soapsvc.server.counting.rates import SharedRates
from soapsvc.server.counting.run_counts import RunCounts
from soapsvc.server.counting.shared import SharedNumbers

__all__ = ["Counts", "InFlight", "RunCounts", "SharedNumbers", "SharedRates"]
