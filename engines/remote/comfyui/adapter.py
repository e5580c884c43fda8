"""ComfyUI: the operator's workflow is queued, watched, and its audio file fetched.

Interface: "Routes" of ComfyUI's documentation and its ``server.py``, read on 2026-11-30. Ids are derived from the key
of the request, and a submission first looks for its own job in queue and history: it is never queued twice.
"""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from core.licence import Licence, LicenceClass
from core.settings.remote_engines import UNDECLARED, RemoteEngineSettings
from core.track_metadata import SourceType
from engines.port import EngineInfo, RenderRequest
from engines.remote import http_errors, media_types, options
from engines.remote.comfyui import messages, progress, workflow
from engines.remote.http_client import PeerResponse, create_bearer_client
from engines.remote.port import (
    RemoteError,
    RemoteFault,
    RemoteHealth,
    RemoteRequest,
    RemoteResult,
    RemoteState,
    RemoteStatus,
)

NAME: Final = "ComfyUI"
MAX_SECONDS: Final = 600
DEFAULT_PROGRESS_SECONDS: Final = 1.0
HISTORY_ITEMS: Final = 64
"""Finished jobs among which a submission looks for its own; older versions choose the id themselves."""

_BAD_REQUEST: Final = 400
_NAMESPACE: Final = uuid.UUID("6f2d3c0e-53c1-4c39-9c1e-0f4b3f7f5a1d")


class ComfyUiEngine:
    """See RemoteEngine. The options are in ``docs/guides/comfyui.md``."""

    is_idempotent = True
    """A submission finds its job by the id of its client."""

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        path = options.text(settings, "workflow")
        instrumental_lyrics = options.text(settings, "instrumental_lyrics", "[Instrumental]")
        self._workflow = workflow.load(path, options.table(settings, "slots"), instrumental_lyrics)
        self._output_node = options.text(settings, "output_node")
        self._progress_seconds = options.number(settings, "progress_seconds", DEFAULT_PROGRESS_SECONDS)
        self._client = create_bearer_client(NAME, settings)
        self.info = _info(key, self._workflow)

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine."""
        return {"prompt": self._workflow.fill(request)}

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine."""
        client_id = str(uuid.uuid5(_NAMESPACE, request.key))
        if found := await self._find(client_id):
            return found
        body = {**request.payload, "client_id": client_id, "prompt_id": client_id}
        answer = await self._client.call("POST", "/prompt", body, is_submission=True)
        document = answer.json()
        if answer.status == _BAD_REQUEST:
            raise messages.refused(self._client, document)
        if not answer.is_success:
            raise http_errors.from_submission(self._client, answer)
        foreign_id = document.get("prompt_id") if isinstance(document, Mapping) else None
        if not isinstance(foreign_id, str) or not foreign_id:
            raise RemoteError(RemoteFault.UNCERTAIN, f"{self._name} accepted the workflow without an id for it.")
        return foreign_id

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine."""
        if status := await self._finished(foreign_id):
            return status
        running, pending = await self._queue()
        for position, (prompt_id, _) in enumerate(pending, 1):
            if prompt_id == foreign_id:
                return RemoteStatus(RemoteState.QUEUED, None, position)
        for prompt_id, client_id in running:
            if prompt_id == foreign_id:
                return RemoteStatus(RemoteState.RUNNING, await self._fraction(foreign_id, client_id))
        # it can have finished between the two requests
        if status := await self._finished(foreign_id):
            return status
        raise RemoteError(RemoteFault.LOST, f"{self._name} no longer knows the job.")

    async def fetch(
        self,
        foreign_id: str,  # noqa: ARG002  the port's
        result: Mapping[str, object],
        folder: Path,
    ) -> RemoteResult:
        """See RemoteEngine."""
        file = folder / "audio"
        query = {name: str(result.get(name, "")) for name in ("filename", "subfolder", "type")}
        await self._client.download(f"/view?{urlencode(query)}", file)
        return RemoteResult(
            file,
            media_types.audio_type(file, self._name),
            model=self._workflow.model,
            adapters=self._workflow.loras,
        )

    async def cancel(self, foreign_id: str) -> bool:
        """See RemoteEngine. Older versions interrupt whatever runs, so a job is interrupted only while it runs."""
        running, pending = await self._queue()
        if any(prompt_id == foreign_id for prompt_id, _ in pending):
            return (await self._post("/queue", {"delete": [foreign_id]})).is_success
        if any(prompt_id == foreign_id for prompt_id, _ in running):
            return (await self._post("/interrupt", {"prompt_id": foreign_id})).is_success
        return False

    async def check(self) -> RemoteHealth:
        """See RemoteEngine. Also finds nodes and models of the workflow that are not installed."""
        running, pending = await self._queue()
        problems = [problem for name in self._workflow.classes async for problem in self._problems(name)]
        if problems:
            message = self._client.clean(f"{self._name} cannot run the workflow: {'; '.join(problems)}.")
            return RemoteHealth(is_healthy=False, message=message)
        model = self._workflow.model
        return RemoteHealth(
            is_healthy=True,
            message=f"{self._name} answers and has the nodes and models of the workflow.",
            models=(model,) if model else (),
            jobs_ahead=len(running) + len(pending),
        )

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._client.aclose()

    @property
    def _name(self) -> str:
        return self._client.peer.name

    async def _get(self, path: str) -> object:
        answer = await self._client.call("GET", path)
        if not answer.is_success:
            raise http_errors.from_job(self._client, answer)
        return answer.json()

    async def _post(self, path: str, body: Mapping[str, object]) -> PeerResponse:
        return await self._client.call("POST", path, body)

    async def _queue(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the running and the pending jobs as their own ids and those of their clients, next one first."""
        document = await self._get("/queue")
        if not isinstance(document, Mapping) or "queue_running" not in document:
            raise RemoteError(RemoteFault.UNAVAILABLE, f"{self._name} answered with an unknown form of its queue.")
        running, pending = document.get("queue_running"), document.get("queue_pending")
        return [job[1:] for job in _jobs(running)], [job[1:] for job in sorted(_jobs(pending))]

    async def _find(self, client_id: str) -> str | None:
        """Return the id of the job of a client, None if there is none."""
        running, pending = await self._queue()
        history = await self._get(f"/history?max_items={HISTORY_ITEMS}")
        entries = history.values() if isinstance(history, Mapping) else ()
        finished = _jobs([entry.get("prompt") for entry in entries if isinstance(entry, Mapping)])
        jobs = [*running, *pending, *(job[1:] for job in finished)]
        return next((prompt_id for prompt_id, client in jobs if client_id in {prompt_id, client}), None)

    async def _finished(self, foreign_id: str) -> RemoteStatus | None:
        """Return the status of a job that has succeeded, None if it has not ended. Raises RemoteError if it failed."""
        history = await self._get(f"/history/{quote(foreign_id, safe='')}")
        entry = history.get(foreign_id) if isinstance(history, Mapping) else None
        if not isinstance(entry, Mapping):
            return None
        status = entry.get("status")
        if isinstance(status, Mapping) and status.get("status_str") == "error":
            raise messages.failed(self._client, status.get("messages"))
        file = next(_audio_files(entry.get("outputs"), self._output_node), None)
        if file is None:
            raise RemoteError(RemoteFault.FAILED, f"The workflow ended at {self._name} without an audio file.")
        return RemoteStatus(RemoteState.SUCCEEDED, 1.0, None, file)

    async def _fraction(self, foreign_id: str, client_id: str) -> float | None:
        peer, nodes = self._client.peer, len(self._workflow.graph)
        return await progress.listen(peer.base_url, peer.headers, client_id, foreign_id, nodes, self._progress_seconds)

    async def _problems(self, node_class: str) -> AsyncIterator[str]:
        document = await self._get(f"/object_info/{quote(node_class, safe='')}")
        info = document.get(node_class) if isinstance(document, Mapping) else None
        if not isinstance(info, Mapping):
            yield f"the node {node_class} is not installed"
            return
        for name, value in self._workflow.choices(node_class):
            if isinstance(allowed := _allowed(info, name), list) and value not in allowed:
                yield f"{node_class} has no {name} {value!r}"


def _info(key: str, chosen: workflow.Workflow) -> EngineInfo:
    return EngineInfo(
        key=key,
        name=NAME,
        description="A ComfyUI server with a workflow of the operator.",
        version=chosen.model or "unknown",
        max_duration_seconds=MAX_SECONDS,
        supports_vocals="lyrics" in chosen.places,
        supports_lyrics="lyrics" in chosen.places,
        supports_stems=False,
        supports_focus=False,
        supported_languages=(),
        licence=Licence(LicenceClass.UNCLEAR, UNDECLARED, requires_attribution=False),
        source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA,
        capabilities=chosen.capabilities,
    )


def _jobs(items: object) -> list[tuple[float, str, str]]:
    """Return jobs of a queue as number, own id and id of the client; items of another form are left out."""
    found = []
    for item in items if isinstance(items, list) else ():
        match item:
            case [int() | float() as number, str(prompt_id), _, dict(extra), *_]:
                found.append((number, prompt_id, str(extra.get("client_id", ""))))
    return found


def _audio_files(outputs: object, node: str) -> Iterator[dict[str, object]]:
    """Yield the audio files of outputs, those that are kept before temporary ones."""
    chosen = outputs if isinstance(outputs, Mapping) else {}
    nodes = [chosen.get(node)] if node else chosen.values()
    files = [file for each in nodes if isinstance(each, Mapping) for file in each.get("audio") or ()]
    valid = [file for file in files if isinstance(file, Mapping) and isinstance(file.get("filename"), str)]
    for file in sorted(valid, key=lambda each: each.get("type") != "output"):
        yield {name: file.get(name, "") for name in ("filename", "subfolder", "type")}


def _allowed(info: Mapping[str, object], name: str) -> object:
    """Return the values that an input of a node allows, if it has a list of them."""
    groups = info.get("input")
    for group in groups.values() if isinstance(groups, Mapping) else ():
        match group.get(name) if isinstance(group, Mapping) else None:
            case [list(values), *_] | ["COMBO", {"options": list(values)}, *_]:
                return values
    return None
