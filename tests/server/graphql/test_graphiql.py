"""GraphiQL at ``/graphql``: a page whose files all come from this server."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from graphql.utilities import build_schema

from core.settings import PROJECT
from server.graphql.graphiql import page

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
EXAMPLES = (PROJECT / "server/graphql/graphiql/examples.graphql").read_text(encoding="utf-8").split("\n\n# ")


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def find_nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(page, "distribution", find_nothing)
    for function in (page.assets, page._page):
        function.cache_clear()
    yield
    for function in (page.assets, page._page):
        function.cache_clear()


async def test_a_browser_gets_graphiql_from_this_server(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href|examples)="(graphiql/[^"]+)"', answer.text)
    assert {Path(name.partition("?")[0]).name for name in named} == set(page.assets())
    for name in named:
        file = await client.get(f"/{name}")
        assert file.status_code == 200
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_browser_gets_graphiql_with_an_invalid_session(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={**HTML, "Cookie": "music_studio_session=expired"})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["fetch.umd.js", "page.py", "index.html", "..%2fpage.py"])
async def test_other_files_are_not_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/graphiql/{name}")).status_code == 404


async def test_without_its_package_a_text_says_what_to_install(without_package: None) -> None:
    answer = await page.respond()
    assert answer.status_code == 501
    assert b"package graphene-django-graphiql-static is missing or incomplete. Install it" in answer.body


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_valid(example: str) -> None:
    schema = build_schema((PROJECT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    assert validate(schema, parse(f"# {example}")) == []


def test_the_package_is_not_imported() -> None:
    assert "django" not in sys.modules
    assert "graphene_django_graphiql_static" not in sys.modules
