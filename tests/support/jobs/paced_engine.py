"""An engine whose render lasts as long as the file that its prompt names exists.

It uses no CPU time. With it, a fault happens during a render, however fast or busy the machine is.
"""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

from engines import registry
from engines.port import EngineInfo, ProgressMonitor, RenderRequest, RenderResult
from engines.registry import RegisteredEngine
from engines.studio.info import STUDIO_INFO
from tests.support.jobs.instant_engine import InstantEngine

PACED_INFO: Final = replace(STUDIO_INFO, key="paced", name="Paced", supports_stems=False, supports_focus=False)
_STEP_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class PacedEngine:
    """See Engine."""

    info: EngineInfo = PACED_INFO

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        while Path(request.prompt).exists():
            monitor.report("rendering", 0.1)
            time.sleep(_STEP_SECONDS)
        return InstantEngine().render(request, workspace, monitor)


def register() -> None:
    """Register the engine in this process."""
    cast("MutableMapping[str, RegisteredEngine]", registry.INSTALLED_ENGINES)[PACED_INFO.key] = RegisteredEngine(
        PACED_INFO, PacedEngine
    )
