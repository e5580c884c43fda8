"""A server that follows the HTTP interface of acestep.cpp's ``ace-server``, as its ``docs/ARCHITECTURE.md`` states it.

The genuine one is a C++ program that needs weights. Covered: /synth with a JSON body or a form, /job, /health and
/props.
"""

import json
import secrets
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.support.processes import threaded_server
from tests.support.remote.ace_step import tones

MODELS: Final = ("acestep-v15-turbo-Q8_0.gguf", "acestep-v15-base-Q8_0.gguf")
ADAPTER: Final = "singer.safetensors"
FAILING_CAPTION: Final = "a render that fails"
MAX_JOBS: Final = 32
_BOUNDARY: Final = "ace-batch-boundary"
_SUBTYPES: Final = {"wav16": "PCM_16", "wav24": "PCM_24", "wav32": "FLOAT"}


@dataclass
class Job:
    request: dict[str, Any]
    status: str = "running"
    is_cancelled: bool = False
    result: bytes = b""


class CppServer(ThreadingHTTPServer):
    """Renders wait while ``gate`` is clear."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs: OrderedDict[str, Job] = OrderedDict()
        self.gate = threading.Event()
        self.gate.set()
        self.sample_rate = tones.SAMPLE_RATE
        self.requests: list[dict[str, Any]] = []
        self.sources: list[bytes] = []
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._worker = threading.Thread(target=self._work)
        self._worker.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def synthesize(self, request: dict[str, Any]) -> str:
        """Queue a job and return its id. The oldest finished job makes room for it."""
        job_id = secrets.token_hex(8)
        self.requests.append(request)
        self.jobs[job_id] = job = Job(request)
        if len(self.jobs) > MAX_JOBS:
            finished = next((each for each, old in self.jobs.items() if old.status != "running"), None)
            self.jobs.pop(finished or "", None)
        self._queue.put(job)
        return job_id

    def stop(self) -> None:
        self.gate.set()
        self._queue.put(None)
        self._worker.join()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            self.gate.wait()
            job.status = self._run(job)

    def _run(self, job: Job) -> str:
        request = job.request
        if job.is_cancelled:
            return "cancelled"
        if request.get("synth_model", MODELS[0]) not in MODELS or request.get("adapter", "") not in {"", ADAPTER}:
            return "failed"
        if request["caption"] == FAILING_CAPTION:
            return "failed"
        samples = tones.tone(request["seed"], request.get("duration") or 120, self.sample_rate)
        job.result = _multipart(tones.encode(samples, "WAV", _SUBTYPES[request["output_format"]], self.sample_rate))
        return "done"


def _multipart(audio: bytes) -> bytes:
    """Return a part with audio and one with latents, as the server pairs them."""
    delimiter = f"--{_BOUNDARY}\r\n".encode()
    latents = struct.pack("<64f", *range(64))
    parts = (
        b"Content-Type: audio/wav\r\n\r\n" + audio,
        b'Content-Type: application/octet-stream\r\nContent-Disposition: form-data; name="latent"\r\n\r\n' + latents,
    )
    return b"".join(delimiter + part + b"\r\n" for part in parts) + f"--{_BOUNDARY}--\r\n".encode()


class _Handler(BaseHTTPRequestHandler):
    server: CppServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/health":
                self._send({"status": "ok"})
            case "/props":
                models = {"lm": [], "embedding": ["Qwen3-Embedding-0.6B-Q8_0.gguf"], "dit": list(MODELS)}
                self._send({"version": "1.2", "models": {**models, "vae": ["vae-BF16.gguf"]}, "adapters": [ADAPTER]})
            case "/job":
                self._send_job(query)
            case _:
                self._send({"error": "Not found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/synth":
            self._synthesize(self._read_request(body))
        elif parts.path == "/job" and query.get("cancel") == "1":
            job = self.server.jobs.get(query["id"])
            if job is None:
                self._send({"error": "Job not found"}, 404)
                return
            job.is_cancelled = job.is_cancelled or job.status == "running"
            self._send({"status": "cancelled" if job.status == "running" else job.status})
        else:
            self._send({"error": "Not found"}, 404)

    def _read_request(self, body: bytes) -> dict[str, Any]:
        """Return the JSON of a request, and keep the source audio of a form."""
        content_type = self.headers["Content-Type"]
        if not content_type.startswith("multipart/form-data"):
            return dict(json.loads(body))
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        form = message_from_bytes(head + body, policy=policy.HTTP)
        parts = {part.get_param("name", header="Content-Disposition"): part for part in form.iter_parts()}
        audio, request = (parts[name].get_payload(decode=True) for name in ("audio", "request"))
        assert isinstance(audio, bytes)
        assert isinstance(request, bytes)
        self.server.sources.append(audio)
        return dict(json.loads(request))

    def _synthesize(self, request: dict[str, Any]) -> None:
        if not request.get("caption"):
            self._send({"error": "Caption is required"}, 400)
        elif request.get("output_format", "mp3") not in _SUBTYPES:
            self._send({"error": "Invalid output_format (use: mp3, wav16, wav24, wav32)"}, 400)
        else:
            self._send({"id": self.server.synthesize(request)})

    def _send_job(self, query: dict[str, str]) -> None:
        job = self.server.jobs.get(query["id"])
        if job is None:
            self._send({"error": "Job not found"}, 404)
        elif query.get("result") != "1":
            self._send({"status": job.status})
        elif job.status != "done":
            self._send({"error": "Result not ready"}, 404)
        else:
            self._send_bytes(job.result, f"multipart/mixed; boundary={_BOUNDARY}")

    def _send(self, document: object, status: int = 200) -> None:
        self._send_bytes(json.dumps(document).encode(), "application/json", status)

    def _send_bytes(self, body: bytes, content_type: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def running() -> Iterator[CppServer]:
    with threaded_server.serving(CppServer()) as server:
        try:
            yield server
        finally:
            server.stop()
