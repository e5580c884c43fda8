import asyncio
import random
from datetime import timedelta

import pytest
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import Collection, CollectionTrack, Track
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.rest.problems import problems
from tests.support.users import Cast, Person


async def create(rest: Contract, person: Person, *track_ids: str) -> str:
    """Create a collection with these members and return its id."""
    made: str = (await rest.call("create-collection", person, json={"name": "Late shift"})).json()["id"]
    for track_id in track_ids:
        await add(rest, person, made, track_id)
    return made


async def add(rest: Contract, person: Person, collection_id: str, track_id: str) -> None:
    path = {"collection_id": collection_id}
    answer = await rest.call("add-collection-track", person, path=path, json={"track_id": track_id})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "id": track_id, "detail": "Track added to collection."}


async def remove(rest: Contract, person: Person, collection_id: str, track_id: str) -> None:
    path = {"collection_id": collection_id, "track_id": track_id}
    answer = await rest.call("remove-collection-track", person, path=path)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "id": track_id, "detail": "Track removed from collection."}


async def reorder(rest: Contract, person: Person, collection_id: str, track_ids: list[str]) -> None:
    path = {"collection_id": collection_id}
    answer = await rest.call("reorder-collection", person, path=path, json={"ordered_track_ids": track_ids})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "id": collection_id, "detail": "Collection reordered."}


async def listed(rest: Contract, person: Person, collection_id: str, **query: int) -> list[str]:
    """Return the members in order; their positions must be dense."""
    answer = await rest.call("list-collection-tracks", person, path={"collection_id": collection_id}, params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["collection_id"] == collection_id
    first = page["offset"]
    assert [item["position"] for item in page["items"]] == list(range(first, first + len(page["items"])))
    return [item["track_id"] for item in page["items"]]


async def many(database: Database, person: Person, number: int) -> list[str]:
    return [await factories.put_track(database, person) for _ in range(number)]


async def test_a_new_collection_has_no_tracks(rest: Contract, cast: Cast) -> None:
    made = await create(rest, cast.ada)
    answer = await rest.call("list-collection-tracks", cast.ada, path={"collection_id": made})
    assert answer.json() == {"collection_id": made, "items": [], "limit": 200, "offset": 0}


async def test_tracks_are_appended(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 3)
    before = clock.iso(clock.now())
    made = await create(rest, cast.ada, *ids)
    page = (await rest.call("list-collection-tracks", cast.ada, path={"collection_id": made})).json()
    assert [(item["track_id"], item["position"]) for item in page["items"]] == list(zip(ids, range(3), strict=True))
    assert all(before <= item["added_at"] <= clock.iso(clock.now()) for item in page["items"])
    whole = await rest.call("get-collection", cast.ada, path={"collection_id": made})
    assert whole.json()["track_count"] == 3


async def test_adding_a_track_again_keeps_its_position(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 3)
    made = await create(rest, cast.ada, *ids)
    async with database.transaction() as session:
        await session.execute(update(CollectionTrack).values(added_at=clock.now() - timedelta(days=1)))
    before = (await rest.call("list-collection-tracks", cast.ada, path={"collection_id": made})).json()
    await add(rest, cast.ada, made, ids[0])
    assert (await rest.call("list-collection-tracks", cast.ada, path={"collection_id": made})).json() == before


async def test_a_track_can_be_in_two_collections(rest: Contract, cast: Cast, database: Database) -> None:
    [track_id] = await many(database, cast.ada, 1)
    first, second = await create(rest, cast.ada, track_id), await create(rest, cast.ada, track_id)
    await remove(rest, cast.ada, first, track_id)
    assert await listed(rest, cast.ada, first) == []
    assert await listed(rest, cast.ada, second) == [track_id]


@pytest.mark.parametrize("track_id", ["mtrack_000000000000", "mtrack_", "x", "mcoll_000000000000", "ö" * 255])
async def test_malformed_and_unknown_track_ids_cannot_be_added(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    made = await create(rest, cast.ada)
    path = {"collection_id": made}
    answer = await rest.call("add-collection-track", cast.ada, path=path, json={"track_id": track_id})
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["system_message"], error["details"]) == ("Music track not found", {"track_id": track_id})
    assert await factories.load_collection_order(database, made) == []


async def test_a_track_of_another_user_cannot_be_added(rest: Contract, cast: Cast, database: Database) -> None:
    [track_id] = await many(database, cast.ada, 1)
    for stranger in (cast.bea, cast.cid):
        made = await create(rest, stranger)
        path = {"collection_id": made}
        answer = await rest.call("add-collection-track", stranger, path=path, json={"track_id": track_id})
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == {"track_id": track_id}
        assert await factories.load_collection_order(database, made) == []


async def test_a_shared_track_can_be_added_within_its_organization_only(
    rest: Contract, cast: Cast, database: Database
) -> None:
    [track_id] = await many(database, cast.ada, 1)
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    for reader in (cast.bea, cast.cid):
        await rest.call("save-shared-track", reader, path={"token": link["token"]})
    assert await listed(rest, cast.bea, await create(rest, cast.bea, track_id)) == [track_id]
    made = await create(rest, cast.cid)
    path = {"collection_id": made}
    answer = await rest.call("add-collection-track", cast.cid, path=path, json={"track_id": track_id})
    assert answer.status_code == 404
    assert await factories.load_collection_order(database, made) == []


async def test_a_deleted_track_cannot_be_added(rest: Contract, cast: Cast, database: Database) -> None:
    [track_id] = await many(database, cast.ada, 1)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    made = await create(rest, cast.ada)
    path = {"collection_id": made}
    answer = await rest.call("add-collection-track", cast.ada, path=path, json={"track_id": track_id})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "track_id", "This field is required."),
        ({"track_id": None}, "track_id", "Must be a string."),
        ({"track_id": 1}, "track_id", "Must be a string."),
        ({"track_id": ["mtrack_000000000000"]}, "track_id", "Must be a string."),
        ({"track_id": ""}, "track_id", "Must have at least 1 character(s)."),
        ({"track_id": "a\x00b"}, "track_id", "Must not contain NUL or unpaired surrogate characters."),
        ({"track_id": "mtrack_000000000000", "position": 0}, "position", "Unknown field."),
    ],
    ids=ascii,
)
async def test_an_invalid_add_body_returns_422(
    rest: Contract, cast: Cast, body: dict[str, object], field: str, message: str
) -> None:
    made = await create(rest, cast.ada)
    answer = await rest.call("add-collection-track", cast.ada, path={"collection_id": made}, json=body)
    assert problems(answer) == [(field, message)]


async def test_removing_a_track_closes_the_gap(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 5)
    made = await create(rest, cast.ada, *ids)
    for track_id in (ids[1], ids[4], ids[0]):
        await remove(rest, cast.ada, made, track_id)
    assert await listed(rest, cast.ada, made) == [ids[2], ids[3]]
    assert await factories.load_collection_order(database, made) == [(0, ids[2]), (1, ids[3])]
    await add(rest, cast.ada, made, ids[0])
    assert await listed(rest, cast.ada, made) == [ids[2], ids[3], ids[0]]
    assert [row.deleted_at for row in await factories.load_all(database, Track)] == [None] * 5


@pytest.mark.parametrize("track_id", ["mtrack_000000000000", "mtrack_", "x", "ö", "a\x00b", "mtrack_" + "0" * 3000])
async def test_removing_a_track_that_is_not_a_member_succeeds(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    ids = await many(database, cast.ada, 2)
    made = await create(rest, cast.ada, *ids)
    await remove(rest, cast.ada, made, track_id)
    assert await listed(rest, cast.ada, made) == ids


async def test_a_member_that_is_no_longer_readable_can_be_removed(
    rest: Contract, cast: Cast, database: Database
) -> None:
    [track_id] = await many(database, cast.ada, 1)
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    await rest.call("save-shared-track", cast.bea, path={"token": link["token"]})
    made = await create(rest, cast.bea, track_id)
    await rest.call("unsave-track", cast.bea, path={"track_id": track_id})
    await remove(rest, cast.bea, made, track_id)
    await remove(rest, cast.bea, made, track_id)
    assert await listed(rest, cast.bea, made) == []


async def test_reorder_moves_listed_tracks_first_and_keeps_the_order_of_the_others(
    rest: Contract, cast: Cast, database: Database
) -> None:
    a, b, c, d, e = await many(database, cast.ada, 5)
    stranger = await factories.put_track(database, cast.ada)
    made = await create(rest, cast.ada, a, b, c, d, e)
    cases = [
        ([e, d, c, b, a], [e, d, c, b, a]),
        ([], [e, d, c, b, a]),
        ([a, c], [a, c, e, d, b]),
        ([b, b, a, b, a], [b, a, c, e, d]),
        ([stranger, d, "mtrack_000000000000", "x", e], [d, e, b, a, c]),
        ([stranger], [d, e, b, a, c]),
        ([a, b, c, d, e], [a, b, c, d, e]),
    ]
    for order, expected in cases:
        await reorder(rest, cast.ada, made, order)
        assert await listed(rest, cast.ada, made) == expected
        assert await factories.load_collection_order(database, made) == list(enumerate(expected))


async def test_an_empty_collection_can_be_reordered(rest: Contract, cast: Cast) -> None:
    made = await create(rest, cast.ada)
    await reorder(rest, cast.ada, made, ["mtrack_000000000000"])
    assert await listed(rest, cast.ada, made) == []


async def test_reorder_accepts_at_most_ten_thousand_ids(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 2)
    made = await create(rest, cast.ada, *ids)
    fill = [f"mtrack_{number:024x}" for number in range(9_998)]
    await reorder(rest, cast.ada, made, [*fill, ids[1], ids[0]])
    assert await listed(rest, cast.ada, made) == [ids[1], ids[0]]
    path = {"collection_id": made}
    body = {"ordered_track_ids": [*fill, ids[0], ids[1], ids[0]]}
    answer = await rest.call("reorder-collection", cast.ada, path=path, json=body)
    assert problems(answer) == [("ordered_track_ids", "Must have at most 10000 items.")]
    assert await listed(rest, cast.ada, made) == [ids[1], ids[0]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ordered_track_ids"),
        ({"ordered_track_ids": None}, "ordered_track_ids"),
        ({"ordered_track_ids": "mtrack_000000000000"}, "ordered_track_ids"),
        ({"ordered_track_ids": {"0": "mtrack_000000000000"}}, "ordered_track_ids"),
        ({"ordered_track_ids": ["mtrack_000000000000", 1]}, "ordered_track_ids.1"),
        ({"ordered_track_ids": [None]}, "ordered_track_ids.0"),
        ({"ordered_track_ids": [["mtrack_000000000000"]]}, "ordered_track_ids.0"),
        ({"ordered_track_ids": [], "reverse": True}, "reverse"),
    ],
    ids=ascii,
)
async def test_an_invalid_reorder_body_changes_nothing(
    rest: Contract, cast: Cast, database: Database, body: dict[str, object], field: str
) -> None:
    ids = await many(database, cast.ada, 2)
    made = await create(rest, cast.ada, *ids)
    answer = await rest.call("reorder-collection", cast.ada, path={"collection_id": made}, json=body)
    assert [name for name, _ in problems(answer)] == [field]
    assert await listed(rest, cast.ada, made) == ids


@pytest.mark.parametrize(
    ("query", "order", "limit", "offset"),
    [
        ({}, slice(0, 5), 200, 0),
        ({"limit": 1}, slice(0, 1), 1, 0),
        ({"limit": 2, "offset": 1}, slice(1, 3), 2, 1),
        ({"limit": 500}, slice(0, 5), 500, 0),
        ({"offset": 5}, slice(0, 0), 200, 5),
        ({"offset": 2**31 - 1}, slice(0, 0), 200, 2**31 - 1),
    ],
)
async def test_a_page_echoes_limit_and_offset(
    rest: Contract, cast: Cast, database: Database, query: dict[str, int], order: slice, limit: int, offset: int
) -> None:
    ids = await many(database, cast.ada, 5)
    made = await create(rest, cast.ada, *ids)
    page = (await rest.call("list-collection-tracks", cast.ada, path={"collection_id": made}, params=query)).json()
    assert [item["track_id"] for item in page["items"]] == ids[order]
    assert (page["limit"], page["offset"]) == (limit, offset)
    assert await listed(rest, cast.ada, made, **query) == ids[order]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "501", "-1", "", "ten", "1.5", "9" * 30)),
        *(("offset", value) for value in ("-1", "", "x", "2147483648", "\x00")),
    ],
    ids=ascii,
)
async def test_a_query_out_of_range_returns_422_and_is_not_clamped(
    rest: Contract, cast: Cast, name: str, value: str
) -> None:
    path = {"collection_id": await create(rest, cast.ada)}
    answer = await rest.call("list-collection-tracks", cast.ada, path=path, params={name: value})
    assert [field for field, _ in problems(answer)] == [name]


@pytest.mark.parametrize("change", ["add", "remove", "reorder"])
async def test_changing_members_updates_updated_at(rest: Contract, cast: Cast, database: Database, change: str) -> None:
    ids = await many(database, cast.ada, 3)
    made = await create(rest, cast.ada, *ids[:2])
    long_ago = clock.now() - timedelta(days=5)
    async with database.transaction() as session:
        await session.execute(update(Collection).values(created_at=long_ago, updated_at=long_ago))
    if change == "add":
        await add(rest, cast.ada, made, ids[2])
    elif change == "remove":
        await remove(rest, cast.ada, made, ids[0])
    else:
        await reorder(rest, cast.ada, made, [ids[1]])
    whole = (await rest.call("get-collection", cast.ada, path={"collection_id": made})).json()
    assert whole["created_at"] == clock.iso(long_ago) < whole["updated_at"]


async def test_concurrent_additions_of_one_track_add_it_once(rest: Contract, cast: Cast, database: Database) -> None:
    [track_id] = await many(database, cast.ada, 1)
    made = await create(rest, cast.ada)
    await asyncio.gather(*(add(rest, cast.ada, made, track_id) for _ in range(20)))
    assert await factories.load_collection_order(database, made) == [(0, track_id)]


async def test_concurrent_additions_of_different_tracks_add_all(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 20)
    made = await create(rest, cast.ada)
    await asyncio.gather(*(add(rest, cast.ada, made, track_id) for track_id in ids))
    found = await factories.load_collection_order(database, made)
    assert [position for position, _ in found] == list(range(20))
    assert sorted(track_id for _, track_id in found) == sorted(ids)


async def test_positions_stay_dense_under_concurrent_changes(rest: Contract, cast: Cast, database: Database) -> None:
    ids = await many(database, cast.ada, 24)
    unchanged, removed, added, deleted = ids[:6], ids[6:12], ids[12:20], ids[20:]
    made = await create(rest, cast.ada, *unchanged, *removed, *deleted)
    dice = random.Random(7)  # noqa: S311  the same shuffle at each run
    changes = [
        *(remove(rest, cast.ada, made, track_id) for track_id in removed),
        *(add(rest, cast.ada, made, track_id) for track_id in added),
        *(reorder(rest, cast.ada, made, dice.sample(ids, len(ids))) for _ in range(6)),
        *(rest.call("delete-track", cast.ada, path={"track_id": track_id}) for track_id in deleted),
    ]
    dice.shuffle(changes)
    await asyncio.gather(*changes)
    found = await factories.load_collection_order(database, made)
    assert [position for position, _ in found] == list(range(14))
    assert {track_id for _, track_id in found} == {*unchanged, *added}
    assert await listed(rest, cast.ada, made) == [track_id for _, track_id in found]
