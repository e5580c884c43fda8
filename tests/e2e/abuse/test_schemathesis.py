"""schemathesis finds no server error for documents that the GraphQL schema allows.

Runs several hundred cases; ``STUDIO_EXAMPLES=35 ./studio test tests/e2e/abuse/test_schemathesis.py -s`` is a long run.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from core.settings import PROJECT, Settings
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.processes import configured_server
from tests.support.users import Cast

EXAMPLES: Final = os.environ.get("STUDIO_EXAMPLES", "8")
"""Cases for each root field."""

MIN_CASES: Final = 350

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def open_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """Run a server without rate limits and size limits, because the test exercises fields."""
    documents: dict[str, object] = {
        name: 1_000_000_000 for name in type(settings.documents).model_fields if name != "max_depth"
    }
    server: dict[str, object] = {"share_resolves_per_minute": 1_000_000}
    with configured_server.run_server(settings, quiet_redis_url, server=server, documents=documents) as url:
        yield url


async def test_schemathesis_finds_no_failure(open_url: str, database: Database, cast: Cast, tmp_path: Path) -> None:
    await put_track(database, cast.ada, stems=["drums"])
    done = await asyncio.to_thread(_run, open_url, cast.ada.key, tmp_path)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated is not None
    assert int(generated[1]) >= MIN_CASES


def _run(url: str, key: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  a fixed command
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{url}/graphql"),
            *("--header", f"X-API-Key: {key}", "--seed", "1", "--max-examples", EXAMPLES, "--continue-on-failure"),
            *("--suppress-health-check", "all", "--request-timeout", "60"),
            *("--checks", "all", "--exclude-checks", "not_a_server_error"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "SCHEMATHESIS_HOOKS": "tests.support.graphql.fuzzing_hooks"},
        capture_output=True,
        text=True,
        check=False,
    )
