"""OpenTelemetry: spans of requests and of the jobs that they started, sent to a collector when one is configured.

A job belongs to the trace of the request that submitted it: its row carries the W3C ``traceparent``.
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
    """The spans of one process; without an endpoint it does nothing, and loads nothing."""

    def __init__(self, settings: TelemetrySettings, role: str) -> None:
        self._provider = _provider(settings, role) if settings.endpoint else None

    @property
    def is_on(self) -> bool:
        """Whether spans are recorded at all."""
        return self._provider is not None

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: str | None, facts: Mapping[str, Attribute]
    ) -> Iterator[dict[str, Attribute]]:
        """A span around the body, with facts as its attributes; so becomes what the body puts into the yielded dict.

        ``parent`` is a ``traceparent``; without one the span is inside of the current one, if there is one.
        """
        learned: dict[str, Attribute] = {}
        if self._provider is None:
            yield learned
            return
        from opentelemetry import trace  # noqa: PLC0415  only for who uses it
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        words = TraceContextTextMapPropagator()
        context = words.extract({"traceparent": parent}) if parent else None
        tracer = self._provider.get_tracer("music_studio")
        with tracer.start_as_current_span(name, context, trace.SpanKind[kind], facts) as span:
            carrier: dict[str, str] = {}
            words.inject(carrier)
            token = logs.trace_parent.set(carrier.get("traceparent"))
            try:
                yield learned
            finally:
                span.set_attributes(learned)
                logs.trace_parent.reset(token)

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        if self._provider is not None:
            self._provider.force_flush(_FLUSH_MILLISECONDS)
            self._provider.shutdown()


def _provider(settings: TelemetrySettings, role: str) -> TracerProvider:
    exporters = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  only for who uses it
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": f"{settings.service_name}-{role}"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporters.OTLPSpanExporter(f"{settings.endpoint}/v1/traces")))
    return provider
