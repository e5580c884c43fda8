from datetime import timedelta

import pytest

from core.jobs import Status
from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast


async def test_the_list_is_empty_at_first(rest: Contract, cast: Cast) -> None:
    answer = await rest.call("list-generations", cast.ada)
    assert answer.json() == {"jobs": [], "limit": 50, "offset": 0}


async def test_the_newest_job_is_first(rest: Contract, cast: Cast, database: Database) -> None:
    ids = [
        await factories.put_generation(database, cast.ada, Status.CANCELLED, age=timedelta(minutes=minutes))
        for minutes in (3, 1, 2)
    ]
    answer = await rest.call("list-generations", cast.ada)
    assert [job["id"] for job in answer.json()["jobs"]] == [ids[1], ids[2], ids[0]]


async def test_only_own_jobs_are_listed(rest: Contract, cast: Cast, database: Database) -> None:
    mine = await factories.put_generation(database, cast.ada, Status.QUEUED)
    await factories.put_generation(database, cast.bea, Status.QUEUED)
    await factories.put_generation(database, cast.cid, Status.QUEUED)
    answer = await rest.call("list-generations", cast.ada)
    assert [job["id"] for job in answer.json()["jobs"]] == [mine]


@pytest.mark.parametrize("status", Status)
async def test_the_list_can_be_filtered_by_status(
    rest: Contract, cast: Cast, database: Database, status: Status
) -> None:
    ids = {each: await factories.put_generation(database, cast.ada, each) for each in Status}
    answer = await rest.call("list-generations", cast.ada, params={"status": status.value})
    assert [(job["id"], job["status"]) for job in answer.json()["jobs"]] == [(ids[status], status.value)]


@pytest.mark.parametrize(
    ("query", "wanted", "limit", "offset"),
    [
        ({}, slice(0, 5), 50, 0),
        ({"limit": 1}, slice(0, 1), 1, 0),
        ({"limit": 2, "offset": 1}, slice(1, 3), 2, 1),
        ({"limit": 100}, slice(0, 5), 100, 0),
        ({"offset": 4}, slice(4, 5), 50, 4),
        ({"offset": 5}, slice(0, 0), 50, 5),
        ({"offset": 2**31 - 1}, slice(0, 0), 50, 2**31 - 1),
    ],
)
async def test_a_page_echoes_limit_and_offset(
    rest: Contract, cast: Cast, database: Database, query: dict[str, int], wanted: slice, limit: int, offset: int
) -> None:
    ids = [
        await factories.put_generation(database, cast.ada, Status.FAILED, age=timedelta(minutes=age))
        for age in range(5)
    ]
    page = (await rest.call("list-generations", cast.ada, params=query)).json()
    assert [job["id"] for job in page["jobs"]] == ids[wanted]
    assert (page["limit"], page["offset"]) == (limit, offset)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("limit", value)
            for value in ("0", "101", "-1", "", "ten", "1.5", "1e1", "0x10", "٣", " 5", "9" * 30, "null")
        ),
        *(("offset", value) for value in ("-1", "", "x", "1.0", "2147483648", "9" * 30, "\x00")),
        *(("status", value) for value in ("", "done", "QUEUED", "queued,running", "null", "\x00", "ö" * 300)),
    ],
    ids=ascii,
)
async def test_a_query_out_of_range_returns_422_and_is_not_clamped(
    rest: Contract, cast: Cast, name: str, value: str
) -> None:
    answer = await rest.call("list-generations", cast.ada, params={name: value})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["error"]["details"]["errors"]] == [name]


async def test_all_problems_of_a_query_are_returned_at_once(rest: Contract, cast: Cast) -> None:
    query = {"limit": "0", "offset": "-1", "status": "done"}
    answer = await rest.call("list-generations", cast.ada, params=query)
    assert answer.json()["error"]["details"]["errors"] == [
        {
            "field": "status",
            "message": "Must be 'queued', 'running', 'succeeded', 'failed', 'cancelled' or 'refused'.",
        },
        {"field": "limit", "message": "Must be at least 1."},
        {"field": "offset", "message": "Must be at least 0."},
    ]


async def test_a_list_contains_track_ids_but_no_urls(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    whole = (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()
    listed = (await rest.call("list-generations", cast.ada)).json()["jobs"]
    assert listed == [{**whole, "playback_url": None, "track": None}]
    assert listed[0]["result_track_id"] is not None
