"""Peers of remote engines with random faults: a queue of jobs, sound generation of LocalAI, and ElevenLabs Music.

They follow the interfaces that the adapters use, render a tone, and record which prompts they worked on, so that work
done twice is noticed.
"""

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tests.support.processes import threaded_server
from tests.support.processes.threaded_server import QuietRequests, ThreadedServer
from tests.support.remote.tone_files import tone_wav

SERVICE: Final = """
name = "Queue"
description = "A queue of a benchmark."
model = "tone"
max_duration_seconds = 60
requires_key = false

[submit]
path = "/jobs"
id = "id"
{idempotency}

[submit.body]
prompt = "{{prompt}}"
seconds = "{{seconds}}"

[poll]
path = "/jobs/{{id}}"
state = "state"
queued = ["queued"]
running = ["running"]
succeeded = ["succeeded"]
failed = ["failed"]

[result]
audio = "audio"

[cancel]
path = "/jobs/{{id}}"
method = "DELETE"

[support]
prompt = "approximated"
instrumental = "ignored"
"""
"""The description of the queue of jobs, to be formatted with the line ``idempotency``."""

IDEMPOTENCY: Final = 'idempotency_header = "Idempotency-Key"'
MAX_WORK_SECONDS: Final = 4.0
_SLOW_SECONDS: Final = 3.0
_BOUNDARY: Final = "part"


@dataclass(slots=True)
class Job:
    prompt: str
    seconds: float
    done_at: float
    fails: bool = False


@dataclass(slots=True)
class Record:
    """The prompts that were worked on, and those whose work was lost or failed at the peer and may be done again."""

    accepted: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    ended: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def duplicates(self) -> list[str]:
        """Return the prompts that were worked on although earlier work on them went on or had succeeded."""
        return [prompt for prompt, count in self.accepted.items() if count > 1 + self.ended[prompt]]


class Peer(ThreadedServer):
    """A peer; each response has a fault with the probability ``fault_rate``, by a seeded generator."""

    def __init__(self, seed: int, fault_rate: float) -> None:
        super().__init__(_Handler)
        self.record = Record()
        self.fault_count = 0
        self._fault_rate = fault_rate
        self._random = random.Random(seed)  # noqa: S311  reproducible, not secret
        self._jobs: dict[str, Job] = {}
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def choose_fault(self, *faults: str) -> str | None:
        """Return one of the faults, or mostly none."""
        with self._lock:
            if self._random.random() >= self._fault_rate:
                return None
            self.fault_count += 1
            return self._random.choice(faults)

    def choose_seconds(self) -> float:
        """Return how long the work on a request takes."""
        with self._lock:
            return self._random.uniform(0.5, MAX_WORK_SECONDS)

    def submit(self, prompt: str, seconds: float, key: str | None, *, fails: bool) -> str:
        """Start a job and return its id; a key that is known returns the job that it started."""
        done_at = time.monotonic() + self.choose_seconds()
        with self._lock:
            if key is not None and key in self._keys:
                return self._keys[key]
            job_id = f"job-{len(self._jobs)}"
            self._jobs[job_id] = Job(prompt, seconds, done_at, fails)
            self.record.accepted[prompt] += 1
            if key is not None:
                self._keys[key] = job_id
            return job_id

    def find(self, job_id: str) -> Job | None:
        with self._lock:
            return self._jobs.get(job_id)

    def end(self, job_id: str) -> None:
        """Lose a job, or note that it failed: its prompt may be submitted again."""
        with self._lock:
            job = self._jobs.pop(job_id, None)
            if job is not None:
                self.record.ended[job.prompt] += 1

    def work(self, prompt: str) -> None:
        """Work on a request whose answer is the result."""
        with self._lock:
            self.record.accepted[prompt] += 1
        time.sleep(self.choose_seconds())


@contextmanager
def run_peer(seed: int, fault_rate: float) -> Iterator[Peer]:
    with threaded_server.serving(Peer(seed, fault_rate)) as peer:
        yield peer


class _Handler(QuietRequests, BaseHTTPRequestHandler):
    server: Peer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self.server.choose_fault("refused", "busy", "closed", "closed after acting", "slow", "cut")
        if fault in {"refused", "busy", "closed"}:
            self._fail(fault)
            return
        route: Mapping[str, Callable[[Any], tuple[int, str, bytes]]] = {
            "/jobs": self._submit,
            "/v1/sound-generation": self._generate_sound,
            "/v1/music/detailed": self._compose,
        }
        status, media_type, content = route[self.path.partition("?")[0]](body)
        self._send(status, media_type, content, fault)

    def do_GET(self) -> None:
        job_id, _, rest = self.path.removeprefix("/jobs/").partition("/")
        fault = self.server.choose_fault("refused", "busy", "closed", "slow", "lost", "cut")
        if fault == "lost" and not rest:
            self.server.end(job_id)
        if fault in {"refused", "busy", "closed"}:
            self._fail(fault)
            return
        job = self.server.find(job_id)
        if job is None:
            self._send_json(404, {"error": "There is no such job."}, None)
        elif rest:
            self._send(200, "audio/wav", tone_wav(job.seconds), fault)
        elif job.fails and time.monotonic() >= job.done_at:
            self.server.end(job_id)
            self._send_json(200, {"state": "failed"}, fault)
        else:
            state = "succeeded" if time.monotonic() >= job.done_at else "running"
            self._send_json(200, {"state": state, "audio": f"{self.server.url}/jobs/{job_id}/audio"}, fault)

    def do_DELETE(self) -> None:
        self.server.end(self.path.removeprefix("/jobs/"))
        self._send(204, "text/plain", b"", None)

    def _submit(self, body: Mapping[str, Any]) -> tuple[int, str, bytes]:
        fails = self.server.choose_fault("fails") is not None
        key = self.headers.get("Idempotency-Key")
        job_id = self.server.submit(body["prompt"], body["seconds"], key, fails=fails)
        return 201, "application/json", json.dumps({"id": job_id}).encode()

    def _generate_sound(self, body: Mapping[str, Any]) -> tuple[int, str, bytes]:
        self.server.work(body["text"])
        return 200, "audio/wav", tone_wav(body["duration_seconds"])

    def _compose(self, body: Mapping[str, Any]) -> tuple[int, str, bytes]:
        self.server.work(body["prompt"])
        audio = tone_wav(body["music_length_ms"] / 1000)
        head = f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{{}}\r\n"
        head += f"--{_BOUNDARY}\r\nContent-Type: audio/wav\r\n\r\n"
        content = head.encode() + audio + f"\r\n--{_BOUNDARY}--\r\n".encode()
        return 200, f"multipart/mixed; boundary={_BOUNDARY}", content

    def _fail(self, fault: str) -> None:
        if fault == "closed":
            self.close_connection = True
        elif fault == "busy":
            self._send_json(429, {"error": "Too many requests."}, None, {"Retry-After": "1"})
        else:
            self._send_json(503, {"error": "Starting."}, None)

    def _send_json(
        self, status: int, value: object, fault: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        self._send(status, "application/json", json.dumps(value).encode(), fault, headers)

    def _send(
        self, status: int, media_type: str, body: bytes, fault: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        if fault == "slow":
            time.sleep(_SLOW_SECONDS)
        if fault == "closed after acting":
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        if fault == "cut":
            self.close_connection = True
