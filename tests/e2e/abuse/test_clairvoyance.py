"""Clairvoyance recovers no field of the schema when introspection is off.

uv runs it in an environment of its own, because it requires an older ``rich`` than the other tools.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.settings import Settings
from storage.postgres.database import Database
from tests.support import programs
from tests.support.graphql.schema_words import SCHEMA_WORDS
from tests.support.processes import configured_server
from tests.support.users import Cast


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
    found = await asyncio.to_thread(_run, urls[introspection], cast.ada.key, words)
    assert found & set(SCHEMA_WORDS) >= recovered
    assert bool(found) is bool(recovered)


def _run(url: str, key: str, words: Path) -> set[str]:
    """Return the root fields that the tool recovers, also if it exits with an error."""
    output = words.with_name("schema.json")
    arguments = (f"{url}/graphql", "-H", f"X-API-Key: {key}", "-w", words, "-o", output, "-m", "1")
    done = programs.run_wheel(programs.CLAIRVOYANCE, arguments)
    sys.stdout.write(done.stdout[-2000:] + done.stderr[-2000:])
    if not output.exists():
        return set()
    types = json.loads(output.read_text(encoding="utf-8"))["data"]["__schema"]["types"]
    return {field["name"] for each in types if each["name"] in {"Query", "Root"} for field in each["fields"] or ()}
