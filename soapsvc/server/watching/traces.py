"""Calls as spans of OpenTelemetry: one for the call, and inside it the stages before, during and after its previews.

The spans are made after the call, from the times in its record, so tracing does not slow the call. The call is a child
of the caller's span if the caller has sent a `traceparent` (W3C Trace Context).
"""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Any

from soapsvc import __version__
from soapsvc.clock import system_clock
from soapsvc.runs.definition import needed
from soapsvc.web.calls import CallRecord, Observer

_NANOS = 1_000_000_000
_LAST_SECONDS = 3.0


class Traces:
    """Makes the spans of calls; with `exporter` None they go to OTEL_EXPORTER_OTLP_ENDPOINT.

    Raises MissingExtra where OpenTelemetry is not installed.
    """

    def __init__(self, exporter: Any = None) -> None:
        sdk = needed("opentelemetry.sdk.trace", extra="otel")
        export = needed("opentelemetry.sdk.trace.export", extra="otel")
        resources = needed("opentelemetry.sdk.resources", extra="otel")
        self._trace = needed("opentelemetry.trace", extra="otel")
        if exporter is None:
            otlp = needed("opentelemetry.exporter.otlp.proto.http.trace_exporter", extra="otel")
            exporter = otlp.OTLPSpanExporter()
        told = resources.OTELResourceDetector().detect()  # OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES of the operator
        own = {"service.name": "soapsvc", "service.version": __version__}
        resource = resources.Resource.create({**own, **told.attributes})
        self._provider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(export.BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("soapsvc", __version__)

    def call(self, record: CallRecord) -> None:
        """Make the spans of a finished call."""
        if record.quiet:
            return
        zero = int((system_clock().timestamp() - perf_counter()) * _NANOS)

        def at(moment: float) -> int:
            return zero + int(moment * _NANOS)

        kind = self._trace.SpanKind
        ended = record.started + record.milliseconds / 1000
        span = self._tracer.start_span(
            f"{record.surface} {record.operation}",
            context=self._parent(record),
            kind=kind.SERVER,
            attributes=_attributes(record),
            start_time=at(record.started),
        )
        if record.outcome == "failed":
            span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, record.code))
        within = self._trace.set_span_in_context(span)
        for name, start, end in _stages(record, ended):
            self._tracer.start_span(name, context=within, start_time=at(start)).end(at(end))
        span.end(at(ended))

    def finish(self) -> None:
        """Send the waiting spans. A collector that does not answer delays the end of the process only for a moment."""
        sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)

    def _parent(self, record: CallRecord) -> Any:
        """The context of the caller's span; None for a caller without one."""
        if record.trace is None:
            return None
        trace, told = self._trace, record.trace
        flags = trace.TraceFlags(int(told.flags, 16))
        theirs = trace.SpanContext(int(told.trace_id, 16), int(told.parent_id, 16), is_remote=True, trace_flags=flags)
        return trace.set_span_in_context(trace.NonRecordingSpan(theirs))


def _attributes(record: CallRecord) -> dict[str, Any]:
    """The fields of the log's line, by OpenTelemetry's names where these exist."""
    told = {
        "http.response.status_code": record.status,
        "enduser.id": record.user,
        "soapsvc.request_id": record.request_id,
        "soapsvc.version": record.version,
        "soapsvc.outcome": record.outcome,
        "soapsvc.code": record.code,
        "soapsvc.accounts": record.accounts,
        "soapsvc.items": record.items,
        "soapsvc.errors": record.errors,
        "soapsvc.engine_milliseconds": round(record.engine_milliseconds, 3),
    }
    return {name: value for name, value in told.items() if value not in {"", None}}


def _stages(record: CallRecord, ended: float) -> list[tuple[str, float, float]]:
    """The stages of a call with previews: before them, the previews with the writing between them, and after them.

    A large answer is written while its accounts are previewed, so both are one stage; the call's attribute
    `soapsvc.engine_milliseconds` has the engine's part.
    """
    if record.first_preview is None or record.last_preview is None:
        return []
    first, last = record.first_preview, min(record.last_preview, ended)
    return [
        ("read, sign in, load", record.started, first),
        ("preview", first, last),
        ("write", last, ended),
    ]


def both(one: Observer, other: Observer) -> Observer:
    """An observer that passes each call to two observers."""

    def tell(record: CallRecord) -> None:
        one(record)
        other(record)

    return tell
