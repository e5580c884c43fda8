"""Cross-origin requests of pages to the API, to files and to streams."""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from core.network import tls
from core.settings import ServerSettings, Settings
from storage.postgres.database import Database
from tests.support.audio import media_files
from tests.support.processes import configured_server
from tests.support.users import Cast

ORIGIN = "https://app.example.org"
OTHER = "https://elsewhere.example"
READABLE = {
    *("accept-ranges", "content-disposition", "content-length", "content-range", "etag", "retry-after", "x-request-id"),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "idempotency-replayed"),
}
API = ["/graphql", "/v1/music/org_0/generations", "/v1/music/shared/shr_0"]


def preflight(origin: str, method: str, headers: str = "") -> dict[str, str]:
    wanted = {"Access-Control-Request-Headers": headers} if headers else {}
    return {"Origin": origin, "Access-Control-Request-Method": method, **wanted}


def exposed(response: httpx.Response) -> set[str]:
    return {name.strip().lower() for name in response.headers["Access-Control-Expose-Headers"].split(",")}


@pytest.fixture(scope="module")
def plain_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server without configured origins."""
    with configured_server.run_server(settings, quiet_redis_url, server={"cors_origins": ()}) as url:
        yield url


@pytest.mark.parametrize("origin", [ORIGIN, OTHER, "null"])
async def test_files_are_readable_for_all_pages_with_and_without_the_setting(
    client: httpx.AsyncClient,
    plain_url: str,
    database: Database,
    settings: Settings,
    cast: Cast,
    tmp_path: Path,
    origin: str,
) -> None:
    source = tmp_path / "music.mp3"
    source.write_bytes(b"music")
    blob = await media_files.put_track_file(database, settings, cast.ada, source)
    link = httpx.URL(media_files.build_link(settings, cast.ada, blob)).raw_path.decode()
    async with httpx.AsyncClient(base_url=plain_url, timeout=100, verify=tls.default_context()) as plain:
        for one in (client, plain):
            answer = await one.get(link, headers={"Origin": origin, "Range": "bytes=0-1"})
            assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (206, "*")
            assert exposed(answer) >= READABLE
            allowed = await one.options(link, headers=preflight(origin, "GET", "range,if-range"))
            assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, "*")
            # a browser caches the response to an element without CORS, and then uses it for a page
            assert (await one.get(link)).headers["Access-Control-Allow-Origin"] == "*"
            wrong = await one.get(link.replace("signature=", "signature=0"), headers={"Origin": origin})
            assert (wrong.status_code, wrong.headers["Access-Control-Allow-Origin"]) == (403, "*")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/music/org_0/focus/sessions/mfocus_0/stream.m3u8",
        "/v1/music/shared/shr_0/audio",
        "/openapi.json",
        "/.well-known/music-studio-keys.json",
    ],
)
async def test_streams_and_public_documents_are_readable_for_all_pages(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"Origin": OTHER})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert exposed(answer) >= READABLE
    assert (await client.options(path, headers=preflight(OTHER, "GET"))).status_code == 200


@pytest.mark.parametrize("path", API)
async def test_the_api_is_readable_for_configured_origins(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert exposed(answer) >= READABLE
    for method in ("GET", "POST", "PATCH", "DELETE"):
        wish = preflight(ORIGIN, method, "authorization,content-type,idempotency-key,x-api-key")
        allowed = await client.options(path, headers=wish)
        assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "Access-Control-Allow-Origin" not in (await client.get(path, headers={"Origin": OTHER})).headers


@pytest.mark.parametrize("path", API)
@pytest.mark.parametrize("has_setting", [True, False])
async def test_a_refused_preflight_names_the_setting(
    client: httpx.AsyncClient,
    plain_url: str,
    caplog: pytest.LogCaptureFixture,
    path: str,
    has_setting: bool,  # noqa: FBT001
) -> None:
    address = path if has_setting else f"{plain_url}{path}"
    with caplog.at_level(logging.WARNING):
        answer = await client.options(address, headers=preflight(OTHER, "POST", "content-type"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "OPERATION_NOT_ALLOWED")
    assert "Access-Control-Allow-Origin" not in answer.headers
    for text in (error["system_message"], caplog.text):
        assert OTHER in text
        assert "MUSIC_STUDIO_SERVER__CORS_ORIGINS" in text


async def test_further_headers_are_allowed_by_a_setting(
    client: httpx.AsyncClient, settings: Settings, quiet_redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    wish = preflight(ORIGIN, "POST", "content-type,x-client-version")
    with caplog.at_level(logging.WARNING):
        refused = await client.options("/graphql", headers=wish)
    assert refused.status_code == 403
    assert "x-client-version" in refused.json()["error"]["system_message"]
    assert "MUSIC_STUDIO_SERVER__CORS_HEADERS" in caplog.text
    server: dict[str, object] = {"cors_headers": ("X-Client-Version",)}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        allowed = await client.options(f"{url}/graphql", headers=wish)
    assert allowed.status_code == 200
    assert "X-Client-Version" in allowed.headers["Access-Control-Allow-Headers"]


async def test_a_method_that_no_operation_has_is_refused(client: httpx.AsyncClient) -> None:
    refused = await client.options("/graphql", headers=preflight(ORIGIN, "PUT"))
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (403, ORIGIN)
    assert "GET, HEAD, POST, PATCH, DELETE" in refused.json()["error"]["system_message"]


def test_origins_are_normalized() -> None:
    origins = ("HTTPS://App.Example.org/", "http://localhost:5173", "capacitor://localhost", "null", "*")
    assert ServerSettings(cors_origins=origins).cors_origins == (ORIGIN, *origins[1:])


@pytest.mark.parametrize("origin", ["app.example.org", "https://app.example.org/page", "https://", "//app.example.org"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin such as"):
        ServerSettings(cors_origins=(origin,))
