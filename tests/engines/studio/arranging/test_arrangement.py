import numpy as np
import pytest

from engines.studio import random_streams
from engines.studio.arranging import arrangement
from engines.studio.arranging.arrangement import MELODY_SHARE
from engines.studio.composing import comping
from engines.studio.dsp.loudness import LEVEL_FRAMES
from engines.studio.mixing import mastering
from engines.studio.model.composition import ChordSpan, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

KEY = Key(9, "minor")
STRIPS = ("X...x...", "X..x..x.", "..x...x.", "x.x.x.x.")
SECOND = 44_100 // LEVEL_FRAMES


def scene(start: float, throw: int) -> SectionContext:
    section = Section("verse", "A", start, 32.0, 0.6, throw, is_first=False, is_last=False)
    spans = tuple(ChordSpan(start + 4 * bar, 4.0, parse_chord("i7", KEY), (57, 60, 64, 67)) for bar in range(8))
    memory = random_streams.stream(5, "theme", "harmony", "A")
    return SectionContext(section, spans, KEY, {}, (), random_streams.stream(throw), theme_rng=memory)


def test_a_riff_is_two_bars_that_stay_and_a_turn_in_every_fourth() -> None:
    bars = comping.choose_riff(scene(0.0, 1), STRIPS)
    assert len(bars) == 8
    assert bars[0:2] == bars[4:6]
    assert bars[0] == bars[2]
    assert bars[3] == bars[7]


def test_a_theme_brings_its_riff_back_whatever_else_the_dice_say() -> None:
    player = comping.stabs(*STRIPS)
    first, again = (
        {(note.start - start, note.pitch) for note in player(scene(start, throw))}
        for start, throw in ((0.0, 1), (64.0, 2))
    )
    assert first == again


def beats(notes: tuple[Note, ...], section: Section) -> set[float]:
    inside = (note.start - section.start for note in notes if section.start <= note.start < section.end - 4)
    return {round(4 * beat) / 4 for beat in inside}


def test_a_tune_is_known_again_when_its_section_returns() -> None:
    made = arrangement.compose(reader.read("rock, 124 bpm", ()), 120.0, 1)
    verses = [section for section in made.composition.sections if section.name == "verse"]
    assert len(verses) >= 2
    one, two = (beats(made.composition.notes["lead guitar"], section) for section in verses[:2])
    assert len(one & two) / len(one | two) > 0.6


@pytest.mark.parametrize("key", [key for key, style in STYLES.items() if any(p.stem == "melody" for p in style.parts)])
def test_most_of_the_body_has_a_tune(key: str) -> None:
    made = arrangement.compose(reader.read(f"calm {STYLES[key].keywords[0]}", ()), 90.0, 3)
    seats = [part.name for part in made.parts if part.stem == "melody"]
    notes = [note for name in seats for note in made.composition.notes[name]]
    body = made.composition.sections[1:-2]
    sung = [section.beats for section in body if any(section.start <= note.start < section.end for note in notes)]
    assert sum(sung) >= MELODY_SHARE * sum(section.beats for section in body)


def test_the_hand_on_the_fader_rests_while_a_fade_out_lasts() -> None:
    level = np.repeat([-20.0, -12.0, -20.0], [20 * SECOND, 20 * SECOND, 20 * SECOND])
    level[-16 * SECOND :] -= np.linspace(0.0, 50.0, 16 * SECOND)
    gains = 20 * np.log10(mastering.ride_fader(10 ** (level / 10), fade_seconds=16.0))
    assert np.ptp(gains[-13 * SECOND : -2 * SECOND]) < 0.3
    assert np.ptp(gains) > 1.0


def test_a_range_that_was_asked_for_is_left_alone() -> None:
    powers = 10 ** (np.linspace(-24.0, -16.0, 60 * SECOND) / 10)
    usual, shaped = (
        np.ptp(20 * np.log10(mastering.ride_fader(powers, widest))) for widest in (4.6, mastering.MAX_SHAPED_RANGE_LU)
    )
    assert usual > 1.5
    assert shaped < 0.5
