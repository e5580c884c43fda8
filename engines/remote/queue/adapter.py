"""Engines at services that a TOML file describes: hosted queues such as those of fal and Replicate, and others."""

import asyncio
import base64
import binascii
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.licence import Licence, LicenceClass
from core.settings.remote_engines import UNDECLARED, RemoteEngineSettings
from core.track_metadata import SourceType
from engines.port import EngineInfo, RenderRequest
from engines.remote import http_errors, media_types, options, templates
from engines.remote.http_client import Peer, PeerClient, PeerResponse
from engines.remote.long_requests import LongRequests
from engines.remote.port import (
    RemoteError,
    RemoteFault,
    RemoteHealth,
    RemoteRequest,
    RemoteResult,
    RemoteState,
    RemoteStatus,
)
from engines.remote.queue import answers
from engines.remote.queue import service as services
from engines.remote.queue.service import AnswerKind, Encoding

MAX_ID_LENGTH: Final = 200

_FILE: Final = "audio"


class QueueEngine:
    """See RemoteEngine.

    The option ``service`` names the description of the service; ``file_hosts`` are hosts of files that may be private.
    """

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        self._service = service = services.load(options.text(settings, "service"))
        self._model = settings.models[0] if settings.models else service.model
        secret = settings.key.get_secret_value() if settings.key else ""
        if service.requires_key and not secret:
            raise ValueError(f"The remote engine {key} needs the setting key: {service.name} requires a secret.")
        headers = {name: value.replace("{key}", secret) for name, value in service.auth.items() if secret}
        secrets = (secret, *headers.values())
        file_hosts = options.hosts(settings, "file_hosts")
        peer = Peer(settings.name or service.name, settings.url, headers, secrets, file_hosts)
        self._client = PeerClient(peer, settings)
        self._long = LongRequests(self._client, settings)
        self.info = _info(key, service, self._model)
        self.is_idempotent = service.submit.idempotency_header is not None

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine. Raises RemoteError REJECTED for texts that are too long for the service."""
        service = self._service
        chosen = {**templates.values(request, service.submit.instrumental_lyrics), "model": self._model}
        for name, longest in service.max_lengths.items():
            if (length := len(str(chosen[name] or ""))) > longest:
                message = f"{service.name} takes at most {longest} characters of {name}; the request has {length}."
                raise RemoteError(RemoteFault.REJECTED, message)
        filled = templates.fill(service.submit.body, chosen)
        return filled if isinstance(filled, Mapping) else {}

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine. Waits for the music if the service has no jobs."""
        submission, path = self._service.submit, self._path(self._service.submit.path)
        if submission.answer is not AnswerKind.JOB:
            return await self._submit_and_wait(request, path)
        header = submission.idempotency_header
        headers = {header: request.key} if header else None
        answer = await self._client.call(submission.method, path, request.payload, headers, is_submission=True)
        if not answer.is_success:
            raise self._submission_error(answer)
        document = answer.json()
        answers.raise_code(self._client, self._service.errors, document)
        foreign_id = answers.search(submission.id, document)
        if not isinstance(foreign_id, str | int) or not 0 < len(str(foreign_id)) <= MAX_ID_LENGTH:
            raise RemoteError(RemoteFault.UNCERTAIN, f"{self._name} accepted the request without an id for it.")
        return str(foreign_id)

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine."""
        polling = self._service.poll
        if polling is None:
            self._long.find(foreign_id)
            return RemoteStatus(RemoteState.SUCCEEDED)
        document = await self._get(polling.path, foreign_id)
        status = answers.read_status(self._client, polling, self._service.errors, document)
        if status.state is not RemoteState.SUCCEEDED or self._service.result.path:
            return status
        return replace(status, result=answers.read_result(self._client, self._service.result, document))

    async def fetch(self, foreign_id: str, result: Mapping[str, object], folder: Path) -> RemoteResult:
        """See RemoteEngine."""
        file, found = folder / _FILE, result
        if self._service.submit.answer is AnswerKind.AUDIO:
            await asyncio.to_thread(shutil.copyfile, self._long.find(foreign_id)[1], file)
        else:
            if self._service.submit.answer is AnswerKind.JSON:
                found = answers.read_result(self._client, self._service.result, self._finished_json(foreign_id))
            elif self._service.result.path:
                document = await self._get(self._service.result.path, foreign_id)
                found = answers.read_result(self._client, self._service.result, document)
            await self._write(str(found.get("audio")), file)
        seed, model, lyrics = found.get("seed"), found.get("model"), found.get("lyrics")
        return RemoteResult(
            file,
            media_types.audio_type(file, self._name),
            model=model if isinstance(model, str) else self._model,
            seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
            notes=("The service wrote the lyrics.",) if isinstance(lyrics, str) and lyrics else (),
        )

    async def cancel(self, foreign_id: str) -> bool:
        """See RemoteEngine."""
        cancellation = self._service.cancel
        if cancellation is None:
            return False
        answer = await self._client.call(cancellation.method, self._path(cancellation.path, foreign_id))
        if answer.status >= http_errors.SERVER_ERROR:
            raise http_errors.from_job(self._client, answer, self._service.errors.messages)
        return answer.status in cancellation.stops

    async def check(self) -> RemoteHealth:
        """See RemoteEngine."""
        if self._service.check is None:
            message = f"{self._name} has no address that can be tried without costs; it is not checked."
            return RemoteHealth(is_healthy=True, message=message, is_checked=False)
        answer = await self._client.call("GET", self._service.check)
        if not answer.is_success:
            error = http_errors.from_job(self._client, answer, self._service.errors.messages)
            return RemoteHealth(is_healthy=False, message=error.message)
        return RemoteHealth(is_healthy=True, message=f"{self._name} answers.", models=(self._model,))

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._client.aclose()

    @property
    def _name(self) -> str:
        return self._client.peer.name

    def _path(self, template: str, foreign_id: str = "") -> str:
        return template.replace("{model}", quote(self._model, safe="/")).replace("{id}", quote(foreign_id, safe=""))

    async def _submit_and_wait(self, request: RemoteRequest, path: str) -> str:
        request_id, answer = await self._long.send(request.key, self._service.submit.method, path, request.payload)
        if not answer.is_success:
            raise self._submission_error(answer)
        if self._service.submit.answer is AnswerKind.JSON:
            try:
                answers.raise_code(self._client, self._service.errors, self._finished_json(request_id))
            except RemoteError:
                self._long.forget(request_id)
                raise
        return request_id

    def _submission_error(self, answer: PeerResponse) -> RemoteError:
        errors = self._service.errors
        return http_errors.from_submission(self._client, answer, errors.messages, self._service.submit.not_accepted)

    async def _get(self, path: str, foreign_id: str) -> object:
        answer = await self._client.call("GET", self._path(path, foreign_id))
        if not answer.is_success:
            raise http_errors.from_job(self._client, answer, self._service.errors.messages)
        return answer.json()

    def _finished_json(self, request_id: str) -> object:
        """Return the JSON that answered a long request, None if it is none."""
        try:
            return json.loads(self._long.find(request_id)[1].read_bytes())
        except (ValueError, RecursionError):
            return None

    async def _write(self, audio: str, file: Path) -> None:
        encoding = self._service.result.encoding
        if encoding is Encoding.URL:
            await self._client.download(audio, file)
            return
        try:
            content = bytes.fromhex(audio) if encoding is Encoding.HEX else base64.b64decode(audio, validate=True)
        except (ValueError, binascii.Error):
            raise RemoteError(RemoteFault.FAILED, f"{self._name} sent audio that cannot be decoded.") from None
        await asyncio.to_thread(file.write_bytes, content)


def _info(key: str, service: services.Service, model: str) -> EngineInfo:
    return EngineInfo(
        key=key,
        name=service.name,
        description=service.description,
        version=model,
        max_duration_seconds=service.max_duration_seconds,
        supports_vocals=service.supports_vocals,
        supports_lyrics=service.supports_lyrics,
        supports_stems=False,
        supports_focus=False,
        supported_languages=service.languages,
        licence=Licence(LicenceClass.UNCLEAR, UNDECLARED, requires_attribution=False),
        source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA,
        capabilities=service.capabilities,
    )
