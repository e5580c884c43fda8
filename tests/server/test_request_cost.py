"""A request runs a fixed number of SQL statements and Redis commands: each one costs more than the code around it.

The code around it is bounded by the calls of this project's functions, which do not depend on the speed of the machine.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import redis.asyncio as redis
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import PROJECT, Settings
from server.app import create_app
from storage.postgres.database import Database
from tests.support import factories
from tests.support.graphql.cost import recorded_statements
from tests.support.users import Cast

JOB: Final = """
query($org: ID!, $id: ID!) { organization(id: $org) { generation(id: $id) { id status track { id title } } } }
"""
LIBRARY: Final = """
query($org: ID!) { organization(id: $org) { library(first: 50) {
  edges { cursor node { track { id title } } } pageInfo { hasNextPage endCursor }
} } }
"""
_COMMANDS: Final = frozenset({"EVAL", "EVALSHA", "EXPIRE", "HSET", "LPUSH", "PUBLISH", "RPUSH", "SADD", "XADD"})
"""The commands of requests. Other loops of the server read, or run when something was lost."""
_END: Final = "the end"


@pytest_asyncio.fixture
async def server(
    settings: Settings,
    quiet_redis_url: str,
    database: Database,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application in this process."""
    app = create_app(settings.model_copy(update={"redis_url": quiet_redis_url}))
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(_with_state(app, dict(state or {})))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


def _with_state(app: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return run


@asynccontextmanager
async def recorded_commands(address: str) -> AsyncIterator[Counter[str]]:
    """Count the commands of requests to a Redis database, without those that scripts run."""
    counted: Counter[str] = Counter()
    async with redis.from_url(address) as connection, connection.monitor() as monitor:
        number = connection.connection_pool.connection_kwargs["db"]

        async def count() -> None:
            async for each in monitor.listen():
                name, _, rest = each["command"].partition(" ")
                if each["db"] == number and rest == _END:
                    return
                if each["db"] == number and each["client_type"] != "lua" and name.upper() in _COMMANDS:
                    counted[name.upper()] += 1

        task = asyncio.create_task(count())
        yield counted
        await connection.echo(_END)
        await task


async def measure(send: Any, address: str) -> tuple[httpx.Response, int, Counter[str]]:  # noqa: ANN401  a function
    """Return the response to a repeated request, its number of statements, and its Redis commands."""
    await send()
    with recorded_statements() as statements:
        async with recorded_commands(address) as commands:
            response: httpx.Response = await send()
    assert response.is_success, response.text
    return response, len(statements), commands


@pytest.mark.parametrize("kind", ["job", "list"])
async def test_a_read_over_rest_runs_two_statements_and_one_command(
    server: httpx.AsyncClient, database: Database, cast: Cast, quiet_redis_url: str, kind: str
) -> None:
    base = f"/v1/music/{cast.ada.organization_id}"
    track_id = await factories.put_track(database, cast.ada)
    await server.post(f"{base}/tracks/{track_id}/save", headers=cast.ada.headers)
    [job] = (await server.get(f"{base}/generations", headers=cast.ada.headers)).json()["jobs"]
    url = f"{base}/generations/{job['id']}" if kind == "job" else f"{base}/tracks?limit=50"
    response, statements, commands = await measure(lambda: server.get(url, headers=cast.ada.headers), quiet_redis_url)
    assert track_id in response.text
    # the key with its memberships, and the data
    assert statements == 2
    assert commands == {"EVALSHA": 1}


@pytest.mark.parametrize("document", [JOB, LIBRARY], ids=["job", "library"])
async def test_a_read_over_graphql_runs_two_statements_and_one_command(
    server: httpx.AsyncClient, database: Database, cast: Cast, quiet_redis_url: str, document: str
) -> None:
    base = f"/v1/music/{cast.ada.organization_id}"
    track_id = await factories.put_track(database, cast.ada)
    await server.post(f"{base}/tracks/{track_id}/save", headers=cast.ada.headers)
    [job] = (await server.get(f"{base}/generations", headers=cast.ada.headers)).json()["jobs"]
    variables = {"org": cast.ada.organization_id, "id": job["id"]}
    body = {"query": document, "variables": {name: variables[name] for name in variables if f"${name}:" in document}}
    response, statements, commands = await measure(
        lambda: server.post("/graphql", json=body, headers=cast.ada.headers), quiet_redis_url
    )
    assert track_id in response.text
    assert statements == 2
    assert commands == {"EVALSHA": 1}


_ROOMS: Final = ("core", "storage", "resolvers", "schema", "rest_compat", "server")
FOLDERS: Final = tuple(f"{PROJECT}/{room}/" for room in _ROOMS)
MAX_CALLS: Final = {"rest job": 215, "rest list": 215, "graphql job": 315, "graphql library": 330}
"""With Python 3.11; later versions call no function for a comprehension."""


async def count_calls(send: Any) -> int:  # noqa: ANN401  a function
    """Return the fewest calls of this project's functions in some repetitions: loops of the server run meanwhile."""
    counts = []
    for _ in range(5):
        calls = 0

        def count(frame: FrameType, event: str, _: object) -> None:
            nonlocal calls
            calls += event == "call" and frame.f_code.co_filename.startswith(FOLDERS)

        sys.setprofile(count)
        try:
            response: httpx.Response = await send()
        finally:
            sys.setprofile(None)
        assert response.is_success, response.text
        counts.append(calls)
    return min(counts[1:])


@pytest.mark.parametrize("kind", MAX_CALLS)
async def test_a_read_calls_a_fixed_number_of_functions_for_any_number_of_rows(
    server: httpx.AsyncClient, database: Database, cast: Cast, kind: str
) -> None:
    base = f"/v1/music/{cast.ada.organization_id}"
    counts = []
    for rows in (1, 30):
        for _ in range(rows):
            track_id = await factories.put_track(database, cast.ada)
            await server.post(f"{base}/tracks/{track_id}/save", headers=cast.ada.headers)
        jobs = (await server.get(f"{base}/generations", headers=cast.ada.headers)).json()["jobs"]
        variables = {"org": cast.ada.organization_id, "id": jobs[0]["id"]}
        requests = {
            "rest job": partial(server.get, f"{base}/generations/{jobs[0]['id']}"),
            "rest list": partial(server.get, f"{base}/tracks?limit=50"),
            "graphql job": partial(server.post, "/graphql", json={"query": JOB, "variables": variables}),
            "graphql library": partial(
                server.post, "/graphql", json={"query": LIBRARY, "variables": {"org": cast.ada.organization_id}}
            ),
        }
        counts.append(await count_calls(partial(requests[kind], headers=cast.ada.headers)))
    assert counts[0] == counts[1] <= MAX_CALLS[kind]


async def test_a_submission_runs_five_statements_and_publishes_one_event(
    server: httpx.AsyncClient, cast: Cast, quiet_redis_url: str
) -> None:
    url, body = f"/v1/music/{cast.ada.organization_id}/generations", factories.generation_body()
    _, statements, commands = await measure(
        lambda: server.post(url, json=body, headers=cast.ada.headers), quiet_redis_url
    )
    # the key, the longest wait for a lock, the length of the queue, the caps, of which there is none, and the row
    assert statements == 5
    assert (commands["EVALSHA"], commands["XADD"], commands["PUBLISH"], commands["EVAL"]) == (1, 1, 1, 1)
