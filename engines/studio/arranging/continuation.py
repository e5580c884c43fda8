"""Continuation data: stores parts, tempo, key, motifs and chords of a track as JSON, and continues from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, cast

import numpy as np

from engines.port import Continuation
from engines.studio import random_streams
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import STEMS
from engines.studio.model.composition import Motif
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Style
from engines.studio.styles import STYLES
from engines.studio.theory import metre
from engines.studio.theory.pitch import MODES, Key

ENGINE_KEY: Final = "studio"
SCHEMA_VERSION: Final = 1
MAX_MOTIF_NOTES: Final = 64
"""The maximum number of notes in a motif that is read."""


@dataclass(frozen=True, slots=True)
class PreviousTrack:
    """The track to continue. ``instruments`` are keyed by part name, ``motifs`` and ``progressions`` by theme."""

    style: str
    tempo: float
    key: Key
    seed: int
    instruments: Mapping[str, str]
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    moods: tuple[str, ...]
    motifs: Mapping[str, Motif]
    progressions: Mapping[str, str]
    metre: str = "4/4"
    is_solo: bool = False
    articulations: Mapping[str, str] = field(default_factory=dict)


def build_continuation(request: MusicRequest, arrangement: Arrangement, seed: int) -> Continuation:
    """Build the data from which another track can continue a composition."""
    composition = arrangement.composition
    bar_length = metre.metre_named(composition.metre).bar_length
    return Continuation({
        "engine": ENGINE_KEY,
        "schema": SCHEMA_VERSION,
        "style": request.style.key,
        "tempo_bpm": round(composition.counted_tempo, 6),
        "tonic": composition.key.tonic,
        "mode": composition.key.mode,
        "metre": composition.metre,
        "grid_seconds": round(60.0 * bar_length / composition.tempo, 6),
        "seed": seed,
        "parts": {part.name: part.instrument for part in arrangement.parts},
        "wanted": list(request.included),
        "unwanted": list(request.excluded),
        "moods": list(request.moods),
        "alone": request.is_solo,
        "playing": dict(request.articulations),
        "motifs": {
            name: {"rhythm": [list(pair) for pair in motif.rhythm], "contour": list(motif.contour)}
            for name, motif in composition.motifs.items()
        },
        "progressions": _progressions(request.style, composition.key, seed),
    })  # fmt: skip


def _progressions(style: Style, key: Key, seed: int) -> dict[str, str]:
    """Return the progression of each theme, drawn in the same way as in harmony.write_chords."""
    return {
        theme: random_streams.pick(random_streams.stream(seed, "progression", theme), options)
        for theme, options in style.themes(key).items()
    }


def read_continuation(continuation: Continuation) -> PreviousTrack | None:
    """Parse continuation data. Returns None if another engine or an incompatible version wrote it."""
    try:
        data = continuation.data
        if data["engine"] != ENGINE_KEY or data["schema"] != SCHEMA_VERSION:
            return None
        previous = _parse(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return previous if _is_valid(previous) else None


def _parse(data: Mapping[str, object]) -> PreviousTrack:
    motifs = cast("dict[str, dict[str, object]]", data["motifs"])
    articulations = cast("dict[str, str]", data.get("playing") or {})
    return PreviousTrack(
        str(data["style"]),
        float(cast("float", data["tempo_bpm"])),
        Key(int(cast("int", data["tonic"])), str(data["mode"])),
        int(cast("int", data["seed"])),
        {str(name): str(key) for name, key in cast("dict[str, str]", data["parts"]).items()},
        _instrument_names(data["wanted"]),
        _instrument_names(data["unwanted"]),
        tuple(str(mood) for mood in cast("list[str]", data["moods"])),
        {str(name): _parse_motif(motif) for name, motif in motifs.items()},
        {str(theme): str(chords) for theme, chords in cast("dict[str, str]", data["progressions"]).items()},
        metre.metre_named(str(data.get("metre"))).name,
        data.get("alone") is True,
        {str(name): str(written) for name, written in articulations.items()},
    )


def _instrument_names(names: object) -> tuple[str, ...]:
    texts = (str(name) for name in cast("list[str]", names))
    return tuple(name for name in texts if name in CATALOGUE or name in STEMS)


def _parse_motif(motif: Mapping[str, object]) -> Motif:
    pairs = [(float(start), float(beats)) for start, beats in cast("list[tuple[float, float]]", motif["rhythm"])]
    return Motif(tuple(pairs), tuple(int(step) for step in cast("list[int]", motif["contour"])))


def _is_valid(previous: PreviousTrack) -> bool:
    return (
        previous.style in STYLES
        and 30.0 <= previous.tempo <= 260.0
        and 0 <= previous.key.tonic < 12
        and previous.key.mode in MODES
        and 0 <= previous.seed < 2**64
        and "A" in previous.motifs
        and all(_is_valid_motif(motif) for motif in previous.motifs.values())
    )


def _is_valid_motif(motif: Motif) -> bool:
    starts = [start for start, _ in motif.rhythm]
    return (
        0 < len(starts) == len(motif.contour) <= MAX_MOTIF_NOTES
        and all(math.isfinite(start) and 0.0 <= start < 16.0 for start in starts)
        and all(first < second for first, second in pairwise(starts))
        and all(math.isfinite(beats) and 0.05 <= beats <= 16.0 for _, beats in motif.rhythm)
        and all(abs(step) <= 12 for step in motif.contour)
    )


def continue_from(request: MusicRequest, previous: PreviousTrack, seed: int) -> MusicRequest:
    """Return a request that continues the previous track: style, parts, tempo, metre, key, chords and varied motifs.

    The instruments, moods and form of the request still apply; its tempo, key, metre and style do not.
    """
    style = _previous_style(STYLES[previous.style], previous)
    still_excluded = (name for name in previous.excluded if name not in request.included)
    excluded = tuple(dict.fromkeys((*still_excluded, *request.excluded)))
    included = tuple(dict.fromkeys((*previous.included, *request.included)))
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
        articulations={**previous.articulations, **request.articulations},
        motifs=vary_motifs(previous.motifs, random_streams.stream(seed, "varied")),
    )


def _previous_style(style: Style, previous: PreviousTrack) -> Style:
    """Restrict a style to the instruments, mode and progressions of the previous track."""
    parts = tuple(
        replace(part, instrument=previous.instruments[part.name])
        for part in style.parts
        if previous.instruments.get(part.name) in CATALOGUE
    )
    progressions = {
        f"{previous.key.family} {theme}": (previous.progressions[theme],)
        for theme, options in style.themes(previous.key).items()
        if previous.progressions.get(theme) in options
    }
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
