"""Server processes: logs, health checks, shutdown."""

import asyncio
import json
import signal
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from core.settings import Settings
from server.embedded import ports
from tests.support.graphql.websocket import connected_socket
from tests.support.polling import wait_until
from tests.support.processes.servers import process
from tests.support.users import Cast


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def elsewhere(settings: Settings, **changes: object) -> Settings:
    server = settings.server.model_copy(update={"port": ports.find_free(), "public_url": None})
    return settings.model_copy(update={"server": server, **changes})


async def test_each_log_line_is_json_with_the_trace_id_and_no_secret(
    settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    own, log = elsewhere(settings), tmp_path / "log"
    with process(own, "serve", log=log):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100) as client:
            url = f"/v1/music/{cast.ada.organization_id}/generations/mgen_nope?signature=sesame"
            answer = await client.get(url, headers=cast.ada.headers)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    access = [line for line in lines if line["logger"] == "server.access" and line["status"] == 404]
    assert [line["trace_id"] for line in access] == [answer.headers["x-request-id"]]
    assert answer.json()["error"]["trace_id"] == answer.headers["x-request-id"]
    text = log.read_text()
    assert cast.ada.key not in text
    assert "sesame" not in text
    assert str(settings.database_url) not in text


async def test_concurrent_requests_have_separate_log_lines(settings: Settings, tmp_path: Path) -> None:
    own, log, paths = elsewhere(settings), tmp_path / "log", [f"/nowhere/{number}" for number in range(30)]
    with process(own, "serve", log=log):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100) as client:
            given = await asyncio.gather(*map(client.get, paths))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    logged = {line["path"]: line["trace_id"] for line in lines if line.get("path") in paths}
    assert logged == {path: answer.headers["x-request-id"] for path, answer in zip(paths, given, strict=True)}


async def test_readiness_lists_the_unavailable_part(settings: Settings, cast: Cast, tmp_path: Path) -> None:
    own = elsewhere(settings, redis_url=f"redis://127.0.0.1:{ports.find_free()}/0")
    with process(own, "serve", log=tmp_path / "log"):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100) as client:
            ready = await client.get("/readyz")
            url = f"/v1/music/{cast.ada.organization_id}/generations"
            body = {"engine": "studio", "prompt": "x", "duration_seconds": 5}
            accepted = await client.post(url, json=body, headers=cast.ada.headers)
    assert ready.status_code == 503
    assert ready.json()["parts"] == {"database": "ok", "redis": "not reachable", "storage": "ok"}
    assert (accepted.status_code, accepted.json()["status"]) == (202, "queued")


async def test_without_a_database_every_response_has_retry_after(
    settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    own = elsewhere(settings, database_url=f"postgresql://studio:x@127.0.0.1:{ports.find_free()}/studio")
    with process(own, "serve", log=tmp_path / "log"):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100) as client:
            rest = await client.get(f"/v1/music/{cast.ada.organization_id}/engines", headers=cast.ada.headers)
            graphql = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=cast.ada.headers)
    assert rest.status_code == graphql.status_code == 503
    assert rest.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert graphql.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert int(rest.headers["retry-after"]) > 0
    assert int(graphql.headers["retry-after"]) > 0


async def test_a_server_closes_its_sockets_on_shutdown(settings: Settings, cast: Cast, tmp_path: Path) -> None:
    own = elsewhere(settings)
    with process(own, "serve", log=tmp_path / "log") as server:
        wait_until(lambda: answers(own.public_url))
        async with connected_socket(own.public_url, {"x-api-key": cast.ada.key}) as connection:
            assert json.loads(await connection.recv())["type"] == "connection_ack"
            server.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed):
                await connection.recv()
            assert connection.close_code == 1012
        # by convention the exit status of a process that a signal ended names the signal
        assert await asyncio.to_thread(server.wait, 100) == -signal.SIGTERM
