"""Prometheus metrics, parsed by Prometheus's own parser."""

import json
import re
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.formats import Format
from core.jobs import Status
from core.network import tls
from core.settings import PROJECT, MetricsSettings, Settings
from server.embedded import ports
from storage.postgres.database import Database
from storage.queries import conversions
from storage.tables import Track
from tests.support import factories
from tests.support.graphql.client import execute
from tests.support.jobs.finished_jobs import build_finished_generation
from tests.support.processes.servers import serving
from tests.support.users import Cast

Figures = dict[tuple[str, tuple[str, ...]], float]


async def figures(client: httpx.AsyncClient) -> Figures:
    """Return the samples by name and label values."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


async def test_jobs_are_counted_by_state(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    for status in (Status.QUEUED, Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED):
        await factories.put_generation(database, cast.ada, status)
    seen = await figures(client)
    assert {key[1][0]: count for key, count in seen.items() if key[0] == "music_studio_jobs"} == {
        "queued": 2,
        "running": 1,
    }
    assert {key[1][0]: count for key, count in seen.items() if key[0] == "music_studio_jobs_ended"} == {
        "succeeded": 1,
        "failed": 1,
        "cancelled": 0,
        "refused": 0,
    }


async def test_conversions_are_counted_by_state(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await factories.put_track(database, cast.ada)
    async with database.transaction() as session:
        track = await session.get_one(Track, track_id)
        for each in (Format.WAV, Format.FLAC):
            await conversions.request(session, track, each, cast.ada.user_id)
        assert await conversions.claim(session, timedelta(minutes=1)) is not None
    seen = await figures(client)
    assert {key[1][0]: count for key, count in seen.items() if key[0] == "music_studio_conversions"} == {
        "queued": 1,
        "running": 1,
    }
    assert seen["music_studio_conversion_age_seconds", ()] > 0


async def test_the_render_speed_is_exported(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        session.add_all([build_finished_generation(cast.ada, seconds) for seconds in (4, 6, 11)])
    assert (await figures(client))["music_studio_render_seconds_per_minute", ("studio",)] == 6


async def test_requests_and_error_codes_of_rest_and_graphql_are_counted(client: httpx.AsyncClient, cast: Cast) -> None:
    before = await figures(client)
    await client.get("/v1/music/org_x/engines", headers=cast.ada.headers)
    await execute(client, cast.ada, 'mutation { saveTrack(input: { id: "x" }) { __typename } }')
    await execute(client, cast.ada, "{ nothing }")
    after = await figures(client)
    codes = [key for key in after if key[0] == "music_studio_errors_total" and after[key] != before.get(key)]
    assert {key[1][0]: after[key] - before.get(key, 0) for key in codes} == {
        "ORGANIZATION_ACCESS_DENIED": 1,
        "RESOURCE_NOT_FOUND": 1,
        "DOCUMENT_INVALID": 1,
    }
    counts = ("music_studio_request_seconds_count", ("GET", "403"))
    assert after[counts] - before.get(counts, 0) == 1


async def test_a_proxied_request_without_a_token_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 404


@pytest.mark.parametrize(("shown", "status"), [("", 404), ("Bearer wrong", 404), ("Bearer " + "t" * 16, 200)])
async def test_a_configured_token_is_required(settings: Settings, shown: str, status: int) -> None:
    server = settings.server.model_copy(update={"port": ports.find_free()})
    own = settings.model_copy(update={"server": server, "metrics": MetricsSettings(token="t" * 16)})
    with serving(own) as url:
        async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
            answer = await client.get(f"{url}/metrics", headers={"Authorization": shown})
    assert answer.status_code == status


async def test_the_metrics_of_the_dashboard_exist(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    await factories.put_generation(database, cast.ada, Status.QUEUED)
    known = {line.split()[2] for line in (await client.get("/metrics")).text.splitlines() if line.startswith("# TYPE")}
    panels = json.loads((PROJECT / "docs" / "operations" / "grafana" / "music-studio.json").read_text())["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    queried = {name for expression in expressions for name in re.findall(r"music_studio_\w+", expression)}
    assert {re.sub("_(?:bucket|count|total)$", "", name) for name in queried} == {
        re.sub("_total$", "", name) for name in known if name.startswith("music_studio_") and "created" not in name
    }
