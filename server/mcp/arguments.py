"""Arguments of the tools. Their JSON schemas are what an agent reads; the API validates musical values again."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, Field, StrictInt

from core import focus, language_tags
from core.formats import DEFAULT_FORMAT, Format
from resolvers.access import validation
from resolvers.generations.commands import MAX_LYRICS_LENGTH, MAX_PROMPT_LENGTH, Seed
from resolvers.generations.controls import MAX_INSTRUMENTS, MAX_NEGATIVE_PROMPT_LENGTH, MAX_SECTIONS

MAX_WAIT_SECONDS: Final = 600

Id = Annotated[str, validation.Text(1, 64)]
Name = Annotated[str, validation.Text(1, 64)]
Names = Annotated[tuple[Name, ...], Field(max_length=MAX_INSTRUMENTS)]
Level = Annotated[float, Field(ge=0, le=1)]
Prompt = Annotated[str, validation.Text(1, MAX_PROMPT_LENGTH)]
Title = Annotated[str, validation.Text(1, 255)]


class Audio(StrEnum):
    """How a tool returns audio."""

    LINK = "link"
    CONTENT = "content"
    NONE = "none"


class Arguments(BaseModel):
    """The arguments of a tool. Unknown ones are rejected."""

    model_config = validation.CONFIG


class ListEngines(Arguments):
    styles: validation.Flag = False
    """Whether to list the styles of each engine, too."""


class GetQuote(Arguments):
    duration_seconds: validation.PositiveInteger
    """The length in whole seconds, up to the engine's maximum."""
    engine: Name | None = None
    """The key of the engine. Default: the server's."""


class ExplainPrompt(Arguments):
    prompt: Prompt
    """Description of the music: style, tempo, key, instruments, mood, form."""
    duration_seconds: validation.PositiveInteger | None = None
    """The length in whole seconds. Default: the length in the prompt."""
    engine: Name | None = None
    """The key of the engine. Default: the server's."""
    style_tags: Names = ()
    """Styles, such as lofi."""
    tempo_bpm: float | None = None
    """The tempo, in beats per minute."""
    key: Name | None = None
    """A note and a mode, such as C# minor or Bb."""
    metre: Name | None = None
    """The time signature, such as 6/8."""
    negative_prompt: Annotated[str, validation.Text(0, MAX_NEGATIVE_PROMPT_LENGTH)] | None = None
    """What to avoid."""
    include: Names = ()
    """Instruments that must play."""
    exclude: Names = ()
    """Instruments that must not play."""
    only: Names = ()
    """Instruments that play alone."""


class CreateTrack(ExplainPrompt):
    duration_seconds: validation.PositiveInteger = 60
    """The length in whole seconds, up to the engine's maximum."""
    max_cost_chf: Annotated[float, Field(ge=0)] | None = None
    """The highest price that is acceptable, in CHF. Above it nothing is created."""
    title: Title | None = None
    """The title. Default: chosen by the engine."""
    lyrics: Annotated[str, validation.Text(0, MAX_LYRICS_LENGTH)] | None = None
    """Lyrics, or section tags such as [Verse]."""
    lyrics_language: Annotated[str, validation.Text(1, language_tags.MAX_LENGTH)] | None = None
    """Language of the lyrics as a BCP 47 tag, such as de. Default: recognized by the engine."""
    instrumental: validation.Flag = False
    """Whether to make music without vocals."""
    structure: Annotated[tuple[Name, ...], Field(max_length=MAX_SECTIONS)] = ()
    """Sections in order: intro, verse, chorus."""
    intensity: Level | None = None
    """0 to 1; 0.5 is usual in the style."""
    density: Level | None = None
    """0 (sparse) to 1 (busy)."""
    brightness: Level | None = None
    """0 (dark) to 1 (bright)."""
    seed: Seed | None = None
    """The same request and seed give the same track."""
    loop: validation.Flag = False
    """Whether the track can be repeated without a gap."""
    seed_track_id: Id | None = None
    """ID of a track to continue."""
    save_to_library: validation.Flag = False
    """Whether to keep the finished track in the library, where search_library finds it."""
    idempotency_key: Annotated[Title | None, validation.NEVER_BLANK] = None
    """With the same key a repeated call returns the first generation instead of paying for another."""


class Generation(Arguments):
    generation_id: Id
    """ID of the generation, from create_track."""


class WaitForTrack(Generation):
    timeout_seconds: Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS)] = 45
    """How long to wait. The result then has the current state, and the call can be repeated."""
    audio: Audio = Audio.LINK
    """How to return the audio: a short-lived link, the MP3 as content, or none."""


class GetTrack(Arguments):
    track_id: Id
    """ID of the track."""
    audio: Audio = Audio.LINK
    """How to return the file: a short-lived link, as content (MP3, WAV and FLAC), or none."""
    format: Format = DEFAULT_FORMAT
    """The format of the file."""
    part: Name | None = None
    """Name of the stem, with the format stem: drums, bass, harmony, melody or texture."""


class SearchLibrary(Arguments):
    query: Annotated[str, validation.Text(1, 200)] | None = None
    """Words of title, tags or prompt. Default: all tracks, the latest first."""
    tags: Names = ()
    """Tags that a track must have."""
    is_favourite: validation.Flag | None = None
    """Only favourites, or only others."""
    limit: Annotated[StrictInt, Field(ge=1, le=50), validation.WHOLE] = 10
    """Number of tracks at most."""


class ShareTrack(Arguments):
    track_id: Id
    """ID of the track."""
    expires_in_days: Annotated[StrictInt, Field(ge=1), validation.WHOLE] | None = None
    """Days until the link expires. Default: never."""


class FocusAction(StrEnum):
    START = "start"
    SHOW = "show"
    STEER = "steer"
    END = "end"


class Focus(Arguments):
    action: FocusAction
    """start: goal or prompt, minutes, intensity, divergence, engine. steer: intensity, divergence, prompt."""
    session_id: Id | None = None
    """ID of the session, which all actions but start need."""
    goal: focus.Goal = focus.Goal.FOCUS
    """The purpose of the music. With a prompt, custom_prompt."""
    prompt: Prompt | None = None
    """Description of the music."""
    minutes: Annotated[StrictInt, Field(ge=1, le=focus.MAX_MINUTES), validation.WHOLE] = 60
    """Planned length."""
    intensity: focus.Intensity | None = None
    """How eventful the music is. Default: medium."""
    divergence: Level | None = None
    """The difference between segments, 0 to 1."""
    engine: Name | None = None
    """The key of the engine. Default: the server's."""
