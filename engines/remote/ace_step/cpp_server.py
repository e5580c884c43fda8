"""The server of acestep.cpp, ``ace-server`` (documented in its ``docs/ARCHITECTURE.md``)."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.settings.remote_engines import RemoteEngineSettings
from engines.capabilities import HONOURED, UNSUPPORTED
from engines.port import RenderRequest
from engines.remote import media_types
from engines.remote.ace_step import client as ace_client
from engines.remote.ace_step import tasks
from engines.remote.ace_step.info import describe
from engines.remote.ace_step.models import choose_model
from engines.remote.ace_step.multipart import extract_audio
from engines.remote.ace_step.options import CppOptions
from engines.remote.ace_step.prompt import read_request
from engines.remote.form_data import FormData
from engines.remote.http_client import Body, create_bearer_client
from engines.remote.port import (
    RemoteError,
    RemoteFault,
    RemoteHealth,
    RemoteRequest,
    RemoteResult,
    RemoteState,
    RemoteStatus,
)

_NOT_FOUND: Final = 404


class AceStepCppServer:
    """See RemoteEngine. Jobs run one after the other, in the order of their submission; the last 32 are kept.

    Music is made by ``POST /synth`` alone, without the language model of ``POST /lm``.
    """

    is_idempotent = False

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        self.info = describe(key, settings.models, seed=HONOURED, negative_prompt=UNSUPPORTED)
        self._models = settings.models
        self._options = CppOptions.read(key, settings)
        self._client = create_bearer_client(ace_client.NAME, settings)

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine."""
        prompt = read_request(request)
        options = self._options
        payload = {
            "task_type": tasks.task_name(request),
            "synth_model": self._models[0] if self._models else None,
            "adapter": options.adapter or None,
            "adapter_scale": options.adapter_scale if options.adapter else None,
            "caption": prompt.caption,
            "lyrics": prompt.lyrics,
            "vocal_language": prompt.language,
            "bpm": prompt.tempo_bpm,
            "keyscale": prompt.key,
            "timesignature": prompt.metre,
            "duration": request.source.duration_seconds if request.source else request.duration_seconds,
            "track": tasks.part_names(request.source.parts) or None if request.source else None,
            **tasks.fields(request.source),
            "seed": request.seed,
            "synth_batch_size": 1,
            "use_cot_caption": False,
            "output_format": "wav16",
            "inference_steps": options.inference_steps,
            "guidance_scale": options.guidance_scale,
        }
        return {name: value for name, value in payload.items() if value is not None}

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine. Missing models and adapters are refused here: jobs with them fail without a reason."""
        properties = await ace_client.get(self._client, "/props")
        payload = {**request.payload, "synth_model": self._choose_model(properties)}
        self._check_adapter(properties)
        answer = await ace_client.submit(self._client, "/synth", _body(payload, request.source))
        job_id = ace_client.read(self._client, answer).get("id")
        if not isinstance(job_id, str) or not job_id:
            raise RemoteError(RemoteFault.UNCERTAIN, f"{self._name} accepted the request without an id for it.")
        return job_id

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine. The server distinguishes no queued jobs from running ones."""
        match (await ace_client.get(self._client, _job(foreign_id))).get("status"):
            case "running":
                return RemoteStatus(RemoteState.RUNNING)
            case "done":
                return RemoteStatus(RemoteState.SUCCEEDED)
            case "failed":
                raise RemoteError(RemoteFault.FAILED, f"{self._name} failed to make the music.")
            case "cancelled":
                raise RemoteError(RemoteFault.FAILED, f"The job was cancelled at {self._name}.")
        raise RemoteError(RemoteFault.UNAVAILABLE, f"{self._name} returned an unreadable state of the job.")

    async def fetch(self, foreign_id: str, result: Mapping[str, object], folder: Path) -> RemoteResult:  # noqa: ARG002  the port's
        """See RemoteEngine. The server reports neither model nor LoRA: those of the settings are required to exist."""
        properties = await ace_client.get(self._client, "/props")
        file = folder / "audio"
        if (await self._client.download(f"{_job(foreign_id)}&result=1", file)).startswith("multipart/"):
            await asyncio.to_thread(extract_audio, file, self._name)
        available = _names(properties, "models", "dit")
        version = properties.get("version")
        return RemoteResult(
            file,
            media_types.audio_type(file, self._name),
            model=next((name for name in self._models or available if name in available), None),
            version=version if isinstance(version, str) else None,
            adapters=(self._options.adapter,) if self._options.adapter else (),
        )

    async def cancel(self, foreign_id: str) -> bool:
        """See RemoteEngine. The server stops between two steps; a job that it does not know is none it works on."""
        answer = await self._client.call("POST", f"{_job(foreign_id)}&cancel=1")
        return answer.status == _NOT_FOUND or ace_client.read(self._client, answer).get("status") == "cancelled"

    async def check(self) -> RemoteHealth:
        """See RemoteEngine."""
        if (await ace_client.get(self._client, "/health")).get("status") != "ok":
            return RemoteHealth(is_healthy=False, message=f"{self._name} is not at this address.")
        properties = await ace_client.get(self._client, "/props")
        self._choose_model(properties)
        self._check_adapter(properties)
        missing = [kind for kind in ("embedding", "vae") if not _names(properties, "models", kind)]
        return RemoteHealth(
            is_healthy=not missing,
            message=f"{self._name} lacks models: {', '.join(missing)}." if missing else f"{self._name} is ready.",
            models=_names(properties, "models", "dit"),
        )

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._client.aclose()

    @property
    def _name(self) -> str:
        return self._client.peer.name

    def _choose_model(self, properties: Mapping[str, object]) -> str:
        """Return the model of the settings, or else the first of the server, which it would use itself."""
        available = _names(properties, "models", "dit")
        return choose_model(self._name, self._models or available, available)

    def _check_adapter(self, properties: Mapping[str, object]) -> None:
        adapter = self._options.adapter
        if adapter and adapter not in _names(properties, "adapters"):
            raise RemoteError(RemoteFault.UNAVAILABLE, f"{self._name} has no adapter {adapter}.")


def _body(payload: Mapping[str, object], source: Path | None) -> Body:
    if source is None:
        return payload
    return FormData({"request": json.dumps(payload)}, "audio", source, "source.wav", "audio/wav")


def _job(foreign_id: str) -> str:
    return f"/job?id={quote(foreign_id, safe='')}"


def _names(properties: Mapping[str, object], *path: str) -> tuple[str, ...]:
    """Return a list of names within the properties, empty if there is none."""
    found: object = properties
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()
