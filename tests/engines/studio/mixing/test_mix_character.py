import numpy as np
import pytest

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.effects.rooms import ROOMS, room_impulse_response
from engines.studio.mixing.mix_character import BUS_CHAINS, choose_character
from engines.studio.styles import STYLES


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_has_the_requested_decay_and_unit_energy(name: str) -> None:
    response = room_impulse_response(name, 1.2, 6000.0, 0).astype(np.float64)
    assert np.sum(response**2, axis=1) == pytest.approx(1.0, abs=1e-4)
    low = filters.sosfilt(filters.butter_bandpass(2, 250.0, 800.0), response[0])[0]
    left = 10 * np.log10(np.cumsum(low[::-1] ** 2)[::-1] / np.sum(low**2) + 1e-15)
    first, last = (int(np.argmax(left < level)) for level in (-8.0, -28.0))
    assert (last - first) / SAMPLE_RATE * 3 == pytest.approx(1.2, rel=0.35)


def test_rooms_have_early_reflections_and_a_plate_has_none() -> None:
    hall, plate = (room_impulse_response(name, 2.0, 6000.0, 0)[0] for name in ("hall", "plate"))
    start = slice(0, round(0.016 * SAMPLE_RATE))
    assert np.abs(hall[start]).max() < 0.01 * np.abs(hall).max()
    assert np.sum(plate[start] ** 2) > 0.02


def test_the_seed_chooses_among_several_rooms_and_chains_that_suit_the_style() -> None:
    for style in STYLES.values():
        characters = [choose_character(style, seed) for seed in range(40)]
        assert len({(one.room, one.room_seed) for one in characters}) >= 4
        assert {one.chain for one in characters} <= set(BUS_CHAINS)
        assert choose_character(style, 7) == choose_character(style, 7)
    assert {choose_character(STYLES["cinematic"], seed).chain for seed in range(9)} == {"hall"}


@pytest.mark.parametrize("name", sorted(BUS_CHAINS))
def test_a_bus_chain_keeps_the_level_of_a_stem(name: str) -> None:
    noise = np.random.default_rng(3).standard_normal((2, 1 << 15)).astype(np.float32) * np.float32(0.06)
    before = float(np.sqrt(np.mean(noise**2)))
    for effect in BUS_CHAINS[name].effects():
        noise = effect(noise)
    assert 20 * np.log10(float(np.sqrt(np.mean(noise**2))) / before) == pytest.approx(0.0, abs=3.5)
