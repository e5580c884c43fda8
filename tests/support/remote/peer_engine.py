"""The adapter of the test peer in ``tests.support.remote.peer``, and settings of installations that have it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import httpx

from core.licence import Licence, LicenceClass
from core.network import tls
from core.settings import EngineSettings
from core.settings.remote_engines import RemoteEngineSettings
from core.track_metadata import SourceType
from engines.capabilities import APPROXIMATED, HONOURED, Capabilities, Capability, Support
from engines.port import EngineInfo, RenderRequest
from engines.remote.port import (
    RemoteError,
    RemoteFault,
    RemoteHealth,
    RemoteRequest,
    RemoteResult,
    RemoteState,
    RemoteStatus,
)

KIND: Final = "tests.support.remote.peer_engine:PeerEngine"
KEY: Final = "distant"


def engine_settings(url: str, **instance: Any) -> EngineSettings:  # noqa: ANN401  fields of the settings
    """Return settings with the studio engine and a peer at this URL."""
    fields = {"kind": KIND, "url": url, "cost_chf_per_minute": "0.6", "poll_seconds": 0.01, "max_poll_seconds": 0.05}
    return EngineSettings(remote={KEY: RemoteEngineSettings.model_validate({**fields, **instance})})


class PeerEngine:
    """See RemoteEngine. The option ``idempotent`` states whether the peer takes idempotency keys.

    With the option ``focus`` its music is long enough for focus sessions.
    """

    def __init__(self, key: str, settings: RemoteEngineSettings) -> None:
        self.info = EngineInfo(
            key=key,
            name="Peer",
            description="Renders tones.",
            version="3",
            max_duration_seconds=300 if settings.options.get("focus") else 120,
            supports_vocals=True,
            supports_lyrics=True,
            supports_stems=True,
            supports_focus=True,
            supported_languages=("en",),
            licence=Licence(LicenceClass.COMMERCIAL_CLEARED, "of the peer", requires_attribution=False),
            source_type=SourceType.ALGORITHMIC_MEDIA,
            capabilities=replace(
                Capabilities.of_prompt_only(),
                seed=HONOURED,
                lyrics=APPROXIMATED,
                lyrics_language=Capability(Support.APPROXIMATED, values=("en", "de")),
                instrumental=HONOURED,
            ),
        )
        self.is_idempotent = bool(settings.options.get("idempotent", True))
        self._settings = settings
        timeout = httpx.Timeout(settings.response_seconds, connect=settings.connect_seconds)
        self._http = httpx.AsyncClient(base_url=settings.url, timeout=timeout, verify=tls.default_context())

    def prepare(self, request: RenderRequest) -> Mapping[str, object]:
        """See RemoteEngine."""
        return {"prompt": request.prompt, "seconds": request.duration_seconds, "seed": request.seed}

    async def submit(self, request: RemoteRequest) -> str:
        """See RemoteEngine."""
        headers = {"Idempotency-Key": request.key} if self.is_idempotent else {}
        try:
            response = await self._http.post("/jobs", json=dict(request.payload), headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise RemoteError(RemoteFault.UNAVAILABLE, "The peer cannot be reached.") from None
        except httpx.HTTPError:
            raise RemoteError(RemoteFault.UNCERTAIN, "The peer did not respond.") from None
        _check(response)
        return str(response.json()["id"])

    async def poll(self, foreign_id: str) -> RemoteStatus:
        """See RemoteEngine."""
        content = (await self._get(f"/jobs/{foreign_id}")).json()
        if "error" in content:
            raise RemoteError(RemoteFault.FAILED, content["error"])
        state = RemoteState(content["state"])
        return RemoteStatus(state, content.get("fraction"), content.get("position"), content.get("result", {}))

    async def fetch(
        self,
        foreign_id: str,  # noqa: ARG002  the port's
        result: Mapping[str, object],
        folder: Path,
    ) -> RemoteResult:
        """See RemoteEngine."""
        path = folder / "audio"
        response = await self._get(str(result["path"]))
        path.write_bytes(response.content)
        return RemoteResult(
            path,
            response.headers["content-type"],
            model="tones",
            version="7",
            adapters=("warm",),
            seed=11,
            claims={"tempo_bpm": 120.0, "key": "A minor"},
            notes=("The peer played a tone.",),
        )

    async def cancel(self, foreign_id: str) -> bool:
        """See RemoteEngine."""
        try:
            response = await self._http.delete(f"/jobs/{foreign_id}")
        except httpx.HTTPError:
            raise RemoteError(RemoteFault.UNAVAILABLE, "The peer cannot be reached.") from None
        return response.status_code == httpx.codes.NO_CONTENT

    async def check(self) -> RemoteHealth:
        """See RemoteEngine."""
        content = (await self._get("/health")).json()
        return RemoteHealth(is_healthy=True, message="The peer is ready.", models=tuple(content["models"]))

    async def aclose(self) -> None:
        """See RemoteEngine."""
        await self._http.aclose()

    async def _get(self, path: str) -> httpx.Response:
        try:
            response = await self._http.get(path)
        except httpx.HTTPError:
            raise RemoteError(RemoteFault.UNAVAILABLE, "The peer cannot be reached.") from None
        _check(response)
        return response


def _check(response: httpx.Response) -> None:
    if response.is_error:
        _raise(response)


def _raise(response: httpx.Response) -> NoReturn:
    retry_after = response.headers.get("retry-after")
    fault = {400: RemoteFault.REJECTED, 404: RemoteFault.LOST}.get(response.status_code, RemoteFault.UNAVAILABLE)
    message = f"The peer answered {response.status_code}: {response.text[:200]}"
    raise RemoteError(fault, message, float(retry_after) if retry_after else None)
