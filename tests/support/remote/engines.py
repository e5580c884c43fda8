"""Adapters of remote engines at a test peer."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from core.settings.remote_engines import RemoteEngineSettings
from engines.port import RenderRequest
from engines.remote import kinds
from engines.remote.port import RemoteEngine, RemoteError, RemoteFault, RemoteRequest, RemoteResult, RemoteState

SECRET: Final = "sk-test-5f2e9c"
RENDER: Final = RenderRequest("warm lofi beat", 30.0, 4_000_000_000, style_tags=("jazz",))


@asynccontextmanager
async def open_engine(kind: str, url: str, options: dict[str, Any], **fields: Any) -> AsyncIterator[RemoteEngine]:  # noqa: ANN401  fields of the settings
    """Open an adapter whose kept answers are in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        values = {"kind": kind, "url": url, "key": SECRET, **fields, "options": {"answers_dir": folder, **options}}
        engine = kinds.create("distant", RemoteEngineSettings.model_validate(values))
        try:
            yield engine
        finally:
            await engine.aclose()


def remote_request(engine: RemoteEngine, render: RenderRequest = RENDER, key: str = "gen_1") -> RemoteRequest:
    return RemoteRequest(key, render, engine.prepare(render))


async def run_job(engine: RemoteEngine, folder: Path, render: RenderRequest = RENDER) -> RemoteResult:
    """Submit a request, poll it until it has succeeded, and fetch its result."""
    foreign_id = await engine.submit(remote_request(engine, render))
    status = await engine.poll(foreign_id)
    while status.state is not RemoteState.SUCCEEDED:
        status = await engine.poll(foreign_id)
    return await engine.fetch(foreign_id, status.result, folder)


def fault_of(error: RemoteError) -> tuple[RemoteFault, str]:
    return error.fault, error.message
