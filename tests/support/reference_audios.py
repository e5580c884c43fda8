"""Uploads of reference audio, as a client makes them."""

from typing import Any

import httpx

from tests.support.remote.tone_files import tone_wav
from tests.support.users import Person


async def declare(client: httpx.AsyncClient, person: Person, **fields: object) -> dict[str, Any]:
    """Declare rights and return the reference audio without a file."""
    declaration = {"name": "Demo", "basis": "own_work", **fields}
    url = f"/v1/music/{person.organization_id}/reference-audios"
    answer = await client.post(url, json=declaration, headers=person.headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send_file(
    client: httpx.AsyncClient, person: Person, reference_audio_id: str, content: bytes
) -> httpx.Response:
    """Upload a file and return the response."""
    url = f"/v1/music/{person.organization_id}/reference-audios/{reference_audio_id}/file"
    return await client.put(url, content=content, headers={**person.headers, "Content-Type": "audio/wav"})


async def upload(client: httpx.AsyncClient, person: Person, seconds: float = 10.25, **fields: object) -> dict[str, Any]:
    """Declare rights, upload a tone and return the reference audio."""
    declared = await declare(client, person, **fields)
    answer = await send_file(client, person, declared["id"], tone_wav(seconds))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
