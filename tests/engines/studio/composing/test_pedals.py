from dataclasses import replace

import numpy as np
import pytest

from engines.studio.composing.pedals import (
    DOMINANT,
    EMPHASIS,
    FOURTH,
    MAX_CARRIERS,
    SECOND,
    repeated_tone,
    with_repeated_tone,
)
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

KEY = Key(0, "major")
G = 7
SECTION = Section("verse", "A", 0.0, 8.0, 0.6, 0, is_first=False, is_last=False)
STYLE = replace(STYLES["pop"], repeated_tones=1.0)
PARTS = STYLES["pop"].parts


def context(chord: str) -> SectionContext:
    spans = (ChordSpan(0.0, 8.0, parse_chord(chord, KEY), (53, 57, 60)),)
    return SectionContext(SECTION, spans, KEY, {}, (), np.random.default_rng(1))


def changed(*notes: tuple[float, int], chord: str = "IV") -> list[tuple[float, int]]:
    written = [Note(start, 1.0, pitch, 0.5) for start, pitch in notes]
    return [(note.start, note.pitch) for note in with_repeated_tone(written, G, context(chord))]


def tones(section: Section, seed: int, key: Key = KEY) -> dict[str, int]:
    found = {part.name: repeated_tone(part, PARTS, section, key, STYLE, seed) for part in PARTS}
    return {name: tone for name, tone in found.items() if tone is not None}


def test_the_tone_replaces_the_highest_note_of_chords() -> None:
    assert changed((0.0, 53), (0.0, 57), (0.0, 60)) == [(0.0, 53), (0.0, 57), (0.0, 55)]
    assert changed((0.0, 53), (0.03, 60), (0.06, 65)) == [(0.0, 53), (0.03, 60), (0.06, 67)]


def test_every_second_single_note_is_the_tone() -> None:
    assert changed((0.0, 53), (1.0, 57), (2.0, 60), (3.0, 65)) == [(0.0, 53), (1.0, 55), (2.0, 60), (3.0, 67)]


def test_a_chord_with_the_tone_a_semitone_below_stays() -> None:
    assert changed((0.0, 54), (0.0, 57), (0.0, 62), chord="II") == [(0.0, 54), (0.0, 57), (0.0, 62)]


def test_the_tone_is_louder_than_the_note_that_it_replaces() -> None:
    chord = [Note(0.0, 1.0, pitch, 0.5) for pitch in (53, 57, 60)]
    velocities = [note.velocity for note in with_repeated_tone(chord, G, context("IV"))]
    assert velocities == pytest.approx([0.5, 0.5, 0.5 * EMPHASIS])
    assert with_repeated_tone([], G, context("IV")) == []


def test_few_accompaniments_share_one_tone_that_returns_with_its_theme() -> None:
    for seed in range(20):
        found = tones(SECTION, seed)
        assert 1 <= len(found) <= MAX_CARRIERS
        assert len(set(found.values())) == 1
        assert {part.stem for part in PARTS if part.name in found} <= {"harmony", "texture"}
        assert tones(replace(SECTION, name="chorus", start=32.0), seed) == found


def test_the_tone_depends_on_the_family_of_the_key_and_is_in_its_scale() -> None:
    expected = {"major": {SECOND, DOMINANT}, "minor": {FOURTH, DOMINANT}, "hirajoshi": {DOMINANT}}
    for mode, degrees in expected.items():
        assert {tone for seed in range(20) for tone in tones(SECTION, seed, Key(0, mode)).values()} == degrees


def test_the_last_chord_and_styles_of_strict_part_writing_have_none() -> None:
    assert tones(replace(SECTION, name=LAST_CHORD), 1) == {}
    assert {key for key, style in STYLES.items() if not style.repeated_tones} == {"baroque", "hymn", "quartet"}
