"""Server crashes, clients that stop reading, half-open sockets."""

import asyncio
import base64
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import psutil
import pytest
from sqlalchemy import text

from tests.support.graphql.websocket import collect_states, connected_socket
from tests.support.polling import wait_for, wait_until
from tests.support.processes.installation import Site, kill
from tests.support.users import Cast, Person

WATCH = "subscription($id: ID!) { generationUpdated(id: $id) { status progress sequence } }"
_SMALL = 4096
Record = Callable[[str, object], None]


async def test_a_server_killed_between_commit_and_wake_up_loses_no_job(site: Site, cast: Cast) -> None:
    server = site.server()
    with site.services.valkey.frozen():
        request = asyncio.create_task(site.submit(cast.ada))

        async def poll() -> str | None:
            async with site.database.transaction() as session:
                job_id: str | None = await session.scalar(text("SELECT id FROM generations"))
            return job_id

        job_id = await wait_for(poll)
        kill(server.pid)
        server.wait()
    # usually the client gets no response; a frozen Valkey delays it by less than a second
    await asyncio.gather(request, return_exceptions=True)
    if job_id not in site.accepted:
        site.accepted.append(job_id)
    site.worker()
    await site.assert_settled()


async def test_clients_that_stop_reading_do_not_affect_other_clients(site: Site, cast: Cast) -> None:
    server = site.server()
    site.worker()
    before = psutil.Process(server.pid).memory_info().rss
    job_id = await site.submit(cast.ada)
    with ExitStack() as stalled:
        for _ in range(10):
            stalled.enter_context(closing(subscribe(site.url, cast.ada, job_id)))
        async with connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection:
            assert (await collect_states(connection, job_id))[-1]["status"] == "SUCCEEDED"
        assert psutil.Process(server.pid).memory_info().rss - before < 100 * 2**20
        server.terminate()
        await asyncio.to_thread(server.wait, 100)
    site.accepted = [job_id]
    await site.assert_settled()


async def test_a_half_open_socket_is_closed(
    site: Site, cast: Cast, pytestconfig: pytest.Config, record_property: Record
) -> None:
    is_short = pytestconfig.getoption("--fault-leases") == "short"
    server = site.server(**({"socket_ping_seconds": 1} if is_short else {}))
    with closing(subscribe(site.url, cast.ada, "mgen_000000000000000000000000")) as link:
        port, began = link.getsockname()[1], time.monotonic()
        assert port in peers(server.pid)
        # the client answers no ping from here on and sends no close frame
        wait_until(lambda: port not in peers(server.pid), seconds=45)
        record_property("seconds_until_it_is_closed", round(time.monotonic() - began, 1))


def peers(pid: int) -> set[int]:
    """Return the remote ports of the established connections of a process."""
    links = psutil.Process(pid).net_connections("tcp")
    return {link.raddr.port for link in links if link.status == psutil.CONN_ESTABLISHED}


def subscribe(url: str, person: Person, job_id: str) -> socket.socket:
    """Open a socket that subscribes and stops reading; its small receive buffer fills quickly."""
    address = urlsplit(url)
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
    link.settimeout(30)
    link.connect((address.hostname, address.port))
    key = base64.b64encode(os.urandom(16)).decode()
    link.sendall(
        f"GET /graphql HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    assert b"101" in link.recv(_SMALL)
    send(link, {"type": "connection_init", "payload": {"x-api-key": person.key}})
    payload = {"query": WATCH, "variables": {"id": job_id}}
    for number in range(20):
        send(link, {"id": str(number), "type": "subscribe", "payload": payload})
    return link


def send(link: socket.socket, message: object) -> None:
    """Send one text frame, masked with zeros."""
    content = json.dumps(message).encode()
    size = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + len(content).to_bytes(2, "big")
    link.sendall(b"\x81" + size + bytes(4) + content)
