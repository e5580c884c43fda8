from dataclasses import replace

import numpy as np
import pytest

from engines.studio import random_streams
from engines.studio.arranging import arrangement
from engines.studio.arranging.presence import SHARES
from engines.studio.composing import comping
from engines.studio.dsp.loudness import LEVEL_FRAMES
from engines.studio.mixing import mastering
from engines.studio.mixing.instrument_use import instrument_uses
from engines.studio.model.composition import ChordSpan, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord
from tests.support.audio.performances import performed

KEY = Key(9, "minor")
PATTERNS = ("X...x...", "X..x..x.", "..x...x.", "x.x.x.x.")
SECOND = 44_100 // LEVEL_FRAMES


def section_context(start: float, seed: int) -> SectionContext:
    section = Section("verse", "A", start, 32.0, 0.6, seed, is_first=False, is_last=False)
    spans = tuple(ChordSpan(start + 4 * bar, 4.0, parse_chord("i7", KEY), (57, 60, 64, 67)) for bar in range(8))
    theme_rng = random_streams.stream(5, "theme", "harmony", "A")
    return SectionContext(section, spans, KEY, {}, (), random_streams.stream(seed), theme_rng=theme_rng)


def test_a_riff_repeats_two_bars_with_a_variation_in_every_fourth() -> None:
    bars = comping.choose_riff(section_context(0.0, 1), PATTERNS)
    assert len(bars) == 8
    assert bars[0:2] == bars[4:6]
    assert bars[0] == bars[2]
    assert bars[3] == bars[7]


def test_a_riff_depends_only_on_its_theme() -> None:
    writer = comping.stabs(*PATTERNS)
    first, again = (
        {(note.start - start, note.pitch) for note in writer(section_context(start, seed))}
        for start, seed in ((0.0, 1), (64.0, 2))
    )
    assert first == again


def beats(notes: tuple[Note, ...], section: Section) -> set[float]:
    inside = (note.start - section.start for note in notes if section.start <= note.start < section.end - 4)
    return {round(4 * beat) / 4 for beat in inside}


def test_a_melody_is_recognisable_when_its_section_returns() -> None:
    arranged = arrangement.compose(reader.read("rock, 124 bpm", ()), 120.0, 1)
    verses = [section for section in arranged.composition.sections if section.name == "verse"]
    assert len(verses) >= 2
    first, second = (beats(arranged.composition.notes["lead guitar"], section) for section in verses[:2])
    assert len(first & second) / len(first | second) > 0.6


@pytest.mark.parametrize("key", [key for key, style in STYLES.items() if any(p.stem == "melody" for p in style.parts)])
def test_most_of_the_body_has_a_melody(key: str) -> None:
    arranged = arrangement.compose(reader.read(f"calm {STYLES[key].keywords[0]}", ()), 90.0, 3)
    part_names = [part.name for part in arranged.parts if part.stem == "melody"]
    notes = [note for name in part_names for note in arranged.composition.notes[name]]
    body = arranged.composition.sections[1:-2]
    with_melody = [
        section.beats for section in body if any(section.start <= note.start < section.end for note in notes)
    ]
    assert sum(with_melody) >= SHARES["melody"] * sum(section.beats for section in body)


def share_with(arranged: arrangement.Arrangement, stem: str) -> float:
    """Return the share of the track's sections in which a stem plays."""
    composition = arranged.composition
    notes = [note for part in arranged.parts if part.stem == stem for note in composition.notes[part.name]]
    playing = [
        section.beats
        for section in composition.sections
        if any(section.start - 1e-6 <= note.start < section.end for note in notes)
    ]
    return sum(playing) / composition.beats


@pytest.mark.parametrize("mood", ["relaxing", "sad", "sleepy, calm and dreamy"])
@pytest.mark.parametrize("key", [key for key in STYLES if {"bass", "melody"} <= {p.stem for p in STYLES[key].parts}])
def test_calm_moods_keep_bass_and_tune(key: str, mood: str) -> None:
    arranged = arrangement.compose(reader.read(f"{mood} {STYLES[key].keywords[0]}", ()), 45.0, 2)
    assert share_with(arranged, "bass") >= SHARES["bass"]
    assert share_with(arranged, "melody") >= SHARES["melody"] - 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("style", ["lofi hip hop", "reggae", "trap", "neo-soul", "boom bap", "cinematic orchestra"])
def test_bass_and_tune_sound_in_most_of_a_relaxing_track(style: str, seed: int) -> None:
    """The share that the report states, with rests of at most four seconds."""
    found = performed(f"relaxing {style}", seed, 60.0)
    for stem, share in (("bass", 0.85), ("melody", 0.55)):
        parts = [replace(part, instrument="piano") for part in found.parts if part.stem == stem]
        [use] = instrument_uses(parts, found.notes, found.seconds, {stem: 1.0})
        assert use.share >= share


@pytest.mark.parametrize("key", STYLES)
@pytest.mark.parametrize("mode", ["minor", "major", "dorian"])
def test_a_requested_mode_is_played(key: str, mode: str) -> None:
    composition = arrangement.compose(reader.read(f"{STYLES[key].keywords[0]} in A {mode}", ()), 8.0, 5).composition
    assert composition.key == Key(9, mode)


def test_fader_rides_leave_a_fade_out_unchanged() -> None:
    levels = np.repeat([-20.0, -12.0, -20.0], [20 * SECOND, 20 * SECOND, 20 * SECOND])
    levels[-16 * SECOND :] -= np.linspace(0.0, 50.0, 16 * SECOND)
    gains = 20 * np.log10(mastering.ride_fader(10 ** (levels / 10), fade_seconds=16.0))
    assert np.ptp(gains[-13 * SECOND : -2 * SECOND]) < 0.3
    assert np.ptp(gains) > 1.0


def test_fader_rides_preserve_a_requested_dynamic_range() -> None:
    powers = 10 ** (np.linspace(-24.0, -16.0, 60 * SECOND) / 10)
    usual, shaped = (
        np.ptp(20 * np.log10(mastering.ride_fader(powers, (3.0, widest))))
        for widest in (4.6, mastering.MAX_SHAPED_RANGE_LU)
    )
    assert usual > 1.5
    assert shaped < 0.5
