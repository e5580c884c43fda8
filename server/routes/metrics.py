"""What Prometheus reads at /metrics: this process's requests, sockets and error codes, and the jobs of all."""

import hmac
import ipaddress
from collections.abc import Iterator
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
from storage.queue import stats
from storage.queue.stats import QueueStats

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "music_studio_request_seconds",
            "How long HTTP requests took, by method and status.",
            ("method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.errors = Counter(
            "music_studio_errors", "Error codes that went out, by either door.", ("code",), registry=self.registry
        )
        self.sockets = Gauge("music_studio_sockets", "WebSockets that are open.", registry=self.registry)
        self.subscriptions = Gauge("music_studio_subscriptions", "Feeds that are followed.", registry=self.registry)


class _Jobs(Collector):
    """An observation as Prometheus wants it."""

    def __init__(self, seen: QueueStats) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        """Gauges only: the truth of this moment, the same from every server."""
        states = GaugeMetricFamily("music_studio_jobs", "Jobs that have not ended, by state.", labels=("state",))
        states.add_metric(("queued",), self._seen.queued)
        states.add_metric(("running",), self._seen.running)
        yield states
        age = GaugeMetricFamily("music_studio_queue_age_seconds", "Age of the oldest job that waits.")
        age.add_metric((), self._seen.oldest_queued_seconds)
        yield age
        ended = GaugeMetricFamily("music_studio_jobs_ended", "Jobs that ended in 15 minutes.", labels=("status",))
        # none is a figure, too: an alarm needs something to rise from
        for status in sorted(jobs.TERMINAL):
            ended.add_metric((status,), self._seen.ended.get(status, 0))
        yield ended
        help_text = "Median of what a minute of music took to make of late, by engine that was at work in 15 minutes."
        pace = GaugeMetricFamily("music_studio_render_seconds_per_minute", help_text, labels=("engine",))
        for engine, seconds in sorted(self._seen.render_seconds_per_minute.items()):
            pace.add_metric((engine,), seconds)
        yield pace


def route(settings: MetricsSettings, metrics: Metrics) -> Route:
    """``/metrics``, for callers with the token if there is one, else for this machine's own."""

    async def expose(request: Request) -> Response:
        if not _may_read(request, settings.token):
            raise HTTPException(404)
        metrics.subscriptions.set(request.state.opened.events.followers)
        async with request.state.services.database.transaction() as session:
            seen = await stats.load_stats(session)
        # both are registered anew for each answer, so that nothing is kept between scrapes
        whole = CollectorRegistry()
        whole.register(metrics.registry)
        whole.register(_Jobs(seen))
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(whole), media_type=media_type)

    return Route("/metrics", expose)


def _may_read(request: Request, token: str | None) -> bool:
    if token is not None:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), token.encode())
    return "x-forwarded-for" not in request.headers and _is_loopback(request)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
