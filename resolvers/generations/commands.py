"""Input of the mutations of generations."""

import re
from dataclasses import asdict
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictInt, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from core.jobs import Mode
from engines.capabilities import FieldSupport, Support
from engines.port import Controls, EngineInfo
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations import controls, sources, support
from resolvers.generations.engines import requested_engine
from resolvers.generations.support import SUPPORTED
from resolvers.library.commands import Tag
from resolvers.organizations import webhook_secrets
from resolvers.organizations.webhook_secrets import MAX_SECRET_LENGTH
from resolvers.organizations.webhook_urls import MAX_URL_LENGTH

MAX_PROMPT_LENGTH: Final = 2000
MAX_LYRICS_LENGTH: Final = 5000
MAX_SEED: Final = 2**31 - 1
"""The largest integer of GraphQL: every seed in a response is valid input."""

_SECTION_TAG: Final = re.compile(r"\[[^\[\]\n]{1,64}\]")
"""A tag such as "[Verse 1]"."""

Seed = Annotated[StrictInt, Field(ge=0, le=MAX_SEED)]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateGeneration:
    """A request for one piece of music. The validators' context is the engine registry."""

    engine: Annotated[str, validation.Text(1, 64)]
    """Key of an enabled engine."""
    prompt: Annotated[str, validation.Text(1, MAX_PROMPT_LENGTH)]
    """Description of the music."""
    duration_seconds: validation.PositiveInteger
    """Duration in seconds, up to the maximum of the engine."""
    mode: Mode = Mode.CREATION
    """`creation` for one complete track, `focus` for chained segments."""
    instrumental: Annotated[validation.Flag, SUPPORTED] = False
    """Whether to render without vocals."""
    lyrics: Annotated[str, validation.Text(0, MAX_LYRICS_LENGTH)] | None = None
    """Lyrics to sing. Not allowed for instrumental music and for engines without lyrics."""
    lyrics_language: controls.LanguageTag | None = None
    """Language of the lyrics as a BCP 47 tag, such as `de` or `pt-BR`. By default, the engine recognizes it."""
    seed_track_id: Annotated[str, validation.Text(1, 255), SUPPORTED] | None = None
    """ID of a track to continue from, which you can access."""
    style_tags: Annotated[tuple[Tag, ...], Field(max_length=20), SUPPORTED] = ()
    """Tags of the style."""
    title: Annotated[str, validation.Text(1, 255), SUPPORTED] | None = None
    """Title of the track. By default, the engine chooses one."""
    idempotency_key: Annotated[Annotated[str, validation.Text(1, 255)] | None, validation.NEVER_BLANK] = None
    """Same as the header `Idempotency-Key`, which takes precedence."""

    def to_controls(self) -> Controls:
        """Return the explicit properties, of which this form of a request has only the language."""
        return Controls(lyrics_language=self.lyrics_language)

    def field_support(self, engines: EngineRegistry) -> tuple[FieldSupport, ...]:
        """Return what the engine does with each field that the request has."""
        engine = engines.get(self.engine) or engines.default
        return engine.capabilities.supports_of(support.requested_fields(asdict(self), self.to_controls()))

    def texts(self) -> list[str | None]:
        """Return all texts, which the content policy applies to."""
        return [self.prompt, self.lyrics, self.title, *self.style_tags, *controls.texts(self.to_controls())]

    @field_validator("engine")
    @classmethod
    def _check_engine_is_enabled(cls, engine: str, info: ValidationInfo[EngineRegistry]) -> str:
        if info.context.get(engine) is None:
            keys = ", ".join(enabled.key for enabled in info.context.infos)
            raise validation.rule_error(f"Must be an enabled engine: {keys}.")
        return engine

    @field_validator("duration_seconds")
    @classmethod
    def _check_duration(cls, duration_seconds: int, info: ValidationInfo[EngineRegistry]) -> int:
        engine = requested_engine(info)
        if engine is not None and duration_seconds > engine.max_duration_seconds:
            raise validation.rule_error(f"Must be at most {engine.max_duration_seconds} for this engine.")
        if engine is not None and duration_seconds < (least := engine.capabilities.duration_seconds.minimum or 0):
            raise validation.rule_error(f"Must be at least {least:g} for this engine.")
        return duration_seconds

    @field_validator("lyrics")
    @classmethod
    def _check_lyrics(cls, lyrics: str | None, info: ValidationInfo[EngineRegistry]) -> str | None:
        engine = requested_engine(info)
        if lyrics is not None and info.data.get("instrumental"):
            raise validation.rule_error("Must be left out of an instrumental piece.")
        if lyrics is not None and engine is not None and not cls._takes_lyrics(engine, lyrics):
            raise validation.rule_error("This engine does not support lyrics.")
        return lyrics

    @field_validator("lyrics_language")
    @classmethod
    def _check_lyrics_language(cls, tag: str | None, info: ValidationInfo[EngineRegistry]) -> str | None:
        # lyrics that are invalid are no field here
        if tag is not None and "lyrics" in info.data and not info.data["lyrics"]:
            raise validation.rule_error("Must be left out of a request without lyrics.")
        return tag

    @classmethod
    def _takes_lyrics(cls, engine: EngineInfo, lyrics: str) -> bool:  # noqa: ARG003  read by the form of GraphQL
        return engine.supports_lyrics


@dataclass(frozen=True, slots=True, config=validation.CONFIG, kw_only=True)
class CreateTransformation(CreateGeneration):
    """A request for music that is made from audio, with the fields of the REST interface."""

    source: sources.SourceField
    """The audio, and what to do with it. `duration_seconds` is its length, rounded up."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateGenerationGraphQL(CreateGeneration):
    """A request with the fields that only GraphQL offers."""

    seed: Annotated[Seed, SUPPORTED] | None = None
    loop: Annotated[validation.Flag, SUPPORTED] = False
    save_to_library: validation.Flag = False
    tempo_bpm: controls.TempoBpm | None = None
    key: controls.KeyName | None = None
    metre: controls.MetreName | None = None
    negative_prompt: controls.NegativePrompt | None = None
    instruments: controls.Instruments | None = None
    structure: controls.Structure = ()
    intensity: controls.Level | None = None
    density: controls.Level | None = None
    brightness: controls.Level | None = None
    source: sources.SourceField | None = None
    callback_url: Annotated[Annotated[str, validation.Text(1, MAX_URL_LENGTH)] | None, validation.NEVER_BLANK] = None
    callback_secret: Annotated[
        Annotated[str, validation.Text(1, MAX_SECRET_LENGTH), AfterValidator(webhook_secrets.check)] | None,
        validation.NEVER_BLANK,
    ] = None

    @classmethod
    def _takes_lyrics(cls, engine: EngineInfo, lyrics: str) -> bool:
        """Return whether the engine sings or ignores the lyrics, or else lays out the form by section tags in them."""
        declared = engine.capabilities.lyrics
        is_tagged = declared.is_accepted and _SECTION_TAG.search(lyrics) is not None
        return engine.supports_lyrics or declared.support is Support.IGNORED or is_tagged

    def to_controls(self) -> Controls:
        """Return the explicit musical properties."""
        given = self.instruments or controls.InstrumentSelection()
        return Controls(
            lyrics_language=self.lyrics_language,
            tempo_bpm=self.tempo_bpm,
            key=self.key,
            metre=self.metre,
            negative_prompt=self.negative_prompt,
            include=given.include,
            exclude=given.exclude,
            only=given.only,
            structure=self.structure,
            intensity=self.intensity,
            density=self.density,
            brightness=self.brightness,
        )
