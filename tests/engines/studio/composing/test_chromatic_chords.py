from itertools import pairwise

import numpy as np
import pytest

from engines.studio.composing.chromatic_chords import SUBSTITUTES, Bars, with_chromatic_chords
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord


def changed(line: str, *idioms: str, share: float = 0.25, seed: int = 1, is_minor: bool = False) -> str:
    bars: Bars = tuple(tuple(bar.split()) for bar in line.split("|"))
    result = with_chromatic_chords(bars, idioms, share, np.random.default_rng(seed), is_minor=is_minor)
    return " | ".join(" ".join(bar) for bar in result)


@pytest.mark.parametrize(
    ("line", "idiom", "expected"),
    [
        ("I | vi | ii | I", "applied", {"I | V7/ii | ii | I"}),
        ("I | I | IV | I", "applied", {"I | I V7/IV | IV | I"}),
        ("I | I | I | IVmaj7", "borrowed", {"I | I | I | iv7"}),
        ("I | IV | V | I", "diminished", {"I | IV #ivdim7 | V | I"}),
        ("I | I | I | V7", "tritone", {"I | I bII7 | I | V7", "I | I | I bII7/V | V7", "I | I | I | V7 bII7"}),
        ("I | vi | I | I", "mediant", {"I | bVI | I | I"}),
    ],
)
def test_each_idiom_replaces_or_prepares_a_chord(line: str, idiom: str, expected: set[str]) -> None:
    assert {changed(line, idiom, seed=seed) for seed in range(20)} == expected


def test_minor_keys_borrow_the_dominant_and_precede_the_tonic_by_the_neapolitan() -> None:
    assert changed("i | i | i | bVII", "borrowed", is_minor=True) == "i | i | i | V"
    assert changed("i | i | i | bVImaj7", "neapolitan", is_minor=True) == "i | i | i | bIImaj7"


def test_the_neapolitan_precedes_the_dominant_of_a_major_key_and_never_replaces_it_before_the_tonic() -> None:
    assert changed("I | IV | V | I", "neapolitan") == "I | bII | V | I"
    assert changed("I | I | V7 | I", "neapolitan") == "I | I | V7 | I"


def test_a_share_of_bars_changes_and_no_two_neighbours() -> None:
    line = "I | vi | ii | V | I | vi | ii | V"
    assert changed(line, "applied", "borrowed", share=0.0) == line
    for seed in range(20):
        bars = changed(line, "applied", "borrowed", share=0.5, seed=seed).split(" | ")
        places = [index for index, (old, new) in enumerate(zip(line.split(" | "), bars, strict=True)) if old != new]
        assert 1 <= len(places) <= 4
        assert all(second - first > 1 for first, second in pairwise(places))


def test_styles_name_known_idioms_and_their_chords_exist_in_all_modes() -> None:
    for style in STYLES.values():
        assert set(style.chromatic_chords) <= SUBSTITUTES.keys()
        for mode in style.modes:
            for theme in style.themes(Key(0, mode)).values():
                for line in theme:
                    for chord in changed(line, *SUBSTITUTES, share=1.0, is_minor=Key(0, mode).is_minor).split():
                        assert chord == "|" or parse_chord(chord, Key(0, mode)).tones
