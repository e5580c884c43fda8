"""Links of responses, by the address under which a client reaches the server."""

import asyncio
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.network import tls
from core.settings import Settings
from server.app import create_app
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.processes import configured_server
from tests.support.processes.servers import serving
from tests.support.users import Cast


@pytest.fixture(scope="module")
def plain_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server without a public URL, behind no proxy."""
    server: dict[str, object] = {"public_url": None, "allowed_hosts": ("studio.lan", "*.example.org")}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


@pytest.fixture(scope="module")
def proxied_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server behind a trusted proxy on this machine."""
    server: dict[str, object] = {
        "public_url": None,
        "allowed_hosts": ("studio.lan", "music.example.org"),
        "trusted_proxies": ("127.0.0.1",),
    }
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


async def collect_links(url: str, cast: Cast, track_id: str, **headers: str) -> dict[str, str]:
    """Return one link of each kind from responses to requests with these headers."""
    own = {**cast.ada.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    share = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}"
    query = {
        "query": "query($id: ID!) { node(id: $id) { ... on Track { playbackUrl } } }",
        "variables": {"id": track_id},
    }
    async with httpx.AsyncClient(base_url=url, headers=own, timeout=30, verify=tls.default_context()) as client:
        track: dict[str, Any] = (await client.get(share)).json()
        node = (await client.post("/graphql", json=query)).json()["data"]["node"]
        return {
            "servers": (await client.get("/openapi.json")).json()["servers"][0]["url"],
            "share": (await client.post(f"{share}/share")).json()["url"].partition("/v1/music/shared/")[0],
            "rest": track["playback_url"].partition("/media/")[0],
            "graphql": node["playbackUrl"].partition("/media/")[0],
        }


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("localhost:9000", "http://localhost:9000"),
        ("Studio.LAN", "http://studio.lan"),
        ("studio.lan:80", "http://studio.lan"),
        ("a.example.org:8443", "http://a.example.org:8443"),
        ("[fd00::5]:8080", "http://[fd00::5]:8080"),
    ],
)
async def test_links_use_the_checked_host_of_the_request(
    plain_url: str, database: Database, cast: Cast, host: str, expected: str
) -> None:
    track_id = await put_track(database, cast.ada)
    assert set((await collect_links(plain_url, cast, track_id, Host=host)).values()) == {expected}


async def test_links_of_different_hosts_are_not_mixed(plain_url: str, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    hosts = [f"10.0.0.{number}" for number in range(1, 9)]
    found = await asyncio.gather(*(collect_links(plain_url, cast, track_id, Host=host) for host in hosts))
    assert [set(each.values()) for each in found] == [{f"http://{host}"} for host in hosts]


async def test_headers_of_a_client_that_is_no_trusted_proxy_are_ignored(
    plain_url: str, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    forged = {"X_Forwarded_Host": "studio.lan", "X_Forwarded_Proto": "https", "X_Forwarded_Prefix": "/evil"}
    assert set((await collect_links(plain_url, cast, track_id, **forged)).values()) == {plain_url}


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ({"X_Forwarded_Host": "music.example.org", "X_Forwarded_Proto": "https"}, "https://music.example.org"),
        ({"X_Forwarded_Host": "inner, music.example.org", "X_Forwarded_Proto": "https"}, "https://music.example.org"),
        ({"X_Forwarded_Proto": "https", "Host": "studio.lan:8443"}, "https://studio.lan:8443"),
        ({"X_Forwarded_Host": "studio.lan:443", "X_Forwarded_Proto": "https"}, "https://studio.lan"),
        ({"X_Forwarded_Host": "studio.lan", "X_Forwarded_Prefix": "/apps/music/"}, "http://studio.lan/apps/music"),
        ({"X_Forwarded_Host": "studio.lan", "X_Forwarded_Prefix": "//evil.example"}, "http://studio.lan"),
        ({"X_Forwarded_Host": "studio.lan", "X_Forwarded_Prefix": "/a?b"}, "http://studio.lan"),
    ],
)
async def test_links_use_the_headers_of_a_trusted_proxy(
    proxied_url: str, database: Database, cast: Cast, forwarded: dict[str, str], expected: str
) -> None:
    track_id = await put_track(database, cast.ada)
    assert set((await collect_links(proxied_url, cast, track_id, **forwarded)).values()) == {expected}


@pytest.mark.parametrize("host", ["evil.example", "studio.lan@evil.example", "studio.lan/x", '"><b>.example.org', ""])
async def test_an_unknown_forwarded_host_is_refused(proxied_url: str, host: str) -> None:
    async with httpx.AsyncClient(base_url=proxied_url, timeout=100, verify=tls.default_context()) as client:
        answer = await client.get("/openapi.json", headers={"X-Forwarded-Host": host})
    if host:
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
    else:
        assert answer.json()["servers"] == [{"url": proxied_url}]


async def test_a_host_that_is_not_checked_is_in_no_link(
    settings: Settings, quiet_redis_url: str, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    server: dict[str, object] = {"public_url": None, "allowed_hosts": ("*", "studio.lan")}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        assert set((await collect_links(url, cast, track_id, Host="evil.example")).values()) == {url}
        known = await collect_links(url, cast, track_id, Host="studio.lan")
        assert set(known.values()) == {"http://studio.lan"}


async def test_a_sub_path_is_kept_whether_the_proxy_removes_it_or_not(
    settings: Settings, quiet_redis_url: str, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    public = "https://example.org/studio"
    port = ports.find_free()
    address = f"http://127.0.0.1:{port}"
    server = settings.server.model_copy(update={"public_url": public, "port": port})
    with serving(settings.model_copy(update={"server": server, "redis_url": quiet_redis_url})):
        async with httpx.AsyncClient(
            base_url=address, headers={"Host": "example.org"}, timeout=100, verify=tls.default_context()
        ) as client:
            answer = await client.get("/")
            assert (answer.status_code, answer.headers["Location"]) == (307, "/studio/studio")
            for path in ("/studio", "/studio/", "/studio/library", "/studio/studio", "/studio/studio/library"):
                page = await client.get(path)
                assert page.status_code == 200, path
                assert 'data-base="/studio/studio" data-root="/studio"' in page.text
            file = re.findall(r'src="([^"]+/main.js)"', page.text)[0]
            for path in (file, file.removeprefix("/studio")):
                assert (await client.get(path)).status_code == 200, path
            unknown = await client.get("/nothing", headers={"Accept": "text/html"})
            assert '<a class="button primary" href="/studio/studio">' in unknown.text
            for path in (
                "/docs",
                "/studio/docs",
                "/studio/healthz",
                "/studio/openapi.json",
                "/studio/docs/swagger_ui.js",
            ):
                assert (await client.get(path)).status_code == 200, path
            assert (await client.get("/studiox/docs")).status_code == 404
        assert set((await collect_links(address, cast, track_id)).values()) == {public}


def test_a_server_on_all_addresses_admits_the_names_of_this_machine(settings: Settings) -> None:
    name = socket.gethostname().lower()
    server = settings.server.model_copy(update={"host": "0.0.0.0"})  # noqa: S104  not bound
    app = create_app(settings.model_copy(update={"server": server}))

    async def ask(host: str) -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=100) as client:
            return (await client.get("/healthz", headers={"Host": host})).status_code

    statuses = [asyncio.run(ask(host)) for host in (name, f"{name.partition('.')[0]}.local", f"{name}x")]
    assert statuses == [200, 200, 400]
