"""Whoever follows a guide gets what it says: every snippet of the guides and of the README is done, in order."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Final

import httpx
import pytest

from core.settings import PROJECT
from rest_compat.openapi import error_codes
from tests.support import guide_snippets, node_clients
from tests.support.guide_snippets import GuideRunner
from tests.support.users import Cast

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("worker")]

GRAPHQL: Final = PROJECT / "docs" / "guides" / "frontend.md"
REST: Final = PROJECT / "docs" / "guides" / "rest.md"
README: Final = PROJECT / "README.md"


@pytest.mark.parametrize("guide", [GRAPHQL, REST, README], ids=lambda path: path.name)
async def test_every_snippet_does_what_the_guide_says(
    client: httpx.AsyncClient, cast: Cast, server_url: str, tmp_path: Path, guide: Path
) -> None:
    assert str(client.base_url) == server_url
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here: the guides are not followed")
    variables = {"STUDIO": server_url, "ORG": cast.ada.organization_id, "KEY": cast.ada.key}
    reader = GuideRunner(server_url, variables, tmp_path)
    told = [_here(snippet, server_url) for snippet in guide_snippets.load_snippets(guide)]
    await asyncio.to_thread(reader.follow, told)
    assert reader.count >= {GRAPHQL: 15, REST: 10, README: 2}[guide]


async def test_every_snippet_for_node_runs(
    client: httpx.AsyncClient, cast: Cast, server_url: str, tmp_path: Path
) -> None:
    assert str(client.base_url) == server_url
    clients = node_clients.install()
    told = [snippet for snippet in guide_snippets.load_snippets(GRAPHQL) if snippet.language == "js"]
    assert len(told) == 3
    for snippet in told:
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
def test_a_guide_has_no_block_that_nobody_runs(guide: Path) -> None:
    assert {snippet.language for snippet in guide_snippets.load_snippets(guide)} <= guide_snippets.RUNNABLE_LANGUAGES


def test_the_table_of_errors_is_the_server_s() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| `(\w+)` \|", REST.read_text(), re.MULTILINE)
    assert rows == [(str(row.status), row.code, row.type) for row in error_codes.TABLE]


@pytest.mark.parametrize("guide", [GRAPHQL, REST, README], ids=lambda path: path.name)
def test_every_link_within_the_project_leads_somewhere(guide: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", guide.read_text()):
        assert (guide.parent / target).exists(), target


def _here(snippet: guide_snippets.Snippet, url: str) -> guide_snippets.Snippet:
    """With the address of this server in place of the usual one."""
    text = snippet.text.replace("http://127.0.0.1:8080", url)
    return guide_snippets.Snippet(snippet.language, snippet.info, text, snippet.line)
