"""What a track leaves for the one that follows, as JSON: band, tempo, key, motifs, chords; and how it is taken up."""

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
"""No motif has more notes than this."""


@dataclass(frozen=True, slots=True)
class PreviousTrack:
    """What is known of the track before: ``parts`` are seats and their instruments."""

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


def build_continuation(brief: MusicRequest, arrangement: Arrangement, seed: int) -> Continuation:
    """What a piece leaves."""
    piece = arrangement.composition
    return Continuation({
        "engine": ENGINE_KEY,
        "schema": SCHEMA_VERSION,
        "style": brief.style.key,
        "tempo_bpm": round(piece.counted_tempo, 6),
        "tonic": piece.key.tonic,
        "mode": piece.key.mode,
        "metre": piece.metre,
        "grid_seconds": round(60.0 * metre.metre_named(piece.metre).bar_length / piece.tempo, 6),
        "seed": seed,
        "parts": {part.name: part.instrument for part in arrangement.parts},
        "wanted": list(brief.included),
        "unwanted": list(brief.excluded),
        "moods": list(brief.moods),
        "alone": brief.is_solo,
        "playing": dict(brief.articulations),
        "motifs": {
            name: {"rhythm": [list(pair) for pair in motif.rhythm], "contour": list(motif.contour)}
            for name, motif in piece.motifs.items()
        },
        "progressions": _progressions(brief.style, piece.key, seed),
    })  # fmt: skip


def _progressions(style: Style, key: Key, seed: int) -> dict[str, str]:
    """The progression of each theme, as harmony.write draws it."""
    table = style.progressions[key.family]
    return {
        theme: random_streams.pick(random_streams.stream(seed, "progression", theme), options)
        for theme, options in table.items()
    }


def read_continuation(continuation: Continuation) -> PreviousTrack | None:
    """What a continuation says; None for what this engine did not write or can no longer read."""
    try:
        data = continuation.data
        if data["engine"] != ENGINE_KEY or data["schema"] != SCHEMA_VERSION:
            return None
        earlier = _parse(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return earlier if _is_valid(earlier) else None


def _parse(data: Mapping[str, object]) -> PreviousTrack:
    return PreviousTrack(
        str(data["style"]),
        float(cast("float", data["tempo_bpm"])),
        Key(int(cast("int", data["tonic"])), str(data["mode"])),
        int(cast("int", data["seed"])),
        {str(name): str(key) for name, key in cast("dict[str, str]", data["parts"]).items()},
        _instrument_names(data["wanted"]),
        _instrument_names(data["unwanted"]),
        tuple(str(mood) for mood in cast("list[str]", data["moods"])),
        {str(name): _parse_motif(row) for name, row in cast("dict[str, dict[str, object]]", data["motifs"]).items()},
        {str(name): str(row) for name, row in cast("dict[str, str]", data["progressions"]).items()},
        metre.metre_named(str(data.get("metre"))).name,
        data.get("alone") is True,
        {str(way): str(told) for way, told in cast("dict[str, str]", data.get("playing") or {}).items()},
    )


def _instrument_names(row: object) -> tuple[str, ...]:
    names = (str(name) for name in cast("list[str]", row))
    return tuple(name for name in names if name in CATALOGUE or name in STEMS)


def _parse_motif(row: Mapping[str, object]) -> Motif:
    pairs = [(float(beat), float(beats)) for beat, beats in cast("list[tuple[float, float]]", row["rhythm"])]
    return Motif(tuple(pairs), tuple(int(move) for move in cast("list[int]", row["contour"])))


def _is_valid(earlier: PreviousTrack) -> bool:
    return (
        earlier.style in STYLES
        and 30.0 <= earlier.tempo <= 260.0
        and 0 <= earlier.key.tonic < 12
        and earlier.key.mode in MODES
        and 0 <= earlier.seed < 2**64
        and "A" in earlier.motifs
        and all(_is_valid_motif(motif) for motif in earlier.motifs.values())
    )


def _is_valid_motif(motif: Motif) -> bool:
    beats = [beat for beat, _ in motif.rhythm]
    return (
        0 < len(beats) == len(motif.contour) <= MAX_MOTIF_NOTES
        and all(math.isfinite(beat) and 0.0 <= beat < 16.0 for beat in beats)
        and all(one < two for one, two in pairwise(beats))
        and all(math.isfinite(length) and 0.05 <= length <= 16.0 for _, length in motif.rhythm)
        and all(abs(move) <= 12 for move in motif.contour)
    )


def continue_from(brief: MusicRequest, earlier: PreviousTrack, seed: int) -> MusicRequest:
    """A brief that follows the earlier track: its style, band, tempo, metre, key, chords, and its motifs, varied.

    What was asked of instruments, mood and form still counts; a tempo, key, metre or style that was asked for does not.
    """
    style = _previous_style(STYLES[earlier.style], earlier)
    unwanted = tuple(
        dict.fromkeys((*(name for name in earlier.excluded if name not in brief.included), *brief.excluded))
    )
    wanted = tuple(dict.fromkeys((*earlier.included, *brief.included)))
    return replace(
        brief,
        style=style,
        tempo=earlier.tempo,
        tonic=earlier.key.tonic,
        mode=earlier.key.mode,
        metre=earlier.metre,
        moods=brief.moods or earlier.moods,
        energy=max(0.1, min(1.0, style.energy + brief.energy - brief.style.energy)),
        included=tuple(name for name in wanted if name not in unwanted),
        excluded=unwanted,
        is_solo=brief.is_solo or earlier.is_solo,
        articulations={**earlier.articulations, **brief.articulations},
        motifs=vary_motifs(earlier.motifs, random_streams.stream(seed, "varied")),
    )


def _previous_style(style: Style, earlier: PreviousTrack) -> Style:
    """A style that has no choice but that of the earlier track."""
    seats = tuple(
        replace(part, instrument=earlier.instruments[part.name])
        for part in style.parts
        if _has_instrument(part.name, earlier)
    )
    table = style.progressions[earlier.key.family]
    kept = {
        theme: (earlier.progressions[theme],) if earlier.progressions.get(theme) in options else options
        for theme, options in table.items()
    }
    progressions = {**style.progressions, earlier.key.family: kept}
    return replace(style, parts=seats or style.parts, modes=(earlier.key.mode,), progressions=progressions)


def _has_instrument(name: str, earlier: PreviousTrack) -> bool:
    return earlier.instruments.get(name) in CATALOGUE


def vary_motifs(motifs: Mapping[str, Motif], rng: np.random.Generator) -> dict[str, Motif]:
    """The first theme with another ending, the others upside down or as they were: known again, yet not the same."""
    return {
        name: _with_other_ending(motif, rng)
        if name == "A"
        else _inverted(motif)
        if random_streams.chance(rng, 0.5)
        else motif
        for name, motif in motifs.items()
    }


def _with_other_ending(motif: Motif, rng: np.random.Generator) -> Motif:
    kept = -(-2 * len(motif.contour) // 3)
    step = int(rng.choice((-2, -1, 1, 2)))
    tail = tuple(max(-5, min(6, move + step)) for move in motif.contour[kept:])
    return replace(motif, contour=(*motif.contour[:kept], *tail))


def _inverted(motif: Motif) -> Motif:
    return replace(motif, contour=tuple(-move for move in motif.contour))
