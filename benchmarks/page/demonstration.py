"""Fill a studio with music for pictures: tracks of several styles, a collection, favourites, and a share link."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

PROMPTS: Final = (
    "solo piano nocturne, slow and quiet",
    "string quartet in D minor, 96 bpm",
    "deep house, 122 bpm, rolling bass",
    "acoustic folk with guitar and fiddle",
    "ambient pads, spacious, no drums",
    "jazz trio with brushes and walking bass",
    "bossa nova with nylon guitar, calm",
    "warm lofi with Rhodes and soft drums, 82 bpm",
)
_LENGTH_SECONDS: Final = 24
_POLL_SECONDS: Final = 1.0
_TIMEOUT_SECONDS: Final = 600

_VIEWER: Final = "{ viewer { organizations { id } } }"
_CREATE: Final = """mutation ($input: CreateGenerationInput!) {
  createGeneration(input: $input) { ... on CreateGenerationPayload { generation { id } } ... on Error { message } }
}"""
_GENERATION: Final = "query ($id: ID!) { node(id: $id) { ... on Generation { status resultTrackId } } }"
_LIBRARY: Final = """query ($id: ID!) {
  organization(id: $id) { library(first: 20) { edges { node { track { id } } } } }
}"""
_COLLECTIONS: Final = """query ($id: ID!) {
  organization(id: $id) { collections(first: 1) { edges { node { id } } } }
}"""
_SAVE: Final = "mutation ($input: TrackInput!) { saveTrack(input: $input) { __typename } }"
_FAVOURITE: Final = "mutation ($input: FavouriteTrackInput!) { favouriteTrack(input: $input) { __typename } }"
_COLLECT: Final = """mutation ($input: CreateCollectionInput!) {
  createCollection(input: $input) { ... on CollectionPayload { collection { id } } ... on Error { message } }
}"""
_ADD: Final = "mutation ($input: CollectionTrackInput!) { addCollectionTrack(input: $input) { __typename } }"
_SHARE: Final = """mutation ($input: ShareInput!) {
  shareTrack(input: $input) { ... on SharePayload { url } ... on Error { message } }
}"""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the pictures show: a track, a collection and a shared page."""

    track_id: str
    collection_id: str
    share_url: str


async def fill(client: httpx.AsyncClient) -> Demonstration:
    """Make what is missing. The client has the URL of the server and a key. Raises RuntimeError, TimeoutError."""
    organization = (await _execute(client, _VIEWER))["viewer"]["organizations"][0]["id"]
    tracks = await _tracks(client, organization)
    if len(tracks) < len(PROMPTS):
        for prompt in PROMPTS:
            await _make(client, organization, prompt)
        tracks = await _tracks(client, organization)
    for track_id in tracks[::3]:
        await _execute(client, _FAVOURITE, {"id": track_id, "isFavourite": True})
    collection_id = await _find_collection(client, organization) or await _collect(client, organization, tracks[:5])
    share = (await _execute(client, _SHARE, {"id": tracks[0]}))["shareTrack"]
    return Demonstration(tracks[0], collection_id, share["url"])


async def _tracks(client: httpx.AsyncClient, organization: str) -> list[str]:
    found = await _execute(client, _LIBRARY, id=organization)
    return [edge["node"]["track"]["id"] for edge in found["organization"]["library"]["edges"]]


async def _find_collection(client: httpx.AsyncClient, organization: str) -> str | None:
    found = (await _execute(client, _COLLECTIONS, id=organization))["organization"]["collections"]["edges"]
    return str(found[0]["node"]["id"]) if found else None


async def _collect(client: httpx.AsyncClient, organization: str, tracks: list[str]) -> str:
    request = {"organizationId": organization, "name": "Evening", "coverTrackId": tracks[0]}
    collection_id = (await _execute(client, _COLLECT, request))["createCollection"]["collection"]["id"]
    for track_id in tracks:
        await _execute(client, _ADD, {"collectionId": collection_id, "trackId": track_id})
    return str(collection_id)


async def _make(client: httpx.AsyncClient, organization: str, prompt: str) -> None:
    request = {"organizationId": organization, "prompt": prompt, "durationSeconds": _LENGTH_SECONDS}
    generation = (await _execute(client, _CREATE, request))["createGeneration"]["generation"]["id"]
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while True:
            node = (await _execute(client, _GENERATION, id=generation))["node"]
            if node["status"] == "SUCCEEDED":
                break
            if node["status"] == "FAILED":
                raise RuntimeError(f"the generation {generation} failed")
            await asyncio.sleep(_POLL_SECONDS)
    await _execute(client, _SAVE, {"id": node["resultTrackId"]})


async def _execute(
    client: httpx.AsyncClient, query: str, value: Mapping[str, object] | None = None, **variables: object
) -> dict[str, Any]:
    """Execute an operation with one argument ``input``, or with variables."""
    body = {"query": query, "variables": {"input": value} if value else variables}
    answer = (await client.post("/graphql", json=body)).json()
    if "errors" in answer:
        raise RuntimeError(f"the server refused an operation: {answer['errors'][0]['message']}")
    data: dict[str, Any] = answer["data"]
    return data
