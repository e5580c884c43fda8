"""OpenTelemetry spans of requests and jobs, exported if a collector is configured.

A job joins the trace of the request that submitted it: its row stores the W3C ``traceparent``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from core import logs

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from core.settings import TelemetrySettings

_FLUSH_MILLISECONDS: Final = 5000

Kind = Literal["SERVER", "CONSUMER"]
Attribute = str | int | float | bool


class Telemetry:
    """The tracer of one process. Without a configured endpoint it does nothing and imports nothing."""

    def __init__(self, settings: TelemetrySettings, role: str) -> None:
        self._provider = _provider(settings, role) if settings.endpoint else None

    @property
    def is_on(self) -> bool:
        return self._provider is not None

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Mapping[str, Attribute]
    ) -> Iterator[dict[str, Attribute]]:
        """Record a span around the body. Attributes that the body adds to the yielded dict are set at its end.

        ``parent`` is a ``traceparent``; without one the span is a child of the current span, if any.
        """
        late_attributes: dict[str, Attribute] = {}
        if self._provider is None:
            yield late_attributes
            return
        from opentelemetry import trace  # noqa: PLC0415  imported only if tracing is on
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        propagator = TraceContextTextMapPropagator()
        context = propagator.extract({"traceparent": parent}) if parent else None
        tracer = self._provider.get_tracer("music_studio")
        with tracer.start_as_current_span(name, context, trace.SpanKind[kind], attributes) as span:
            carrier: dict[str, str] = {}
            propagator.inject(carrier)
            token = logs.trace_parent.set(carrier.get("traceparent"))
            try:
                yield late_attributes
            finally:
                span.set_attributes(late_attributes)
                logs.trace_parent.reset(token)

    def close(self) -> None:
        """Export the remaining spans, waiting a few seconds at most."""
        if self._provider is not None:
            self._provider.force_flush(_FLUSH_MILLISECONDS)
            self._provider.shutdown()


def _provider(settings: TelemetrySettings, role: str) -> TracerProvider:
    exporters = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  imported only if tracing is on
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": f"{settings.service_name}-{role}"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporters.OTLPSpanExporter(f"{settings.endpoint}/v1/traces")))
    return provider
