"""Fuzz a live server with schemathesis: every response must conform to the served document.

A short run by default; ``STUDIO_EXAMPLES=100 ./studio test tests/rest_compat/test_schemathesis.py -s`` is a long one.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from core.jobs import Status
from core.network import tls
from core.settings import PROJECT, Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import factories
from tests.support.processes.servers import serving
from tests.support.users import Cast, Person

EXAMPLES: Final = os.environ.get("STUDIO_EXAMPLES", "4")
"""Random cases per operation, in addition to those derived from the document."""

LEAST: Final = 500

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def open_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """URL of a server without effective rate limits."""
    server = settings.server.model_copy(update={"port": ports.find_free(), "share_resolves_per_minute": 1_000_000})
    with serving(settings.model_copy(update={"server": server, "redis_url": quiet_redis_url})) as url:
        yield url


async def test_every_response_conforms_to_the_document(
    open_url: str, database: Database, cast: Cast, tmp_path: Path
) -> None:
    things = await _things(open_url, database, cast.ada)
    path = tmp_path / "schemathesis.toml"
    # the only engine of the server takes no source, and an upload must be audio
    path.write_text(
        f"""
        [parameters]
        "path.organization_id" = "{cast.ada.organization_id}"
        [checks]
        enabled = true
        [[operations]]
        include-path = [
            "/v1/music/{{organization_id}}/transformations",
            "/v1/music/{{organization_id}}/reference-audios/{{reference_audio_id}}/file",
        ]
        checks.positive_data_acceptance.enabled = false
        """
    )
    done = await asyncio.to_thread(_run, open_url, cast.ada, path, things)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    match = re.search(r"(\d+) generated", done.stdout)
    assert match is not None
    assert int(match[1]) >= LEAST


async def _things(url: str, database: Database, person: Person) -> dict[str, str]:
    """Create one resource of each kind and return the ids by path parameter."""
    track_id = await factories.put_track(database, person, stems=["drums"])
    music = f"{url}/v1/music/{person.organization_id}"
    async with httpx.AsyncClient(headers=person.headers, timeout=100, verify=tls.default_context()) as client:
        collection = (await client.post(f"{music}/collections", json={"name": "Evening"})).json()
        link = (await client.post(f"{music}/tracks/{track_id}/share")).json()
    return {
        "track_id": track_id,
        "job_id": await factories.put_generation(database, person, Status.SUCCEEDED),
        "collection_id": collection["id"],
        "share_id": link["id"],
        "token": link["token"],
    }


def _run(url: str, person: Person, config: Path, things: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  a fixed command
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(config)),
            *("run", f"{url}/openapi.json", "--header", f"X-API-Key: {person.key}"),
            *("--seed", "1", "--max-examples", EXAMPLES, "--continue-on-failure"),
            *("--suppress-health-check", "too_slow", "--request-timeout", "60"),
        ],
        cwd=config.parent,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "SCHEMATHESIS_HOOKS": "tests.support.rest.fuzzing_hooks",
            "STUDIO_THINGS": json.dumps(things),
        },
        capture_output=True,
        text=True,
        check=False,
    )
