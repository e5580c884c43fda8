"""The port of remote engines: submit a request, poll its job, fetch the audio, cancel.

Remote engines are asynchronous and bound by the network; one process serves many of their jobs. What they return is
decoded, measured and encoded by an ordinary worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.settings.remote_engines import RemoteEngineSettings
from engines.port import EngineInfo, RenderRequest


class RemoteFault(StrEnum):
    """What went wrong at a peer, and with it whether a further attempt makes sense."""

    REJECTED = "rejected"
    """The peer refuses the request; the same request fails again. Its sentence is meant for the user."""
    FAILED = "failed"
    """The job failed at the peer; a further attempt may succeed."""
    UNAVAILABLE = "unavailable"
    """The peer cannot be reached, is overloaded or answers what it should not; nothing was accepted."""
    LOST = "lost"
    """The peer no longer knows the job."""
    UNCERTAIN = "uncertain"
    """A submission was sent and its answer did not arrive: the peer may work on it."""


class RemoteError(Exception):
    """A fault of a peer. ``message`` contains no secret and no address of the peer; it may be shown to users.

    ``retry_after_seconds`` is the pause that the peer requests, None if it requests none.
    """

    def __init__(self, fault: RemoteFault, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class RemoteState(StrEnum):
    """The state of a job at its peer."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """The state of a job at its peer. ``fraction`` (0 to 1) and ``queue_position`` (from 1) are None if unknown.

    ``result`` is JSON that ``fetch`` needs, once the job has succeeded.
    """

    state: RemoteState
    fraction: float | None = None
    queue_position: int | None = None
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteRequest:
    """A request to a remote engine. ``key`` is unique among all jobs.

    It is the same in every attempt to submit a job; a job that was lost or failed is submitted under a new key.
    ``payload`` is the JSON that the adapter made of ``render``; it is stored before it is sent. ``source`` is a
    WAV file with 16 bits (stereo, SAMPLE_RATE) if the render has source audio; its path is local and must not be sent.
    """

    key: str
    render: RenderRequest
    payload: Mapping[str, object]
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class RemoteResult:
    """What a peer made: the file as it came, and what the peer reports about it.

    ``media_type`` is that of the file. ``model``, ``version``, ``adapters`` (as LoRA names) and ``seed`` are as the
    peer reports them, None or empty if it does not. ``claims`` are further facts of the peer (tempo, key), by their
    names in ``engines.port.Facts``; they are measured afterwards. ``timed_lyrics`` is LRC text. ``notes`` are sentences
    for the user.
    """

    path: Path
    media_type: str
    model: str | None = None
    version: str | None = None
    adapters: tuple[str, ...] = ()
    seed: int | None = None
    claims: Mapping[str, object] = field(default_factory=dict)
    timed_lyrics: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteHealth:
    """Whether a peer can be used. ``message`` is a sentence without secrets; ``models`` are those that it has loaded.

    ``jobs_ahead`` and ``seconds_per_job`` are None if unknown. ``is_checked`` is False if the peer has nothing that can
    be tried without costs.
    """

    is_healthy: bool
    message: str
    models: tuple[str, ...] = ()
    jobs_ahead: int | None = None
    seconds_per_job: float | None = None
    is_checked: bool = True


class RemoteEngine(Protocol):
    """An engine at a peer. All methods raise RemoteError and nothing else; none waits longer than its timeouts.

    A worker creates an adapter for each step of a job and closes it afterwards: an adapter remembers nothing of a job.
    """

    @property
    def info(self) -> EngineInfo:
        """The engine's capabilities. The operator's settings replace its key, licence and source type."""

    @property
    def is_idempotent(self) -> bool:
        """Whether the peer accepts ``RemoteRequest.key`` as an idempotency key.

        If not, a job whose submission has an uncertain outcome fails, because it is never submitted twice.
        """

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """Return the payload of a request as JSON without secrets. It is stored, and part of the track's metadata."""

    async def submit(self, request: RemoteRequest) -> str:
        """Start a job at the peer and return its id there.

        Where the peer accepts an idempotency key, ``request.key`` is used, and a second call returns the first job.
        """

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """Return the state of a job; raises RemoteError if it has failed or is lost."""

    async def fetch(self, foreign_id: str, result: Mapping[str, object], folder: Path) -> RemoteResult:
        """Download the audio of a job that has succeeded into a folder."""

    async def cancel(self, foreign_id: str) -> bool:
        """Cancel a job if the peer can; return whether the peer stops working on it."""

    async def check(self) -> RemoteHealth:
        """Try the peer without costs."""

    async def aclose(self) -> None:
        """Close connections."""


class RemoteEngineFactory(Protocol):
    """Creates adapters, usually a class. It opens no connection and needs no event loop."""

    def __call__(self, key: str, settings: RemoteEngineSettings) -> RemoteEngine:
        """Create the adapter of the instance ``key``. Raises ValueError for settings that it cannot use."""
