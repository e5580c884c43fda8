"""Every snippet of the guides and of the README runs in order and returns what the guide shows."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Final

import httpx
import pytest

from core.settings import PROJECT
from rest_compat.openapi import error_codes
from tests.support import guide_snippets
from tests.support.guide_snippets import GuideRunner
from tests.support.processes import node_clients
from tests.support.users import Cast

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("worker")]

GRAPHQL: Final = PROJECT / "docs" / "guides" / "frontend.md"
PROMPTS: Final = PROJECT / "docs" / "guides" / "prompts.md"
REST: Final = PROJECT / "docs" / "guides" / "rest.md"
AGENTS: Final = PROJECT / "docs" / "guides" / "agents.md"
README: Final = PROJECT / "README.md"


@pytest.mark.parametrize("guide", [AGENTS, GRAPHQL, PROMPTS, REST, README], ids=lambda path: path.name)
async def test_every_snippet_returns_what_the_guide_shows(
    client: httpx.AsyncClient, cast: Cast, server_url: str, tmp_path: Path, guide: Path
) -> None:
    assert str(client.base_url) == server_url
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    variables = {
        "STUDIO": server_url,
        "ORG": cast.ada.organization_id,
        "KEY": cast.ada.key,
        "MUSIC_STUDIO_URL": server_url,
        "MUSIC_STUDIO_API_KEY": cast.ada.key,
        "PYTHONPATH": str(PROJECT / "clients" / "python"),
    }
    runner = GuideRunner(server_url, variables, tmp_path)
    snippets = [_with_server_url(snippet, server_url) for snippet in guide_snippets.load_snippets(guide)]
    await asyncio.to_thread(runner.follow, snippets)
    assert runner.count >= {AGENTS: 1, GRAPHQL: 15, PROMPTS: 1, REST: 10, README: 3}[guide]


async def test_every_javascript_snippet_runs(
    client: httpx.AsyncClient, cast: Cast, server_url: str, tmp_path: Path
) -> None:
    assert str(client.base_url) == server_url
    clients = node_clients.install()
    snippets = [snippet for snippet in guide_snippets.load_snippets(GRAPHQL) if snippet.language == "js"]
    assert len(snippets) == 3
    for snippet in snippets:
        script = clients.folder / f"guide-{tmp_path.name}-{snippet.line}.mjs"
        script.write_text(snippet.text)
        try:
            shown = await asyncio.to_thread(
                clients.run, script.name, STUDIO=server_url, ORG=cast.ada.organization_id, KEY=cast.ada.key
            )
        finally:
            script.unlink()
        assert re.search(r"SUCCEEDED|true", shown), snippet.line


@pytest.mark.parametrize("guide", [GRAPHQL, REST], ids=lambda path: path.name)
def test_every_block_of_a_guide_is_runnable(guide: Path) -> None:
    assert {snippet.language for snippet in guide_snippets.load_snippets(guide)} <= guide_snippets.RUNNABLE_LANGUAGES


def test_the_error_table_of_the_guide_matches_the_server() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| `(\w+)` \|", REST.read_text(), re.MULTILINE)
    assert rows == [(str(row.status), row.code, row.type) for row in error_codes.TABLE]


@pytest.mark.parametrize("guide", [AGENTS, GRAPHQL, PROMPTS, REST, README], ids=lambda path: path.name)
def test_every_relative_link_has_a_target(guide: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", guide.read_text()):
        assert (guide.parent / target).exists(), target


def _with_server_url(snippet: guide_snippets.Snippet, url: str) -> guide_snippets.Snippet:
    """Replace the default address with that of the test server."""
    text = snippet.text.replace("http://127.0.0.1:8080", url)
    return guide_snippets.Snippet(snippet.language, snippet.info, text, snippet.line)
