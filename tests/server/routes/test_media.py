"""Signed URLs of files: ranges, caching, signatures."""

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx
import psutil
import pytest
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.blobs.port import Blob
from storage.postgres.database import Database
from tests.support.audio import media_files
from tests.support.polling import wait_for
from tests.support.processes.servers import process
from tests.support.users import Cast

MUSIC = hashlib.shake_256(b"music").digest(300_000)
SIZE = len(MUSIC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "master.mp3"
    path.write_bytes(MUSIC)
    return path


@pytest.fixture
async def blob(database: Database, settings: Settings, cast: Cast, source: Path) -> Blob:
    return await media_files.put_track_file(database, settings, cast.ada, source)


@pytest.fixture
def link(settings: Settings, cast: Cast, blob: Blob) -> str:
    return media_files.build_link(settings, cast.ada, blob)


async def test_a_whole_file_has_the_headers_for_players(client: httpx.AsyncClient, link: str, blob: Blob) -> None:
    answer = await client.get(link, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.content) == (200, MUSIC)
    headers = answer.headers
    assert headers["content-type"] == "audio/mpeg"
    assert headers["content-length"] == str(SIZE)
    assert headers["accept-ranges"] == "bytes"
    assert headers["etag"] == f'"{hashlib.sha256(MUSIC).hexdigest()}"'
    assert headers["content-disposition"] == "inline; filename=\"Night Desk.mp3\"; filename*=UTF-8''Night%20Desk.mp3"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    rule, _, seconds = headers["cache-control"].removesuffix(", immutable").partition("=")
    assert rule == "private, max-age"
    assert 0 < int(seconds) <= 60
    assert "last-modified" not in headers


@pytest.mark.parametrize(
    ("range_header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=0-", 0, SIZE),
        ("BYTES=5-9", 5, 10),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=100000-{10**17}", 100_000, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        ("bytes= 7-7", 7, 8),
    ],
)
async def test_a_range_response_has_content_range(
    client: httpx.AsyncClient, link: str, range_header: str, start: int, stop: int
) -> None:
    answer = await client.get(link, headers={"Range": range_header})
    assert (answer.status_code, answer.content) == (206, MUSIC[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("range_header", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
async def test_a_range_after_the_end_is_416_with_the_size(
    client: httpx.AsyncClient, link: str, range_header: str
) -> None:
    answer = await client.get(link, headers={"Range": range_header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["access-control-allow-origin"] == "*"
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == ("RANGE_NOT_SATISFIABLE", 416)
    assert error["trace_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "range_header",
    [
        "bytes=0-1,5-6",  # several: no player requests them, and they multiply the work
        "bytes=0-0," * 500 + "1-1",
        "bytes=9-5",
        "bytes=-",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1_0-2_0",
        "bytes=" + "9" * 4000 + "-",
        "items=0-1",
        "0-1",
        "",
    ],
)
async def test_other_range_headers_get_the_whole_file(client: httpx.AsyncClient, link: str, range_header: str) -> None:
    answer = await client.get(link, headers={"Range": range_header})
    assert (answer.status_code, answer.content) == (200, MUSIC)
    assert "content-range" not in answer.headers


async def test_head_has_the_headers_of_get_and_ignores_ranges(client: httpx.AsyncClient, link: str) -> None:
    whole = await client.get(link)
    for headers in ({}, {"Range": "bytes=5-9"}):
        head = await client.head(link, headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "accept-ranges", "content-disposition"):
            assert head.headers[name] == whole.headers[name]


async def test_if_range_requires_the_same_etag(client: httpx.AsyncClient, link: str) -> None:
    etag = (await client.head(link)).headers["etag"]
    for condition, status in (
        (etag, 206),
        (f"W/{etag}", 200),
        ('"other"', 200),
        ("Sat, 21 Nov 2026 12:00:00 GMT", 200),
    ):
        answer = await client.get(link, headers={"Range": "bytes=0-3", "If-Range": condition})
        assert answer.status_code == status, condition
        assert answer.content == (MUSIC[:4] if status == 206 else MUSIC)


async def test_a_cached_file_is_304(client: httpx.AsyncClient, link: str) -> None:
    etag = (await client.head(link)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get(link, headers={"If-None-Match": known, "Range": "bytes=0-3"})
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["etag"] == etag
    unknown = await client.get(link, headers={"If-None-Match": f'"x{etag[1:]}'})
    assert unknown.status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expires", "99999999999"),
        ("expires", "never"),
        ("expires", ""),
        ("name", "other.mp3"),
        ("org", "org_000000000000"),
        ("signature", "0" * 64),
        ("signature", ""),
    ],
)
async def test_a_changed_url_is_forbidden(client: httpx.AsyncClient, link: str, name: str, value: str) -> None:
    answer = await client.get(httpx.URL(link).copy_set_param(name, value))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "OPERATION_NOT_ALLOWED"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_signature_of_another_file_is_forbidden(client: httpx.AsyncClient, link: str) -> None:
    url = httpx.URL(link)
    for path in ("/media/sha256/00/" + "0" * 64 + ".mp3", "/media/", "/media/..%2f..%2fsecrets%2fsigning.key"):
        assert (await client.get(url.copy_with(path=path))).status_code == 403


async def test_an_expired_url_is_forbidden(
    client: httpx.AsyncClient, settings: Settings, cast: Cast, blob: Blob
) -> None:
    assert (await client.get(media_files.build_link(settings, cast.ada, blob, seconds=-1))).status_code == 403


async def test_a_signed_url_allows_reading_only(client: httpx.AsyncClient, link: str) -> None:
    for method in ("PUT", "POST", "PATCH", "DELETE"):
        answer = await client.request(method, link)
        assert answer.status_code == 405
    assert (await client.get(link)).content == MUSIC


async def test_deduplicated_files_are_accessible_per_organization(
    client: httpx.AsyncClient, settings: Settings, database: Database, cast: Cast, source: Path
) -> None:
    adas = await media_files.put_track_file(database, settings, cast.ada, source)
    cids = await media_files.put_track_file(database, settings, cast.cid, source)
    assert adas.key == cids.key
    for_ada, for_cid = (
        media_files.build_link(settings, cast.ada, adas),
        media_files.build_link(settings, cast.cid, cids),
    )
    async with database.transaction() as session:
        deleted = "UPDATE tracks SET deleted_at = now() WHERE organization_id = :id"
        await session.execute(text(deleted), {"id": cast.ada.organization_id})
    assert (await client.get(for_ada)).status_code == 404
    assert (await client.get(for_cid)).content == MUSIC


async def test_a_missing_file_is_404(client: httpx.AsyncClient, settings: Settings, link: str, blob: Blob) -> None:
    (settings.storage_dir / blob.key).unlink()
    for method in ("GET", "HEAD"):
        answer = await client.request(method, link)
        assert answer.status_code == 404


async def test_an_unavailable_storage_folder_is_503_with_retry_after(
    client: httpx.AsyncClient, settings: Settings, link: str
) -> None:
    away = settings.storage_dir.rename(settings.storage_dir.with_name("away"))
    try:
        answer = await client.get(link)
    finally:
        away.rename(settings.storage_dir)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert (await client.get(link)).content == MUSIC


async def test_an_attachment_url_is_signed_separately(
    client: httpx.AsyncClient, settings: Settings, cast: Cast, blob: Blob, link: str
) -> None:
    saved = media_files.build_link(settings, cast.ada, blob, is_attachment=True)
    answer = await client.head(saved)
    assert answer.headers["content-disposition"].startswith('attachment; filename="Night Desk.mp3"; ')
    for forged in (f"{link}&saved=1", saved.replace("&saved=1", "")):
        assert (await client.head(forged)).status_code == 403


@pytest.mark.parametrize("name", ["ünï çødé.mp3", 'a"b;c\r\nSet-Cookie: x=1.mp3', "..\\..\\x.mp3"])
async def test_any_file_name_is_encoded_in_the_header(
    client: httpx.AsyncClient, settings: Settings, cast: Cast, blob: Blob, name: str
) -> None:
    answer = await client.get(media_files.build_link(settings, cast.ada, blob, name=name))
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"].isascii()


async def test_many_slow_downloads_of_a_large_file_need_little_memory(
    settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    source, size = tmp_path / "large", 100_000_000
    with source.open("wb") as file:
        file.truncate(size)
    large = await media_files.put_track_file(database, settings, cast.ada, source)
    own = settings.model_copy(update={"server": settings.server.model_copy(update={"port": ports.find_free()})})
    with process(own, "serve", log=tmp_path / "log") as child:
        link = urlsplit(media_files.build_link(own, cast.ada, large, seconds=3600))
        await wait_for(lambda: answers(own))
        for writer in await asyncio.gather(*(part(link, "bytes=0-9") for _ in range(10))):
            writer.close()
        before = psutil.Process(child.pid).memory_info().rss
        held = await asyncio.gather(*(part(link, f"bytes={number}-") for number in range(100)))
        after = psutil.Process(child.pid).memory_info().rss
        for writer in held:
            writer.close()
    assert after - before < 50_000_000


async def answers(settings: Settings) -> bool | None:
    """Return whether the server responds."""
    try:
        async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
            return (await client.get(f"{settings.public_url}/healthz")).is_success or None
    except httpx.HTTPError:
        return None


async def part(link: SplitResult, range_header: str) -> asyncio.StreamWriter:
    """Request a range, read its first bytes, and then nothing more."""
    reader, writer = await asyncio.open_connection(link.hostname, link.port, limit=4096)
    writer.write(f"GET {link.path}?{link.query} HTTP/1.1\r\nHost: localhost\r\nRange: {range_header}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206 "), head
    assert await reader.readexactly(10) == bytes(10)
    return writer
