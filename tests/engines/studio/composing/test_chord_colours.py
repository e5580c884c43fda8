import numpy as np
import pytest

from engines.studio.composing.chord_colours import COLOURS, CYCLE_BARS, SUSPENSIONS, Bars, with_suspensions
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

KEYS = (Key(0, "major"), Key(9, "minor"))
LOOP: Bars = [("I",), ("V",), ("vi",), ("IV",)] * 4


def coloured(key: str, bars: Bars, seed: int = 1) -> Bars:
    return with_suspensions(bars, STYLES[key], KEYS[0], np.random.default_rng(seed))


@pytest.mark.parametrize("chord", SUSPENSIONS)
def test_a_suspension_resolves_to_its_chord(chord: str) -> None:
    suspended, resolution = SUSPENSIONS[chord]
    for key in KEYS:
        held, goal = parse_chord(suspended, key), parse_chord(resolution, key)
        assert resolution == chord
        assert held.root == goal.root
        assert goal.third not in held.tones


@pytest.mark.parametrize("chord", COLOURS)
def test_a_colour_adds_tones_to_its_chord(chord: str) -> None:
    for key in KEYS:
        assert set(parse_chord(chord, key).tones) < set(parse_chord(COLOURS[chord], key).tones)


def test_a_style_without_suspensions_keeps_its_chords() -> None:
    assert all(coloured("blues", LOOP, seed) == LOOP for seed in range(10))


def test_suspensions_are_as_frequent_as_the_style_says_and_recur_with_the_loop() -> None:
    suspended = 0
    for seed in range(200):
        bars = coloured("folk", LOOP, seed)
        assert bars[:CYCLE_BARS] == bars[CYCLE_BARS:]
        suspended += sum(len(bar) == 2 for bar in bars)
    assert suspended / (200 * len(LOOP)) == pytest.approx(STYLES["folk"].suspensions, abs=0.04)
