"""Spans of a request and of the job it started, as a collector receives them."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from core.settings import Settings, TelemetrySettings
from engines.registry import Registry
from server.embedded import ports
from tests.conftest import serving
from tests.people import Cast
from workers.generations import run
from workers.services import connect

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
Spans = dict[str, Span]


class Collector(ThreadingHTTPServer):
    """An OTLP endpoint that keeps what it is sent, by the service's and the span's name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", ports.free()), _Handler)
        self.spans: Spans = {}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        raw = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        assert isinstance(self.server, Collector)
        for resource in ExportTraceServiceRequest.FromString(raw).resource_spans:
            facts = {fact.key: fact.value.string_value for fact in resource.resource.attributes}
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                self.server.spans[f"{facts['service.name']} {span.name}"] = span
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at the spans."""


@contextmanager
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("parent", [CALLER, None], ids=["inside of the caller's trace", "a trace of its own"])
async def test_a_job_belongs_to_the_trace_of_its_request(settings: Settings, cast: Cast, parent: str | None) -> None:
    with collector() as received:
        telemetry = TelemetrySettings(endpoint=f"http://127.0.0.1:{received.server_port}")
        server = settings.server.model_copy(update={"port": ports.free()})
        own = settings.model_copy(update={"server": server, "telemetry": telemetry})
        with serving(own) as url:
            await _submit(url, cast, parent)
        async with connect(own, Registry()) as services:
            await run(services)
    request, job = received.spans["music-studio-server POST"], received.spans["music-studio-worker generation"]
    assert (job.trace_id, job.parent_span_id) == (request.trace_id, request.span_id)
    assert (request.trace_id.hex() == CALLER.split("-")[1]) is (parent is not None)
    assert {fact.key for fact in request.attributes} == {
        "http.request.method",
        "http.response.status_code",
        "request",
        "url.path",
    }


async def _submit(url: str, cast: Cast, parent: str | None) -> None:
    body = {"engine": "studio", "prompt": "lofi", "duration_seconds": 1}
    headers = {**cast.ada.headers, **({"traceparent": parent} if parent else {})}
    async with httpx.AsyncClient() as client:
        path = f"/v1/music/{cast.ada.organization_id}/generations"
        assert (await client.post(url + path, json=body, headers=headers)).status_code == 202
