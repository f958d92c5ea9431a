"""Monitoring of a service: metrics of all its processes at /metrics, and its readiness at /readyz.

`metrics` counts events, in files that outlive a worker process; `gauges` reads current values at each request; `probes`
serves both. `traces` sends calls as spans of OpenTelemetry.
"""

from soapsvc.server.watching.gauges import Gauges, WorkersSeen
from soapsvc.server.watching.metrics import Metrics, MetricsFolder
from soapsvc.server.watching.probes import metrics_page, readiness
from soapsvc.server.watching.traces import Traces, both

__all__ = ["Gauges", "Metrics", "MetricsFolder", "Traces", "WorkersSeen", "both", "metrics_page", "readiness"]
