"""An engine that renders tones at once, or as slowly as a test wants, also for focus sessions of short segments.

A render lasts as long as the file that its prompt names exists; it uses no CPU time. The file holds the progress from
0 to 1. With it, a fault happens during a render, however fast or busy the machine is.
"""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, cast

from core.settings import EngineSettings
from engines import registry
from engines.focus_port import BeatGrid, FocusControls
from engines.port import EngineInfo, ProgressMonitor, RenderRequest, RenderResult
from engines.registry import RegisteredEngine
from engines.studio.info import STUDIO_INFO
from tests.support.jobs import instant_engine
from tests.support.jobs.instant_engine import InstantEngine

PACED_INFO: Final = replace(STUDIO_INFO, key="paced", name="Paced", supports_stems=False)
SETTINGS: Final = EngineSettings(
    enabled=(PACED_INFO.key,), default=PACED_INFO.key, cost_chf_per_minute={PACED_INFO.key: Decimal("0.20")}
)
"""Settings of an installation with this engine alone."""

STRIDE_SECONDS: Final = 6.0
OVERLAP_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.05
_FIRST_PROGRESS: Final = 0.1


@dataclass(frozen=True, slots=True)
class PacedEngine:
    """See Engine."""

    info: EngineInfo = PACED_INFO

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        while (progress := _read(Path(request.prompt))) is not None:
            monitor.report("rendering", progress)
            time.sleep(_STEP_SECONDS)
        result = InstantEngine().render(request, workspace, monitor)
        return replace(result, title=request.title or result.title)


def _read(path: Path) -> float | None:
    """Return the progress in a file; None without the file."""
    try:
        return float(path.read_text(encoding="utf-8") or _FIRST_PROGRESS)
    except OSError:
        return None


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
    """See Planner. Segments overlap by a bar."""
    grid = instant_engine.plan(
        controls, session_seed, index, stride_seconds, before, session_seconds=session_seconds, is_last=is_last
    )
    overlap = 0.0 if is_last else OVERLAP_SECONDS
    milliseconds = round(1000 * overlap)
    return replace(
        grid,
        bars=round((STRIDE_SECONDS + overlap) * grid.tempo_bpm / 240),
        duration_seconds=STRIDE_SECONDS + overlap,
        overlap_ms=milliseconds,
        fade_out_ms=milliseconds,
    )


def register() -> None:
    """Register the engine in this process."""
    engines = cast("MutableMapping[str, RegisteredEngine]", registry.INSTALLED_ENGINES)
    explainer = engines[STUDIO_INFO.key].explainer
    engines[PACED_INFO.key] = RegisteredEngine(PACED_INFO, PacedEngine, plan, explainer)
