from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from core import clock
from core.jobs import Status
from core.spend_windows import Window
from storage.postgres.database import Database
from storage.tables import Generation, SpendLimit
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person


def starts(now: datetime) -> dict[str, datetime]:
    """Return the starts of the windows around a time."""
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    return {"day": midnight, "week": midnight - timedelta(days=now.isoweekday() - 1), "month": midnight.replace(day=1)}


async def windows(rest: Contract, person: Person) -> dict[str, dict[str, Any]]:
    """Return the windows of the response by name."""
    answer = await rest.call("get-usage", person)
    assert answer.status_code == 200, answer.text
    assert answer.json()["organization_id"] == person.organization_id
    return {window["window"]: window for window in answer.json()["windows"]}


async def spend(database: Database, person: Person, cost_chf: str, at: datetime, engine: str = "studio") -> str:
    return await factories.put_track(database, person, cost_chf=cost_chf, created_at=at, engine=engine)


async def cap(database: Database, organization_id: str, period: Window, limit_chf: str) -> None:
    async with database.transaction() as session:
        session.add(SpendLimit(organization_id=organization_id, period=period, limit_chf=Decimal(limit_chf)))


async def test_the_windows_are_in_order_without_spend_or_cap(rest: Contract, cast: Cast) -> None:
    before = starts(clock.now())
    answer = await rest.call("get-usage", cast.ada)
    after = starts(clock.now())
    assert answer.status_code == 200
    assert [window["window"] for window in answer.json()["windows"]] == ["day", "week", "month"]
    for window in answer.json()["windows"]:
        name = window["window"]
        assert window["window_start"] in {clock.iso(before[name]), clock.iso(after[name])}
        assert {key: window[key] for key in ("cost_chf", "limit_chf", "by_engine")} == {
            "cost_chf": 0.0,
            "limit_chf": None,
            "by_engine": [],
        }
        assert window["committed_chf"] == 0.0
        assert window["window_start"] < window["resets_at"]


async def test_spend_is_grouped_by_engine(rest: Contract, cast: Cast, database: Database) -> None:
    now = clock.now()
    for engine, cost_chf in [("studio", "0.2"), ("other", "1.25"), ("studio", "0.1"), ("studio", "0.0001")]:
        await spend(database, cast.ada, cost_chf, now, engine)
    for window in (await windows(rest, cast.ada)).values():
        assert window["cost_chf"] == 1.5501
        assert sorted(window["by_engine"], key=lambda one: str(one["engine"])) == [
            {"engine": "other", "track_count": 1, "cost_chf": 1.25},
            {"engine": "studio", "track_count": 3, "cost_chf": 0.3001},
        ]


@pytest.mark.parametrize("edge", ["day", "week", "month"])
async def test_a_window_includes_its_start_and_nothing_before(
    rest: Contract, cast: Cast, database: Database, edge: str
) -> None:
    begun = starts(clock.now())
    await spend(database, cast.ada, "1", begun[edge])
    await spend(database, cast.ada, "10", begun[edge] - timedelta(microseconds=1))
    found = await windows(rest, cast.ada)
    for name, start in begun.items():
        expected = (1.0 if begun[edge] >= start else 0.0) + (10.0 if begun[edge] > start else 0.0)
        assert found[name]["cost_chf"] == expected, name


async def test_old_spend_is_in_no_window(rest: Contract, cast: Cast, database: Database) -> None:
    await spend(database, cast.ada, "10", clock.now() - timedelta(days=40))
    assert {window["cost_chf"] for window in (await windows(rest, cast.ada)).values()} == {0.0}


async def test_spend_is_the_callers_own(rest: Contract, cast: Cast, database: Database) -> None:
    for person, cost_chf in [(cast.ada, "1"), (cast.bea, "2"), (cast.cid, "4")]:
        await spend(database, person, cost_chf, clock.now())
    for person, expected in [(cast.ada, 1.0), (cast.bea, 2.0), (cast.cid, 4.0)]:
        assert {window["cost_chf"] for window in (await windows(rest, person)).values()} == {expected}


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.REFUSED])
async def test_unsuccessful_jobs_cost_nothing(rest: Contract, cast: Cast, database: Database, status: Status) -> None:
    await factories.put_generation(database, cast.ada, status)
    async with database.transaction() as session:
        await session.execute(update(Generation).values(cost_chf=Decimal(5), created_at=clock.now()))
    for window in (await windows(rest, cast.ada)).values():
        assert (window["cost_chf"], window["by_engine"]) == (0.0, [])


async def test_a_deleted_track_remains_charged(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await spend(database, cast.ada, "1.5", clock.now())
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    for window in (await windows(rest, cast.ada)).values():
        assert window["cost_chf"] == 1.5
        assert window["by_engine"] == [{"engine": "studio", "track_count": 1, "cost_chf": 1.5}]


async def test_saving_a_shared_track_is_free(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await spend(database, cast.ada, "1.5", clock.now())
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    assert (await rest.call("save-shared-track", cast.bea, path={"token": link["token"]})).status_code == 201
    assert {window["cost_chf"] for window in (await windows(rest, cast.bea)).values()} == {0.0}


async def test_a_cap_applies_to_the_organization(rest: Contract, cast: Cast, database: Database) -> None:
    await cap(database, cast.ada.organization_id, Window.DAY, "12.5")
    await cap(database, cast.ada.organization_id, Window.MONTH, "0")
    for person in (cast.ada, cast.bea):
        limits = {name: window["limit_chf"] for name, window in (await windows(rest, person)).items()}
        assert limits == {"day": 12.5, "week": None, "month": 0.0}
    assert {window["limit_chf"] for window in (await windows(rest, cast.cid)).values()} == {None}


@pytest.mark.parametrize("window", Window)
async def test_a_cap_limits_the_spend_of_the_organization(
    rest: Contract, cast: Cast, database: Database, window: Window
) -> None:
    await spend(database, cast.bea, "1", clock.now())
    await cap(database, cast.ada.organization_id, window, "1.2")
    body = factories.generation_body(duration_seconds=60)
    assert (await rest.call("create-generation", cast.ada, json=body)).status_code == 202
    answer = await rest.call("create-generation", cast.ada, json=body)
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("SPEND_CAP_EXCEEDED", "client_error")
    following = {
        "day": starts(clock.now())["day"] + timedelta(days=1),
        "week": starts(clock.now())["week"] + timedelta(days=7),
        "month": (starts(clock.now())["month"] + timedelta(days=31)).replace(day=1),
    }[window.value]
    assert error["details"] == {
        "window": window.value,
        "limit_chf": 1.2,
        "spent_chf": 1.2,
        "resets_at": clock.iso(following),
    }
    assert await factories.count_generations(database) == 2
    assert (await rest.call("create-generation", cast.cid, json=body)).status_code == 202


async def test_unknown_query_parameters_are_ignored(rest: Contract, cast: Cast) -> None:
    answer = await rest.call("get-usage", cast.ada, params={"window": "year", "limit": "x"})
    assert answer.status_code == 200
