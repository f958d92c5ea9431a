"""What all worker processes count together: calls under way, calls of a minute, hour and day, answers.

`shared` has the numbers in common memory that the others stand on; `inflight` is the gate's count, `rates` the rate
limits', `counts` what metrics and the stand-in show, `run_counts` how much of each run is counted.
"""

from soapsvc.server.counting.counts import Counts
from soapsvc.server.counting.inflight import InFlight
from soapsvc.server.counting.rates import SharedRates
from soapsvc.server.counting.run_counts import RunCounts
from soapsvc.server.counting.shared import SharedNumbers

__all__ = ["Counts", "InFlight", "RunCounts", "SharedNumbers", "SharedRates"]
