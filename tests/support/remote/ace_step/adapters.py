"""Adapters of both dialects, and requests to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from core.settings.remote_engines import RemoteEngineSettings
from engines.port import Controls, RenderRequest
from engines.remote import kinds
from engines.remote.port import RemoteEngine, RemoteRequest, RemoteState
from tests.support.polling import wait_for

SERVER: Final = "acestep"
CPP: Final = "acestep.cpp"

SONG: Final = RenderRequest(
    prompt="folk ballad",
    duration_seconds=10.0,
    seed=7,
    style_tags=("acoustic",),
    instrumental=False,
    lyrics="[Verse]\nI sing to you of the sea and of the sky",
    controls=Controls(tempo_bpm=96.0, key="A minor", metre="3/4"),
)


@asynccontextmanager
async def connecting(kind: str, url: str, **fields: Any) -> AsyncIterator[RemoteEngine]:  # noqa: ANN401  settings
    engine = kinds.create("ace", settings(kind, url, **fields))
    try:
        yield engine
    finally:
        await engine.aclose()


def settings(kind: str, url: str, **fields: Any) -> RemoteEngineSettings:  # noqa: ANN401  settings
    return RemoteEngineSettings.model_validate({"kind": kind, "url": url, **fields})


def file_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def submit(
    engine: RemoteEngine, render: RenderRequest = SONG, source: Path | None = None, **changes: object
) -> str:
    """Submit a render with changes to its payload and return its foreign id."""
    return await engine.submit(RemoteRequest("key", render, {**engine.prepare(render), **changes}, source))


async def wait_for_success(engine: RemoteEngine, foreign_id: str) -> None:
    async def poll() -> bool | None:
        return (await engine.poll(foreign_id)).state is RemoteState.SUCCEEDED or None

    await wait_for(poll)
