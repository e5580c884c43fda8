from dataclasses import replace

import pytest

from benchmarks.music import variety
from engines.studio.composing.drums import HAT, KICK
from engines.studio.styles import STYLES


def test_the_same_style_is_compared_over_seeds() -> None:
    measured = variety.measure("waltz", seeds=2, harmony_seeds=2, seconds=20.0)
    assert measured.style == "Waltz"
    assert 1 <= measured.line_ups <= 2
    assert 0.5 <= measured.common_beat <= 1.0
    assert 0.0 <= measured.shared_bars <= 1.0


def test_one_seed_shares_no_bar_with_another_seed() -> None:
    assert variety.measure("rock", seeds=1, harmony_seeds=1, seconds=20.0).shared_bars == 0.0


@pytest.mark.parametrize(("key", "drums"), [("rock", {KICK}), ("trance", {KICK, HAT})])
def test_styles_with_a_fixed_beat_are_compared_by_all_accents(key: str, drums: set[int]) -> None:
    beats = variety.compose_track(STYLES[key], 1, 40.0).beats
    assert drums <= {drum for bar in beats for drum, _ in bar}
    assert (HAT in {drum for bar in beats for drum, _ in bar}) == (HAT in drums)


def test_missed_aims_are_named_and_bold() -> None:
    met = variety.Variety("Polka", 4, 4, 15, 0.4, 0.5, 0.1, 3, 2, 2)
    assert met.missed_aims == ()
    missed = replace(met, line_ups=3, shared_bars=0.51)
    assert missed.missed_aims == ("line-ups", "shared bars")
    rows = variety.variety_table([met, missed]).rows
    assert [row[-1] for row in rows] == ["-", "**line-ups, shared bars**"]
