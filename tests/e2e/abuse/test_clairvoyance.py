"""Clairvoyance recovers no field of the schema when introspection is off.

Clairvoyance requires an older ``rich`` than the other tools, so it has its own virtual environment, which
later runs reuse.
"""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from core.settings import Settings
from storage.postgres.database import Database
from tests.support.graphql.schema_words import SCHEMA_WORDS
from tests.support.processes import configured_server
from tests.support.users import Cast

RELEASE: Final = "clairvoyance==2.5.5"
SKIPPED: Final = ("ConnectionError", "NewConnectionError", "timed out", "Temporary failure", "No matching distribution")


@pytest.fixture(scope="module")
def tool() -> Path:
    """Return the path of the installed program."""
    folder = Path(sys.prefix) / RELEASE.replace("==", "-")
    program = folder / "bin" / "clairvoyance"
    # every process of a parallel run uses this folder
    with (Path(sys.prefix) / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _install(folder)
    return program


def _install(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary",
        ":all:",
        RELEASE,
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603  a fixed command
    if any(word in done.stderr for word in SKIPPED):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def urls(settings: Settings, quiet_redis_url: str) -> Iterator[dict[str, str]]:
    """Run a server with introspection and one without; neither limits the size of documents."""
    documents: dict[str, object] = dict.fromkeys(
        set(type(settings.documents).model_fields) - {"max_depth", "compiled"}, 1_000_000_000
    )
    with ExitStack() as stack:
        yield {
            shown: stack.enter_context(
                configured_server.run_server(
                    settings, quiet_redis_url, documents=documents, graphql={"introspection": shown}
                )
            )
            for shown in ("open", "off")
        }


@pytest.mark.parametrize(
    ("introspection", "wordlist", "recovered"),
    [("open", ["viewer", "id", "name"], {"viewer"}), ("off", SCHEMA_WORDS, set())],
    ids=["open", "off"],
)
async def test_fields_are_recovered_only_with_introspection(
    tool: Path,
    urls: dict[str, str],
    database: Database,
    cast: Cast,
    tmp_path: Path,
    introspection: str,
    wordlist: list[str],
    recovered: set[str],
) -> None:
    words = tmp_path / "words"
    words.write_text("\n".join(wordlist), encoding="utf-8")
    found = await asyncio.to_thread(_run, tool, urls[introspection], cast.ada.key, words)
    assert found & set(SCHEMA_WORDS) >= recovered
    assert bool(found) is bool(recovered)


def _run(tool: Path, url: str, key: str, words: Path) -> set[str]:
    """Return the root fields that the tool recovers, also if it exits with an error."""
    output = words.with_name("schema.json")
    done = subprocess.run(  # noqa: S603  a fixed command
        [tool, f"{url}/graphql", "-H", f"X-API-Key: {key}", "-w", words, "-o", output, "-m", "1"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("MUSIC_STUDIO_")},
    )
    sys.stdout.write(done.stdout[-2000:] + done.stderr[-2000:])
    if not output.exists():
        return set()
    types = json.loads(output.read_text(encoding="utf-8"))["data"]["__schema"]["types"]
    return {field["name"] for each in types if each["name"] in {"Query", "Root"} for field in each["fields"] or ()}
