"""What a listener may ask of focus sessions, with every rule of the contract on its field."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from core.focus import MAX_MINUTES, Goal, Intensity
from engines.port import EngineInfo
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations.commands import MAX_PROMPT_LENGTH, MAX_SEED

Prompt = Annotated[str, validation.Text(1, MAX_PROMPT_LENGTH)]
Divergence = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]

_REQUIRED: Final = "This field is required with the goal custom_prompt."


def _wanted(prompt: Any, info: ValidationInfo[EngineRegistry]) -> Any:  # noqa: ANN401  whatever the caller sent
    """With any other goal, no prompt is looked at."""
    if info.data.get("goal") is not Goal.CUSTOM_PROMPT:
        return None
    if prompt is None:
        raise validation.rule_error(_REQUIRED)
    return prompt


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class StartFocusSession:
    """A new session. The rules that need an engine ask the registry, the validators' context."""

    goal: Goal
    target_minutes: Annotated[StrictInt, Field(gt=0, le=MAX_MINUTES), validation.WHOLE]
    custom_prompt: Annotated[Prompt | None, BeforeValidator(_wanted), Field(validate_default=True)] = None
    intensity: Intensity = Intensity.MEDIUM
    divergence: Divergence = 0.0
    engine: Annotated[Annotated[str, validation.Text(1, 64)] | None, Field(validate_default=True)] = None

    @field_validator("engine")
    @classmethod
    def _supports_focus(cls, engine: str | None, info: ValidationInfo[EngineRegistry]) -> str:
        offered = [card.key for card in focus_engines(info.context)]
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
    """What makes repeating a start safe."""

    idempotency_key: Annotated[str, validation.Text(1, 255)] | None = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class SteerFocusSession:
    """Changes of a session that plays: what is left out stays, a prompt of null is taken back."""

    intensity: Intensity = validation.omitted()
    divergence: Divergence = validation.omitted()
    prompt: Prompt | None = validation.omitted()


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class PromoteFocusSegment:
    """A segment that is to be kept, and what to call it."""

    title: Annotated[str, validation.Text(1, 255)] | None = None


def focus_engines(registry: EngineRegistry) -> list[EngineInfo]:
    """The engines that support focus sessions, the default one first."""
    cards = [card for card in registry.infos if card.supports_focus]
    return sorted(cards, key=lambda card: card.key != registry.default.key)
