"""Creating collections."""

import pytest

from core import clock
from storage.postgres.database import Database
from storage.tables import Collection
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.rest.collections import REFUSED_FIELDS, UNREADABLE, create, get
from tests.support.rest.problems import problems
from tests.support.users import Cast


async def test_a_collection_requires_only_a_name(rest: Contract, cast: Cast, database: Database) -> None:
    before = clock.iso(clock.now())
    made = await create(rest, cast.ada)
    assert {name: made[name] for name in made.keys() - {"id", "created_at", "updated_at"}} == {
        "name": "Late shift",
        "description": None,
        "cover_track_id": None,
        "cover_image_url": None,
        "track_count": 0,
    }
    assert before <= made["created_at"] <= made["updated_at"] <= clock.iso(clock.now())
    [row] = await factories.load_all(database, Collection)
    assert (row.id, row.user_id, row.organization_id) == (made["id"], cast.ada.user_id, cast.ada.organization_id)
    assert await get(rest, cast.ada, made["id"]) == made


async def test_a_collection_stores_every_field(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    fields = {
        "name": "Late shift 🎹",
        "description": "Quiet pieces.\nFor the last hours.",
        "cover_track_id": track_id,
        "cover_image_url": "https://images.example.org/a.png?b=c#d",
    }
    made = await create(rest, cast.ada, **fields)
    assert {name: made[name] for name in fields} == fields
    assert await get(rest, cast.ada, made["id"]) == made


async def test_texts_are_trimmed(rest: Contract, cast: Cast) -> None:
    body = {"name": " " + "x" * 512 + "\n", "description": "\t", "cover_image_url": " https://a.example/ "}
    answer = await rest.call("create-collection", cast.ada, json=body, is_documented=False)
    made = answer.json()
    assert (made["name"], made["description"], made["cover_image_url"]) == ("x" * 512, None, "https://a.example/")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x"},
        {"name": "x" * 512},
        {"name": "🎹" * 512},
        {"name": "شعر 音楽"},
        {"description": None},
        {"description": "x" * 5000},
        {"cover_track_id": None},
        {"cover_image_url": None},
        {"cover_image_url": "http://localhost:8080/x"},
        {"cover_image_url": "https://a.example/" + "x" * 1006},
        {"cover_image_url": "https://a.example/ümlaut.png"},
        {"cover_image_url": "HTTPS://A.EXAMPLE/x"},
        {"cover_image_url": "http://[::1]:65535?x"},
        {"cover_image_url": "https://bücher.example"},
    ],
    ids=lambda fields: ascii(fields)[:40],
)
async def test_values_within_limits_are_accepted(rest: Contract, cast: Cast, fields: dict[str, object]) -> None:
    made = await create(rest, cast.ada, **fields)
    assert {name: made[name] for name in fields} == fields


@pytest.mark.parametrize(("fields", "field", "message"), REFUSED_FIELDS, ids=lambda value: ascii(value)[:48])
async def test_values_out_of_limits_return_422_and_create_nothing(
    rest: Contract, cast: Cast, database: Database, fields: dict[str, object], field: str, message: str
) -> None:
    answer = await rest.call("create-collection", cast.ada, json={"name": "x", **fields})
    assert problems(answer) == [(field, message)]
    assert await factories.load_all(database, Collection) == []


async def test_an_empty_body_returns_a_missing_name(rest: Contract, cast: Cast) -> None:
    assert problems(await rest.call("create-collection", cast.ada, json={})) == [("name", "This field is required.")]


async def test_all_problems_are_returned_at_once(rest: Contract, cast: Cast, database: Database) -> None:
    body = {
        "name": "",
        "description": 1,
        "cover_track_id": "mtrack_000000000000",
        "cover_image_url": "x",
        "colour": "blue",
    }
    made = (await create(rest, cast.ada))["id"]
    names = set(body)
    assert {name for name, _ in problems(await rest.call("create-collection", cast.ada, json=body))} == names
    changed = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json=body)
    assert {name for name, _ in problems(changed)} == names
    assert len(await factories.load_all(database, Collection)) == 1


async def test_a_cover_track_must_be_readable(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    for stranger in (cast.bea, cast.cid):
        answer = await rest.call("create-collection", stranger, json={"name": "x", "cover_track_id": track_id})
        assert problems(answer) == [("cover_track_id", UNREADABLE)]
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    await rest.call("save-shared-track", cast.bea, path={"token": link["token"]})
    assert (await create(rest, cast.bea, cover_track_id=track_id))["cover_track_id"] == track_id


async def test_a_deleted_track_cannot_be_a_cover(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    answer = await rest.call("create-collection", cast.ada, json={"name": "x", "cover_track_id": track_id})
    assert problems(answer) == [("cover_track_id", UNREADABLE)]


async def test_collection_names_need_not_be_unique(rest: Contract, cast: Cast) -> None:
    assert (await create(rest, cast.ada))["id"] != (await create(rest, cast.ada))["id"]
