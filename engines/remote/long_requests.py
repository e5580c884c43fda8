"""Requests whose answer is the result: submitting waits for it and keeps it in a folder, from which it is fetched.

If the process dies while it waits, the answer is lost, and whether the peer charges for it is unknown. The folder then
shows that the request was sent, so that it is not sent again.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core import clock
from core.settings.remote_engines import RemoteEngineSettings
from engines.remote import options
from engines.remote.http_client import PeerClient, PeerResponse
from engines.remote.port import RemoteError, RemoteFault

KEPT_SECONDS: Final = 86_400
"""How long answers are kept, so that a job can fetch its answer again after a restart."""
DEFAULT_SECONDS: Final = 900.0
"""Deadline of a request unless the option ``request_seconds`` sets one."""
MIN_FREE_BYTES: Final = 67_108_864
"""Free space in bytes without which no request is sent: an answer without space would be paid and lost."""

_BODY: Final = "body"
_HEADERS: Final = "headers.json"


class LongRequests:
    """The long requests to one peer.

    Their folder is the option ``answers_dir``, which workers on several machines must share; by default it is in the
    folder for temporary files.
    """

    def __init__(self, client: PeerClient, settings: RemoteEngineSettings) -> None:
        self._client = client
        self._folder = _answers_folder(settings)
        self._seconds = options.number(settings, "request_seconds", DEFAULT_SECONDS)

    async def send(self, key: str, method: str, path: str, body: Mapping[str, object]) -> tuple[str, PeerResponse]:
        """Send a request, keep its answer if it is a success, and return the id of the request and the answer.

        A request that succeeded is not sent again. Raises RemoteError: UNCERTAIN also if the request was sent before
        and has no answer.
        """
        self._remove_old()
        request_id = hashlib.sha256(key.encode()).hexdigest()[:32]
        folder = self._folder / request_id
        if (folder / _HEADERS).exists():
            return request_id, self.find(request_id)[0]
        self._prepare(folder)
        try:
            answer = await self._client.receive(method, path, body, folder / _BODY, self._seconds)
        except RemoteError as error:
            if error.fault is not RemoteFault.UNCERTAIN:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        if not answer.is_success:
            shutil.rmtree(folder, ignore_errors=True)
            return request_id, answer
        _write_atomically(
            folder / _HEADERS,
            {"status": answer.status, "headers": {"content-type": answer.headers.get("content-type", "")}},
        )
        return request_id, answer

    def find(self, request_id: str) -> tuple[PeerResponse, Path]:
        """Return the head of a kept answer and the file with its body. Raises RemoteError LOST."""
        folder = self._folder / request_id
        try:
            head = json.loads((folder / _HEADERS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            message = f"The answer of {self._client.peer.name} is no longer here."
            raise RemoteError(RemoteFault.LOST, message) from None
        return PeerResponse(head["status"], head["headers"]), folder / _BODY

    def forget(self, request_id: str) -> None:
        """Remove a kept answer, so that its request can be sent again."""
        shutil.rmtree(self._folder / request_id, ignore_errors=True)

    def _prepare(self, folder: Path) -> None:
        try:
            self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            is_ours = self._folder.stat().st_uid == os.geteuid()
            if not is_ours or shutil.disk_usage(self._folder).free < MIN_FREE_BYTES:
                raise RemoteError(RemoteFault.UNAVAILABLE, "The folder for answers is full or belongs to another user.")
            folder.mkdir(mode=0o700)
        except FileExistsError:
            name = self._client.peer.name
            message = f"The request was sent to {name} before, and its answer was lost; {name} may charge for it."
            raise RemoteError(RemoteFault.UNCERTAIN, message) from None
        except OSError:
            raise RemoteError(RemoteFault.UNAVAILABLE, "The folder for answers cannot be written.") from None

    def _remove_old(self) -> None:
        oldest = clock.now().timestamp() - KEPT_SECONDS
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _answers_folder(settings: RemoteEngineSettings) -> Path:
    chosen = options.text(settings, "answers_dir")
    if chosen and not Path(chosen).is_absolute():
        raise ValueError(f"The option answers_dir of a remote engine is {chosen!r}; it must be an absolute path.")
    return Path(chosen or Path(tempfile.gettempdir(), f"music-studio-answers-{os.geteuid()}"))


def _write_atomically(path: Path, values: Mapping[str, object]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(values), encoding="utf-8")
    part.rename(path)
