"""Registry of installed engines by key. An engine's code loads only when it renders."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core import garbage_collection
from core.licence import Licence
from core.settings.remote_engines import RemoteEngineSettings
from core.settings.workers import EngineSettings
from engines.focus_port import SegmentPlanner
from engines.port import Engine, EngineInfo, RenderRequest
from engines.prompt_port import PromptExplainer, PromptReading
from engines.remote import kinds
from engines.remote.focus import planner as remote_planner
from engines.remote.port import RemoteEngine, RemoteError, RemoteHealth
from engines.studio.focus import planner
from engines.studio.info import STUDIO_INFO
from engines.style_port import StyleInfo, StyleLister

STUDIO_DESCRIPTION_WITH_SAMPLES: Final = (
    "Composes, plays, mixes and masters instrumental music by rule; acoustic instruments are samples of a SoundFont."
)


def _create_studio() -> Engine:
    from engines.studio.engine import StudioEngine  # noqa: PLC0415  NumPy and SciPy load only in processes that render

    return StudioEngine()


def _studio_with_samples(settings: EngineSettings, path: Path) -> "RegisteredEngine":
    """Return the studio engine with a SoundFont: the digest of the file is part of its version."""
    from engines.studio.sampling import sf2  # noqa: PLC0415  only for installations with a SoundFont

    attribution = settings.soundfont_attribution.strip()
    info = replace(
        STUDIO_INFO,
        version=f"{STUDIO_INFO.version}+sf.{sf2.sha256(path)[:12]}",
        description=f"{STUDIO_DESCRIPTION_WITH_SAMPLES} {attribution}".strip(),
        licence=Licence(settings.soundfont_licence, STUDIO_INFO.licence.version, bool(attribution), attribution),
    )

    def create() -> Engine:
        from engines.studio.engine import StudioEngine  # noqa: PLC0415  as in _create_studio
        from engines.studio.sampling.sampler import Sampler  # noqa: PLC0415

        return StudioEngine(info, Sampler(path))

    return RegisteredEngine(info, create, planner.plan_segment, _explain_studio, _list_studio_styles, _warm_up_studio)


def _explain_studio(request: RenderRequest) -> PromptReading:
    from engines.studio.arranging import explanation  # noqa: PLC0415  the vocabulary loads when it is needed

    return explanation.explain(request)


def _warm_up_studio() -> None:
    # loaded with the engine
    from engines.studio.dsp.warmup import load_kernels  # noqa: PLC0415
    from engines.studio.prompt.warmup import inflect_vocabulary  # noqa: PLC0415

    inflect_vocabulary()
    load_kernels()


def _list_studio_styles() -> tuple[StyleInfo, ...]:
    from engines.studio import style_list  # noqa: PLC0415  the styles load when they are needed

    return style_list.list_styles()


def _list_no_styles() -> tuple[StyleInfo, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class RegisteredEngine:
    """An engine that may not be loaded yet.

    ``segment_planner`` is None if the engine supports no focus sessions, ``explainer`` if it cannot explain prompts;
    without a ``style_lister`` it has no styles of its own. ``warm_up`` loads what the first render would load.
    """

    info: EngineInfo
    create: Callable[[], Engine]
    segment_planner: SegmentPlanner | None = None
    explainer: PromptExplainer | None = None
    style_lister: StyleLister = _list_no_styles
    warm_up: Callable[[], None] | None = None


INSTALLED_ENGINES: Final[Mapping[str, RegisteredEngine]] = {
    STUDIO_INFO.key: RegisteredEngine(
        STUDIO_INFO, _create_studio, planner.plan_segment, _explain_studio, _list_studio_styles, _warm_up_studio
    )
}


@dataclass(frozen=True, slots=True)
class RegisteredRemoteEngine:
    """An engine at a peer, with the operator's settings. It renders nothing in this process."""

    info: EngineInfo
    settings: RemoteEngineSettings

    def connect(self) -> RemoteEngine:
        """Return a new adapter, to be closed after use."""
        return kinds.create(self.info.key, self.settings)

    async def check(self) -> RemoteHealth:
        """Try the peer without costs, and return whether it can be used."""
        async with aclosing(self.connect()) as engine:
            try:
                return await engine.check()
            except RemoteError as error:
                return RemoteHealth(is_healthy=False, message=error.message)


def create_registry(settings: EngineSettings) -> "EngineRegistry":
    """Return the registry of an installation. Raises ValueError for invalid settings or an unusable SoundFont."""
    installed = dict(INSTALLED_ENGINES)
    if settings.soundfont is not None:
        installed[STUDIO_INFO.key] = _studio_with_samples(settings, settings.soundfont)
    remote = {
        key: RegisteredRemoteEngine(kinds.describe(key, instance), instance)
        for key, instance in settings.remote.items()
    }
    return EngineRegistry(settings.enabled, settings.default, installed, remote)


class EngineRegistry:
    """The enabled engines in the operator's order and then the remote ones, one of all the default.

    Raises ValueError if a key is unknown or used twice, the default is not enabled or no engine is enabled.
    """

    def __init__(
        self,
        enabled: Sequence[str] = (STUDIO_INFO.key,),
        default: str = STUDIO_INFO.key,
        installed: Mapping[str, RegisteredEngine] = INSTALLED_ENGINES,
        remote: Mapping[str, RegisteredRemoteEngine] = MappingProxyType({}),
    ) -> None:
        taken = [key for key in remote if key in installed]
        if taken:
            raise ValueError(f"A remote engine needs a key of its own: {', '.join(taken)} is an installed engine.")
        enabled = [key for key in enabled if key not in remote]
        unknown = [key for key in enabled if key not in installed]
        if unknown:
            raise ValueError(f"Unknown engine: {', '.join(unknown)}. Known engines: {', '.join(sorted(installed))}.")
        keys = [*enabled, *remote]
        if default not in keys:
            raise ValueError(f"The default engine {default} is not enabled. Enabled: {', '.join(keys) or 'none'}.")
        self._entries = {key: installed[key] for key in enabled}
        self._remote = dict(remote)
        self._infos = {key: entry.info for key, entry in (self._entries | self._remote).items()}
        self._default = default
        self._loaded: dict[str, Engine] = {}

    @property
    def infos(self) -> tuple[EngineInfo, ...]:
        """The infos of all enabled engines, in the operator's order."""
        return tuple(self._infos.values())

    @property
    def default(self) -> EngineInfo:
        """The info of the engine that renders requests without an ``engine``."""
        return self._infos[self._default]

    def get(self, key: str) -> EngineInfo | None:
        """Return the info of an enabled engine, or None."""
        return self._infos.get(key)

    def remote(self, key: str) -> RegisteredRemoteEngine | None:
        """Return a remote engine; None if the key is that of another engine or of none."""
        return self._remote.get(key)

    @property
    def remotes(self) -> tuple[RegisteredRemoteEngine, ...]:
        """All remote engines."""
        return tuple(self._remote.values())

    def segment_planner(self, key: str) -> SegmentPlanner:
        """Return an engine's segment planner without loading the engine. Raises KeyError if it has none."""
        if key in self._remote and self._infos[key].supports_focus:
            return remote_planner.planner_of(self._infos[key])
        entry = self._entries[key]
        if entry.segment_planner is None:
            raise KeyError(key)
        return entry.segment_planner

    def explains_prompts(self, key: str) -> bool:
        """Return whether ``explain`` returns how an engine reads requests."""
        entry = self._entries.get(key)
        return entry is not None and entry.explainer is not None

    def explain(self, key: str, request: RenderRequest) -> PromptReading | None:
        """Return how an engine reads a request, without loading the engine; None if it cannot explain prompts."""
        entry = self._entries.get(key)
        return entry.explainer(request) if entry and entry.explainer else None

    def styles(self, key: str) -> tuple[StyleInfo, ...]:
        """Return the styles that requests to an engine can name, without loading the engine."""
        entry = self._entries.get(key)
        return entry.style_lister() if entry else ()

    def load_all(self) -> None:
        """Load all engines that render in this process, and what the first render of each would load."""
        for key, entry in self._entries.items():
            self.load(key)
            if entry.warm_up is not None:
                entry.warm_up()

    def load(self, key: str) -> Engine:
        """Return the engine, the same object each time. Raises KeyError if it is remote or not enabled."""
        if key not in self._loaded:
            with garbage_collection.paused():
                self._loaded[key] = self._entries[key].create()
        return self._loaded[key]
