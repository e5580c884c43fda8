"""Seeds, loops, continuations and render reports of a real worker."""

import io
from typing import Any

import httpx
import pytest
import soundfile

from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")

CREATE = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) { ... on CreateGenerationPayload { generation { id } } ... on Error { message } }
}
"""
LOOK = """
query($id: ID!) {
  node(id: $id) { ... on Generation { status seed loop seedTrack { id } track {
    id title tempoBpm key seed palette playbackUrl
    report {
      tempoBpm { requested delivered measured } durationSeconds { requested delivered measured }
      loudnessLufs { delivered measured } key { requested delivered } wordsUsed wordsIgnored
      wordsApproximated { asked given } notes
    }
  } } }
}
"""


async def make(client: httpx.AsyncClient, cast: Cast, **fields: object) -> dict[str, Any]:
    """Create a generation and wait until it succeeds."""
    command = {"organizationId": cast.ada.organization_id, "durationSeconds": 4, **fields}
    created = await data(client, cast.ada, CREATE, input=command)

    async def poll() -> dict[str, Any] | None:
        node: dict[str, Any] = (await data(client, cast.ada, LOOK, id=created["createGeneration"]["generation"]["id"]))[
            "node"
        ]
        return node if node["status"] not in {"QUEUED", "RUNNING"} else None

    node = await wait_for(poll)
    assert node["status"] == "SUCCEEDED"
    return node


async def test_the_same_seed_renders_the_same_samples(client: httpx.AsyncClient, cast: Cast) -> None:
    first = await make(client, cast, prompt="deep house", seed=7)
    again = await make(client, cast, prompt="deep house", seed=7)
    other = await make(client, cast, prompt="deep house", seed=8)
    sounds = [await sound(client, node) for node in (first, again, other)]
    assert first["seed"] == first["track"]["seed"] == 7
    assert sounds[0] == sounds[1]
    assert sounds[0] != sounds[2]


async def sound(client: httpx.AsyncClient, node: dict[str, Any]) -> bytes:
    """Return the decoded samples; the files differ, because each contains the id of its track."""
    answer = await client.get(node["track"]["playbackUrl"])
    samples: bytes = soundfile.read(io.BytesIO(answer.content))[0].tobytes()
    return samples


async def test_a_continuation_keeps_tempo_and_key(client: httpx.AsyncClient, cast: Cast) -> None:
    first = await make(client, cast, prompt="lofi at 84 bpm in C minor")
    second = await make(client, cast, prompt="go on", seedTrackId=first["track"]["id"])
    assert second["seedTrack"]["id"] == first["track"]["id"]
    assert (second["track"]["tempoBpm"], second["track"]["key"]) == (84, "C minor")


async def test_a_report_has_requested_delivered_and_measured_values(client: httpx.AsyncClient, cast: Cast) -> None:
    node = await make(client, cast, prompt="techno at 130 bpm, no zither please", durationSeconds=8)
    report = node["track"]["report"]
    assert report["tempoBpm"]["requested"] == report["tempoBpm"]["delivered"] == 130
    assert report["durationSeconds"] == {"requested": 8, "delivered": 8, "measured": 8}
    assert abs(report["loudnessLufs"]["measured"] + 14) <= 0.5
    assert "techno" in report["wordsUsed"]
    assert len(node["track"]["palette"]) >= 4


async def test_a_generation_can_be_a_loop(client: httpx.AsyncClient, cast: Cast) -> None:
    node = await make(client, cast, prompt="funk", loop=True)
    assert node["loop"] is True
