"""The kinds of remote engines by name. The code of an adapter loads when an instance of its kind is configured.

An adapter is a class that implements ``engines.remote.port.RemoteEngine`` and is called as ``RemoteEngineFactory``.
"""

import importlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast

from core.settings.remote_engines import RemoteEngineSettings
from core.track_metadata import SourceType
from engines.port import EngineInfo
from engines.remote.focus import planner
from engines.remote.port import RemoteEngine, RemoteEngineFactory

KINDS: Final[Mapping[str, str]] = {
    "acestep": "engines.remote.ace_step.server:AceStepServer",
    "acestep.cpp": "engines.remote.ace_step.cpp_server:AceStepCppServer",
    "comfyui": "engines.remote.comfyui.adapter:ComfyUiEngine",
    "elevenlabs": "engines.remote.elevenlabs.adapter:ElevenLabsEngine",
    "queue": "engines.remote.queue.adapter:QueueEngine",
}
"""Module and class of each kind, as "module:class"."""


def create(key: str, settings: RemoteEngineSettings) -> RemoteEngine:
    """Return the adapter of an instance. Raises ValueError if its kind is unknown or rejects the settings."""
    return _load(key, settings.kind)(key, settings)


def describe(key: str, settings: RemoteEngineSettings) -> EngineInfo:
    """Return what the adapter states about an instance, with what the operator's settings decide.

    Remote engines have neither stems nor scores, and their music is that of a trained model. Whether they play focus
    sessions follows from their capabilities.
    Raises ValueError as ``create``.
    """
    info = create(key, settings).info
    longest = min(info.max_duration_seconds, settings.max_duration_seconds or info.max_duration_seconds)
    described = replace(
        info,
        key=key,
        name=settings.name or info.name,
        max_duration_seconds=longest,
        supports_stems=False,
        supports_score=False,
        supports_focus=False,
        licence=settings.licence,
        source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA,
    )
    return replace(described, supports_focus=planner.supports_focus(described))


def _load(key: str, kind: str) -> RemoteEngineFactory:
    path = KINDS.get(kind, kind)
    module, separator, name = path.partition(":")
    if not separator:
        known = ", ".join(sorted(KINDS)) or "none"
        raise ValueError(f"The remote engine {key} has the unknown kind {kind!r}. Known kinds: {known}.")
    try:
        return cast("RemoteEngineFactory", getattr(importlib.import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise ValueError(f"The adapter {path!r} of the remote engine {key} cannot be loaded: {error}.") from error
