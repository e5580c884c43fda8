"""The REST workflow through the official Python SDK with only its base URL changed.

Its typed client has no music operations, so the tests use its transport with its headers and retries.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aitronos import AsyncAitronos
from aitronos.core.request_options import RequestOptions

from core.network import tls
from core.settings import Settings
from core.spend_windows import Window
from storage.postgres.database import Database
from storage.tables import SpendLimit
from tests.support import factories
from tests.support.polling import DEADLINE_SECONDS, wait_for
from tests.support.processes import configured_server
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

Json = dict[str, Any]


class Sdk:
    """Calls operations of an organization through the SDK's transport."""

    def __init__(self, url: str, person: Person, http: httpx.AsyncClient, token: str | None = None) -> None:
        sdk = AsyncAitronos(base_url=url, api_key=person.key, token=token, httpx_client=http)
        self._transport = sdk._client_wrapper.httpx_client
        self._music = f"v1/music/{person.organization_id}"

    async def call(self, method: str, path: str, status: int, json: Json | None = None) -> Json:
        """Return the response body and assert the status."""
        target = path if path.startswith("v1/") else f"{self._music}/{path}"
        answer = await self._transport.request(target, method=method, json=json)
        assert answer.status_code == status, answer.text
        content: Json = answer.json()
        return content


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, verify=tls.default_context()) as http:
        yield http


@pytest.mark.parametrize("uses_token", [False, True])
async def test_generate_poll_save_collect_share_resolve_usage(
    server_url: str,
    cast: Cast,
    http: httpx.AsyncClient,
    uses_token: bool,  # noqa: FBT001  a parameter
) -> None:
    ada = Sdk(server_url, cast.ada, http, token=cast.ada.key if uses_token else None)
    (engine,) = (await ada.call("GET", "engines", 200))["engines"]
    body = {"engine": engine["engine_key"], "prompt": "slow ambient pads in D minor", "duration_seconds": 3}
    job = await ada.call("POST", "generations", 202, body)
    assert (job["status"], job["progress"]) == ("queued", 0)

    async def poll() -> Json | None:
        now = await ada.call("GET", f"generations/{job['id']}", 200)
        return now if now["status"] not in {"queued", "running"} else None

    done = await wait_for(poll)
    assert (done["status"], done["progress"]) == ("succeeded", 100)
    track_id = done["result_track_id"]
    assert (await http.get(done["playback_url"])).headers["content-type"] == "audio/mpeg"

    saved = await ada.call("POST", f"tracks/{track_id}/save", 200)
    assert (saved["track_id"], saved["source"]) == (track_id, "own")
    assert [item["id"] for item in (await ada.call("GET", "tracks", 200))["items"]] == [track_id]

    collection = await ada.call("POST", "collections", 201, {"name": "Evening"})
    await ada.call("POST", f"collections/{collection['id']}/tracks", 200, {"track_id": track_id})
    members = await ada.call("GET", f"collections/{collection['id']}/tracks", 200)
    assert [(item["position"], item["track_id"]) for item in members["items"]] == [(0, track_id)]

    link = await ada.call("POST", f"tracks/{track_id}/share", 201, {"expires_in_days": 7})
    cid = Sdk(server_url, cast.cid, http)
    shared = await cid.call("GET", f"v1/music/shared/{link['token']}", 200)
    assert (shared["available"], shared["track"]["id"]) == (True, track_id)
    shared_entry = await cid.call("POST", f"v1/music/shared/{link['token']}/save", 201)
    assert (shared_entry["source"], shared_entry["track_id"]) == ("shared", track_id)

    usage = await ada.call("GET", "usage", 200)
    assert [window["window"] for window in usage["windows"]] == ["day", "week", "month"]
    price = round(engine["cost_chf_per_minute"] * 3 / 60, 6)
    assert [window["cost_chf"] for window in usage["windows"]] == [price] * 3
    assert usage["windows"][0]["by_engine"] == [{"engine": "studio", "track_count": 1, "cost_chf": price}]


async def test_errors_have_the_error_envelope(server_url: str, cast: Cast, http: httpx.AsyncClient) -> None:
    ada = Sdk(server_url, cast.ada, http)
    missing = await ada.call("GET", "generations/mgen_0123456789ab", 404)
    assert missing["error"]["code"] == "RESOURCE_NOT_FOUND"
    wrong = await ada.call("POST", "generations", 422, {"engine": "studio"})
    assert {error["field"] for error in wrong["error"]["details"]["errors"]} == {"prompt", "duration_seconds"}


@pytest.fixture
def slow_refill_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server that adds one token a minute, so that a reset at the next token is far away."""
    server: dict[str, object] = {"requests_per_minute": 1, "requests_burst": 60}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


async def test_final_errors_reach_the_caller_without_a_sleep_for_the_rate_limit(
    slow_refill_url: str, cast: Cast, database: Database, http: httpx.AsyncClient
) -> None:
    sdk = AsyncAitronos(base_url=slow_refill_url, api_key=cast.ada.key, httpx_client=http)
    transport, path = sdk._client_wrapper.httpx_client, f"v1/music/{cast.ada.organization_id}/generations"
    keyed = RequestOptions(additional_headers={"Idempotency-Key": "monday"})
    body = factories.generation_body()
    await transport.request(path, method="POST", json=body, request_options=keyed)
    async with database.transaction() as session:
        session.add(SpendLimit(organization_id=cast.ada.organization_id, period=Window.DAY, limit_chf=Decimal(0)))
    other = {**body, "prompt": "another request"}
    async with asyncio.timeout(DEADLINE_SECONDS):
        conflict = await transport.request(path, method="POST", json=other, request_options=keyed)
        capped = await transport.request(path, method="POST", json=body)
    errors = [answer.json()["error"]["code"] for answer in (conflict, capped)]
    assert errors == ["CONFLICT", "SPEND_CAP_EXCEEDED"]
    for answer in (conflict, capped):
        sent_at = datetime.fromisoformat(answer.json()["error"]["timestamp"]).timestamp()
        assert sent_at <= int(answer.headers["X-RateLimit-Reset"]) <= sent_at + 2
        assert int(answer.headers["X-RateLimit-Remaining"]) <= int(answer.headers["X-RateLimit-Limit"])
