import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from core import clock
from core.jobs import Mode, Status
from storage.postgres.database import Database
from storage.tables import LibraryEntry
from tests.support import factories
from tests.support.rest import libraries as rest_libraries
from tests.support.rest.client import Contract
from tests.support.users import Cast


async def test_finished_generations_are_not_saved_automatically(rest: Contract, cast: Cast, database: Database) -> None:
    await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    answer = await rest.call("list-tracks", cast.ada)
    assert answer.json() == {"items": [], "limit": 50, "offset": 0}


async def test_saving_creates_a_library_entry(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada, created_at=clock.now() - timedelta(days=1))
    before = clock.iso(clock.now())
    edge = await rest_libraries.save(rest, cast.ada, track_id)
    assert edge == {
        "id": edge["id"],
        "track_id": track_id,
        "source": "own",
        "created_at": edge["created_at"],
        "saved": True,
    }
    assert before <= str(edge["created_at"]) <= clock.iso(clock.now())
    [row] = await factories.load_all(database, LibraryEntry)
    assert (row.id, row.user_id, row.organization_id) == (edge["id"], cast.ada.user_id, cast.ada.organization_id)
    assert row.share_link_id is None
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [track_id]


async def test_saving_again_returns_the_same_entry(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    edge = await rest_libraries.save(rest, cast.ada, track_id)
    async with database.transaction() as session:
        await session.execute(update(LibraryEntry).values(created_at=clock.now() - timedelta(days=3)))
    again = await rest_libraries.save(rest, cast.ada, track_id)
    assert again == {**edge, "created_at": again["created_at"]}
    assert str(again["created_at"]) < str(edge["created_at"])
    assert len(await factories.load_all(database, LibraryEntry)) == 1


async def test_concurrent_saves_create_one_entry(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    edges = await asyncio.gather(*(rest_libraries.save(rest, cast.ada, track_id) for _ in range(20)))
    assert edges == [edges[0]] * 20
    assert len(await factories.load_all(database, LibraryEntry)) == 1


@pytest.mark.parametrize("content", [b"{}", b"not json", b"\x00" * 1000])
async def test_save_ignores_a_body(rest: Contract, cast: Cast, database: Database, content: bytes) -> None:
    track_id = await factories.put_track(database, cast.ada)
    answer = await rest.call("save-track", cast.ada, path={"track_id": track_id}, content=content)
    assert answer.status_code == 200


async def test_the_most_recently_saved_track_is_first(rest: Contract, cast: Cast, database: Database) -> None:
    ids = [
        await factories.put_track(database, cast.ada, created_at=clock.now() - timedelta(days=days))
        for days in range(3)
    ]
    for index in (1, 2, 0):
        await rest_libraries.save(rest, cast.ada, ids[index])
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [ids[0], ids[2], ids[1]]
    await rest_libraries.save(rest, cast.ada, ids[1])
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [ids[0], ids[2], ids[1]]
    await rest.call("unsave-track", cast.ada, path={"track_id": ids[1]})
    await rest_libraries.save(rest, cast.ada, ids[1])
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [ids[1], ids[0], ids[2]]


async def test_a_library_contains_own_entries_only(rest: Contract, cast: Cast, database: Database) -> None:
    saved = {}
    for person in (cast.ada, cast.bea, cast.cid):
        saved[person.user_id] = await factories.put_track(database, person)
        await rest_libraries.save(rest, person, saved[person.user_id])
    for person in (cast.ada, cast.bea, cast.cid):
        assert await rest_libraries.list_track_ids(rest, person) == [saved[person.user_id]]


async def test_a_list_contains_no_urls(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(
        database, cast.ada, stems=["drums"], created_at=clock.now() - timedelta(days=9)
    )
    await rest_libraries.save(rest, cast.ada, track_id)
    whole = (await rest.call("get-track", cast.ada, path={"track_id": track_id})).json()
    listed = (await rest.call("list-tracks", cast.ada)).json()["items"]
    assert listed == [{**whole, "playback_url": None, "stem_urls": None}]


async def test_a_library_can_be_filtered_by_mode_and_engine(rest: Contract, cast: Cast, database: Database) -> None:
    kinds = [(Mode.CREATION, "studio"), (Mode.FOCUS, "studio"), (Mode.CREATION, "other"), (Mode.FOCUS, "other")]
    ids = {kind: await factories.put_track(database, cast.ada, mode=kind[0], engine=kind[1]) for kind in kinds}
    for track_id in ids.values():
        await rest_libraries.save(rest, cast.ada, track_id)
    for mode in Mode:
        wanted = {track_id for kind, track_id in ids.items() if kind[0] is mode}
        assert set(await rest_libraries.list_track_ids(rest, cast.ada, mode=mode.value)) == wanted
    assert set(await rest_libraries.list_track_ids(rest, cast.ada, engine="other")) == {ids[kind] for kind in kinds[2:]}
    assert await rest_libraries.list_track_ids(rest, cast.ada, engine="other", mode="focus") == [
        ids[Mode.FOCUS, "other"]
    ]
    for engine in ("Studio", "stud", "%", "studio%", "*", "ö" * 64):
        assert await rest_libraries.list_track_ids(rest, cast.ada, engine=engine) == []


async def test_a_library_can_be_filtered_by_collection(rest: Contract, cast: Cast, database: Database) -> None:
    ids = [await factories.put_track(database, cast.ada) for _ in range(4)]
    made = (await rest.call("create-collection", cast.ada, json={"name": "x"})).json()
    for track_id in ids[:3]:
        await rest.call(
            "add-collection-track", cast.ada, path={"collection_id": made["id"]}, json={"track_id": track_id}
        )
    for track_id in (ids[1], ids[0], ids[3]):
        await rest_libraries.save(rest, cast.ada, track_id)
    assert await rest_libraries.list_track_ids(rest, cast.ada, collection_id=made["id"]) == [ids[0], ids[1]]
    assert await rest_libraries.list_track_ids(rest, cast.ada, collection_id=made["id"], mode="focus") == []
    await rest.call("delete-collection", cast.ada, path={"collection_id": made["id"]})
    assert await rest_libraries.list_track_ids(rest, cast.ada, collection_id=made["id"]) == []


async def test_a_foreign_or_missing_collection_returns_an_empty_list(
    rest: Contract, cast: Cast, database: Database
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    await rest_libraries.save(rest, cast.ada, track_id)
    mine = (await rest.call("create-collection", cast.ada, json={"name": "x"})).json()["id"]
    await rest.call("add-collection-track", cast.ada, path={"collection_id": mine}, json={"track_id": track_id})
    theirs = await factories.put_track(database, cast.bea)
    await rest_libraries.save(rest, cast.bea, theirs)
    assert await rest_libraries.list_track_ids(rest, cast.bea, collection_id=mine) == []
    for nothing in ("mcoll_000000000000", "mcoll_", "x", "null", "ö", "%", mine.upper(), track_id):
        assert await rest_libraries.list_track_ids(rest, cast.ada, collection_id=nothing) == []


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
        ({"order": "oldest", "q": "x"}, slice(0, 5), 50, 0),
    ],
)
async def test_a_page_echoes_limit_and_offset(
    rest: Contract, cast: Cast, database: Database, query: dict[str, object], wanted: slice, limit: int, offset: int
) -> None:
    ids = [await factories.put_track(database, cast.ada) for _ in range(5)]
    for track_id in reversed(ids):
        await rest_libraries.save(rest, cast.ada, track_id)
    page = (await rest.call("list-tracks", cast.ada, params=query)).json()
    assert [track["id"] for track in page["items"]] == ids[wanted]
    assert (page["limit"], page["offset"]) == (limit, offset)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "101", "-1", "", "ten", "1.5", "9" * 30)),
        *(("offset", value) for value in ("-1", "", "x", "2147483648", "\x00")),
        *(("mode", value) for value in ("", "album", "CREATION", "creation,focus", "\x00")),
    ],
    ids=ascii,
)
async def test_a_query_out_of_range_returns_422_and_is_not_clamped(
    rest: Contract, cast: Cast, name: str, value: str
) -> None:
    answer = await rest.call("list-tracks", cast.ada, params={name: value})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["error"]["details"]["errors"]] == [name]


async def test_all_problems_of_a_query_are_returned_at_once(rest: Contract, cast: Cast) -> None:
    answer = await rest.call("list-tracks", cast.ada, params={"limit": "0", "offset": "-1", "mode": "x"})
    problems = answer.json()["error"]["details"]["errors"]
    assert {problem["field"] for problem in problems} == {"limit", "offset", "mode"}


@pytest.mark.parametrize("name", ["engine", "collection_id"])
@pytest.mark.parametrize("value", ["", " ", "a\x00b", "ö" * 3000, "\ufffe"], ids=lambda text: ascii(text)[:24])
async def test_filters_with_unusual_text_return_an_empty_list(
    rest: Contract, cast: Cast, database: Database, name: str, value: str
) -> None:
    await rest_libraries.save(rest, cast.ada, await factories.put_track(database, cast.ada))
    answer = await rest.call("list-tracks", cast.ada, params={name: value})
    assert answer.status_code in {200, 422}
    assert answer.json().get("items", []) == []


async def test_unsaving_removes_a_track_from_the_library_only(rest: Contract, cast: Cast, database: Database) -> None:
    track_id, other = [await factories.put_track(database, cast.ada) for _ in range(2)]
    await rest_libraries.save(rest, cast.ada, track_id)
    await rest_libraries.save(rest, cast.ada, other)
    for _ in range(2):
        answer = await rest.call("unsave-track", cast.ada, path={"track_id": track_id})
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "id": track_id, "detail": "Track removed from library."}
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [other]
    assert (await rest.call("get-track", cast.ada, path={"track_id": track_id})).status_code == 200


async def test_a_saved_shared_track_is_readable_in_the_callers_organization(
    rest: Contract, cast: Cast, database: Database
) -> None:
    track_id = await factories.put_track(database, cast.ada, stems=["bass"])
    for reader in (cast.bea, cast.cid):
        await rest_libraries.share_and_save(rest, cast.ada, reader, track_id)
        assert await rest_libraries.list_track_ids(rest, reader) == [track_id]
        track = (await rest.call("get-track", reader, path={"track_id": track_id})).json()
        assert (track["id"], track["title"], list(track["stem_urls"])) == (track_id, "Night Desk", ["bass"])
    assert await rest_libraries.list_track_ids(rest, cast.ada) == []


async def test_saving_a_shared_track_again_returns_its_entry(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    shared = await rest_libraries.share_and_save(rest, cast.ada, cast.cid, track_id)
    edge = await rest_libraries.save(rest, cast.cid, track_id)
    assert (edge["id"], edge["source"]) == (shared["id"], "shared")


async def test_a_shared_track_is_unreadable_after_unsaving(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    await rest_libraries.share_and_save(rest, cast.ada, cast.bea, track_id)
    assert (await rest.call("unsave-track", cast.bea, path={"track_id": track_id})).status_code == 200
    assert await rest_libraries.list_track_ids(rest, cast.bea) == []
    for operation in ("get-track", "save-track", "unsave-track"):
        assert (await rest.call(operation, cast.bea, path={"track_id": track_id})).status_code == 404
