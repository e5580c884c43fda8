"""Updates and deletions of collections."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import Collection, Track
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.rest.collections import OPERATIONS, REFUSED_FIELDS, create, get
from tests.support.rest.problems import problems
from tests.support.users import Cast


async def test_an_update_changes_only_the_given_fields(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    full = {
        "name": "Late shift",
        "description": "Quiet.",
        "cover_track_id": track_id,
        "cover_image_url": "https://a.example/x",
    }
    made = await create(rest, cast.ada, **full)
    changes: list[dict[str, object]] = [
        {},
        {"name": "Early shift"},
        {"description": "Loud."},
        {"cover_image_url": "http://b.example/y"},
        {"description": None},
        {"cover_track_id": None},
        {"cover_image_url": None},
        {"name": "Again", "description": "All", "cover_track_id": track_id},
    ]
    expected = {name: value for name, value in made.items() if name != "updated_at"}
    for change in changes:
        answer = await rest.call("update-collection", cast.ada, path={"collection_id": made["id"]}, json=change)
        assert answer.status_code == 200, answer.text
        expected |= change
        changed = answer.json()
        assert changed == {**expected, "updated_at": changed["updated_at"]}
        assert await get(rest, cast.ada, made["id"]) == changed


NULLABLE = ["description", "cover_track_id", "cover_image_url"]


@pytest.mark.parametrize("empty", [None, "", "\t "], ids=repr)
@pytest.mark.parametrize("field", NULLABLE)
async def test_empty_optional_fields_are_left_out_of_a_new_collection_and_cleared_by_an_update(
    rest: Contract, cast: Cast, database: Database, field: str, empty: str | None
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    full = {"description": "Quiet.", "cover_track_id": track_id, "cover_image_url": "https://a.example/x"}
    new = await create(rest, cast.ada, **{**full, field: empty})
    assert {name: new[name] for name in NULLABLE} == {**full, field: None}
    old = await create(rest, cast.ada, **full)
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": old["id"]}, json={field: empty})
    assert {name: answer.json()[name] for name in NULLABLE} == {**full, field: None}


async def test_an_update_returns_the_track_count(rest: Contract, cast: Cast, database: Database) -> None:
    made = (await create(rest, cast.ada))["id"]
    for _ in range(2):
        body = {"track_id": await factories.put_track(database, cast.ada)}
        await rest.call("add-collection-track", cast.ada, path={"collection_id": made}, json=body)
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.json()["track_count"] == 2


async def test_an_update_changes_updated_at_only(rest: Contract, cast: Cast, database: Database) -> None:
    made = (await create(rest, cast.ada))["id"]
    long_ago = clock.now() - timedelta(days=5)
    async with database.transaction() as session:
        await session.execute(update(Collection).values(created_at=long_ago, updated_at=long_ago))
    before = clock.iso(clock.now())
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.json()["created_at"] == clock.iso(long_ago)
    assert before <= answer.json()["updated_at"] <= clock.iso(clock.now())


@pytest.mark.parametrize(("fields", "field", "message"), REFUSED_FIELDS, ids=lambda value: ascii(value)[:48])
async def test_an_invalid_update_changes_nothing(
    rest: Contract, cast: Cast, fields: dict[str, object], field: str, message: str
) -> None:
    made = await create(rest, cast.ada, description="Quiet.")
    body = {"description": "Loud.", **fields}
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made["id"]}, json=body)
    assert problems(answer) == [(field, message)]
    assert await get(rest, cast.ada, made["id"]) == made


async def test_deleting_a_collection_keeps_its_tracks(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada))["id"]
    other = (await create(rest, cast.ada))["id"]
    for one in (made, other):
        await rest.call("add-collection-track", cast.ada, path={"collection_id": one}, json={"track_id": track_id})
    answer = await rest.call("delete-collection", cast.ada, path={"collection_id": made})
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "id": made, "detail": "Collection deleted."}
    for operation, body in OPERATIONS.items():
        path = {"collection_id": made, "track_id": track_id}
        assert (await rest.call(operation, cast.ada, path=path, json=body)).status_code == 404
    listed = (await rest.call("list-collections", cast.ada)).json()["items"]
    assert [one["id"] for one in listed] == [other]
    assert (await rest.call("get-track", cast.ada, path={"track_id": track_id})).status_code == 200
    assert await factories.load_collection_order(database, other) == [(0, track_id)]
    deleted = {row.id: row.deleted_at for row in await factories.load_all(database, Collection)}
    assert deleted[other] is None
    assert deleted[made] is not None


async def test_bodies_must_be_json_objects(rest: Contract, cast: Cast) -> None:
    made = (await create(rest, cast.ada))["id"]
    for operation in ("create-collection", "update-collection", "add-collection-track", "reorder-collection"):
        headers = {"Content-Type": "application/json"}
        path = {"collection_id": made}
        answer = await rest.call(operation, cast.ada, path=path, content=b"{", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
        answer = await rest.call(operation, cast.ada, path=path, content=b"[]", headers=headers)
        assert problems(answer) == [("", "The body must be a JSON object.")]
        headers = {"Content-Type": "text/plain"}
        answer = await rest.call(operation, cast.ada, path=path, content=b"{}", headers=headers)
        assert answer.status_code == 415


async def test_a_collection_whose_cover_track_was_deleted_is_readable(
    rest: Contract, cast: Cast, database: Database
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada, cover_track_id=track_id))["id"]
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert (await get(rest, cast.ada, made))["name"] == "Late shift"
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.status_code == 200
    async with database.transaction() as session:
        assert await session.get(Track, track_id) is not None
