"""Exports are found and written by a worker process without a wake-up."""

from typing import Any

import httpx
import pytest

from tests.support import polling
from tests.support.graphql.exports import create_export, get_export
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_worker_process_writes_a_requested_export(client: httpx.AsyncClient, cast: Cast) -> None:
    requested = await create_export(client, cast.ada)

    async def poll() -> Any:  # noqa: ANN401  JSON
        found = await get_export(client, cast.ada, requested["id"])
        return found if found["status"] == "SUCCEEDED" else None

    done = await polling.wait_for(poll)
    assert (await client.get(done["url"])).content[:4] == b"PK\x03\x04"
