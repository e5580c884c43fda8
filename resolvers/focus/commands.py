"""Input of the mutations of focus sessions."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from core.focus import MAX_MINUTES, Goal, Intensity
from engines.port import EngineInfo
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations.commands import MAX_PROMPT_LENGTH, MAX_SEED

Prompt = Annotated[str, validation.Text(1, MAX_PROMPT_LENGTH)]
Divergence = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


def _check_custom_prompt(prompt: Any, info: ValidationInfo[EngineRegistry]) -> Any:  # noqa: ANN401  not validated yet
    """Require a prompt with the goal custom_prompt, and ignore it with any other goal."""
    if info.data.get("goal") is not Goal.CUSTOM_PROMPT:
        return None
    if prompt is None:
        raise validation.rule_error("This field is required with the goal custom_prompt.")
    return prompt


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class StartFocusSession:
    """A new session. The validators' context is the engine registry."""

    goal: Goal
    """Purpose of the music."""
    target_minutes: Annotated[StrictInt, Field(gt=0, le=MAX_MINUTES), validation.WHOLE]
    """Planned duration in minutes."""
    custom_prompt: Annotated[Prompt | None, BeforeValidator(_check_custom_prompt), Field(validate_default=True)] = None
    """Description of the music, 1 to 2000 characters. Required for the goal `custom_prompt`, otherwise ignored."""
    intensity: Intensity = Intensity.MEDIUM
    """How eventful the segments are."""
    divergence: Divergence = 0.0
    """How much segments differ from one another."""
    engine: Annotated[Annotated[str, validation.Text(1, 64)] | None, Field(validate_default=True)] = None
    """Key of an enabled engine that supports focus. Defaults to the default engine."""

    @field_validator("engine")
    @classmethod
    def _check_engine(cls, engine: str | None, info: ValidationInfo[EngineRegistry]) -> str:
        offered = [engine_info.key for engine_info in focus_engines(info.context)]
        if not offered:
            raise validation.rule_error("No enabled engine supports focus sessions.")
        if engine is None:
            return offered[0]
        if engine not in offered:
            raise validation.rule_error(f"Must be an enabled engine that supports focus: {', '.join(offered)}.")
        return engine


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class StartFocusSessionGraphQL(StartFocusSession):
    """A new session with the fields that only GraphQL offers."""

    seed: Annotated[StrictInt, Field(ge=0, le=MAX_SEED)] | None = None
    prefetch: validation.Flag = False


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class IdempotencyKey:
    """The key that makes it safe to repeat the start of a session."""

    idempotency_key: Annotated[Annotated[str, validation.Text(1, 255)] | None, validation.NEVER_BLANK] = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class SteerFocusSession:
    """Changes of a running session; fields left out stay, an explicit null or blank text clears the prompt."""

    intensity: Intensity = validation.omitted()
    divergence: Divergence = validation.omitted()
    prompt: Prompt | None = validation.omitted()


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class PromoteFocusSegment:
    """The title of a segment that is saved as a track; by default it keeps its own."""

    title: Annotated[str, validation.Text(1, 255)] | None = None
    """Title of the track. By default, the segment keeps its own."""


def focus_engines(registry: EngineRegistry) -> list[EngineInfo]:
    """Return the engines that support focus sessions, the default one first."""
    infos = [info for info in registry.infos if info.supports_focus]
    return sorted(infos, key=lambda info: info.key != registry.default.key)
