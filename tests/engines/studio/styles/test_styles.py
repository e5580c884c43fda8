from itertools import combinations
from typing import Final

import pytest

from engines.studio import random_streams
from engines.studio.composing.melody import RHYTHM_CELLS, compose_themes
from engines.studio.effects import chains
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.mixdown import STEM_ORDER
from engines.studio.model.composition import ChordSpan, Section
from engines.studio.model.style import SectionContext, Style
from engines.studio.styles import STYLES
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Key, parse_chord
from engines.studio.theory.voicing import Voicer

SOFT_VELOCITY: Final = 0.35
"""Ghost notes and optional strokes up to this velocity are not part of a groove."""
MAX_COMMON_GROOVE: Final = 0.7
MAX_COMMON_LINE_UP: Final = 0.7
MAX_COMMON_HARMONY: Final = 0.4

EXPECTED = {
    "lofi", "boombap", "trap", "house", "techno", "trance", "dnb", "synthwave", "chiptune", "ambient", "drone",
    "meditation", "jazz", "bossa", "blues", "funk", "neosoul", "reggae", "rock", "metal", "folk", "piano", "quartet",
    "cinematic",
    "pop", "sixties_pop", "eighties_pop", "kpop", "indie", "ballad", "rnb", "soul", "country", "gospel", "hymn",
    "disco", "bigroom", "dubstep", "uk_garage", "hardstyle", "phonk", "hyperpop", "industrial", "punk", "grunge",
    "shoegaze", "ska", "reggaeton", "dancehall", "afrobeats", "amapiano", "salsa", "samba", "cumbia", "tango",
    "flamenco", "mariachi", "celtic", "klezmer", "bollywood", "arabic", "east_asian", "march", "waltz", "baroque",
    "classical_piano", "horror", "christmas", "lullaby", "corporate",
}  # fmt: skip


def test_all_documented_styles_exist() -> None:
    assert set(STYLES) >= EXPECTED


def test_styles_have_different_keywords_and_instruments() -> None:
    keywords = [keyword for style in STYLES.values() for keyword in style.keywords]
    assert len(keywords) == len(set(keywords))
    instruments = {tuple(sorted(part.instrument for part in style.parts)) for style in STYLES.values()}
    assert len(instruments) == len(STYLES)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_the_references_of_a_style_are_valid(style: Style) -> None:
    assert style.tempo_range[0] <= style.tempo_range[1] <= style.tempo_range[2]
    assert style.melody_feel in RHYTHM_CELLS
    assert len({part.name for part in style.parts}) == len(style.parts)
    for part in style.parts:
        assert part.stem in STEM_ORDER
        assert part.instrument in CATALOGUE
        assert set(part.effects) <= {*chains.INSERT_EFFECTS, *chains.DUCKING_EFFECTS, *chains.TREMOLO_EFFECTS}


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_every_chord_of_a_style_is_valid_in_its_modes(style: Style) -> None:
    for mode in style.modes:
        key = Key(0, mode)
        lines = [line for options in style.themes(key).values() for line in options]
        tokens = [token for line in (*lines, *style.cadence) for token in line.replace("|", " ").split()]
        assert all(len(parse_chord(token, key).tones) >= 2 for token in tokens)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_the_form_and_the_progressions_of_a_style_have_theme_a(style: Style) -> None:
    themes = {theme for _, theme, _ in (style.form.intro, *style.form.body, style.form.outro)}
    assert {"A"} <= themes
    assert set(style.progressions) >= {"major A", "minor A"}


def groove_of(style: Style) -> frozenset[tuple[int | str, float]]:
    """Return the drum strokes of four loud bars, or the onsets of all parts if the style has no drums."""
    mode = "minor" if "minor" in style.modes else style.modes[0]
    key, voicer, metre = Key(0, mode), Voicer(rootless=False), metre_named(style.metre)
    bar_beats = metre.progression_bar
    chords = [parse_chord(numeral, key) for numeral in ("i", "iv", "V", "i")]
    spans = tuple(ChordSpan(bar * bar_beats, bar_beats, chord, voicer.voice(chord)) for bar, chord in enumerate(chords))
    section = Section("verse", "A", 0.0, 4 * bar_beats, 0.8, 0, is_first=True, is_last=False)
    motifs = compose_themes(random_streams.stream(1), style.melody_feel, metre)
    onsets: set[tuple[int | str, float]] = set()
    drums = [part for part in style.parts if part.stem == "drums"]
    for part in drums or style.parts:
        context = SectionContext(section, spans, key, motifs, (), random_streams.stream(1), metre=metre)
        notes = [note for note in part.writer(context) if note.velocity > SOFT_VELOCITY]
        onsets |= {(note.pitch if drums else part.stem, round(note.start, 3)) for note in notes}
    return frozenset(onsets)


def similarity(first: frozenset[object], second: frozenset[object]) -> float:
    """Return the share of common elements (Jaccard index)."""
    return len(first & second) / max(1, len(first | second))


def test_every_two_styles_differ_in_groove_line_up_and_harmony() -> None:
    grooves = {key: groove_of(style) for key, style in STYLES.items()}
    instruments = {key: frozenset(part.instrument for part in style.parts) for key, style in STYLES.items()}
    line_ups = {key: line_up for key, line_up in instruments.items() if len(line_up) > 1}
    harmonies = {
        key: frozenset(line for lines in style.progressions.values() for line in lines) for key, style in STYLES.items()
    }
    limits = ((grooves, MAX_COMMON_GROOVE), (line_ups, MAX_COMMON_LINE_UP), (harmonies, MAX_COMMON_HARMONY))
    for properties, limit in limits:
        too_similar = [
            pair for pair in combinations(properties, 2) if similarity(*(properties[key] for key in pair)) > limit
        ]
        assert too_similar == []
