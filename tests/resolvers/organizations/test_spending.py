"""Spend caps under concurrent requests."""

import asyncio
from decimal import Decimal

import httpx
from sqlalchemy import text

from core.spend_windows import Window
from resolvers.organizations import spending
from storage.postgres.database import Database
from tests.support.users import Cast

REQUEST = {"engine": "studio", "prompt": "x", "duration_seconds": 30}  # 0.10 CHF


async def test_fifty_parallel_submissions_do_not_exceed_the_cap(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("1.05"))
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    callers = [cast.ada, cast.bea] * 25
    answers = await asyncio.gather(*(client.post(url, json=REQUEST, headers=caller.headers) for caller in callers))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(429)) == (10, 40)
    refused = next(answer for answer in answers if answer.status_code == 429).json()["error"]
    assert refused["code"] == "SPEND_CAP_EXCEEDED"
    assert refused["details"]["window"] == "day"
    assert refused["details"]["limit_chf"] == 1.05
    assert refused["details"]["spent_chf"] == 1.0
    assert all("retry-after" not in answer.headers for answer in answers)
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT sum(cost_chf) FROM generations")) == Decimal("1.0000")


async def test_the_cost_of_a_cancelled_generation_is_released(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.MONTH, Decimal("0.10"))
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    first = await client.post(url, json=REQUEST, headers=cast.ada.headers)
    assert (await client.post(url, json=REQUEST, headers=cast.ada.headers)).status_code == 429
    await client.post(f"{url}/{first.json()['id']}/cancel", headers=cast.ada.headers)
    assert (await client.post(url, json=REQUEST, headers=cast.ada.headers)).status_code == 202


async def test_a_cap_applies_to_one_organization_only(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.WEEK, Decimal(0))
    mine = await client.post(
        f"/v1/music/{cast.ada.organization_id}/generations", json=REQUEST, headers=cast.ada.headers
    )
    his = await client.post(f"/v1/music/{cast.cid.organization_id}/generations", json=REQUEST, headers=cast.cid.headers)
    assert (mine.status_code, his.status_code) == (429, 202)


async def test_a_replay_succeeds_after_the_cap_is_reached(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("0.10"))
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    headers = {**cast.ada.headers, "Idempotency-Key": "once"}
    first = await client.post(url, json=REQUEST, headers=headers)
    again = await client.post(url, json=REQUEST, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
