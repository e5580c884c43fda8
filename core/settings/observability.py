"""Metrics and traces."""

from pydantic import Field

from core.settings.values import Section


class MetricsSettings(Section):
    """Prometheus metrics at /metrics; without a token only requests from this machine may read them."""

    token: str | None = Field(None, min_length=16)
    """Bearer token with which a scraper on another machine may read the metrics."""


class TelemetrySettings(Section):
    """OpenTelemetry traces, exported by OTLP over HTTP; disabled without an endpoint."""

    endpoint: str | None = Field(None, pattern=r"^https?://[^\s]+[^/\s]$")
    """Base URL of the collector, such as http://127.0.0.1:4318."""
    service_name: str = "music-studio"
    """Service name of spans; -server or -worker is appended."""
