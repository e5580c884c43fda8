"""The engines this installation knows, by key; an engine's code loads only when it is asked to play."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.focus_port import Planner
from engines.port import Engine, EngineInfo
from engines.studio.focus import planner
from engines.studio.info import CARD as STUDIO


def _studio() -> Engine:
    from engines.studio.engine import StudioEngine  # noqa: PLC0415  numpy and scipy load only where music is made

    return StudioEngine()


@dataclass(frozen=True, slots=True)
class Entry:
    """An engine before it is loaded: its card, how to get it, and how it lays out focus sessions, if it does."""

    card: EngineInfo
    make: Callable[[], Engine]
    planner: Planner | None = None


KNOWN: Final[Mapping[str, Entry]] = {STUDIO.key: Entry(STUDIO, _studio, planner.plan)}


class Registry:
    """The enabled engines in the operator's order, one of them the default.

    Raises ValueError for a key that is not known, a default that is not enabled, or no key at all.
    """

    def __init__(
        self,
        enabled: Sequence[str] = (STUDIO.key,),
        default: str = STUDIO.key,
        known: Mapping[str, Entry] = KNOWN,
    ) -> None:
        unknown = [key for key in enabled if key not in known]
        if unknown:
            raise ValueError(f"Unknown engine: {', '.join(unknown)}. Known engines: {', '.join(sorted(known))}.")
        if default not in enabled:
            raise ValueError(f"The default engine {default} is not enabled. Enabled: {', '.join(enabled) or 'none'}.")
        self._entries = {key: known[key] for key in enabled}
        self._default = default
        self._loaded: dict[str, Engine] = {}

    @property
    def cards(self) -> tuple[EngineInfo, ...]:
        """The cards of all enabled engines, in the operator's order."""
        return tuple(entry.card for entry in self._entries.values())

    @property
    def default(self) -> EngineInfo:
        """The card of the engine that plays when a request names none."""
        return self._entries[self._default].card

    def get(self, key: str) -> EngineInfo | None:
        """The card of an enabled engine, or None."""
        entry = self._entries.get(key)
        return entry.card if entry else None

    def planner(self, key: str) -> Planner:
        """How an engine lays out focus sessions; no engine is loaded. Raises KeyError for one that has none."""
        entry = self._entries[key]
        if entry.planner is None:
            raise KeyError(key)
        return entry.planner

    def load(self, key: str) -> Engine:
        """The engine itself, the same object each time. Raises KeyError when it is not enabled."""
        if key not in self._loaded:
            self._loaded[key] = self._entries[key].make()
        return self._loaded[key]
