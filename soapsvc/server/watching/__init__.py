"""What an operator sees of a service: metrics of all its processes at /metrics, and at /readyz whether it can work.

`metrics` counts, in memory that outlives a worker process; `gauges` looks at what is, when it is asked; `probes` are
the paths at which both are told. `traces` sends calls as spans of OpenTelemetry.
"""

from soapsvc.server.watching.gauges import Gauges, WorkersSeen
from soapsvc.server.watching.metrics import Metrics, MetricsFolder
from soapsvc.server.watching.probes import metrics_page, readiness
from soapsvc.server.watching.traces import Traces, both

__all__ = ["Gauges", "Metrics", "MetricsFolder", "Traces", "WorkersSeen", "both", "metrics_page", "readiness"]
