"""``studio audit`` with a fake advisory service."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.settings import PROJECT
from server.embedded import ports
from tests.support.processes import threaded_server

VULNERABLE = {
    "id": "PYSEC-2026-1",
    "summary": "It bypasses authentication.",
    "modified": "2026-11-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "starlette", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@contextmanager
def advisories(status: int = 200) -> Iterator[str]:
    """An OSV service with one advisory, for starlette."""

    class AdvisoryHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            result = {"vulns": [VULNERABLE]} if query["package"]["name"] == "starlette" else {}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(result).encode())

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), AdvisoryHandler)
    with threaded_server.serving(server):
        yield f"http://127.0.0.1:{server.server_port}/v1/query"


def audit(address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "audit", "--advisories", address]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603  a fixed command


def test_a_known_vulnerability_is_an_error() -> None:
    with advisories() as address:
        done = audit(address)
    assert done.returncode == 1
    assert done.stdout.split()[-4:] == ["starlette", *done.stdout.split()[-3:-2], "PYSEC-2026-1", "99.0"]
    assert "1 known vulnerabilities." in done.stderr


@pytest.mark.parametrize("kind", ["unreachable", "broken"])
def test_an_advisory_service_without_a_response_is_an_error(kind: str) -> None:
    if kind == "broken":
        with advisories(500) as address:
            done = audit(address)
    else:
        done = audit(f"http://127.0.0.1:{ports.find_free()}/v1/query")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "did not respond: no package was checked." in done.stderr
