"""Chords over time: a style's progressions, reharmonised when they return, voiced with little motion."""

import re
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.model.composition import ChordSpan, Section
from engines.studio.model.plan import LAST_CHORD, Plan
from engines.studio.model.style import Style
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Chord, Key, parse_chord
from engines.studio.theory.voicing import Voicer

Bars = list[tuple[str, ...]]
ROOT_NUMERAL: Final = re.compile(r"[b#]?[IViv]+")


def write_chords(style: Style, plan: Plan, key: Key, seed: int, metre: Metre = COMMON_TIME) -> tuple[ChordSpan, ...]:
    """The chords of a whole piece, contiguous, from beat 0 to its end."""
    voicer = Voicer(rootless=style.reharmonisation >= 0.2)
    written: list[ChordSpan] = []
    for place, section in enumerate(plan.sections):
        bars = _section_bars(style, plan, place, key, metre, seed)
        written.extend(_chord_spans(section, bars, key, metre, voicer))
    return tuple(_merge_repeated(written, metre))


def _section_bars(style: Style, plan: Plan, place: int, key: Key, metre: Metre, seed: int) -> Bars:
    section = plan.sections[place]
    if section.name == LAST_CHORD:
        return [(tonic_chord(style, key),)]
    theme = _progression(style, key, section.theme, seed)
    count = round(section.beats / metre.progression_bar)
    rng = random_streams.stream(seed, "harmony", section.name, section.repetition)
    bars = [_bar_chords(theme, bar, style, rng, section.repetition) for bar in range(count)]
    if place == len(plan.sections) - 2 and count > 1:
        bars[-1] = tuple(style.cadence[key.is_minor].split())
    return bars


def tonic_chord(style: Style, key: Key) -> str:
    """The tonic chord as this style colours it."""
    first = style.progressions[key.family]["A"]
    tokens = [token for progression in first for token in progression.replace("|", " ").split()]
    homes = [token for token in tokens if token.rstrip("abdgijmsu0123456789#") in {"I", "i", ""} and _is_tonic(token)]
    return homes[0] if homes else ("i" if key.is_minor else "I")


def _is_tonic(token: str) -> bool:
    return token.startswith(("I", "i")) and not token.startswith(("II", "ii", "IV", "iv")) and "/" not in token


def _progression(style: Style, key: Key, theme: str, seed: int) -> Bars:
    table = style.progressions[key.family]
    options = table.get(theme, table["A"])
    progression = random_streams.pick(random_streams.stream(seed, "progression", theme), options)
    return [tuple(bar.split()) for bar in progression.split("|")]


def _bar_chords(theme: Bars, bar: int, style: Style, rng: np.random.Generator, visit: int) -> tuple[str, ...]:
    chords = theme[bar % len(theme)]
    turns = bar // len(theme) + visit
    following = theme[(bar + 1) % len(theme)][0]
    if turns == 0 or bar % 4 == 0 or not random_streams.chance(rng, style.reharmonisation):
        return chords
    return _reharmonised(chords, following, rng)


def _reharmonised(chords: tuple[str, ...], following: str, rng: np.random.Generator) -> tuple[str, ...]:
    goal = ROOT_NUMERAL.match(following)
    target = f"/{goal.group()}" if goal else ""
    approach, tritone = f"V7{target}", f"bII7{target}"
    options = ((chords[0], approach), (chords[0], tritone), _modal_interchange(chords))
    weights = (0.55, 0.15, 0.3)
    return options[int(rng.choice(3, p=weights))]


def _modal_interchange(chords: tuple[str, ...]) -> tuple[str, ...]:
    swap = {"IV": "iv6", "IVmaj7": "iv7", "IVmaj9": "iv9", "ii7": "ii7 iv6", "V": "bVII", "I": "Iadd9"}
    return tuple(swap.get(chords[-1], chords[-1]).split()) if len(chords) == 1 else chords


def _chord_spans(section: Section, bars: Bars, key: Key, metre: Metre, voicer: Voicer) -> list[ChordSpan]:
    length = section.beats / max(1, len(bars))
    spans = []
    for place, tokens in enumerate(bars):
        start = section.start + place * length
        for token, share in zip(tokens, metre.chord_lengths(len(tokens)), strict=True):
            sound, beats = parse_chord(token, key), share * length / metre.progression_bar
            spans.append(ChordSpan(start, beats, sound, voicer.voice(sound)))
            start += beats
    return spans


def _merge_repeated(spans: list[ChordSpan], metre: Metre) -> list[ChordSpan]:
    kept: list[ChordSpan] = []
    for span in spans:
        if kept and kept[-1].chord == span.chord and span.start % (2 * metre.progression_bar) != 0:
            last = kept.pop()
            kept.append(ChordSpan(last.start, last.beats + span.beats, last.chord, last.voicing))
        else:
            kept.append(span)
    return kept


def chord_scale(span_chord: Chord, key: Key) -> tuple[int, ...]:
    """The scale a melody uses over a chord: its tones, and the key's where they do not rub against altered ones."""
    altered = [tone for tone in span_chord.tones if tone not in key.scale]
    kept = [tone for tone in key.scale if all((tone - other) % 12 not in {1, 11} for other in altered)]
    return tuple(sorted({*kept, *span_chord.tones}))
