"""The API server of ACE-Step 1.5 in Python (``acestep/api_server.py``, documented in its ``docs/en/API.md``)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import orjson

from core.settings.remote_engines import RemoteEngineSettings
from engines.capabilities import UNSUPPORTED, Capability, Support
from engines.port import RenderRequest
from engines.remote import http_errors, media_types
from engines.remote.ace_step import client as ace_client
from engines.remote.ace_step import tasks
from engines.remote.ace_step.info import describe
from engines.remote.ace_step.models import choose_model
from engines.remote.ace_step.options import ServerOptions
from engines.remote.ace_step.prompt import METRES, read_request
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

_AUDIO_ROUTE: Final = "/v1/audio"
_IN_PROGRESS: Final = 0
_SUCCEEDED: Final = 1
_FAILED: Final = 2
_NOT_FOUND: Final = 404
_PATH: Final = re.compile(r"[/\\]")
_METRE_NAMES: Final = {name: metre for metre, name in METRES.items()}

_SEED: Final = Capability(
    Support.APPROXIMATED, note="Older versions of the server draw a seed of their own, which the track states."
)
_READ_BY_LANGUAGE_MODEL: Final = Capability(
    Support.APPROXIMATED, note="Only the language model reads it, which has no part in tasks with source audio."
)


class AceStepServer:
    """See RemoteEngine. The server has no idempotency keys and cannot cancel.

    Its audio route serves any file of its machine by path, therefore paths are neither stored nor returned.
    """

    is_idempotent = False

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        self._models = settings.models
        self._options = ServerOptions.read(key, settings)
        negative_prompt = _READ_BY_LANGUAGE_MODEL if self._options.thinking else UNSUPPORTED
        self.info = describe(key, settings.models, seed=_SEED, negative_prompt=negative_prompt)
        self._client = create_bearer_client(ace_client.NAME, settings)

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine. Nothing is left to the language model that the request determines."""
        prompt = read_request(request)
        options = self._options
        payload = {
            "task_type": tasks.task_name(request),
            "instruction": tasks.instruction(request.source),
            **tasks.fields(request.source),
            "model": self._models[0] if self._models else None,
            "prompt": prompt.caption,
            "lyrics": prompt.lyrics,
            "vocal_language": prompt.language,
            "bpm": prompt.tempo_bpm,
            "key_scale": prompt.key,
            "time_signature": prompt.metre,
            "audio_duration": request.source.duration_seconds if request.source else request.duration_seconds,
            "use_random_seed": False,
            "seed": request.seed,
            "batch_size": 1,
            "audio_format": "flac",
            # the plan of the language model would replace the source
            "thinking": options.thinking and request.source is None,
            "use_cot_caption": False,
            "use_cot_language": False,
            "lm_negative_prompt": request.controls.negative_prompt if options.thinking else None,
            "inference_steps": options.inference_steps,
            "guidance_scale": options.guidance_scale,
        }
        return {name: value for name, value in payload.items() if value is not None}

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine. A model that is not loaded is refused here, because the server would use another."""
        payload = dict(request.payload)
        if self._models:
            payload["model"] = choose_model(self._name, self._models, await self._loaded_models())
        answer = await ace_client.submit(self._client, "/release_task", _body(payload, request.source))
        task_id = _data(ace_client.read(self._client, answer)).get("task_id")
        if not isinstance(task_id, str) or not task_id:
            raise RemoteError(RemoteFault.UNCERTAIN, f"{self._name} accepted the request without an id for it.")
        return task_id

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine."""
        status, items = await self._query(foreign_id)
        first = items[0] if items else {}
        if status == _FAILED:
            text = http_errors.message_of(self._client, first)
            # a traceback with paths of the server is not for users
            shown = text if text and not _PATH.search(text) else f"{self._name} failed to make the music."
            raise RemoteError(RemoteFault.FAILED, shown)
        if status == _SUCCEEDED:
            return RemoteStatus(RemoteState.SUCCEEDED)
        if not items:
            # the same answer as for an id that was never issued
            raise RemoteError(RemoteFault.LOST, f"{self._name} no longer knows the job.")
        progress = first.get("progress")
        fraction = float(progress) if isinstance(progress, int | float) and 0 < progress <= 1 else None
        state = RemoteState.QUEUED if first.get("stage") == "queued" else RemoteState.RUNNING
        return RemoteStatus(state, fraction)

    async def fetch(self, foreign_id: str, result: Mapping[str, object], folder: Path) -> RemoteResult:  # noqa: ARG002  the port's
        """See RemoteEngine."""
        status, items = await self._query(foreign_id)
        if status != _SUCCEEDED:
            raise RemoteError(RemoteFault.LOST, f"{self._name} no longer has the result of the job.")
        item = items[0] if items else {}
        model = _text(item.get("dit_model"))
        if self._models and model is not None and model not in self._models:
            message = f"{self._name} used the model {model} instead of {self._models[0]}."
            raise RemoteError(RemoteFault.FAILED, message)
        adapters, notes = await self._adapters()
        file = folder / "audio"
        await self._client.download(f"{_AUDIO_ROUTE}?path={quote(self._audio_path(item), safe='')}", file)
        return RemoteResult(
            file,
            media_types.audio_type(file, self._name),
            model=model,
            adapters=adapters,
            seed=_seed(item.get("seed_value")),
            claims=_claims(item.get("metas")),
            notes=notes,
        )

    async def cancel(self, foreign_id: str) -> bool:  # noqa: ARG002  the port's
        """See RemoteEngine. The server has no route for it."""
        return False

    async def check(self) -> RemoteHealth:
        """See RemoteEngine."""
        if _data(await ace_client.get(self._client, "/health")).get("status") != "ok":
            return RemoteHealth(is_healthy=False, message=f"{self._name} is not at this address.")
        models = await self._loaded_models()
        choose_model(self._name, self._models or models, models)
        stats = _data(await ace_client.get(self._client, "/v1/stats"))
        jobs = stats.get("jobs")
        running = jobs.get("running") if isinstance(jobs, dict) else None
        return RemoteHealth(
            is_healthy=True,
            message=f"{self._name} is ready.",
            models=models,
            jobs_ahead=_count(stats.get("queue_size"), running),
            seconds_per_job=_number(stats.get("avg_job_seconds")),
        )

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._client.aclose()

    @property
    def _name(self) -> str:
        return self._client.peer.name

    async def _query(self, task_id: str) -> tuple[int, list[dict[str, Any]]]:
        """Return the status of a job and its result, which is empty for an unknown job."""
        answer = await self._client.call("POST", "/query_result", {"task_id_list": [task_id]})
        jobs = ace_client.read(self._client, answer).get("data")
        found = [each for each in jobs if isinstance(each, dict)] if isinstance(jobs, list) else []
        job = next((each for each in found if each.get("task_id") == task_id), {})
        status, items = job.get("status"), _parse_items(job.get("result"))
        if not isinstance(status, int) or status not in {_IN_PROGRESS, _SUCCEEDED, _FAILED} or items is None:
            raise RemoteError(RemoteFault.UNAVAILABLE, f"{self._name} returned an unreadable state of the job.")
        return status, items

    async def _loaded_models(self) -> tuple[str, ...]:
        models = _data(await ace_client.get(self._client, "/v1/models")).get("models")
        names = [each.get("name") for each in models if isinstance(each, dict)] if isinstance(models, list) else []
        return tuple(name for name in names if isinstance(name, str))

    async def _adapters(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of the active LoRAs, and notes. Older servers have no such route, and load none by HTTP."""
        try:
            answer = await self._client.call("GET", "/v1/lora/status")
            state = {} if answer.status == _NOT_FOUND else _data(ace_client.read(self._client, answer))
        except RemoteError:
            return (), (f"{self._name} did not state whether a LoRA was active.",)
        if not any(state.get(name) is True for name in ("active", "use_lora")):
            return (), ()
        names = state.get("adapters")
        found = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
        return found or ("unnamed",), ()

    def _audio_path(self, item: Mapping[str, object]) -> str:
        """Return the path of a file on the server, by the address of its audio route."""
        parts = urlsplit(_text(item.get("file")) or "")
        paths = parse_qs(parts.query).get("path", [])
        if parts.scheme or parts.netloc or parts.path != _AUDIO_ROUTE or len(paths) != 1:
            raise RemoteError(RemoteFault.FAILED, f"{self._name} reported success without an audio file.")
        return paths[0]


def _body(payload: Mapping[str, object], source: Path | None) -> Body:
    """Return JSON, or a form that carries the source. The server would read a path in JSON from its own disk."""
    if source is None:
        return payload
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in payload.items()}
    return FormData(fields, "src_audio", source, "source.wav", "audio/wav")


def _data(document: Mapping[str, object]) -> Mapping[str, Any]:
    data = document.get("data")
    return data if isinstance(data, dict) else {}


def _parse_items(result: object) -> list[dict[str, Any]] | None:
    """Return the objects in a result, which is JSON in a string, or None if it is none."""
    if isinstance(result, str):
        try:
            result = orjson.loads(result)
        except orjson.JSONDecodeError:
            return None
    return [each for each in result if isinstance(each, dict)] if isinstance(result, list) else None


def _claims(metas: object) -> dict[str, object]:
    """Return tempo, key and metre as the server states them, without those that it calls "N/A"."""
    if not isinstance(metas, dict):
        return {}
    tempo = _number(metas.get("bpm"))
    claims = {
        "tempo_bpm": tempo or None,
        "key": _text(metas.get("keyscale")),
        "metre": _METRE_NAMES.get((_text(metas.get("timesignature")) or "").removesuffix("/4")),
    }
    return {name: value for name, value in claims.items() if value is not None}


def _seed(value: object) -> int | None:
    """Return the first of seeds that are separated by commas."""
    first = str(value).partition(",")[0].strip() if isinstance(value, str | int) else ""
    return int(first) if first.isascii() and first.isdigit() else None


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() not in {"", "N/A"} else None


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None


def _count(*numbers: object) -> int | None:
    return sum(number for number in numbers if isinstance(number, int)) if numbers[0] is not None else None
