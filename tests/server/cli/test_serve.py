"""Server processes: logs, health checks, shutdown."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from tests.support import raw_http
from tests.support.graphql.websocket import connected_socket
from tests.support.polling import wait_until
from tests.support.processes.servers import process
from tests.support.storage import full_disk
from tests.support.users import Cast


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", verify=tls.default_context()).status_code == 200
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
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
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


async def test_a_request_that_cannot_be_parsed_is_one_log_line(settings: Settings, tmp_path: Path) -> None:
    own, log = elsewhere(settings), tmp_path / "log"
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    with process(own, "serve", log=log):
        wait_until(lambda: answers(own.public_url))
        trace_ids = [
            (await raw_http.exchange(own.public_url, request)).error["trace_id"]
            for request in (b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", head + b"No colon\r\n\r\n")
        ]
        upgrade = head + b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"
        assert (await raw_http.exchange(own.public_url, upgrade)).status == 200
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["logger"] for line in lines if line["level"] != "info"] == []
    found = [line for line in lines if line["message"] == "unreadable request"]
    assert [line["trace_id"] for line in found] == trace_ids
    assert [sorted(line) for line in found] == [
        ["codes", "level", "logger", "message", "ms", "status", "time", "trace_id"]
    ] * 3


async def test_concurrent_requests_have_separate_log_lines(settings: Settings, tmp_path: Path) -> None:
    own, log, paths = elsewhere(settings), tmp_path / "log", [f"/nowhere/{number}" for number in range(30)]
    with process(own, "serve", log=log):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
            given = await asyncio.gather(*map(client.get, paths))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    logged = {line["path"]: line["trace_id"] for line in lines if line.get("path") in paths}
    assert logged == {path: answer.headers["x-request-id"] for path, answer in zip(paths, given, strict=True)}


async def test_readiness_lists_the_unavailable_part(settings: Settings, cast: Cast, tmp_path: Path) -> None:
    own = elsewhere(settings, redis_url=f"redis://127.0.0.1:{ports.find_free()}/0")
    with process(own, "serve", log=tmp_path / "log"):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
            ready = await client.get("/readyz")
            url = f"/v1/music/{cast.ada.organization_id}/generations"
            body = {"engine": "studio", "prompt": "x", "duration_seconds": 5}
            accepted = await client.post(url, json=body, headers=cast.ada.headers)
    assert ready.status_code == 503
    assert ready.json()["parts"] == {"database": "ok", "redis": "Redis is not reachable", "storage": "ok"}
    assert (accepted.status_code, accepted.json()["status"]) == (202, "queued")


async def test_without_a_database_every_response_has_retry_after(
    settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    own = elsewhere(settings, database_url=f"postgresql://studio:x@127.0.0.1:{ports.find_free()}/studio")
    with process(own, "serve", log=tmp_path / "log"):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
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


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_database_without_the_schema_is_refused_in_one_line(
    settings: Settings, tmp_path: Path, worker_id: str, command: str
) -> None:
    name, admin = f"bare_{worker_id}_{command}", await asyncpg.connect(settings.database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    bare = elsewhere(settings, database_url=f"{str(settings.database_url).rpartition('/')[0]}/{name}")
    try:
        refused = await run_to_end(bare, command, tmp_path / "log")
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
    assert refused.count("\n") == 1
    assert "empty" in refused
    assert "./studio migrate" in refused


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url: url.rpartition("/")[0] + "/none", 'database "none" does not exist'),
        (lambda url: url.replace("studio:", "studio:x", 1), "password authentication failed"),
        (lambda url: f"{url}?channel_binding=require", "channel_binding=require, which is not supported"),
        (lambda url: f"{url}?schema=music", "parameter schema, which is not supported"),
    ],
)
async def test_a_wrong_database_url_is_one_line(
    settings: Settings, tmp_path: Path, command: str, change: Callable[[str], str], reason: str
) -> None:
    wrong = elsewhere(settings, database_url=change(str(settings.database_url)))
    printed = await run_to_end(wrong, command, tmp_path / "log")
    assert printed.count("\n") == 1
    assert reason in printed
    password = str(urlsplit(str(settings.database_url)).password)
    assert password not in printed


async def test_migrate_names_a_server_that_does_not_respond_in_one_line(settings: Settings, tmp_path: Path) -> None:
    away = elsewhere(settings, database_url=f"postgresql://studio:x@127.0.0.1:{ports.find_free()}/studio")
    printed = await run_to_end(away, "migrate", tmp_path / "log")
    assert printed.count("\n") == 1
    assert "Database is not reachable: ConnectionRefusedError" in printed


async def run_to_end(settings: Settings, command: str, log: Path) -> str:
    """Run a command that fails; return what it prints."""
    with process(settings, command, log=log) as child:
        assert await asyncio.to_thread(child.wait, 100) == 1
    return await asyncio.to_thread(log.read_text)


async def test_a_full_disk_of_the_storage_folder_is_reported(settings: Settings, tmp_path: Path) -> None:
    storage = tmp_path / "blobs"
    own = elsewhere(settings, storage=str(storage))
    with full_disk.mount_small_disk(storage, "1m"), process(own, "serve", log=tmp_path / "log"):
        wait_until(lambda: answers(own.public_url))
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
            ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["storage"]) == (503, "The disk of the storage folder is full")
