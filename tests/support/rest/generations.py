"""Submit generations over REST and poll them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.support.users import Person

Json = dict[str, Any]


def finished(client: httpx.AsyncClient, person: Person, url: str) -> Callable[[], Awaitable[Json | None]]:
    async def look() -> Json | None:
        job: Json = (await client.get(url, headers=person.headers)).json()
        return job if job["status"] not in {"queued", "running"} else None

    return look


async def submit(client: httpx.AsyncClient, person: Person, prompt: str, seconds: int) -> str:
    body = {"engine": "studio", "prompt": prompt, "duration_seconds": seconds}
    answer = await client.post(f"/v1/music/{person.organization_id}/generations", json=body, headers=person.headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])
