"""ElevenLabs Music: ``/v1/music/detailed`` answers with the music, ``/v1/music/plan`` is tried without costs.

Sources are named in the modules of this package. Nothing was verified against the service.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.licence import Licence, LicenceClass
from core.settings.remote_engines import UNDECLARED, RemoteEngineSettings
from core.track_metadata import SourceType
from engines.capabilities import APPROXIMATED, Capabilities, Capability, Support
from engines.port import EngineInfo, RenderRequest
from engines.remote import media_types, options
from engines.remote.elevenlabs import composition, detailed_answer, lyric_sections, refusals
from engines.remote.elevenlabs.lyric_sections import TooManySectionsError
from engines.remote.http_client import Peer, PeerClient
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

NAME: Final = "ElevenLabs Music"
DEFAULT_MODEL: Final = "music_v2"
MAX_SECONDS: Final = 600
MIN_SECONDS: Final = lyric_sections.MIN_MS / 1000

CAPABILITIES: Final = replace(
    Capabilities.of_prompt_only(MIN_SECONDS),
    instrumental=Capability(Support.HONOURED, note="With a structure it is a style to avoid, and approximated."),
    lyrics=Capability(Support.APPROXIMATED, note="Section tags, such as [Verse], become sections of its plan."),
    lyrics_language=Capability(Support.IGNORED, note="It is recognized by the lyrics."),
    style_tags=APPROXIMATED,
    seed=Capability(Support.APPROXIMATED, note="It has an effect only with lyrics or a structure."),
    tempo_bpm=APPROXIMATED,
    key=APPROXIMATED,
    metre=APPROXIMATED,
    negative_prompt=APPROXIMATED,
    include_instruments=APPROXIMATED,
    exclude_instruments=APPROXIMATED,
    only_instruments=APPROXIMATED,
    structure=Capability(Support.APPROXIMATED, note="With lyrics, their section tags are the structure."),
)


class ElevenLabsEngine:
    """See RemoteEngine. The option ``output_format`` is that of the interface, as ``mp3_48000_192``."""

    is_idempotent = False
    """The interface documents no idempotency key."""

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        if settings.key is None:
            raise ValueError(f"The remote engine {key} needs the setting key: the API key of ElevenLabs.")
        secret = settings.key.get_secret_value()
        self._model = settings.models[0] if settings.models else DEFAULT_MODEL
        self._format = options.text(settings, "output_format", "auto")
        peer = Peer(settings.name or NAME, settings.url, {"xi-api-key": secret}, (secret,))
        self._client = PeerClient(peer, settings)
        self._long = LongRequests(self._client, settings)
        self.info = _info(key, self._model)

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine. Raises RemoteError REJECTED if the duration is too short for the sections."""
        try:
            return composition.compose(request, self._model)
        except TooManySectionsError as error:
            message = (
                f"The sections need at least {error.needed_ms / 1000:g} s: each lasts {MIN_SECONDS:g} s or longer."
            )
            raise RemoteError(RemoteFault.REJECTED, message) from None

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine. Waits for the music."""
        path = f"/v1/music/detailed?output_format={quote(self._format)}"
        request_id, answer = await self._long.send(request.key, "POST", path, request.payload)
        if not answer.is_success:
            raise refusals.from_answer(self._client, answer)
        return request_id

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine."""
        self._long.find(foreign_id)
        return RemoteStatus(RemoteState.SUCCEEDED, 1.0)

    async def fetch(
        self,
        foreign_id: str,
        result: Mapping[str, object],  # noqa: ARG002  the port's
        folder: Path,
    ) -> RemoteResult:
        """See RemoteEngine."""
        head, body = self._long.find(foreign_id)
        content = await asyncio.to_thread(body.read_bytes)
        detailed = detailed_answer.parse(content, head.headers.get("content-type", ""))
        if detailed is None:
            raise RemoteError(RemoteFault.FAILED, f"{self._client.peer.name} answered without audio.")
        file = folder / "audio"
        await asyncio.to_thread(file.write_bytes, detailed.audio)
        return RemoteResult(
            file,
            media_types.audio_type(file, self._client.peer.name),
            model=self._model,
            timed_lyrics=detailed.timed_lyrics,
            notes=("ElevenLabs marks the lyrics as explicit.",) if detailed.is_explicit else (),
        )

    async def cancel(self, foreign_id: str) -> bool:  # noqa: ARG002  the port's
        """See RemoteEngine. The interface cannot cancel."""
        return False

    async def check(self) -> RemoteHealth:
        """See RemoteEngine. A composition plan costs no credits."""
        body = {"prompt": "calm piano", "music_length_ms": lyric_sections.MIN_MS, "model_id": self._model}
        answer = await self._client.call("POST", "/v1/music/plan", body)
        if not answer.is_success:
            return RemoteHealth(is_healthy=False, message=refusals.from_answer(self._client, answer).message)
        return RemoteHealth(is_healthy=True, message=f"{self._client.peer.name} answers.", models=(self._model,))

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._client.aclose()


def _info(key: str, model: str) -> EngineInfo:
    return EngineInfo(
        key=key,
        name=NAME,
        description="ElevenLabs Music, a hosted service: songs and instrumental music up to ten minutes.",
        version=model,
        max_duration_seconds=MAX_SECONDS,
        supports_vocals=True,
        supports_lyrics=True,
        supports_stems=False,
        supports_focus=False,
        supported_languages=(),
        licence=Licence(LicenceClass.UNCLEAR, UNDECLARED, requires_attribution=False),
        source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA,
        capabilities=CAPABILITIES,
    )
