"""Lists of collections."""

import pytest

from tests.support.rest.client import Contract
from tests.support.rest.collections import create
from tests.support.rest.problems import problems
from tests.support.users import Cast


async def test_the_list_is_empty_at_first(rest: Contract, cast: Cast) -> None:
    assert (await rest.call("list-collections", cast.ada)).json() == {"items": [], "limit": 50, "offset": 0}


async def test_the_list_contains_own_collections_newest_first_without_counts(rest: Contract, cast: Cast) -> None:
    made = [await create(rest, cast.ada, name=f"{number}") for number in range(3)]
    await create(rest, cast.bea)
    await create(rest, cast.cid)
    await rest.call("update-collection", cast.ada, path={"collection_id": made[0]["id"]}, json={})
    listed = (await rest.call("list-collections", cast.ada)).json()["items"]
    assert [one["name"] for one in listed] == ["2", "1", "0"]
    assert [one["track_count"] for one in listed] == [None] * 3
    assert listed[0] == {**made[2], "track_count": None}


@pytest.mark.parametrize(
    ("query", "wanted", "limit", "offset"),
    [
        ({}, slice(0, 4), 50, 0),
        ({"limit": 1}, slice(0, 1), 1, 0),
        ({"limit": 2, "offset": 1}, slice(1, 3), 2, 1),
        ({"limit": 100}, slice(0, 4), 100, 0),
        ({"offset": 4}, slice(0, 0), 50, 4),
        ({"offset": 2**31 - 1}, slice(0, 0), 50, 2**31 - 1),
        ({"name": "0"}, slice(0, 4), 50, 0),
    ],
)
async def test_a_page_echoes_limit_and_offset(
    rest: Contract, cast: Cast, query: dict[str, object], wanted: slice, limit: int, offset: int
) -> None:
    ids = [(await create(rest, cast.ada))["id"] for _ in range(4)][::-1]
    page = (await rest.call("list-collections", cast.ada, params=query)).json()
    assert [one["id"] for one in page["items"]] == ids[wanted]
    assert (page["limit"], page["offset"]) == (limit, offset)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "101", "-1", "", "ten", "1.5", "9" * 30)),
        *(("offset", value) for value in ("-1", "", "x", "2147483648", "\x00")),
    ],
    ids=ascii,
)
async def test_a_query_out_of_range_returns_422_and_is_not_clamped(
    rest: Contract, cast: Cast, name: str, value: str
) -> None:
    found = problems(await rest.call("list-collections", cast.ada, params={name: value}))
    assert [field for field, _ in found] == [name]
