"""The document of the studio page and its files."""

import re

import httpx
import pytest
from graphql import parse, validate
from graphql.utilities import build_schema

from core.settings import PROJECT
from server.routes import page_documents, studio_page

WEB = PROJECT / "web"
SHARE_PAGE_FILES = {"shared.js", "styles/public.css"}
"""Files that the studio page does not load, besides those of its own that share pages load as well."""
SCRIPTS = sorted(WEB.rglob("*.js"))


@pytest.mark.parametrize("path", ["/studio", "/studio/library", "/studio/track/mtrack_0"])
async def test_every_screen_is_the_same_document(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.text == (await client.get("/studio")).text


@pytest.mark.parametrize(
    "path", ["/studio/", "/studio/libraries", "/studio/track", "/studio/track/x/y", "/studio/assets"]
)
async def test_an_unknown_address_is_told_on_the_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == (200 if path == "/studio/" else 404)
    assert answer.text == (await client.get("/studio")).text


async def test_the_address_of_the_server_leads_to_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/studio")


@pytest.mark.parametrize("path", ["/nothing", "/studios", "/docs/nothing"])
async def test_an_unknown_address_leads_a_person_on_and_tells_a_program_in_json(
    client: httpx.AsyncClient, path: str
) -> None:
    page = await client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a class="button primary" href="/studio">Go to Music Studio</a>' in page.text
    for accept in ("*/*", "application/json", "application/json, text/html"):
        answer = await client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("path", ["/v1/music", "/v1/nothing", "/v1/music/shared", "/v1/music/org_0/nothing"])
async def test_the_paths_of_the_interface_answer_in_json_also_for_browsers(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["success"]) == (404, False)


def test_the_server_knows_the_screens_of_the_page() -> None:
    screens = re.findall(r'router\.add\("([^"]+)"', (WEB / "main.js").read_text(encoding="utf-8"))
    known = {re.sub(r"\{(\w+)\}", r":\1", screen) for screen in studio_page.SCREENS}
    assert set(screens) == {"/", *known, "/not-found"}


async def test_the_files_of_the_document_are_cached_for_a_year(client: httpx.AsyncClient) -> None:
    document = (await client.get("/studio")).text
    files = re.findall(r'(?:href|src)="(/studio/assets/[^"]+)"', document)
    assert len(files) >= 5
    for file in files:
        answer = await client.get(file)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path", ["assets/0000000000000000/main.js", "assets/{version}/absent.js", "assets/{version}/index.html"]
)
async def test_other_files_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    version = re.findall(r"/studio/assets/([^/]+)/", (await client.get("/studio")).text)[0]
    assert (await client.get(f"/studio/{path.format(version=version)}")).status_code == 404


async def test_the_session_is_no_screen(client: httpx.AsyncClient) -> None:
    assert (await client.put("/studio/session")).status_code == 405


def test_the_documents_of_the_page_are_valid() -> None:
    schema = build_schema((PROJECT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    documents = page_documents.documents()
    assert len(documents) >= 10
    for document in documents:
        assert validate(schema, parse(document)) == [], document


def test_all_documents_of_the_page_are_found() -> None:
    operations = re.compile(r"gql`\s*(?:query|mutation|subscription) ")
    written = sum(len(operations.findall(script.read_text(encoding="utf-8"))) for script in SCRIPTS)
    assert len(page_documents.documents()) == written


def test_the_languages_have_the_same_texts() -> None:
    keys = {
        path.stem: re.findall(r'^  "([^"]+)":', path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in (WEB / "texts").glob("*.js")
    }
    assert keys["de"] == keys["en"]
    used = {key for script in SCRIPTS for key in re.findall(r'\bt\(\s*"([^"]+)"', script.read_text(encoding="utf-8"))}
    assert used <= set(keys["en"])


def _loaded_at_once() -> set[str]:
    """Return the modules that are loaded before the first screen is shown: those that main.js imports statically."""
    found, waiting = set[str](), [WEB / "main.js"]
    while waiting:
        script = waiting.pop().resolve()
        name = script.relative_to(WEB.resolve()).as_posix()
        if name not in found:
            found.add(name)
            targets = re.findall(r'(?:from|^import)\s*"(\.[^"]+)"', script.read_text(encoding="utf-8"), re.MULTILINE)
            waiting += [script.parent / target for target in targets]
    return found


async def test_the_page_is_small_with_one_language(client: httpx.AsyncClient) -> None:
    document = await client.get("/studio")
    folder = re.findall(r"/studio/assets/[^/]+", document.text)[0]
    sizes: dict[str, int] = {}
    for path in WEB.rglob("*.*"):
        name = path.relative_to(WEB).as_posix()
        if name not in {"index.html", *SHARE_PAGE_FILES}:
            answer = await client.get(f"{folder}/{name}")
            assert answer.status_code == 200
            sizes[name] = len(answer.content)
    languages = [size for name, size in sizes.items() if name.startswith("texts/")]
    beside = len(document.content) - sum(languages) + max(languages)
    first = _loaded_at_once()
    assert beside + sum(size for name, size in sizes.items() if name in first or not name.endswith(".js")) <= 150_000
    assert beside + sum(sizes.values()) <= 258_000  # with the screens that are loaded when they are first shown


def test_modules_import_files_that_exist() -> None:
    for script in SCRIPTS:
        for target in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', script.read_text(encoding="utf-8")):
            assert (script.parent / target).is_file(), f"{script}: {target}"
    assert studio_page.FOLDER == WEB
