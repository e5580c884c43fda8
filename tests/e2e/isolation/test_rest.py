"""REST reveals and changes nothing that belongs to another user."""

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
from tests.support.isolation import cast, database, owned
from tests.support.owned_resources import OwnedIds
from tests.support.rest.client import Contract, Entry, document
from tests.support.users import Cast, Person

__all__ = ["cast", "database", "document", "owned"]

KINDS: Final = {
    "job_id": "job",
    "track_id": "track",
    "collection_id": "collection",
    "share_id": "link",
    "session_id": "session",
    "reference_audio_id": "reference_audio",
}
BODIES: Final[Mapping[str, Any]] = {
    "update-collection": {"name": "Stolen"},
    "reorder-collection": {"ordered_track_ids": []},
}
ID_PARAMETERS: Final = [
    (row, name)
    for row in ALL_OPERATIONS
    for name in re.findall(r"\{(\w+)\}", row.path)
    if name not in {"organization_id", "token", "segment_index"}
    # removing a track that is not a member changes nothing, for owners too
    and (row.name, name) != ("remove-collection-track", "track_id")
]
AUTHENTICATED_OPERATIONS: Final = [row for row in ALL_OPERATIONS if not row.is_public]


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient, document: Entry) -> Contract:
    return Contract(client, document)


@pytest.fixture
def ada_ids(owned: Mapping[str, OwnedIds]) -> OwnedIds:
    return owned["ada"]


@pytest.mark.parametrize("other_user", ["bea", "cid"])
@pytest.mark.parametrize(("row", "name"), ID_PARAMETERS, ids=lambda value: getattr(value, "name", value))
async def test_foreign_and_missing_ids_are_answered_the_same(
    rest: Contract,
    cast: Cast,
    database: Database,
    owned: Mapping[str, OwnedIds],
    row: Operation,
    name: str,
    other_user: str,
) -> None:
    person, own = getattr(cast, other_user), owned[other_user]
    before = await owned_resources.digest_tables(database)
    answers = [
        await _comparable_answer(rest, row, name, id_, person, own)
        for id_ in owned_resources.inaccessible_ids(KINDS[name], owned["ada"])
    ]
    assert answers == [answers[0]] * len(answers)
    assert answers[0]["status"] == 404
    assert await owned_resources.digest_tables(database) == before


async def test_a_foreign_track_cannot_be_added_to_a_collection(
    rest: Contract, cast: Cast, database: Database, owned: Mapping[str, OwnedIds]
) -> None:
    before = await owned_resources.digest_tables(database)
    answers = []
    for id_ in owned_resources.inaccessible_ids("track", owned["ada"]):
        path = {"collection_id": owned["bea"]["collection"]}
        answer = await rest.call("add-collection-track", cast.bea, path=path, json={"track_id": id_})
        answers.append(_without(answer.json()["error"], id_))
    assert answers == [answers[0]] * len(answers)
    assert answers[0]["status"] == 404
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("field", ["seed_track_id", "cover_track_id"])
async def test_a_foreign_track_cannot_be_a_seed_or_a_cover(
    rest: Contract, cast: Cast, database: Database, ada_ids: OwnedIds, field: str
) -> None:
    before = await owned_resources.digest_tables(database)
    answers = []
    for id_ in owned_resources.inaccessible_ids("track", ada_ids):
        body: dict[str, Any] = {"name": "Mine", field: id_}
        operation = "create-collection"
        if field == "seed_track_id":
            operation = "create-generation"
            body = {"engine": "studio", "prompt": "lofi", "duration_seconds": 5, field: id_}
        answer = await rest.call(operation, cast.bea, json=body)
        answers.append(_without(answer.json()["error"], id_))
    assert answers == [answers[0]] * len(answers)
    assert answers[0]["status"] == 422
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("row", AUTHENTICATED_OPERATIONS, ids=lambda row: row.name)
async def test_an_operation_requires_a_valid_credential(
    rest: Contract, cast: Cast, database: Database, ada_ids: OwnedIds, row: Operation
) -> None:
    expired = await accounts.create_key(database, cast.ada.user_id, "old", -1)
    revoked = await accounts.create_key(database, cast.ada.user_id, "lent", None)
    await accounts.revoke_key(database, revoked.row.id)
    before = await owned_resources.digest_tables(database)
    url = rest.url(row.name, cast.ada, **_path(ada_ids))
    codes = []
    for headers in ({}, {"X-API-Key": expired.text}, {"X-API-Key": revoked.text}, {"X-API-Key": "ak_random"}):
        answer = await rest.send(row.method, url, headers=headers, json=BODIES.get(row.name))
        assert answer.status_code == 401
        codes.append(answer.json()["error"]["code"])
    assert codes == ["AUTHENTICATION_REQUIRED", "API_KEY_EXPIRED", "API_KEY_DEACTIVATED", "INVALID_API_KEY"]
    assert await owned_resources.digest_tables(database) == before


async def _comparable_answer(
    rest: Contract, row: Operation, name: str, id_: str, person: Person, own: OwnedIds
) -> dict[str, Any]:
    path = {**_path(own), name: id_}
    answer = await rest.call(row.name, person, path=path, json=BODIES.get(row.name, _body(row, own)))
    error = answer.json()["error"]
    assert error["details"] == {name: id_}
    return {**_without(error, id_), "headers": sorted(answer.headers)}


def _body(row: Operation, own: OwnedIds) -> Any:  # noqa: ANN401  JSON
    return {"track_id": own["track"]} if row.name == "add-collection-track" else None


def _path(own: OwnedIds) -> dict[str, str]:
    ids = {name: own[kind] for name, kind in KINDS.items() if kind in own}
    return {**ids, "segment_index": "0", "token": f"shr_{'0' * 32}"}


def _without(error: Mapping[str, Any], id_: str) -> dict[str, Any]:
    """Return the error without the values that depend on the request."""
    compared = {name: value for name, value in error.items() if name not in {"trace_id", "timestamp"}}
    return {name: _blank(value, id_) for name, value in compared.items()}


def _blank(value: Any, id_: str) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {name: _blank(inner, id_) for name, inner in value.items()}
    return "…" if value == id_ else value
