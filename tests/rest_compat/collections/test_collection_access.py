"""Collections of other users, and identifiers of none."""

import pytest

from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.rest.collections import OPERATIONS, create, get
from tests.support.users import Cast

NOBODYS_IDS = [
    "mcoll_000000000000",
    "mcoll_",
    "x",
    "mtrack_000000000000",
    "ö",
    "a\x00b",
    "mcoll_" + "0" * 3000,
    "'; --",
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("collection_id", NOBODYS_IDS, ids=lambda text: ascii(text)[:24])
async def test_malformed_and_unknown_collection_ids_return_404(
    rest: Contract, cast: Cast, operation: str, collection_id: str
) -> None:
    path = {"collection_id": collection_id, "track_id": "mtrack_000000000000"}
    answer = await rest.call(operation, cast.ada, path=path, json=OPERATIONS[operation])
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["system_message"]) == ("RESOURCE_NOT_FOUND", "Music collection not found")
    assert error["details"] == {"collection_id": collection_id}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_foreign_collection_returns_404_and_does_not_change(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada))["id"]
    await rest.call("add-collection-track", cast.ada, path={"collection_id": made}, json={"track_id": track_id})
    before = await get(rest, cast.ada, made)
    for stranger in (cast.bea, cast.cid):
        path = {"collection_id": made, "track_id": track_id}
        answer = await rest.call(operation, stranger, path=path, json=OPERATIONS[operation])
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == {"collection_id": made}
    assert await get(rest, cast.ada, made) == before
    assert await factories.load_collection_order(database, made) == [(0, track_id)]
