"""The proxy configurations of deploy/ in front of a server: links, WebSockets, SSE without delay, ranges."""

import asyncio
import json
import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.jobs import Status
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from storage.tables import ShareAccess
from tests.support import certificates, factories, programs
from tests.support.audio import media_files
from tests.support.deployment_files import DEPLOY
from tests.support.polling import DEADLINE_SECONDS, wait_until
from tests.support.processes.servers import serving
from tests.support.users import Cast

PROXIES: Final = DEPLOY / "proxies"
MUSIC: Final = bytes(range(256)) * 1000
WATCH: Final = "subscription($id: ID!) { generationUpdated(id: $id) { status } }"
URLS: Final = "{ viewer { organizations { generations(first: 1) { edges { node { track { playbackUrl } } } } } } }"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: its base URL, and the certificate that clients trust, if it has one."""

    url: str
    certificate: Path | None = None

    def tls(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=str(self.certificate)) if self.certificate else False


@pytest.fixture(scope="module")
def upstream(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Run a server that trusts proxies on this machine and has no public URL."""
    server = settings.server.model_copy(update={"port": ports.find_free(), "trusted_proxies": ("127.0.0.1",)})
    own = settings.model_copy(update={"server": server, "data_dir": tmp_path_factory.mktemp("data")})
    with serving(own):
        yield own


@pytest.fixture(scope="module", params=["nginx", "nginx sub-path", "caddy", "caddy sub-path"])
def proxy(
    request: pytest.FixtureRequest, upstream: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    program, _, path = request.param.partition(" ")
    run = {"nginx": _nginx, "caddy": _caddy}[program]
    with run(folder, upstream.server.port, is_sub_path=bool(path)) as proxy:
        yield proxy


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=proxy.url, timeout=100, verify=proxy.tls()) as client:
        yield client


@pytest.fixture
async def master(upstream: Settings, database: Database, cast: Cast, tmp_path: Path) -> None:
    """Insert a track with a file."""
    source = tmp_path / "master.mp3"
    source.write_bytes(MUSIC)
    await media_files.put_track_file(database, upstream, cast.ada, source)


@pytest.mark.usefixtures("master")
async def test_links_lead_to_the_proxy_and_files_have_ranges(
    client: httpx.AsyncClient, proxy: Proxy, cast: Cast
) -> None:
    answer = await client.post("/graphql", json={"query": URLS}, headers=cast.ada.headers)
    (organization,) = answer.json()["data"]["viewer"]["organizations"]
    link = organization["generations"]["edges"][0]["node"]["track"]["playbackUrl"]
    assert link.startswith(f"{proxy.url}/media/")
    part = await client.get(link, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, MUSIC[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(MUSIC)}"


async def test_an_event_of_a_stream_arrives_while_the_stream_is_open(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED)
    headers = {**cast.ada.headers, "Accept": "text/event-stream"}
    body = {"query": WATCH, "variables": {"id": job_id}}
    # the job is queued for an hour: a proxy that waits for the end of the response would deliver nothing
    async with (
        asyncio.timeout(DEADLINE_SECONDS),
        client.stream("POST", "/graphql", json=body, headers=headers) as stream,
    ):
        assert stream.status_code == 200
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                break
    assert json.loads(line.removeprefix("data: ")) == {"data": {"generationUpdated": {"status": "QUEUED"}}}


async def test_a_subscription_works_over_a_web_socket(proxy: Proxy, database: Database, cast: Cast) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    tls = proxy.tls()
    async with connect(
        proxy.url.replace("http", "ws", 1) + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        ssl=tls if isinstance(tls, ssl.SSLContext) else None,
        open_timeout=100,
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"x-api-key": cast.ada.key}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": WATCH, "variables": {"id": job_id}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        assert json.loads(await socket.recv())["payload"] == {"data": {"generationUpdated": {"status": "SUCCEEDED"}}}


async def test_pages_and_their_files_load_below_the_path(client: httpx.AsyncClient, proxy: Proxy) -> None:
    page = await client.get("/studio")
    assert page.status_code == 200
    assert (await client.get("/docs")).status_code == 200
    assert (await client.get("/healthz")).json()["status"] == "ok"
    reference = (await client.get("/openapi.json")).json()
    assert reference["servers"][0]["url"] == proxy.url


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Forwarded-Host", "127.0.0.2"), ("X-Forwarded-Prefix", "/evil"), ("X-Forwarded-Proto", "gopher")],
)
async def test_forwarded_headers_of_clients_have_no_effect(
    client: httpx.AsyncClient, proxy: Proxy, name: str, value: str
) -> None:
    reference = (await client.get("/openapi.json", headers={name: value})).json()
    assert reference["servers"][0]["url"] == proxy.url


async def test_a_client_cannot_choose_its_address(client: httpx.AsyncClient, database: Database) -> None:
    path = f"/v1/music/shared/shr_{'0' * 32}"
    assert (await client.get(path, headers={"X-Forwarded-For": "203.0.113.7"})).status_code == 404
    (attempt,) = await factories.load_all(database, ShareAccess)
    assert attempt.client_ip == "127.0.0.1"


async def test_metrics_are_not_published(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


def test_plain_http_is_redirected_to_https(proxy: Proxy) -> None:
    if proxy.certificate is None:
        pytest.skip("Caddy redirects on port 80 only, and sub-paths belong to a site of yours")
    port = int((proxy.certificate.parent / "http-port").read_text())
    answer = httpx.get(f"http://localhost:{port}/studio?x=1", timeout=100)
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/studio?x=1")


@contextmanager
def _nginx(folder: Path, upstream: int, *, is_sub_path: bool) -> Iterator[Proxy]:
    program, port, plain_port = programs.find_installed("nginx"), ports.find_free(), ports.find_free()
    certificate = certificates.create_certificate(folder)
    site = (PROXIES / "nginx" / "music-studio.conf").read_text(encoding="utf-8")
    if is_sub_path:
        shared, location = site.partition("\nserver {")[0], PROXIES / "nginx" / "sub-path.conf"
        site = f"{shared}\nserver {{ listen 443; {location.read_text(encoding='utf-8')} }}"
    for old, new in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8080": f"127.0.0.1:{upstream}",
        "music.example.org": "localhost",
        "/etc/letsencrypt/live/localhost/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/localhost/privkey.pem": str(folder / "key.pem"),
        "snippets/": f"{PROXIES / 'nginx'}/",
    }.items():
        site = site.replace(old, new)
    (folder / "http-port").write_text(str(plain_port))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/log; events {{}} "
        f"http {{ access_log off; {temporary} {site} }}"
    )
    command = [program, "-c", str(configuration), "-e", str(folder / "log")]
    url = f"http://127.0.0.1:{port}/music" if is_sub_path else f"https://localhost:{port}"
    with _running(command, port, folder / "log"):
        yield Proxy(url, None if is_sub_path else certificate)


@contextmanager
def _caddy(folder: Path, upstream: int, *, is_sub_path: bool) -> Iterator[Proxy]:
    program, port = programs.find_installed("caddy"), ports.find_free()
    name = "sub-path.Caddyfile" if is_sub_path else "Caddyfile"
    site = (PROXIES / "caddy" / name).read_text(encoding="utf-8")
    for old, new in {
        "\nmusic.example.org {": f"\nhttp://127.0.0.1:{port} {{",
        "\nexample.org {": f"\nhttp://127.0.0.1:{port} {{",
        " 127.0.0.1:8080": f" 127.0.0.1:{upstream}",
    }.items():
        site = site.replace(old, new)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{site}")
    command = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _running(command, port, folder / "log", home=folder):
        yield Proxy(f"http://127.0.0.1:{port}{'/music' if is_sub_path else ''}")


@contextmanager
def _running(command: list[str], port: int, log: Path, home: Path | None = None) -> Iterator[None]:
    environment = {**os.environ, **({"HOME": str(home), "XDG_DATA_HOME": str(home)} if home else {})}
    with (
        log.open("ab") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process,  # noqa: S603  a proxy
    ):
        try:
            wait_until(lambda: ports.accepts_connections(port) or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            process.wait(30)
