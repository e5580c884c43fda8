"""Share links as tests make, open and end them."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import ShareAccess, ShareLink
from tests.support import factories
from tests.support.rest_client import Contract
from tests.support.users import Cast, Person


async def share(rest: Contract, person: Person, target_id: str, body: object = None) -> dict[str, Any]:
    """A new link to a track or a collection."""
    operation, name = (
        ("share-track", "track_id") if target_id.startswith("mtrack") else ("share-collection", "collection_id")
    )
    answer = await rest.call(operation, person, path={name: target_id}, json={} if body is None else body)
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link


async def resolve(rest: Contract, cast: Cast, shown: str, **options: Any) -> httpx.Response:  # noqa: ANN401  httpx's
    """Open a link as nobody; ``cast`` is for the form only."""
    return await rest.send("GET", rest.url("resolve-share", cast.ada, token=shown), **options)


async def save(rest: Contract, person: Person, shown: str) -> httpx.Response:
    return await rest.call("save-shared-track", person, path={"token": shown})


async def create_collection(rest: Contract, person: Person, *track_ids: str) -> str:
    body = {"name": "Late shift", "description": "Quiet."}
    made: str = (await rest.call("create-collection", person, json=body)).json()["id"]
    for member in track_ids:
        await rest.call("add-collection-track", person, path={"collection_id": made}, json={"track_id": member})
    return made


async def expire_links(database: Database) -> None:
    """All links are over since a second."""
    async with database.transaction() as session:
        await session.execute(update(ShareLink).values(expires_at=clock.now() - timedelta(seconds=1)))


async def list_outcomes(database: Database) -> list[str]:
    """What became of each attempt, the oldest first."""
    attempts = sorted(await factories.load_all(database, ShareAccess), key=lambda row: row.id)
    return [row.outcome.value for row in attempts]


def comparable_error(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer without what differs by its nature."""
    error = answer.json()["error"]
    return {name: error[name] for name in error.keys() - {"trace_id", "timestamp", "details"}}


UNKNOWN_SHARE_TOKENS = [
    f"shr_{'0' * 32}",
    f"shr_{'A' * 32}",
    "shr_",
    "x",
    "ö",
    "a\x00b",
    "shr_" + "0" * 3000,
    "mtrack_000000000000",
    "'; --",
]
