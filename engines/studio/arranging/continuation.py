"""Continuation data: stores parts, tempo, key, motifs and chords of a track as JSON, and continues from them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from engines.port import Continuation
from engines.studio import random_streams
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import OTHER_PIECES, PERCUSSION
from engines.studio.model.composition import Motif
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Style
from engines.studio.orchestration import transformations
from engines.studio.prompt.instrument_concepts import is_playable
from engines.studio.styles import STYLES
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import MODES, Key, parse_chord

THEME: Final = re.compile("^[A-Z]$")
MAX_BARS, MAX_CHORDS = 64, 4
"""The maximum number of bars in a progression that is read, and of chords in a bar."""
MAX_MOTIF_NOTES: Final = 64
"""The maximum number of notes in a motif that is read."""


def _check_motif(motif: Motif) -> Motif:
    starts = [start for start, _ in motif.rhythm]
    is_valid = (
        0 < len(starts) == len(motif.contour) <= MAX_MOTIF_NOTES
        and all(math.isfinite(start) and 0.0 <= start < 16.0 for start in starts)
        and all(first < second for first, second in pairwise(starts))
        and all(math.isfinite(beats) and 0.05 <= beats <= 16.0 for _, beats in motif.rhythm)
        and all(abs(step) <= 12 for step in motif.contour)
    )
    if not is_valid:
        raise ValueError(f"Invalid motif: {motif}.")
    return motif


def _known_instruments(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if is_playable(name) or name in {OTHER_PIECES, PERCUSSION})


def _is_progression(line: str) -> bool:
    bars = [bar.split() for bar in line.split("|")]
    if len(bars) > MAX_BARS or not all(0 < len(bar) <= MAX_CHORDS for bar in bars):
        return False
    try:
        chords = [parse_chord(numeral, Key(0, "major")).tones for bar in bars for numeral in bar]
    except (KeyError, ValueError):
        return False
    return bool(chords)


def _known_progressions(progressions: Mapping[str, str]) -> dict[str, str]:
    return {theme: line for theme, line in progressions.items() if THEME.match(theme) and _is_progression(line)}


InstrumentNames = Annotated[tuple[str, ...], AfterValidator(_known_instruments)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousTrack:
    """The track to continue. The aliases are the names of the fields in continuation data.

    ``instruments`` are keyed by part name, ``motifs`` and ``progressions`` by theme.
    """

    engine: Literal["studio"]
    schema: Literal[1]
    style: str
    tempo: Annotated[float, Field(alias="tempo_bpm", ge=30.0, le=260.0)]
    tonic: Annotated[int, Field(ge=0, lt=12)]
    mode: str
    metre: Annotated[str, BeforeValidator(lambda name: metre_named(str(name)).name)] = "4/4"
    grid_seconds: float | None = None
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    instruments: Annotated[Mapping[str, str], Field(alias="parts")]
    included: Annotated[InstrumentNames, Field(alias="wanted")]
    excluded: Annotated[InstrumentNames, Field(alias="unwanted")]
    moods: tuple[str, ...]
    is_solo: Annotated[bool, BeforeValidator(lambda value: value is True), Field(alias="alone")] = False
    transformations: Annotated[
        Mapping[str, str], BeforeValidator(lambda value: value or {}), Field(alias="playing")
    ] = field(default_factory=dict)
    strengths: Mapping[str, Annotated[float, Field(ge=0.0, le=1.0)]] = field(default_factory=dict)
    motifs: Mapping[str, Annotated[Motif, AfterValidator(_check_motif)]]
    progressions: Annotated[Mapping[str, str], AfterValidator(_known_progressions)]

    def __post_init__(self) -> None:
        if self.style not in STYLES or self.mode not in MODES or "A" not in self.motifs:
            raise ValueError("The style, the mode or theme A of the earlier track is unknown.")

    @property
    def key(self) -> Key:
        return Key(self.tonic, self.mode)


_PREVIOUS_TRACK: Final = TypeAdapter(PreviousTrack)


def build_continuation(request: MusicRequest, arrangement: Arrangement, seed: int) -> Continuation:
    """Build the data from which another track can continue a composition."""
    composition = arrangement.composition
    bar_length = metre_named(composition.metre).bar_length
    track = PreviousTrack(
        engine="studio",
        schema=1,
        style=request.style.key,
        tempo=round(composition.counted_tempo, 6),
        tonic=composition.key.tonic,
        mode=composition.key.mode,
        metre=composition.metre,
        grid_seconds=round(60.0 * bar_length / composition.tempo, 6),
        seed=seed,
        instruments={part.name: part.instrument for part in arrangement.parts},
        included=request.included,
        excluded=request.excluded,
        moods=request.moods,
        is_solo=request.is_solo,
        transformations=request.transformations,
        strengths=request.strengths,
        motifs=composition.motifs,
        progressions=_progressions(request.style, composition.key, seed),
    )
    return Continuation(_PREVIOUS_TRACK.dump_python(track, mode="json", by_alias=True))


def _progressions(style: Style, key: Key, seed: int) -> dict[str, str]:
    """Return the progression of each theme, drawn in the same way as in harmony.write_chords."""
    return {
        theme: random_streams.pick(random_streams.stream(seed, "progression", theme), options)
        for theme, options in style.themes(key).items()
    }


def read_continuation(continuation: Continuation) -> PreviousTrack | None:
    """Parse continuation data. Returns None if another engine or an incompatible version wrote it."""
    try:
        return _PREVIOUS_TRACK.validate_python(dict(continuation.data))
    except ValidationError:
        return None


def continue_from(request: MusicRequest, previous: PreviousTrack, seed: int) -> MusicRequest:
    """Return a request that continues the previous track: style, parts, tempo, metre, key, chords and varied motifs.

    The instruments, moods and form of the request still apply; its tempo, key, metre and style do not.
    """
    style = _previous_style(STYLES[previous.style], previous)
    still_excluded = (name for name in previous.excluded if name not in request.included)
    excluded = tuple(dict.fromkeys((*still_excluded, *request.excluded)))
    included = tuple(dict.fromkeys((*previous.included, *request.included)))
    kept = {
        name: written
        for name, written in previous.transformations.items()
        if name not in request.transformations and not transformations.is_conflicting(name, request.transformations)
    }
    kept_strengths = {name: strength for name, strength in previous.strengths.items() if name in kept}
    return replace(
        request,
        style=style,
        tempo=previous.tempo,
        tonic=previous.key.tonic,
        mode=previous.key.mode,
        metre=previous.metre,
        moods=request.moods or previous.moods,
        energy=max(0.1, min(1.0, style.energy + request.energy - request.style.energy)),
        included=tuple(name for name in included if name not in excluded),
        excluded=excluded,
        is_solo=request.is_solo or previous.is_solo,
        transformations={**kept, **request.transformations},
        strengths={**kept_strengths, **request.strengths},
        motifs=vary_motifs(previous.motifs, random_streams.stream(seed, "varied")),
    )


def _previous_style(style: Style, previous: PreviousTrack) -> Style:
    """Restrict a style to the instruments, mode and progressions of the previous track."""
    parts = tuple(
        replace(part, instrument=previous.instruments[part.name])
        for part in style.parts
        if previous.instruments.get(part.name) in CATALOGUE
    )
    progressions = {f"{previous.key.family} {theme}": (line,) for theme, line in previous.progressions.items()}
    return replace(
        style,
        parts=parts or style.parts,
        modes=(previous.key.mode,),
        progressions={**style.progressions, **progressions},
    )


def vary_motifs(motifs: Mapping[str, Motif], rng: np.random.Generator) -> dict[str, Motif]:
    """Give the motif of theme A another ending, and invert the others or leave them unchanged."""
    return {
        name: _with_other_ending(motif, rng)
        if name == "A"
        else _inverted(motif)
        if random_streams.chance(rng, 0.5)
        else motif
        for name, motif in motifs.items()
    }


def _with_other_ending(motif: Motif, rng: np.random.Generator) -> Motif:
    unchanged = -(-2 * len(motif.contour) // 3)
    offset = int(rng.choice((-2, -1, 1, 2)))
    ending = tuple(max(-5, min(6, step + offset)) for step in motif.contour[unchanged:])
    return replace(motif, contour=(*motif.contour[:unchanged], *ending))


def _inverted(motif: Motif) -> Motif:
    return replace(motif, contour=tuple(-step for step in motif.contour))
