from collections.abc import Mapping
from itertools import pairwise

import pytest

from engines.studio.composing.progressions import FURTHER_THEMES, Bars, compose_progressions
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

EXAMPLES = {"A": ("I | vi | IV | V7", "I | IV | ii | V7"), "B": ("IV | V7 | I | I",)}
KEY = Key(0, "major")


def compose(seed: int, examples: Mapping[str, tuple[str, ...]] = EXAMPLES) -> dict[str, str]:
    return lines(compose_progressions(examples, KEY, seed, phrase_bars=8))


def lines(progressions: Mapping[str, Bars]) -> dict[str, str]:
    return {theme: " | ".join(" ".join(bar) for bar in bars) for theme, bars in progressions.items()}


def test_every_theme_and_further_ones_get_a_progression() -> None:
    assert set(compose(1)) == {"A", "B", *FURTHER_THEMES}
    assert compose(1) == compose(1)
    assert len({compose(seed)["A"] for seed in range(20)}) >= 8


def test_a_progression_has_three_chords_unless_an_example_has_fewer() -> None:
    examples = {"A": ("I | I | V7 | I | I | ii | V7 | I", "I | IV | I | I | I | vi | V7 | I")}
    assert min(len(set(compose(seed, examples)["A"].split(" | "))) for seed in range(60)) == 3


@pytest.mark.parametrize("seed", range(20))
def test_a_progression_starts_and_ends_like_an_example_and_has_its_length(seed: int) -> None:
    chords = compose(seed)["A"].split(" | ")
    assert len(chords) == 4
    assert chords[0] == "I"
    assert chords[-1] == "V7"


def test_an_applied_dominant_resolves_as_in_the_examples() -> None:
    examples = {"A": ("I | III7 | vi | IV", "I | V7/ii | ii | V7")}
    for seed in range(40):
        chords = compose(seed, examples)["A"].split(" | ")
        assert all(second == {"III7": "vi", "V7/ii": "ii"}.get(first, second) for first, second in pairwise(chords))


@pytest.mark.parametrize("mode", ["hirajoshi", "in"])
def test_replacements_keep_to_the_scale(mode: str) -> None:
    style, key = STYLES["east_asian"], Key(0, mode)
    written = {chord for line in style.themes(key)["A"] for chord in line.replace("|", " ").split()}
    for seed in range(20):
        composed = compose_progressions(style.themes(key), key, seed, phrase_bars=8)
        for chord in {chord for bar in composed["A"] for chord in bar} - written:
            known = {one for lines in style.themes(key).values() for line in lines for one in line.split()}
            assert chord in known or set(parse_chord(chord, key).tones) <= set(key.scale)


def test_a_blues_keeps_twelve_bars_with_the_subdominant_in_the_fifth() -> None:
    style, key = STYLES["blues"], Key(0, "mixolydian")
    for seed in range(10):
        bars = compose_progressions(style.themes(key), key, seed, phrase_bars=12)["A"]
        assert len(bars) == 12
        assert bars[4][0].startswith("IV")
