"""An engine with the studio's key that renders a tone at once, with focus segments of two seconds.

Run as a program, this module is a worker that takes one job and renders until it is killed.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from core.settings import Settings
from engines.focus_port import BeatGrid, FocusControls
from engines.port import (
    SAMPLE_RATE,
    Chord,
    EngineInfo,
    Facts,
    ProgressMonitor,
    RenderRequest,
    RenderResult,
    Samples,
    Score,
    Section,
    SpooledAudio,
)
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.info import STUDIO_INFO
from workers.jobs.generation import run
from workers.services import connect

STRIDE: Final = 2.0
OVERLAP_MS: Final = 500

MIDI: Final = b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0"
"""A score without notes."""


def plan(
    controls: FocusControls,
    session_seed: int,
    index: int,
    stride_seconds: float,
    before: BeatGrid | None,
    *,
    session_seconds: float,
    is_last: bool,
) -> BeatGrid:
    """See Planner."""
    overlap_ms = 0 if is_last else OVERLAP_MS
    return BeatGrid(
        tempo_bpm=120.0,
        metre="4/4",
        bars=1,
        first_downbeat_ms=0.0,
        key="A minor",
        duration_seconds=STRIDE + overlap_ms / 1000,
        overlap_ms=overlap_ms,
        fade_in_ms=before.overlap_ms if before else 0,
        fade_out_ms=overlap_ms,
        target_lufs=-16.0,
    )


def tone(index: int, seconds: float) -> Samples:
    """Return the samples of segment ``index``."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    left = 0.2 * np.sin(2 * np.pi * (220 + 55 * index) * times)
    return np.stack([left, 0.5 * left], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class InstantEngine:
    """See Engine. ``act`` is called before each rendering."""

    act: Callable[[RenderRequest], None] = lambda _: None
    info: EngineInfo = STUDIO_INFO

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        self.act(request)
        monitor.report("rendering", 0.5)
        audio = tone(request.segment.index if request.segment else 0, request.duration_seconds)
        path = workspace / "master.f32"
        path.write_bytes(audio.tobytes())
        spooled = SpooledAudio(path, len(audio))
        milliseconds = round(1000 * request.duration_seconds)
        score = Score(MIDI, (Chord(0, milliseconds, "Am"),), (Section(0, milliseconds, "verse"),))
        facts = Facts(120.0, "A minor", "4/4", -16.0, -3.0, "test")
        palette = ("#101010", "#404040", "#808080", "#c0c0c0")
        return RenderResult("Quick", spooled, {}, score, facts, palette=palette)


def build_registry(act: Callable[[RenderRequest], None] = lambda _: None) -> EngineRegistry:
    """Return a registry with this engine in place of the studio."""
    return EngineRegistry(installed={STUDIO_INFO.key: RegisteredEngine(STUDIO_INFO, lambda: InstantEngine(act), plan)})


def _render_forever(_: RenderRequest) -> None:
    print("rendering", flush=True)  # noqa: T201  the parent process reads it
    time.sleep(3600)


async def _work() -> None:
    async with connect(Settings(), build_registry(_render_forever)) as services:
        await run(services)


if __name__ == "__main__":
    asyncio.run(_work())
    sys.exit(1)
