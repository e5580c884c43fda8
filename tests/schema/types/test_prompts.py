"""``explainPrompt``: how a request is read, without a generation."""

from typing import Any, Final

import httpx
from graphql import parse

from schema.limits import complexity, field_costs
from schema.types.prompts import READING_WEIGHT
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.factories import load_all
from tests.support.graphql import schemas
from tests.support.graphql.client import data, execute
from tests.support.users import Cast

EXPLAIN: Final = """
query Explain($input: ExplainPromptInput!) {
  explainPrompt(input: $input) {
    style { key name origin }
    tempoBpm key metre moods
    instruments { included excluded reduced isExclusive }
    transformations { name words }
    sections sectionCount progression lengthSeconds subject languages
    wordsUsed wordsApproximated { asked given } wordsIgnored notes refusalReason
  }
}
"""


async def explain(client: httpx.AsyncClient, cast: Cast, prompt: str, **fields: object) -> dict[str, Any]:
    answer = await data(client, cast.ada, EXPLAIN, input={"prompt": prompt, "instrumental": True, **fields})
    reading: dict[str, Any] = answer["explainPrompt"]
    return reading


async def test_a_reading_has_what_the_request_names(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    reading = await explain(client, cast, "calm techno at 128 bpm in A minor, 3/4, no bass, qwertz, 90 seconds")
    assert reading["style"] == {"key": "techno", "name": "Techno", "origin": "NAMED"}
    assert (reading["tempoBpm"], reading["key"], reading["metre"]) == (128.0, "A minor", "3/4")
    assert (reading["lengthSeconds"], reading["notes"]) == (90.0, [])
    assert reading["instruments"] == {"included": [], "excluded": ["Bass"], "reduced": [], "isExclusive": False}
    assert reading["moods"] == ["calm"]
    assert reading["wordsIgnored"] == ["qwertz"]
    assert reading["refusalReason"] is None
    assert await load_all(database, Generation) == []


async def test_explicit_properties_take_precedence(client: httpx.AsyncClient, cast: Cast) -> None:
    reading = await explain(
        client,
        cast,
        "techno at 128 bpm in A minor",
        styleTags=["jazz"],
        tempoBpm=100,
        key="Ebm",
        metre="6/8",
        structure=["intro", "verse"],
        instruments={"include": ["sitar"], "exclude": ["bass"]},
    )
    assert (reading["tempoBpm"], reading["key"], reading["metre"]) == (100.0, "Eb minor", "6/8")
    assert (reading["style"]["key"], reading["sections"]) == ("jazz", ["intro", "verse"])
    assert reading["instruments"] == {"included": ["Sitar"], "excluded": ["Bass"], "reduced": [], "isExclusive": False}


async def test_the_duration_decides_about_a_length_in_the_prompt(client: httpx.AsyncClient, cast: Cast) -> None:
    assert (await explain(client, cast, "jazz, 2 minutes"))["notes"] == []
    [note] = (await explain(client, cast, "jazz, 2 minutes", durationSeconds=30))["notes"]
    assert note == 'The requested duration is 30 seconds; "2 minutes" in the prompt was ignored.'


async def test_a_request_that_the_policy_refuses_is_explained(client: httpx.AsyncClient, cast: Cast) -> None:
    reading = await explain(client, cast, "jazz", negativePrompt="sung by Freddie Mercury")
    assert reading["refusalReason"].startswith("The request asks for the voice of a named person.")


async def test_invalid_input_has_the_problems_of_a_generation(client: httpx.AsyncClient, cast: Cast) -> None:
    request = {"prompt": " ", "tempoBpm": 500, "engine": "studio", "instruments": {"only": [""]}}
    body = await execute(client, cast.ada, EXPLAIN, input=request)
    assert body["data"] == {"explainPrompt": None}
    [error] = body["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert error["extensions"]["errors"] == [
        {"field": "prompt", "message": "Must have at least 1 character(s)."},
        {"field": "tempo_bpm", "message": "Must be from 40 to 220."},
        {"field": "instruments.only.0", "message": "Must have at least 1 character(s)."},
    ]


async def test_credentials_are_required(client: httpx.AsyncClient, cast: Cast) -> None:
    body = await execute(client, None, EXPLAIN, input={"prompt": "jazz"})
    assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"


def test_each_reading_costs_as_much_as_many_fields() -> None:
    costs = field_costs.from_schema(schemas.shipped())
    document = parse(
        '{ a: explainPrompt(input: {prompt: "x"}) { key } b: explainPrompt(input: {prompt: "y"}) { key } }'
    )
    assert complexity.measure(document, {}, costs).cost == 2 * (READING_WEIGHT + 1)
