"""Create, resolve, save and expire share links over REST."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import ShareAccess, ShareLink
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person


async def share(rest: Contract, person: Person, target_id: str, body: object = None) -> dict[str, Any]:
    """Create a link to a track or a collection."""
    operation, name = (
        ("share-track", "track_id") if target_id.startswith("mtrack") else ("share-collection", "collection_id")
    )
    answer = await rest.call(operation, person, path={name: target_id}, json={} if body is None else body)
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link


async def resolve(rest: Contract, cast: Cast, shown: str, **options: Any) -> httpx.Response:  # noqa: ANN401  httpx's
    """Resolve a link without credentials; ``cast`` only fills in the path."""
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
    """Make all links expire one second ago."""
    async with database.transaction() as session:
        await session.execute(update(ShareLink).values(expires_at=clock.now() - timedelta(seconds=1)))


async def list_outcomes(database: Database) -> list[str]:
    """Return the outcome of each access, oldest first."""
    attempts = sorted(await factories.load_all(database, ShareAccess), key=lambda row: row.id)
    return [row.outcome.value for row in attempts]


def comparable_error(answer: httpx.Response) -> dict[str, Any]:
    """Return the error of a response without the values that always differ."""
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
