"""Render requests in the terms of ACE-Step: a caption, and tempo, key and metre as its metadata."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from core import language_tags
from engines.port import Controls, RenderRequest
from engines.remote.ace_step.lyrics import INSTRUMENTAL, LANGUAGES, UNKNOWN, detect_language, lyrics_text
from engines.remote.port import RemoteError, RemoteFault

# BPM_MIN, BPM_MAX, DURATION_MIN, DURATION_MAX and VALID_TIME_SIGNATURES in acestep/constants.py
MIN_TEMPO_BPM: Final = 30
MAX_TEMPO_BPM: Final = 300
MIN_DURATION_SECONDS: Final = 10
MAX_DURATION_SECONDS: Final = 600
METRES: Final = {"2/4": "2", "3/4": "3", "4/4": "4", "6/8": "6"}
"""Metres and their names in ACE-Step."""
MODES: Final = ("major", "minor")

_LOW: Final = 1 / 3
_HIGH: Final = 2 / 3


@dataclass(frozen=True, slots=True)
class AceStepPrompt:
    """What both servers take. ``tempo_bpm``, ``key`` and ``metre`` (as "3") are None if the model may choose them."""

    caption: str
    lyrics: str
    language: str
    tempo_bpm: int | None
    key: str | None
    metre: str | None


def read_request(request: RenderRequest) -> AceStepPrompt:
    """Return the prompt for a request. Raises RemoteError (REJECTED) for a request that ACE-Step cannot meet."""
    controls = request.controls
    _check(request)
    lyrics = lyrics_text(request.lyrics, is_instrumental=request.instrumental)
    return AceStepPrompt(
        caption=", ".join(_caption(request)),
        lyrics=lyrics,
        language=UNKNOWN if lyrics == INSTRUMENTAL else _language(controls.lyrics_language, lyrics),
        tempo_bpm=None if controls.tempo_bpm is None else round(controls.tempo_bpm),
        key=controls.key,
        metre=None if controls.metre is None else METRES[controls.metre],
    )


def _language(requested: str | None, lyrics: str) -> str:
    if requested is None:
        return detect_language(lyrics)
    found = language_tags.look_up(requested, LANGUAGES)
    if found is None:
        _reject(f"ACE-Step does not sing in the language {requested}.")
    return found


def _check(request: RenderRequest) -> None:
    controls = request.controls
    if not MIN_DURATION_SECONDS <= request.duration_seconds <= MAX_DURATION_SECONDS:
        limits = f"{MIN_DURATION_SECONDS} to {MAX_DURATION_SECONDS}"
        _reject(f"ACE-Step makes {limits} seconds of music, and {request.duration_seconds:g} were requested.")
    if controls.tempo_bpm is not None and not MIN_TEMPO_BPM <= controls.tempo_bpm <= MAX_TEMPO_BPM:
        limits = f"{MIN_TEMPO_BPM} to {MAX_TEMPO_BPM} BPM"
        _reject(f"ACE-Step plays {limits}, and {controls.tempo_bpm:g} were requested.")
    if controls.metre is not None and controls.metre not in METRES:
        _reject(f"ACE-Step has no metre {controls.metre}: choose one of {', '.join(METRES)}.")
    if controls.key is not None and controls.key.rpartition(" ")[2] not in MODES:
        _reject(f"ACE-Step has no key {controls.key}: choose a major or minor one.")
    if request.loop or request.continue_from is not None or request.segment is not None:
        _reject("ACE-Step makes no loops, continuations or segments of focus sessions.")


def _reject(message: str) -> NoReturn:
    raise RemoteError(RemoteFault.REJECTED, message)


def _caption(request: RenderRequest) -> Iterator[str]:
    """Yield the phrases of the caption: what the model has no field for is written in words."""
    controls = request.controls
    yield request.prompt.strip()
    yield from request.style_tags
    if controls.only:
        yield f"only {_listing(controls.only)}"
    if controls.include:
        yield f"with {_listing(controls.include)}"
    if controls.exclude:
        yield f"without {_listing(controls.exclude)}"
    if controls.structure:
        yield f"structure: {' - '.join(controls.structure)}"
    yield from _character(controls)


def _character(controls: Controls) -> Iterator[str]:
    for value, low, high in (
        (controls.intensity, "calm", "high energy"),
        (controls.density, "sparse arrangement", "dense arrangement"),
        (controls.brightness, "dark timbre", "bright timbre"),
    ):
        if value is not None and value < _LOW:
            yield low
        if value is not None and value > _HIGH:
            yield high


def _listing(names: tuple[str, ...]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
