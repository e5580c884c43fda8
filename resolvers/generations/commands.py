"""What a caller may ask of a generation, with every rule of the contract on its field."""

from typing import Annotated, Final

from pydantic import Field, StrictInt, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from core.jobs import Mode
from engines.port import EngineInfo
from engines.registry import EngineRegistry
from resolvers.access import validation

Tag = Annotated[str, validation.Text(1, 64)]

PROMPT_CHARACTERS: Final = 2000
LYRICS_CHARACTERS: Final = 5000
MAX_SEED: Final = 2**31 - 1
"""GraphQL's largest integer: a seed that is told can be given again."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateGeneration:
    """A request for one piece of music. The rules that need an engine ask the registry, the validators' context."""

    engine: Annotated[str, validation.Text(1, 64)]
    prompt: Annotated[str, validation.Text(1, PROMPT_CHARACTERS)]
    duration_seconds: validation.Count
    mode: Mode = Mode.CREATION
    instrumental: validation.Flag = False
    lyrics: Annotated[str, validation.Text(0, LYRICS_CHARACTERS)] | None = None
    seed_track_id: Annotated[str, validation.Text(1, 255)] | None = None
    style_tags: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()
    title: Annotated[str, validation.Text(1, 255)] | None = None
    idempotency_key: Annotated[str, validation.Text(1, 255)] | None = None

    @field_validator("engine")
    @classmethod
    def _is_enabled(cls, engine: str, info: ValidationInfo[EngineRegistry]) -> str:
        if info.context.get(engine) is None:
            keys = ", ".join(card.key for card in info.context.infos)
            raise validation.problem(f"Must be an enabled engine: {keys}.")
        return engine

    @field_validator("duration_seconds")
    @classmethod
    def _is_within_reach(cls, duration_seconds: int, info: ValidationInfo[EngineRegistry]) -> int:
        card = _card(info)
        if card is not None and duration_seconds > card.max_duration_seconds:
            raise validation.problem(f"Must be at most {card.max_duration_seconds} for this engine.")
        return duration_seconds

    @field_validator("lyrics")
    @classmethod
    def _can_be_sung(cls, lyrics: str | None, info: ValidationInfo[EngineRegistry]) -> str | None:
        card = _card(info)
        if lyrics is not None and info.data.get("instrumental"):
            raise validation.problem("Must be left out of an instrumental piece.")
        if lyrics is not None and card is not None and not card.supports_lyrics:
            raise validation.problem("This engine does not support lyrics.")
        return lyrics


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateGenerationGraphQL(CreateGeneration):
    """What GraphQL offers above the contract."""

    seed: Annotated[StrictInt, Field(ge=0, le=MAX_SEED)] | None = None
    loop: validation.Flag = False


def _card(info: ValidationInfo[EngineRegistry]) -> EngineInfo | None:
    """The engine of the request, if it is a good one."""
    engine = info.data.get("engine")
    return info.context.get(engine) if engine else None
