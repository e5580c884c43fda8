"""Whoever asks for what is not theirs learns nothing, by any operation of the REST door, and changes nothing."""

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from resolvers.access import accounts
from rest_compat.operations import Operation
from rest_compat.routes import ALL_OPERATIONS
from storage.postgres.database import Database
from tests.support import owned_resources
from tests.support.owned_resources import OwnedIds
from tests.support.rest_client import Contract
from tests.support.users import Cast, Person

KINDS: Final = {
    "job_id": "job",
    "track_id": "track",
    "collection_id": "collection",
    "share_id": "link",
    "session_id": "session",
}
BODIES: Final[Mapping[str, Any]] = {
    "update-collection": {"name": "Stolen"},
    "reorder-collection": {"ordered_track_ids": []},
}
TELLING: Final = [
    (row, name)
    for row in ALL_OPERATIONS
    for name in re.findall(r"\{(\w+)\}", row.path)
    if name not in {"organization_id", "token", "segment_index"}
    # who names a track that is no member takes nothing out, whosever it is
    and (row.name, name) != ("remove-collection-track", "track_id")
]
CLOSED: Final = [row for row in ALL_OPERATIONS if not row.is_public]


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient) -> Contract:
    return Contract(client, (await client.get("/openapi.json")).json())


@pytest_asyncio.fixture
async def adas(client: httpx.AsyncClient, database: Database, cast: Cast) -> OwnedIds:
    return await owned_resources.create_one_of_each(client, database, cast.ada)


@pytest.mark.parametrize("stranger", ["bea", "cid"])
@pytest.mark.parametrize(("row", "name"), TELLING, ids=lambda value: getattr(value, "name", value))
async def test_what_is_foreign_and_what_is_nothing_are_answered_alike(
    rest: Contract, cast: Cast, database: Database, adas: OwnedIds, row: Operation, name: str, stranger: str
) -> None:
    person = getattr(cast, stranger)
    own = await owned_resources.create_one_of_each(rest.client, database, person)
    before = await owned_resources.digest_tables(database)
    told = [
        await _told(rest, row, name, asked, person, own)
        for asked in owned_resources.inaccessible_ids(KINDS[name], adas)
    ]
    assert told == [told[0]] * len(told)
    assert told[0]["status"] == 404
    assert await owned_resources.digest_tables(database) == before


async def test_a_foreign_track_is_put_into_no_collection(
    rest: Contract, cast: Cast, database: Database, adas: OwnedIds
) -> None:
    own = await owned_resources.create_one_of_each(rest.client, database, cast.bea)
    before = await owned_resources.digest_tables(database)
    told = []
    for asked in owned_resources.inaccessible_ids("track", adas):
        path = {"collection_id": own["collection"]}
        answer = await rest.call("add-collection-track", cast.bea, path=path, json={"track_id": asked})
        told.append(_without(answer.json()["error"], asked))
    assert told == [told[0]] * len(told)
    assert told[0]["status"] == 404
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("field", ["seed_track_id", "cover_track_id"])
async def test_a_foreign_track_is_neither_continued_nor_a_cover(
    rest: Contract, cast: Cast, database: Database, adas: OwnedIds, field: str
) -> None:
    before = await owned_resources.digest_tables(database)
    told = []
    for asked in owned_resources.inaccessible_ids("track", adas):
        body: dict[str, Any] = {"name": "Mine", field: asked}
        operation = "create-collection"
        if field == "seed_track_id":
            operation = "create-generation"
            body = {"engine": "studio", "prompt": "lofi", "duration_seconds": 5, field: asked}
        answer = await rest.call(operation, cast.bea, json=body)
        told.append(_without(answer.json()["error"], asked))
    assert told == [told[0]] * len(told)
    assert told[0]["status"] == 422
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: row.name)
async def test_a_credential_that_does_not_work_opens_nothing(
    rest: Contract, cast: Cast, database: Database, adas: OwnedIds, row: Operation
) -> None:
    expired = await accounts.create_key(database, cast.ada.user_id, "old", -1)
    revoked = await accounts.create_key(database, cast.ada.user_id, "lent", None)
    await accounts.revoke_key(database, revoked.row.id)
    before = await owned_resources.digest_tables(database)
    url = rest.url(row.name, cast.ada, **_path(adas))
    codes = []
    for headers in ({}, {"X-API-Key": expired.text}, {"X-API-Key": revoked.text}, {"X-API-Key": "ak_random"}):
        answer = await rest.send(row.method, url, headers=headers, json=BODIES.get(row.name))
        assert answer.status_code == 401
        codes.append(answer.json()["error"]["code"])
    assert codes == ["AUTHENTICATION_REQUIRED", "API_KEY_EXPIRED", "API_KEY_DEACTIVATED", "INVALID_API_KEY"]
    assert await owned_resources.digest_tables(database) == before


async def _told(rest: Contract, row: Operation, name: str, asked: str, person: Person, own: OwnedIds) -> dict[str, Any]:
    path = {**_path(own), name: asked}
    answer = await rest.call(row.name, person, path=path, json=BODIES.get(row.name, _body(row, own)))
    error = answer.json()["error"]
    assert error["details"] == {name: asked}
    return {**_without(error, asked), "headers": sorted(answer.headers)}


def _body(row: Operation, own: OwnedIds) -> Any:  # noqa: ANN401  JSON
    return {"track_id": own["track"]} if row.name == "add-collection-track" else None


def _path(own: OwnedIds) -> dict[str, str]:
    ids = {name: own[kind] for name, kind in KINDS.items() if kind in own}
    return {**ids, "segment_index": "0", "token": f"shr_{'0' * 32}"}


def _without(error: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """An error without what is the request's own."""
    kept = {name: value for name, value in error.items() if name not in {"trace_id", "timestamp"}}
    return {name: _blank(value, asked) for name, value in kept.items()}


def _blank(value: Any, asked: str) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {name: _blank(inner, asked) for name, inner in value.items()}
    return "…" if value == asked else value
