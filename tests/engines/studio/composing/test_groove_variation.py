import pytest

from engines.studio import random_streams
from engines.studio.composing import groove_variation
from engines.studio.composing.drums import BEAT_DRUMS, CLAVES, HAT, KICK, SNARE, TIMEKEEPERS

GROOVE = {
    KICK: ("X......x..x.....", "X..x...x..X...?."),
    SNARE: ("....X.......X..g", "....X..g....X..."),
    HAT: ("x.o.x.ogx.o.x.o.",),
    CLAVES: ("x..x..x...x.x...",),
}


def vary(seed: int) -> dict[int, tuple[str, ...]]:
    rng = random_streams.stream(seed)
    return groove_variation.vary_patterns(GROOVE, KICK, BEAT_DRUMS - {KICK}, TIMEKEEPERS, rng)


@pytest.mark.parametrize("seed", range(20))
def test_the_anchor_of_a_groove_stays(seed: int) -> None:
    varied = vary(seed)
    assert all(bar[0] == "X" for bar in varied[KICK])
    assert all(bar[4] == bar[12] == "X" for bar in varied[SNARE])
    assert varied[CLAVES] == GROOVE[CLAVES]
    assert all(len(bar) == 16 for bars in varied.values() for bar in bars)


def test_the_first_bar_returns_in_the_third() -> None:
    for seed in range(20):
        kick = vary(seed)[KICK]
        assert [mark != "." for mark in kick[0]] == [mark != "." for mark in kick[2]]


def test_seeds_have_different_bars() -> None:
    assert len({vary(seed)[KICK][0].replace("o", "x") for seed in range(20)}) >= 10


def test_four_on_the_floor_stays() -> None:
    for seed in range(20):
        bars = groove_variation.vary_kick(("X...X...X...X...",), frozenset({4, 12}), random_streams.stream(seed))
        assert all(bar[step] == "X" for bar in bars for step in (0, 4, 8, 12))
