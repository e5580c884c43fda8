"""Whatever the schema allows to be asked is answered and never a crash: schemathesis on the GraphQL schema.

Over a thousand cases; ``STUDIO_EXAMPLES`` sets how many for each root field.
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
from tests.support import configured_server
from tests.support.factories import put_track
from tests.support.users import Cast

EXAMPLES: Final = os.environ.get("STUDIO_EXAMPLES", "35")
"""Cases for each root field."""

LEAST: Final = 1_000

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def open_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server that nobody can ask too often, and that answers any size: what is tried is fields, not limits."""
    documents: dict[str, object] = {
        name: 1_000_000_000 for name in type(settings.documents).model_fields if name != "max_depth"
    }
    server: dict[str, object] = {"share_resolves_per_minute": 1_000_000}
    with configured_server.run_server(settings, quiet_redis_url, server=server, documents=documents) as url:
        yield url


async def test_whatever_is_asked_is_answered(open_url: str, database: Database, cast: Cast, tmp_path: Path) -> None:
    await put_track(database, cast.ada, stems=["drums"])
    done = await asyncio.to_thread(_run, open_url, cast.ada.key, tmp_path)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"(\d+) generated", done.stdout)
    assert told is not None
    assert int(told[1]) >= LEAST


def _run(url: str, key: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own words
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{url}/graphql"),
            *("--header", f"X-API-Key: {key}", "--seed", "1", "--max-examples", EXAMPLES, "--continue-on-failure"),
            *("--suppress-health-check", "all", "--request-timeout", "60"),
            *("--checks", "all", "--exclude-checks", "not_a_server_error"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "SCHEMATHESIS_HOOKS": "tests.support.graphql_fuzzing_hooks"},
        capture_output=True,
        text=True,
        check=False,
    )
