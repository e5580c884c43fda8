"""Rate limits per caller, and of share links per IP address."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest
import pytest_asyncio
import redis.asyncio as redis
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from storage.redis.rate_limits import LocalRateLimiter, RateLimiter, RateLimitResult
from tests.support import large_collections
from tests.support.factories import put_track
from tests.support.processes.servers import serving
from tests.support.rest import limits as rest_limits
from tests.support.users import Cast


@pytest.fixture
def strict_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with low limits."""
    changes = {"port": ports.find_free(), "requests_per_minute": 1, "requests_burst": 3, "share_resolves_per_minute": 2}
    server = settings.server.model_copy(update=changes)
    with serving(settings.model_copy(update={"server": server, "redis_url": quiet_redis_url})) as url:
        yield url


@pytest_asyncio.fixture(autouse=True)
async def _full_buckets(quiet_redis_url: str) -> None:
    await rest_limits.delete_counters(quiet_redis_url)


async def test_remaining_tokens_decrease_until_429_with_retry_after(strict_url: str, cast: Cast) -> None:
    async with httpx.AsyncClient(base_url=strict_url, timeout=100, verify=tls.default_context()) as client:
        url = f"/v1/music/{cast.ada.organization_id}/engines"
        answers = [await client.get(url, headers=cast.ada.headers) for _ in range(4)]
        other = await client.get(url, headers=cast.bea.headers)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"3"}
    assert int(answers[-1].headers["x-ratelimit-reset"]) > time.time()
    assert answers[-1].json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert other.status_code == 200


async def test_error_responses_have_rate_limit_headers(client: httpx.AsyncClient, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    for answer in (
        await client.get(f"{url}/mgen_nope", headers=cast.ada.headers),
        await client.post(url, content=b"{", headers=cast.ada.headers),
    ):
        assert answer.status_code in {404, 400}
        assert int(answer.headers["x-ratelimit-remaining"]) > 0


@pytest.mark.parametrize(("tracks", "opens"), [(10, 2), (600, 1), (1_600, 1)])
async def test_a_large_shared_collection_costs_more_tokens(
    strict_url: str, client: httpx.AsyncClient, database: Database, cast: Cast, tracks: int, opens: int
) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/collections"
    made = (await client.post(url, headers=cast.ada.headers, json={"name": "Long"})).json()["id"]
    await large_collections.fill(database, cast.ada, made, tracks)
    token = (await client.post(f"{url}/{made}/share", headers=cast.ada.headers)).json()["token"]
    async with httpx.AsyncClient(base_url=strict_url, timeout=100, verify=tls.default_context()) as public:
        answers = [await public.get(f"/v1/music/shared/{token}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * opens + [429] * (3 - opens)
    assert len(answers[0].json()["tracks"]) == tracks


async def test_share_links_are_limited_per_ip_address_and_each_attempt_is_logged(
    strict_url: str, client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    url = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}/share"
    token = (await client.post(url, headers=cast.ada.headers)).json()["token"]
    async with httpx.AsyncClient(base_url=strict_url, timeout=100, verify=tls.default_context()) as public:
        answers = [await public.get(f"/v1/music/shared/{token}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    async with database.transaction() as session:
        outcomes = (await session.scalars(text("SELECT outcome FROM share_accesses ORDER BY id"))).all()
    assert outcomes == ["resolved", "resolved"]


async def test_concurrent_requests_do_not_take_a_token_twice(quiet_redis_url: str, cast: Cast) -> None:
    limiter = RateLimiter(quiet_redis_url)
    taken = await asyncio.gather(*(limiter.take(f"test:{cast.ada.user_id}", 1, 10) for _ in range(50)))
    await limiter.close()
    assert sum(one.wait_seconds == 0 for one in taken) == 10


async def test_a_lost_connection_and_a_forgotten_script_cost_no_request(quiet_redis_url: str, cast: Cast) -> None:
    limiter, key = RateLimiter(quiet_redis_url), f"lost:{cast.ada.user_id}"
    taken = [await limiter.take(key, 1, 10)]
    other = redis.from_url(quiet_redis_url)
    for command in ("SCRIPT FLUSH", "CLIENT KILL TYPE normal SKIPME yes"):
        await other.execute_command(*command.split())  # type: ignore[no-untyped-call]
        taken.append(await limiter.take(key, 1, 10))
    await other.aclose()
    await limiter.close()
    assert [each.remaining for each in taken] == [9, 8, 7]


async def test_a_cost_is_charged_completely_or_not_at_all(quiet_redis_url: str, cast: Cast) -> None:
    limiter, spare, key = RateLimiter(quiet_redis_url), LocalRateLimiter(), f"cost:{cast.ada.user_id}"
    costs = (7, 4, 3, 50)
    taken = [await limiter.take(key, 1, 10, cost) for cost in costs]
    await limiter.close()
    for results in (taken, [spare.take(key, 1, 10, cost) for cost in costs]):
        assert [(one.wait_seconds > 0, one.remaining) for one in results] == [
            (False, 3),
            (True, 3),
            (False, 0),
            (True, 0),
        ]


def test_a_cost_above_the_capacity_is_a_full_bucket() -> None:
    taken = LocalRateLimiter().take("any client", 60, 10, 1_000)
    assert taken == RateLimitResult(0, 0, taken.next_at)


def test_the_local_bucket_cache_evicts_after_ten_thousand_others() -> None:
    spare = LocalRateLimiter()
    for number in range(10_001):
        spare.take(str(number), 1, 5)
    assert spare.take("0", 1, 5).remaining == 4
    assert spare.take("10000", 1, 5).remaining == 3


@pytest.fixture
def lonely_url(settings: Settings) -> Iterator[str]:
    """A server whose Redis is unreachable."""
    server = settings.server.model_copy(
        update={"port": ports.find_free(), "requests_per_minute": 1, "requests_burst": 2}
    )
    away = f"redis://127.0.0.1:{ports.find_free()}/0"
    with serving(settings.model_copy(update={"server": server, "redis_url": away})) as url:
        yield url


async def test_without_redis_callers_are_limited_locally_and_share_links_are_unavailable(
    lonely_url: str, client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    music = f"/v1/music/{cast.ada.organization_id}"
    token = (await client.post(f"{music}/tracks/{track_id}/share", headers=cast.ada.headers)).json()["token"]
    async with httpx.AsyncClient(base_url=lonely_url, timeout=30, verify=tls.default_context()) as lonely:
        answers = [await lonely.get(f"{music}/engines", headers=cast.ada.headers) for _ in range(3)]
        shared = await lonely.get(f"/v1/music/shared/{token}")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert shared.status_code == 503
    assert int(shared.headers["retry-after"]) > 0
