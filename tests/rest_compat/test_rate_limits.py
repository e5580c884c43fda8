import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import factories
from tests.support.processes.servers import serving
from tests.support.rest.client import Contract
from tests.support.users import Cast

NAMES = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(scope="module")
def strict_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """URL of a server that permits a burst of four requests, then one a minute."""
    changes = {"port": ports.find_free(), "requests_per_minute": 1, "requests_burst": 4}
    server = settings.server.model_copy(update=changes)
    with serving(settings.model_copy(update={"server": server, "redis_url": quiet_redis_url})) as url:
        yield url


@pytest_asyncio.fixture
async def strict(strict_url: str, database: Database) -> AsyncIterator[Contract]:
    """A client of the strict server."""
    async with httpx.AsyncClient(base_url=strict_url, timeout=30, verify=tls.default_context()) as client:
        yield Contract(client, (await client.get("/openapi.json")).json())


def allowance(answer: httpx.Response) -> list[int]:
    return [int(answer.headers[name]) for name in NAMES]


async def test_a_response_has_rate_limit_headers(strict: Contract, cast: Cast) -> None:
    before = time.time()
    for left in (3, 2, 1, 0):
        answer = await strict.call("engines", cast.ada)
        assert answer.status_code == 200
        limit, remaining, reset = allowance(answer)
        assert (limit, remaining) == (4, left)
        # the next token, one minute after the first was taken
        assert before + 50 < reset < before + 70
    assert allowance(await strict.call("engines", cast.bea))[1] == 3


@pytest.mark.parametrize(
    ("operation", "content", "content_type", "status"),
    [
        ("get-track", b"", "application/json", 404),
        ("create-collection", b"{}", "application/json", 422),
        ("create-generation", b"{", "application/json", 400),
        ("share-track", b"x", "text/plain", 415),
    ],
)
async def test_an_error_has_rate_limit_headers(
    strict: Contract, cast: Cast, operation: str, content: bytes, content_type: str, status: int
) -> None:
    path, headers = {"track_id": "mtrack_000000000000"}, {"Content-Type": content_type}
    answer = await strict.call(operation, cast.ada, path=path, content=content, headers=headers)
    assert answer.status_code == status
    assert allowance(answer)[:2] == [4, 3]


async def test_a_403_response_has_rate_limit_headers(strict: Contract, cast: Cast) -> None:
    answer = await strict.call("engines", cast.ada, path={"organization_id": cast.cid.organization_id})
    assert answer.status_code == 403
    assert allowance(answer)[:2] == [4, 3]


async def test_responses_to_anonymous_requests_have_no_rate_limit_headers(strict: Contract, cast: Cast) -> None:
    unknown = await strict.send("GET", strict.url("engines", cast.ada))
    public = await strict.send("GET", strict.url("resolve-share", cast.ada, token="x"))
    assert (unknown.status_code, public.status_code) == (401, 404)
    assert not set(NAMES) & {*unknown.headers, *public.headers}


async def test_requests_over_the_limit_return_429_and_change_nothing(
    strict: Contract, cast: Cast, database: Database
) -> None:
    for _ in range(4):
        assert (await strict.call("create-generation", cast.ada, json=factories.generation_body())).status_code == 202
    answer = await strict.call("create-generation", cast.ada, json=factories.generation_body())
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("RATE_LIMIT_EXCEEDED", "rate_limit_error", {})
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert allowance(answer)[:2] == [4, 0]
    assert await factories.count_generations(database) == 4
    assert (await strict.call("engines", cast.bea)).status_code == 200
