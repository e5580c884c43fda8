"""The style of one track: each seed selects its line-up, chords, form and master within the style."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.arranging import form_variation
from engines.studio.composing import progressions
from engines.studio.composing.chromatic_chords import with_chromatic_chords
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, Style
from engines.studio.orchestration.line_up import choose_line_up
from engines.studio.theory.pitch import Key

MASTERS: Final = ((0.7, -0.8), (0.9, 0.8), (1.0, 0.0), (1.15, 0.4), (1.3, -0.4))
"""Factors of the bus compression, and additional treble in dB."""


def choose_track_style(request: MusicRequest, seed: int) -> MusicRequest:
    """Return the request with the style of the track. What the request determines stays as it is."""
    style = request.style
    mode = request.mode or random_streams.pick(random_streams.stream(seed, "mode"), style.modes)
    master = random_streams.pick(random_streams.stream(seed, "master"), MASTERS)
    varied = replace(
        style,
        modes=(mode,),
        parts=_with_stage(choose_line_up(request, seed), seed),
        progressions=_progressions(style, Key(0, mode), seed),
        form=form_variation.vary_form(style, seed),
        bus_compression=round(style.bus_compression * master[0], 3),
        treble_db=style.treble_db + master[1],
    )
    return replace(request, style=varied)


def _progressions(style: Style, key: Key, seed: int) -> Mapping[str, tuple[str, ...]]:
    composed = progressions.compose_progressions(style.themes(key), key, seed, phrase_bars=style.form.phrase_bars)
    lines = {}
    for theme, bars in composed.items():
        rng = random_streams.stream(seed, "chromatic chords", theme)
        coloured = with_chromatic_chords(bars, style.chromatic_chords, style.chromaticism, rng, is_minor=key.is_minor)
        lines[f"{key.family} {theme}"] = (" | ".join(" ".join(bar) for bar in coloured),)
    return {**style.progressions, **lines}


def _with_stage(parts: tuple[Part, ...], seed: int) -> tuple[Part, ...]:
    """Seat the parts as the style does or the other way round."""
    if random_streams.chance(random_streams.stream(seed, "stage"), 0.5):
        return parts
    return tuple(replace(part, pan=-part.pan) for part in parts)
