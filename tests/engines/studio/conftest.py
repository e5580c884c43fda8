"""Tracks that several tests measure."""

import pytest

from engines.port import RenderResult
from tests.support.audio.studio_renders import render


@pytest.fixture(scope="session", params=["lofi hip hop, 82 bpm in A minor", "techno", "solo piano", "rock"])
def prompt(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def track(prompt: str, tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    """20 seconds of ``prompt`` with seed 1."""
    return render(tmp_path_factory.mktemp("track"), prompt, 20.0)
