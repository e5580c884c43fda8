"""Explicit musical properties of a generation, from the input object to the engine."""

from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from core.settings import Settings
from engines.port import Controls, RenderRequest
from engines.studio.info import STUDIO_INFO
from storage.postgres.database import Database
from tests.support.graphql.client import data
from tests.support.jobs import instant_engine
from tests.support.users import Cast, Person
from workers.jobs.generation import run
from workers.services import connect

CREATE: Final = """
mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename
    ... on CreateGenerationPayload {
      isReplay
      generation {
        id status refusalReason costChf lyricsLanguage
        controls {
          tempoBpm key metre negativePrompt instruments { include exclude only } structure intensity density brightness
        }
      }
    }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
ALL: Final[dict[str, Any]] = {
    "tempoBpm": 128,
    "key": "c#m",
    "metre": "6 / 8",
    "negativePrompt": " no reverb ",
    "instruments": {"include": ["Rhodes"], "exclude": ["drums", "Bass"], "only": ["rhodes", "flute"]},
    "structure": ["intro", "verse", "chorus"],
    "intensity": 0,
    "density": 0.25,
    "brightness": 1,
}
NONE: Final[dict[str, Any]] = {
    **dict.fromkeys(("tempoBpm", "key", "metre", "negativePrompt", "intensity", "density", "brightness")),
    "instruments": {"include": [], "exclude": [], "only": []},
    "structure": [],
}


async def create(client: httpx.AsyncClient, person: Person, **fields: object) -> dict[str, Any]:
    input_ = {"organizationId": person.organization_id, "prompt": "warm lofi", "durationSeconds": 2, **fields}
    answer: dict[str, Any] = (await data(client, person, CREATE, input=input_))["createGeneration"]
    return answer


async def test_they_are_normalized_stored_and_returned(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    generation = (await create(client, cast.ada, **ALL))["generation"]
    assert generation["controls"] == {
        **ALL,
        "tempoBpm": 128.0,
        "key": "C# minor",
        "metre": "6/8",
        "negativePrompt": "no reverb",
        "intensity": 0.0,
        "brightness": 1.0,
    }
    found = "query($id: ID!) { node(id: $id) { ... on Generation { controls { key intensity structure } } } }"
    assert await data(client, cast.ada, found, id=generation["id"]) == {
        "node": {"controls": {"key": "C# minor", "intensity": 0.0, "structure": ["intro", "verse", "chorus"]}}
    }
    async with database.transaction() as session:
        [stored] = (await session.scalars(text("SELECT controls FROM generations"))).all()
    assert stored == {
        "tempo_bpm": 128.0,
        "key": "C# minor",
        "metre": "6/8",
        "negative_prompt": "no reverb",
        "include": ["Rhodes"],
        "exclude": ["drums", "Bass"],
        "only": ["rhodes", "flute"],
        "structure": ["intro", "verse", "chorus"],
        "intensity": 0.0,
        "density": 0.25,
        "brightness": 1.0,
    }


async def test_without_them_nothing_is_stored(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    empty: dict[str, Any] = {**dict.fromkeys(ALL), "key": " ", "instruments": {"include": None, "only": []}}
    for fields in ({}, empty):
        assert (await create(client, cast.ada, **fields))["generation"]["controls"] == NONE
    async with database.transaction() as session:
        assert (await session.scalars(text("SELECT controls FROM generations"))).all() == [None, None]


async def test_the_worker_passes_them_to_the_engine(
    settings: Settings, quiet_redis_url: str, client: httpx.AsyncClient, cast: Cast
) -> None:
    rendered: list[RenderRequest] = []
    for fields in ({}, ALL):
        await create(client, cast.ada, **fields)
    isolated = settings.model_copy(update={"redis_url": quiet_redis_url})
    async with connect(isolated, instant_engine.build_registry(rendered.append)) as services:
        while await run(services):
            pass
    assert [request.controls for request in rendered] == [
        Controls(),
        Controls(
            tempo_bpm=128.0,
            key="C# minor",
            metre="6/8",
            negative_prompt="no reverb",
            include=("Rhodes",),
            exclude=("drums", "Bass"),
            only=("rhodes", "flute"),
            structure=("intro", "verse", "chorus"),
            intensity=0.0,
            density=0.25,
            brightness=1.0,
        ),
    ]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Am", "A minor"),
        ("a minor", "A minor"),
        ("AM", "A major"),
        ("g", "G major"),
        ("Bb", "Bb major"),
        ("b♭ minor", "Bb minor"),
        ("bm", "B minor"),
        ("F sharp phrygian", "F# phrygian"),
        ("d-flat Major", "Db major"),
        ("E Aeolian", "E minor"),
        ("D harmonic  minor", "D harmonic minor"),
    ],
)
async def test_a_key_is_written_in_several_ways(client: httpx.AsyncClient, cast: Cast, written: str, key: str) -> None:
    assert (await create(client, cast.ada, key=written))["generation"]["controls"]["key"] == key


MODES: Final = ", ".join(STUDIO_INFO.controls.modes if STUDIO_INFO.controls else ())
METRES: Final = ", ".join(STUDIO_INFO.controls.metres if STUDIO_INFO.controls else ())
BAD_KEY: Final = (
    f"Must be a note from A to G, with # or b if needed, and one of the modes {MODES}: for example C# minor."
)


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"tempoBpm": 39.9}, ["tempoBpm"], "Must be from 40 to 220."),
        ({"tempoBpm": 221}, ["tempoBpm"], "Must be from 40 to 220."),
        ({"key": "H minor"}, ["key"], BAD_KEY),
        ({"key": "C# blues"}, ["key"], BAD_KEY),
        ({"key": "Cmaj7"}, ["key"], BAD_KEY),
        ({"key": "x" * 65}, ["key"], "Must have at most 64 characters."),
        ({"metre": "13/8"}, ["metre"], f"Must be one of {METRES}."),
        ({"metre": "waltz"}, ["metre"], f"Must be one of {METRES}."),
        ({"negativePrompt": "x" * 1001}, ["negativePrompt"], "Must have at most 1000 characters."),
        ({"negativePrompt": "\x00"}, ["negativePrompt"], "Must not contain NUL or unpaired surrogate characters."),
        (
            {"instruments": {"include": ["a", ""]}},
            ["instruments", "include", "1"],
            "Must have at least 1 character(s).",
        ),
        ({"instruments": {"only": ["a"] * 21}}, ["instruments", "only"], "Must have at most 20 items."),
        ({"structure": ["verse"] * 33}, ["structure"], "Must have at most 32 items."),
        ({"structure": ["x" * 65]}, ["structure", "0"], "Must have at most 64 characters."),
        ({"intensity": -0.01}, ["intensity"], "Must be at least 0.0."),
        ({"density": 1.01}, ["density"], "Must be at most 1.0."),
        ({"brightness": 2}, ["brightness"], "Must be at most 1.0."),
    ],
)
async def test_a_property_that_cannot_be_met_is_a_problem(
    client: httpx.AsyncClient, cast: Cast, fields: dict[str, Any], path: list[str], message: str
) -> None:
    answer = await create(client, cast.ada, **fields)
    assert (answer["code"], answer["problems"]) == ("VALIDATION_ERROR", [{"path": path, "message": message}])


async def test_the_same_idempotency_key_with_other_properties_conflicts(client: httpx.AsyncClient, cast: Cast) -> None:
    first = await create(client, cast.ada, idempotencyKey="once", intensity=0.0)
    assert (await create(client, cast.ada, idempotencyKey="once", intensity=0))["isReplay"] is True
    for fields in ({}, {"intensity": 0.5}, {"intensity": 0.0, "structure": ["verse"]}):
        answer = await create(client, cast.ada, idempotencyKey="once", **fields)
        assert (first["isReplay"], answer["__typename"]) == (False, "ConflictError")


@pytest.mark.parametrize(
    "fields",
    [
        {"negativePrompt": "not sung by Freddie Mercury"},
        {"instruments": {"include": ["sung by Freddie Mercury"]}},
        {"instruments": {"exclude": ["sung by Freddie Mercury"]}},
        {"instruments": {"only": ["sung by Freddie Mercury"]}},
        {"structure": ["verse", "sung by Freddie Mercury"]},
    ],
)
async def test_the_content_policy_applies_to_their_texts(
    client: httpx.AsyncClient, cast: Cast, fields: dict[str, Any]
) -> None:
    generation = (await create(client, cast.ada, **fields))["generation"]
    assert (generation["status"], Decimal(generation["costChf"])) == ("REFUSED", Decimal(0))
    assert generation["refusalReason"].startswith("The request asks for the voice of a named person.")


async def test_engines_state_what_they_support(client: httpx.AsyncClient, cast: Cast) -> None:
    query = (
        "query($id: ID!) { organization(id: $id) { engines { controls { minTempoBpm maxTempoBpm modes metres } } } }"
    )
    answer = await data(client, cast.ada, query, id=cast.ada.organization_id)
    assert answer["organization"]["engines"] == [
        {
            "controls": {
                "minTempoBpm": 40.0,
                "maxTempoBpm": 220.0,
                "modes": MODES.split(", "),
                "metres": METRES.split(", "),
            }
        }
    ]
    assert {"major", "minor", "dorian"} < set(MODES.split(", "))
    assert {"3/4", "4/4", "6/8", "7/8"} < set(METRES.split(", "))


async def test_lyrics_with_section_tags_lay_out_the_form(client: httpx.AsyncClient, cast: Cast) -> None:
    accepted = await create(client, cast.ada, lyrics="[Intro]\n[Verse 1]\nla la")
    assert (accepted["generation"]["status"], accepted["generation"]["lyricsLanguage"]) == ("QUEUED", None)
    accepted = await create(client, cast.ada, lyrics="[Verse]\nla la", lyricsLanguage="pt-br")
    assert accepted["generation"]["lyricsLanguage"] == "pt-BR"
    for lyrics, instrumental, message in (
        ("la la", False, "This engine does not support lyrics."),
        ("[]", False, "This engine does not support lyrics."),
        ("[Verse] la", True, "Must be left out of an instrumental piece."),
    ):
        answer = await create(client, cast.ada, lyrics=lyrics, instrumental=instrumental)
        assert answer["problems"] == [{"path": ["lyrics"], "message": message}]
