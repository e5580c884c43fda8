"""Prometheus metrics at /metrics: requests, WebSockets and error codes of this process; jobs of all processes."""

import hmac
import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import jobs
from core.settings import MetricsSettings
from storage.postgres.database import Database
from storage.queue import stats
from storage.queue.stats import QueueStats
from storage.redis.events import EventLog

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "music_studio_request_seconds",
            "Duration of HTTP requests by method and status.",
            ("method", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.errors = Counter(
            "music_studio_errors", "Error codes in REST and GraphQL responses.", ("code",), registry=self.registry
        )
        self.sockets = Gauge("music_studio_sockets", "Open WebSockets.", registry=self.registry)
        self.subscriptions = Gauge("music_studio_subscriptions", "Subscribed event feeds.", registry=self.registry)


class _JobCollector(Collector):
    """Exports job statistics as gauges. They are the same on every server."""

    def __init__(self, queue_stats: QueueStats) -> None:
        self._stats = queue_stats

    def collect(self) -> Iterator[Metric]:
        jobs_by_state = {"queued": self._stats.queued, "running": self._stats.running}
        yield _gauges("music_studio_jobs", "Queued and running jobs.", "state", jobs_by_state)
        age = self._stats.oldest_queued_seconds
        yield GaugeMetricFamily("music_studio_queue_age_seconds", "Age of the oldest queued job.", age)
        files_by_state = {"queued": self._stats.conversions_queued, "running": self._stats.conversions_running}
        help_text = "Conversions of files that are queued, or in progress or delayed after a failure (running)."
        yield _gauges("music_studio_conversions", help_text, "state", files_by_state)
        age = self._stats.oldest_conversion_seconds
        yield GaugeMetricFamily("music_studio_conversion_age_seconds", "Age of the oldest queued conversion.", age)
        # a status without jobs is exported as 0, so that an alert sees it rise
        ended = {str(status): self._stats.ended.get(status, 0) for status in sorted(jobs.TERMINAL)}
        yield _gauges("music_studio_jobs_ended", "Jobs that ended in the last 15 minutes.", "status", ended)
        help_text = "Median render time of one minute of music, by engine with renders in the last 15 minutes."
        speeds = dict(sorted(self._stats.render_seconds_per_minute.items()))
        yield _gauges("music_studio_render_seconds_per_minute", help_text, "engine", speeds)


def _gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family


def route(settings: MetricsSettings, metrics: Metrics) -> Route:
    """Return the route ``/metrics``. It requires the token if one is set, else a request from this machine."""

    async def get_metrics(request: Request) -> Response:
        if not _is_authorized(request, settings.token):
            raise HTTPException(404)
        events: EventLog = request.state.events
        metrics.subscriptions.set(events.subscription_count)
        database: Database = request.state.services.database
        async with database.transaction() as session:
            queue_stats = await stats.load_stats(session)
        # a registry per scrape: the job statistics belong to this response only
        registry = CollectorRegistry()
        registry.register(metrics.registry)
        registry.register(_JobCollector(queue_stats))
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=media_type)

    return Route("/metrics", get_metrics)


def _is_authorized(request: Request, token: str | None) -> bool:
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return "x-forwarded-for" not in request.headers and _is_loopback(request)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
