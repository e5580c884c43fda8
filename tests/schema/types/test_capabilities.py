"""What engines do with the fields of a request: in their list, in explanations, quotes and reports."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx

from core.settings import Settings
from engines.capabilities import RequestField
from engines.port import Comparison, ProgressMonitor, RenderRequest, RenderResult, Report
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.info import STUDIO_INFO
from tests.support.graphql.client import data, execute
from tests.support.jobs import instant_engine
from tests.support.jobs.instant_engine import InstantEngine
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import connect

LYRICS_NOTE: Final = STUDIO_INFO.capabilities.lyrics.note
ENGINES: Final = """
query Engines($id: ID!) {
  organization(id: $id) {
    engines { supportsScore capabilities { field support range { minimum maximum } values note } }
  }
}
"""
QUOTE: Final = """
query Quote($id: ID!, $request: ExplainPromptInput) {
  organization(id: $id) {
    quote(durationSeconds: 30, request: $request) { durationSeconds fieldSupport { field support note } }
  }
}
"""
EXPLAIN: Final = """
query Explain($input: ExplainPromptInput!) { explainPrompt(input: $input) { fieldSupport { field support note } } }
"""
CREATE: Final = """
mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    ... on CreateGenerationPayload { generation { id } }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
REPORT: Final = """
query Report($id: ID!) {
  node(id: $id) { ... on Generation { track { report { fieldSupport { field support note } } } } }
}
"""


def row(field: str, support: str, note: str | None = None) -> dict[str, Any]:
    return {"field": field, "support": support, "note": note}


async def test_an_engine_lists_every_field_in_order(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await data(client, cast.ada, ENGINES, id=cast.ada.organization_id)
    [engine] = answer["organization"]["engines"]
    found = {each["field"]: each for each in engine["capabilities"]}
    assert list(found) == [field.name for field in RequestField]
    assert found["DURATION_SECONDS"] == {
        **row("DURATION_SECONDS", "HONOURED"),
        "range": {"minimum": 1.0, "maximum": 600.0},
        "values": [],
    }
    assert found["LYRICS"] == {**row("LYRICS", "APPROXIMATED", LYRICS_NOTE), "range": None, "values": []}
    assert found["METRE"]["values"] == list(STUDIO_INFO.capabilities.metre.values)
    assert engine["supportsScore"] is True


async def test_a_quote_states_the_support_of_the_request(client: httpx.AsyncClient, cast: Cast) -> None:
    request = {"prompt": "jazz", "durationSeconds": 500, "engine": "none", "lyrics": "[Verse]", "seed": 0, "loop": True}
    answer = await data(client, cast.ada, QUOTE, id=cast.ada.organization_id, request=request)
    quote = answer["organization"]["quote"]
    assert quote["durationSeconds"] == 30
    assert quote["fieldSupport"] == [
        row("PROMPT", "APPROXIMATED", STUDIO_INFO.capabilities.prompt.note),
        row("DURATION_SECONDS", "HONOURED"),
        row("LYRICS", "APPROXIMATED", LYRICS_NOTE),
        row("SEED", "HONOURED"),
        row("LOOP", "HONOURED"),
    ]
    plain = await data(client, cast.ada, QUOTE, id=cast.ada.organization_id)
    assert plain["organization"]["quote"]["fieldSupport"] == []


async def test_a_quote_of_an_invalid_request_is_refused(client: httpx.AsyncClient, cast: Cast) -> None:
    request = {"prompt": "jazz", "tempoBpm": 500}
    body = await execute(client, cast.ada, QUOTE, id=cast.ada.organization_id, request=request)
    assert body["data"] == {"organization": {"quote": None}}
    problems = body["errors"][0]["extensions"]["errors"]
    assert problems == [{"field": "tempo_bpm", "message": "Must be from 40 to 220."}]


async def test_an_explanation_states_the_support_of_the_request(client: httpx.AsyncClient, cast: Cast) -> None:
    fields = {"prompt": "jazz", "instrumental": True, "title": "Night", "brightness": 0.0, "seedTrackId": "mtrack_0"}
    answer = await data(client, cast.ada, EXPLAIN, input=fields)
    assert [each["field"] for each in answer["explainPrompt"]["fieldSupport"]] == [
        "PROMPT",
        "DURATION_SECONDS",
        "INSTRUMENTAL",
        "SEED_TRACK",
        "TITLE",
        "BRIGHTNESS",
    ]


class ReportingEngine(InstantEngine):
    """An instant engine whose tracks have a report."""

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        nothing = Comparison(None, None, None)
        report = Report(nothing, nothing, nothing, nothing, nothing)
        return replace(super().render(request, workspace, monitor), report=report)


async def test_the_report_of_a_track_states_it_too(
    settings: Settings, quiet_redis_url: str, client: httpx.AsyncClient, cast: Cast
) -> None:
    request = {"prompt": "jazz", "durationSeconds": 2, "lyrics": "[Verse]", "instruments": {"only": ["piano"]}}
    created = await data(client, cast.ada, CREATE, input={"organizationId": cast.ada.organization_id, **request})
    isolated = settings.model_copy(update={"redis_url": quiet_redis_url})
    installed = {"studio": RegisteredEngine(STUDIO_INFO, ReportingEngine, instant_engine.plan)}
    async with connect(isolated, EngineRegistry(installed=installed)) as services:
        assert await run(services)
    answer = await data(client, cast.ada, REPORT, id=created["createGeneration"]["generation"]["id"])
    assert answer["node"]["track"]["report"]["fieldSupport"] == [
        row("PROMPT", "APPROXIMATED", STUDIO_INFO.capabilities.prompt.note),
        row("DURATION_SECONDS", "HONOURED"),
        row("LYRICS", "APPROXIMATED", LYRICS_NOTE),
        row("SEED", "HONOURED"),
        row("ONLY_INSTRUMENTS", "APPROXIMATED", STUDIO_INFO.capabilities.only_instruments.note),
    ]
