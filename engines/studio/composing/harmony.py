"""Chords: the progressions of a style, reharmonised when they return, and voiced."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import chord_colours
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Plan, Section
from engines.studio.model.style import Style
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Chord, Key, parse_chord
from engines.studio.theory.voicing import CENTRE_PITCH, Voicer

Bars = list[tuple[str, ...]]
CACHED_SCALES: Final = 4096
ROOT_NUMERAL: Final = re.compile(r"[b#]?[IViv]+")


def write_chords(
    style: Style, plan: Plan, key: Key, seed: int, metre: Metre = COMMON_TIME, *, is_static: bool = False
) -> tuple[ChordSpan, ...]:
    """Write the chords of a composition, without gaps, from beat 0 to the end.

    With ``is_static`` all sections repeat the chords of the first one.
    """
    voicer = _choose_voicer(style, seed)
    spans: list[ChordSpan] = []
    if is_static:
        style = replace(style, reharmonisation=0.0)
    for index, section in enumerate(plan.sections):
        if is_static and index and section.name != LAST_CHORD:
            spans.extend(_repeated_spans(spans, section))
            continue
        bars = _section_bars(style, plan, index, key, metre, seed)
        if style.suspensions and not is_static and section.name != LAST_CHORD:
            bars = chord_colours.with_suspensions(
                bars, style, key, random_streams.stream(seed, "suspensions", section.theme)
            )
        spans.extend(_chord_spans(section, bars, section.key_from(key), metre, voicer))
    return tuple(_merge_repeated(spans, metre, {section.start for section in plan.sections}))


def _choose_voicer(style: Style, seed: int) -> Voicer:
    """Choose the register and the spread of the voicings of a track."""
    rng = random_streams.stream(seed, "voicing")
    return Voicer(
        rootless=style.reharmonisation >= 0.2,
        centre=CENTRE_PITCH + random_streams.pick(rng, (-2.0, 0.0, 2.0)),
        span=random_streams.pick(rng, (None, None, 12.0, 17.0)),
    )


def _repeated_spans(spans: Sequence[ChordSpan], section: Section) -> list[ChordSpan]:
    """Repeat the first spans in a section that is not longer than the first one."""
    return [
        replace(span, start=section.start + span.start, beats=min(span.beats, section.beats - span.start))
        for span in spans
        if span.start < section.beats - 1e-6
    ]


def _section_bars(style: Style, plan: Plan, index: int, key: Key, metre: Metre, seed: int) -> Bars:
    section = plan.sections[index]
    if section.name == LAST_CHORD:
        return [(tonic_chord(style, key),)]
    theme = _progression(style, key, section.theme, seed)
    count = round(section.beats / metre.progression_bar)
    rng = random_streams.stream(seed, "harmony", section.name, section.repetition)
    bars = [_bar_chords(theme, bar, style, rng, section.repetition) for bar in range(count)]
    if index == len(plan.sections) - 2 and count > 1:
        bars[-1] = tuple(style.cadence[key.is_minor].split())
    return bars


def tonic_chord(style: Style, key: Key) -> str:
    """Return the numeral of the tonic chord in the progressions of a style."""
    themes = style.themes(key)
    tokens = [
        token
        for theme in sorted(themes)
        for progression in themes[theme]
        for token in progression.replace("|", " ").split()
    ]
    tonics = [token for token in tokens if token.rstrip("abdgijmsu0123456789#") in {"I", "i", ""} and _is_tonic(token)]
    return tonics[0] if tonics else ("i" if key.is_minor else "I")


def _is_tonic(token: str) -> bool:
    return token.startswith(("I", "i")) and not token.startswith(("II", "ii", "IV", "iv")) and "/" not in token


def _progression(style: Style, key: Key, theme: str, seed: int) -> Bars:
    themes = style.themes(key)
    chosen = {
        name: random_streams.pick(random_streams.stream(seed, "progression", name), options)
        for name, options in themes.items()
    }
    progression = chosen.get(theme) or _further_progression(themes, theme, tuple(chosen.values()), seed)
    return [tuple(bar.split()) for bar in progression.split("|")]


def _further_progression(themes: Mapping[str, tuple[str, ...]], theme: str, taken: tuple[str, ...], seed: int) -> str:
    """Choose a progression for a theme that a style lacks, if possible one that no other theme has."""
    options = tuple(dict.fromkeys(option for known in themes.values() for option in known))
    free = tuple(option for option in options if option not in taken) or options
    order = random_streams.stream(seed, "progressions").permutation(len(free))
    return free[int(order[ord(theme[0]) % len(free)])]


def _bar_chords(theme: Bars, bar: int, style: Style, rng: np.random.Generator, repetition: int) -> tuple[str, ...]:
    chords = theme[bar % len(theme)]
    repetitions = bar // len(theme) + repetition
    following = theme[(bar + 1) % len(theme)][0]
    if repetitions == 0 or bar % 4 == 0 or not random_streams.chance(rng, style.reharmonisation):
        return chords
    return _reharmonised(chords, following, rng)


def _reharmonised(chords: tuple[str, ...], following: str, rng: np.random.Generator) -> tuple[str, ...]:
    numeral = ROOT_NUMERAL.match(following)
    target = f"/{numeral.group()}" if numeral else ""
    approach, tritone = f"V7{target}", f"bII7{target}"
    options = ((chords[0], approach), (chords[0], tritone), _modal_interchange(chords))
    weights = (0.55, 0.15, 0.3)
    return options[int(rng.choice(3, p=weights))]


def _modal_interchange(chords: tuple[str, ...]) -> tuple[str, ...]:
    substitutes = {"IV": "iv6", "IVmaj7": "iv7", "IVmaj9": "iv9", "ii7": "ii7 iv6", "V": "bVII", "I": "Iadd9"}
    return tuple(substitutes.get(chords[-1], chords[-1]).split()) if len(chords) == 1 else chords


def _chord_spans(section: Section, bars: Bars, key: Key, metre: Metre, voicer: Voicer) -> list[ChordSpan]:
    length = section.beats / max(1, len(bars))
    spans = []
    for index, tokens in enumerate(bars):
        start = section.start + index * length
        for token, chord_beats in zip(tokens, metre.chord_lengths(len(tokens)), strict=True):
            if not chord_beats:
                continue
            chord, beats = parse_chord(token, key), chord_beats * length / metre.progression_bar
            spans.append(ChordSpan(start, beats, chord, voicer.voice(chord)))
            start += beats
    return spans


def _merge_repeated(spans: list[ChordSpan], metre: Metre, section_starts: Container[float]) -> list[ChordSpan]:
    """Merge equal neighbours within two bars of a section."""
    merged: list[ChordSpan] = []
    for span in spans:
        is_inside = span.start % (2 * metre.progression_bar) != 0 and span.start not in section_starts
        if merged and merged[-1].chord == span.chord and is_inside:
            last = merged.pop()
            merged.append(ChordSpan(last.start, last.beats + span.beats, last.chord, last.voicing))
        else:
            merged.append(span)
    return merged


@lru_cache(CACHED_SCALES)
def chord_scale(span_chord: Chord, key: Key) -> tuple[int, ...]:
    """Return the pitch classes of the chord, and those of the key that do not clash with its altered tones."""
    altered = [tone for tone in span_chord.tones if tone not in key.scale]
    merged = [tone for tone in key.scale if all((tone - other) % 12 not in {1, 11} for other in altered)]
    return tuple(sorted({*merged, *span_chord.tones}))
