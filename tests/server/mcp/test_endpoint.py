"""The HTTP endpoint of MCP: credentials, origins, methods, rate limits, and requests that no client sends."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.jobs import Status
from core.network import tls
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.factories import put_generation
from tests.support.polling import wait_for
from tests.support.processes import configured_server
from tests.support.rest import limits
from tests.support.users import Cast

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HEADERS = {"Accept": "application/json, text/event-stream"}


async def post(client: httpx.AsyncClient, body: object, **headers: str) -> httpx.Response:
    return await client.post("/mcp", json=body, headers={**HEADERS, **headers})


async def test_every_request_needs_valid_credentials(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await post(client, LIST)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AUTHENTICATION_REQUIRED")
    assert answer.headers["www-authenticate"] == 'Bearer realm="music-studio"'
    answer = await post(client, LIST, Authorization="Bearer ak_unknown")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_API_KEY")
    answer = await post(client, LIST, **cast.ada.headers)
    assert answer.status_code == 200
    assert {"x-ratelimit-remaining", "x-request-id"} <= answer.headers.keys()


async def test_pages_of_other_origins_and_unknown_hosts_are_rejected(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await post(client, LIST, Origin="https://evil.example", **cast.ada.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "OPERATION_NOT_ALLOWED")
    answer = await post(client, LIST, Origin="https://app.example.org", **cast.ada.headers)
    assert answer.status_code == 200
    assert (await post(client, LIST, Host="rebound.example", **cast.ada.headers)).status_code == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_are_no_sessions(client: httpx.AsyncClient, cast: Cast, method: str) -> None:
    answer = await client.request(method, "/mcp", headers={**HEADERS, **cast.ada.headers})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28", "1.0"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":1,"method":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"quote","arguments":[1]}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\ud800"}}',
        json.dumps([LIST] * 100).encode(),
    ],
    ids=lambda body: body[:12] if isinstance(body, bytes) else body,
)
async def test_malformed_bodies_are_client_errors(
    client: httpx.AsyncClient, cast: Cast, body: bytes, version: str
) -> None:
    headers = {**HEADERS, **cast.ada.headers, "Content-Type": "application/json", "MCP-Protocol-Version": version}
    answer = await client.post("/mcp", content=body, headers=headers)
    assert 400 <= answer.status_code < 500 or "error" in message(answer), answer.text


def message(answer: httpx.Response) -> dict[str, Any]:
    """Return the last JSON-RPC message of a response."""
    text = answer.text.rpartition("data: ")[2] if "event-stream" in answer.headers["content-type"] else answer.text
    found: dict[str, Any] = json.loads(text)
    return found


async def test_unknown_arguments_are_reported_up_to_a_bound(client: httpx.AsyncClient, cast: Cast) -> None:
    arguments = {"x" * 500 + str(number): 1 for number in range(1000)} | {"duration_seconds": 5}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "quote", "arguments": arguments}}
    answer = await post(client, call, **cast.ada.headers)
    problems = message(answer)["result"]["structuredContent"]["error"]["problems"]
    assert (len(problems), len(problems[0]["argument"])) == (50, 64)


async def test_a_large_body_is_rejected(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await post(client, {**LIST, "params": {"cursor": "x" * 1_100_000}}, **cast.ada.headers)
    assert answer.status_code == 413


async def test_calls_are_limited_like_those_of_the_api_and_need_no_trusted_document(
    settings: Settings, quiet_redis_url: str, cast: Cast, tmp_path: Path
) -> None:
    manifest = tmp_path / "persisted.json"
    await asyncio.to_thread(manifest.write_text, "{}")
    await limits.delete_counters(quiet_redis_url)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_engines"}}
    with configured_server.run_server(
        settings,
        quiet_redis_url,
        server={"requests_per_minute": 1, "requests_burst": 3},
        graphql={"trusted_documents": "only", "trusted_documents_file": manifest},
    ) as url:
        address = f"{url}/mcp?organization={cast.ada.organization_id}"
        async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
            answers = [await client.post(address, json=call, headers={**HEADERS, **cast.ada.headers}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    # one token for the request and one for its query
    assert message(answers[0])["result"]["structuredContent"]["engines"][0]["key"] == "studio"
    error = message(answers[1])["result"]["structuredContent"]["error"]
    assert (error["code"], error["retry_after_seconds"] > 0) == ("RATE_LIMIT_EXCEEDED", True)
    assert answers[2].json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_waits_are_limited_and_end_with_their_connection(
    settings: Settings, quiet_redis_url: str, database: Database, cast: Cast, version: str
) -> None:
    arguments = {"generation_id": await put_generation(database, cast.ada, Status.QUEUED)}

    def wait(seconds: float) -> dict[str, Any]:
        meta = {"progressToken": 1, **META} if version > "2026" else {"progressToken": 1}
        params = {"name": "wait_for_track", "arguments": {**arguments, "timeout_seconds": seconds}, "_meta": meta}
        return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}

    headers = {**HEADERS, **cast.ada.headers, "MCP-Protocol-Version": version}
    headers |= {"Mcp-Method": "tools/call", "Mcp-Name": "wait_for_track"}
    with configured_server.run_server(settings, quiet_redis_url, sockets={"max_per_caller": 1}) as url:
        async with httpx.AsyncClient(timeout=100, headers=headers, verify=tls.default_context()) as client:

            async def is_free() -> bool | None:
                answer = await client.post(f"{url}/mcp", json=wait(0.2))
                return not message(answer)["result"]["isError"] or None

            async with client.stream("POST", f"{url}/mcp", json=wait(100)) as stream:
                lines = stream.aiter_lines()
                while "notifications/progress" not in await anext(lines):
                    pass
                assert not await is_free()
            await wait_for(is_free)
