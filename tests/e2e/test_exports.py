"""An export that a worker process makes by itself, with nobody to tell it."""

from typing import Any

import httpx
import pytest

from tests.support import polling
from tests.support.graphql_exports import create_export, get_export
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_worker_process_finds_an_export_that_is_asked_for(client: httpx.AsyncClient, cast: Cast) -> None:
    asked = await create_export(client, cast.ada)

    async def made() -> Any:  # noqa: ANN401  JSON
        found = await get_export(client, cast.ada, asked["id"])
        return found if found["status"] == "SUCCEEDED" else None

    done = await polling.wait_for(made)
    assert (await client.get(done["url"])).content[:4] == b"PK\x03\x04"
