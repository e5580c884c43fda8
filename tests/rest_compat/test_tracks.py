import asyncio
import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import update

from core import clock
from core.jobs import Status
from core.licence import LicenceClass
from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Generation, LibraryEntry, Track, TrackFile
from tests.support import factories
from tests.support.rest import libraries as rest_libraries
from tests.support.rest.client import Contract
from tests.support.users import Cast

NOBODYS_IDS = [
    "mtrack_000000000000",
    "mtrack_",
    "x",
    "mgen_000000000000",
    "ö",
    "a\x00b",
    "mtrack_" + "0" * 3000,
    "'; --",
]


async def test_the_creator_gets_all_fields_of_a_track(rest: Contract, cast: Cast, database: Database) -> None:
    made_at = clock.now() - timedelta(days=40)
    track_id = await factories.put_track(database, cast.ada, stems=["bass", "drums"], created_at=made_at)
    answer = await rest.call("get-track", cast.ada, path={"track_id": track_id})
    assert answer.status_code == 200
    track = answer.json()
    assert {name: track[name] for name in track.keys() - {"playback_url", "stem_urls"}} == {
        "id": track_id,
        "title": "Night Desk",
        "engine": "studio",
        "mode": "creation",
        "measured_duration_seconds": 2.0,
        "instrumental": True,
        "licence_class": "commercial_cleared",
        "commercial_use": True,
        "requires_attribution": False,
        "created_at": clock.iso(made_at),
    }
    assert track["playback_url"].startswith("http")
    assert list(track["stem_urls"]) == ["bass", "drums"]
    assert len({track["playback_url"], *track["stem_urls"].values()}) == 3


async def test_unknown_fields_of_a_track_are_null(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada, title=None, measured_duration_seconds=None)
    track = (await rest.call("get-track", cast.ada, path={"track_id": track_id})).json()
    assert (track["title"], track["measured_duration_seconds"], track["stem_urls"]) == (None, None, None)


@pytest.mark.parametrize(
    ("licence_class", "is_commercial"),
    [
        (LicenceClass.COMMERCIAL_CLEARED, True),
        (LicenceClass.COMMERCIAL_ENTERPRISE, True),
        (LicenceClass.PERSONAL_ONLY, False),
        (LicenceClass.UNCLEAR, False),
    ],
)
async def test_a_track_contains_its_own_licence(
    rest: Contract,
    cast: Cast,
    database: Database,
    licence_class: LicenceClass,
    is_commercial: bool,  # noqa: FBT001  a column of the table
) -> None:
    track_id = await factories.put_track(
        database, cast.ada, licence_class=licence_class, commercial_use=is_commercial, requires_attribution=True
    )
    track = (await rest.call("get-track", cast.ada, path={"track_id": track_id})).json()
    assert (track["licence_class"], track["commercial_use"]) == (licence_class.value, is_commercial)
    assert track["requires_attribution"] is True


@pytest.mark.parametrize("operation", ["get-track", "save-track", "unsave-track", "delete-track"])
@pytest.mark.parametrize("track_id", NOBODYS_IDS, ids=lambda text: ascii(text)[:24])
async def test_malformed_and_unknown_track_ids_return_404(
    rest: Contract, cast: Cast, operation: str, track_id: str
) -> None:
    answer = await rest.call(operation, cast.ada, path={"track_id": track_id})
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["system_message"]) == ("RESOURCE_NOT_FOUND", "Music track not found")
    assert error["details"] == {"track_id": track_id}


@pytest.mark.parametrize("operation", ["get-track", "save-track", "unsave-track", "delete-track"])
async def test_a_foreign_track_returns_404_and_does_not_change(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    await rest_libraries.save(rest, cast.ada, track_id)
    bodies = []
    for stranger, requested in [(cast.bea, track_id), (cast.cid, track_id), (cast.bea, "mtrack_000000000000")]:
        answer = await rest.call(operation, stranger, path={"track_id": requested})
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert error.pop("details") == {"track_id": requested}
        bodies.append({name: error[name] for name in error.keys() - {"trace_id", "timestamp"}})
    assert bodies == [bodies[0]] * 3
    assert await rest_libraries.list_track_ids(rest, cast.ada) == [track_id]
    assert len(await factories.load_all(database, LibraryEntry)) == 1
    assert [row.deleted_at for row in await factories.load_all(database, Track)] == [None]


async def test_a_deleted_track_remains_only_in_accounting(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada, cost_chf="1.5")
    await rest_libraries.save(rest, cast.ada, track_id)
    await rest_libraries.share_and_save(rest, cast.ada, cast.bea, track_id)
    await rest_libraries.share_and_save(rest, cast.ada, cast.cid, track_id)
    answer = await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "id": track_id, "detail": "Track deleted."}
    for person in (cast.ada, cast.bea, cast.cid):
        assert await rest_libraries.list_track_ids(rest, person) == []
        for operation in ("get-track", "save-track", "unsave-track", "delete-track", "share-track"):
            answer = await rest.call(operation, person, path={"track_id": track_id})
            assert answer.status_code == 404
            assert answer.json()["error"]["details"] == {"track_id": track_id}
    [row] = await factories.load_all(database, Track)
    assert row.deleted_at is not None
    [job] = await factories.load_all(database, Generation)
    assert (str(job.cost_chf), job.status) == ("1.5000", Status.SUCCEEDED)


async def test_deleting_a_track_closes_gaps_in_collections(rest: Contract, cast: Cast, database: Database) -> None:
    ids = [await factories.put_track(database, cast.ada) for _ in range(3)]
    await rest_libraries.share_and_save(rest, cast.ada, cast.bea, ids[1])
    theirs = await factories.put_track(database, cast.bea)
    places = {}
    for person, members in [(cast.ada, ids), (cast.bea, [ids[1], theirs])]:
        made = (await rest.call("create-collection", person, json={"name": "x"})).json()["id"]
        for member in members:
            await rest.call("add-collection-track", person, path={"collection_id": made}, json={"track_id": member})
        places[person.user_id] = made
    await rest.call("delete-track", cast.ada, path={"track_id": ids[1]})
    assert await factories.load_collection_order(database, places[cast.ada.user_id]) == [(0, ids[0]), (1, ids[2])]
    assert await factories.load_collection_order(database, places[cast.bea.user_id]) == [(0, theirs)]
    whole = await rest.call("get-collection", cast.ada, path={"collection_id": places[cast.ada.user_id]})
    assert whole.json()["track_count"] == 2


async def test_only_the_creator_can_delete_a_track(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    for reader in (cast.bea, cast.cid):
        await rest_libraries.share_and_save(rest, cast.ada, reader, track_id)
        answer = await rest.call("delete-track", reader, path={"track_id": track_id})
        assert answer.status_code == 403
        error = answer.json()["error"]
        assert (error["code"], error["type"]) == ("OPERATION_NOT_ALLOWED", "permission_error")
        assert error["message"] == "You are not allowed to do this."
        assert await rest_libraries.list_track_ids(rest, reader) == [track_id]
    assert [row.deleted_at for row in await factories.load_all(database, Track)] == [None]


async def test_one_of_many_concurrent_deletions_succeeds(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    answers = await asyncio.gather(
        *(rest.call("delete-track", cast.ada, path={"track_id": track_id}) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 9


async def test_a_track_saved_during_its_deletion_is_in_no_library(
    rest: Contract, cast: Cast, database: Database
) -> None:
    for _ in range(10):
        path = {"track_id": await factories.put_track(database, cast.ada)}
        shared = {"token": (await rest.call("share-track", cast.ada, path=path)).json()["token"]}
        await asyncio.gather(
            *(rest.call("save-track", cast.ada, path=path) for _ in range(3)),
            *(rest.call("save-shared-track", cast.bea, path=shared) for _ in range(3)),
            rest.call("delete-track", cast.ada, path=path),
            *(rest.call("save-track", cast.ada, path=path) for _ in range(3)),
            *(rest.call("save-shared-track", cast.cid, path=shared) for _ in range(3)),
        )
        for person in (cast.ada, cast.bea, cast.cid):
            assert await rest_libraries.list_track_ids(rest, person) == []
    assert await factories.load_all(database, LibraryEntry) == []


async def test_a_track_added_during_its_deletion_is_in_no_collection(
    rest: Contract, cast: Cast, database: Database
) -> None:
    made = [(await rest.call("create-collection", cast.ada, json={"name": "x"})).json()["id"] for _ in range(6)]
    for _ in range(10):
        body = {"track_id": await factories.put_track(database, cast.ada)}
        changes = [
            rest.call("add-collection-track", cast.ada, path={"collection_id": collection_id}, json=body)
            for collection_id in made
        ]
        changes.insert(3, rest.call("delete-track", cast.ada, path=body))
        await asyncio.gather(*changes)
        assert [await factories.load_collection_order(database, collection_id) for collection_id in made] == [[]] * len(
            made
        )


async def test_signed_urls_of_a_deleted_track_stop_working(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    audio = b"not quite music"
    digest = hashlib.sha256(audio).hexdigest()
    key = f"sha256/{digest[:2]}/{digest}.mp3"
    # two tracks with identical audio share one file
    ids = [await factories.put_track(database, cast.ada) for _ in range(2)]
    async with database.transaction() as session:
        await session.execute(update(TrackFile).values(blob_key=key))
    file = settings.storage_dir / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(audio)
    paths = [{"track_id": track_id} for track_id in ids]
    urls = [(await rest.call("get-track", cast.ada, path=path)).json()["playback_url"] for path in paths]
    for path, url in zip(paths, urls, strict=True):
        assert (await rest.client.get(url)).content == audio
        await rest.call("delete-track", cast.ada, path=path)
        for method in ("GET", "HEAD"):
            assert (await rest.client.request(method, url)).status_code == 404


@pytest.mark.parametrize("operation", ["list-tracks", "get-track"])
async def test_head_returns_the_headers_of_get_without_a_body(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    head = await rest.send("HEAD", rest.url(operation, cast.ada, track_id=track_id), headers=cast.ada.headers)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("operation", "method", "allowed"),
    [
        ("list-tracks", "POST", {"GET", "HEAD"}),
        ("get-track", "PATCH", {"DELETE", "GET", "HEAD"}),
        ("save-track", "GET", {"DELETE", "POST"}),
        ("save-track", "HEAD", {"DELETE", "POST"}),
    ],
)
async def test_a_wrong_method_returns_405_with_the_allowed_methods(
    rest: Contract, cast: Cast, operation: str, method: str, allowed: set[str]
) -> None:
    url = rest.url(operation, cast.ada, track_id="mtrack_000000000000")
    answer = await rest.send(method, url, headers=cast.ada.headers)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
