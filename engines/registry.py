"""The engines this installation knows, by key; an engine's code loads only when it is asked to play."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.focus_port import SegmentPlanner
from engines.port import Engine, EngineInfo
from engines.studio.focus import planner
from engines.studio.info import STUDIO_INFO


def _create_studio() -> Engine:
    from engines.studio.engine import StudioEngine  # noqa: PLC0415  numpy and scipy load only where music is made

    return StudioEngine()


@dataclass(frozen=True, slots=True)
class RegisteredEngine:
    """An engine before it is loaded: its card, how to get it, and how it lays out focus sessions, if it does."""

    info: EngineInfo
    create: Callable[[], Engine]
    segment_planner: SegmentPlanner | None = None


INSTALLED_ENGINES: Final[Mapping[str, RegisteredEngine]] = {
    STUDIO_INFO.key: RegisteredEngine(STUDIO_INFO, _create_studio, planner.plan)
}


class EngineRegistry:
    """The enabled engines in the operator's order, one of them the default.

    Raises ValueError for a key that is not known, a default that is not enabled, or no key at all.
    """

    def __init__(
        self,
        enabled: Sequence[str] = (STUDIO_INFO.key,),
        default: str = STUDIO_INFO.key,
        installed: Mapping[str, RegisteredEngine] = INSTALLED_ENGINES,
    ) -> None:
        unknown = [key for key in enabled if key not in installed]
        if unknown:
            raise ValueError(f"Unknown engine: {', '.join(unknown)}. Known engines: {', '.join(sorted(installed))}.")
        if default not in enabled:
            raise ValueError(f"The default engine {default} is not enabled. Enabled: {', '.join(enabled) or 'none'}.")
        self._entries = {key: installed[key] for key in enabled}
        self._default = default
        self._loaded: dict[str, Engine] = {}

    @property
    def infos(self) -> tuple[EngineInfo, ...]:
        """The cards of all enabled engines, in the operator's order."""
        return tuple(entry.info for entry in self._entries.values())

    @property
    def default(self) -> EngineInfo:
        """The card of the engine that plays when a request names none."""
        return self._entries[self._default].info

    def get(self, key: str) -> EngineInfo | None:
        """The card of an enabled engine, or None."""
        entry = self._entries.get(key)
        return entry.info if entry else None

    def segment_planner(self, key: str) -> SegmentPlanner:
        """How an engine lays out focus sessions; no engine is loaded. Raises KeyError for one that has none."""
        entry = self._entries[key]
        if entry.segment_planner is None:
            raise KeyError(key)
        return entry.segment_planner

    def load(self, key: str) -> Engine:
        """The engine itself, the same object each time. Raises KeyError when it is not enabled."""
        if key not in self._loaded:
            self._loaded[key] = self._entries[key].create()
        return self._loaded[key]
