"""A peer of remote engines: a small HTTP server whose jobs and faults are set by tests.

A fault replaces one response of an operation ("submit", "poll", "fetch" or "cancel"). ``hold`` keeps the responses of
an operation back, after its effect, until the test lets them go or the client is gone.
"""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tests.support.polling import wait_until
from tests.support.processes import threaded_server
from tests.support.processes.threaded_server import QuietRequests, ThreadedServer
from tests.support.remote import tone_files
from tests.support.remote.tone_files import SAMPLE_RATE

SECONDS: Final = 6.0


def tone(seconds: float = SECONDS, rate: int = SAMPLE_RATE, channels: int = 1, kind: str = "WAV") -> bytes:
    """Return a file with a tone of 220 Hz that pulses twice a second."""
    samples = tone_files.tone(seconds, rate=rate, channels=channels, pulses_per_second=2)
    return tone_files.encode(samples, rate, kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """A response without an effect; without a status the connection is closed, after the effect if it ``acts``."""

    status: int | None = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False


@dataclass(slots=True)
class PeerJob:
    """A job; its state in each further request is that of ``Peer.states``, the last one for good."""

    payload: Mapping[str, Any]
    key: str | None
    polls: int = 0
    is_cancelled: bool = False


class Peer(ThreadedServer):
    """See the module."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.jobs: dict[str, PeerJob] = {}
        self.requests: list[tuple[str, str]] = []
        """The operations in order, each with the id of its job."""
        self.states: list[dict[str, Any]] = [{"state": "succeeded", "result": {}}]
        self.audio = tone()
        self.render: Callable[[Mapping[str, Any]], bytes] | None = None
        """Returns the file of a job from its payload, in place of ``audio``."""
        self.media_type = "audio/wav"
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._held: dict[str, threading.Event] = {}

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.requests)

    def wait_for(self, operation: str, count: int = 1) -> None:
        """Wait until so many requests of an operation have arrived."""
        wait_until(lambda: self.count(operation) >= count)

    @contextmanager
    def hold(self, operation: str) -> Iterator[None]:
        """Keep responses of an operation back during the body."""
        self._held[operation] = event = threading.Event()
        try:
            yield
        finally:
            del self._held[operation]
            event.set()

    def submit(self, payload: Mapping[str, Any], key: str | None) -> str:
        with self._lock:
            for job_id, job in self.jobs.items():
                if key is not None and job.key == key:
                    return job_id
            job_id = f"job-{len(self.jobs) + 1}"
            self.jobs[job_id] = PeerJob(payload, key)
            return job_id

    def note(self, operation: str, job_id: str) -> None:
        with self._lock:
            self.requests.append((operation, job_id))

    def take_fault(self, operation: str) -> Fault | None:
        with self._lock:
            return self.faults[operation].popleft() if self.faults[operation] else None

    def wait_while_held(self, operation: str) -> None:
        event = self._held.get(operation)
        if event is not None:
            event.wait(60)


class _Handler(QuietRequests, BaseHTTPRequestHandler):
    @property
    def peer(self) -> Peer:
        assert isinstance(self.server, Peer)
        return self.server

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Idempotency-Key")

        def act() -> tuple[str, Callable[[], None]]:
            job_id = self.peer.submit(payload, key)
            return job_id, lambda: self._send(201, {"id": job_id})

        self._serve("submit", "", act)

    def do_GET(self) -> None:
        if self.path == "/health":
            self._serve("check", "", lambda: ("", lambda: self._send(200, {"models": ["tones"]})))
            return
        _, _, job_id, *rest = self.path.split("/")
        self._serve("fetch" if rest else "poll", job_id, lambda: (job_id, lambda: self._get(job_id, rest)))

    def do_DELETE(self) -> None:
        job_id = self.path.rpartition("/")[2]

        def act() -> tuple[str, Callable[[], None]]:
            self.peer.jobs[job_id].is_cancelled = True
            return job_id, lambda: self._send(204, None)

        self._serve("cancel", job_id, act)

    def _serve(self, operation: str, job_id: str, act: Callable[[], tuple[str, Callable[[], None]]]) -> None:
        fault = self.peer.take_fault(operation)
        if fault is None or fault.acts:
            job_id, respond = act()
        self.peer.note(operation, job_id)
        self.peer.wait_while_held(operation)
        if fault is None:
            respond()
        elif fault.status is None:
            self.close_connection = True
        else:
            self._send(fault.status, fault.text, fault.headers)

    def _get(self, job_id: str, rest: list[str]) -> None:
        job = self.peer.jobs.get(job_id)
        if job is None:
            self._send(404, "unknown job")
        elif rest:
            audio = self.peer.render(job.payload) if self.peer.render else self.peer.audio
            self._send_bytes(200, audio, {"Content-Type": self.peer.media_type})
        else:
            state = self.peer.states[min(job.polls, len(self.peer.states) - 1)]
            job.polls += 1
            self._send(200, {**state, "result": {"path": f"/jobs/{job_id}/audio"}})

    def _send(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
        body = b"" if content is None else json.dumps(content).encode() if isinstance(content, dict) else None
        self._send_bytes(status, str(content).encode() if body is None else body, headers or {})

    def _send_bytes(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Peer]:
    with threaded_server.serving(Peer()) as server:
        yield server
