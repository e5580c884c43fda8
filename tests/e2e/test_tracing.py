"""A collector receives the spans of a request and of its job."""

import gzip

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from core.network import tls
from core.settings import Settings, TelemetrySettings
from engines.registry import EngineRegistry
from server.embedded import ports
from tests.support.processes import http_receiver
from tests.support.processes.http_receiver import Receiver
from tests.support.processes.servers import serving
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import connect

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def spans(collector: Receiver) -> dict[str, Span]:
    """Return the received spans by the names of service and span."""
    found = {}
    for headers, body in collector.received:
        raw = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        for resource in ExportTraceServiceRequest.FromString(raw).resource_spans:
            attributes = {fact.key: fact.value.string_value for fact in resource.resource.attributes}
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                found[f"{attributes['service.name']} {span.name}"] = span
    return found


@pytest.mark.parametrize("parent", [CALLER, None], ids=["inside of the caller's trace", "a trace of its own"])
async def test_a_job_belongs_to_the_trace_of_its_request(settings: Settings, cast: Cast, parent: str | None) -> None:
    with http_receiver.running() as collector:
        telemetry = TelemetrySettings(endpoint=f"http://127.0.0.1:{collector.server_port}")
        server = settings.server.model_copy(update={"port": ports.find_free()})
        own = settings.model_copy(update={"server": server, "telemetry": telemetry})
        with serving(own) as url:
            await _submit(url, cast, parent)
        async with connect(own, EngineRegistry()) as services:
            await run(services)
    received = spans(collector)
    request, job = received["music-studio-server POST"], received["music-studio-worker generation"]
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
    async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
        path = f"/v1/music/{cast.ada.organization_id}/generations"
        assert (await client.post(url + path, json=body, headers=headers)).status_code == 202
