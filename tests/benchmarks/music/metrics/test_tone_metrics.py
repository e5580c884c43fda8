import numpy as np
import pytest

from benchmarks.music import instrument_table
from benchmarks.music.metrics import tone_metrics
from engines.port import SAMPLE_RATE

AXIS = np.arange(round(2.5 * SAMPLE_RATE)) / SAMPLE_RATE
HERTZ = 220.0
HARMONICS = np.sum([np.sin(2 * np.pi * HERTZ * n * AXIS) / n for n in range(1, 12)], axis=0)


def test_a_synthetic_decay_has_the_decay_time_attack_and_smoothness_it_was_made_with() -> None:
    sound = HARMONICS * 10 ** (-3.0 * AXIS / 4.0) * np.clip(AXIS / 0.1, 0.0, 1.0)
    metrics = tone_metrics.measure(sound, HERTZ)
    assert metrics["early_decay"] == pytest.approx(4.0, rel=0.05)
    assert metrics["late_decay"] == pytest.approx(4.0, rel=0.05)
    assert metrics["attack"] == pytest.approx(80.0, abs=8.0)
    assert metrics["fluctuation"] < 0.02
    assert metrics["noise"] < -40.0


def test_a_second_partial_beside_each_makes_its_level_fluctuate() -> None:
    other = 0.1 * np.sum([np.sin(2 * np.pi * (HERTZ + 2.0) * n * AXIS) / n for n in range(1, 12)], axis=0)
    assert 0.3 < tone_metrics.measure(HARMONICS + other, HERTZ)["fluctuation"] < 1.0


def test_noise_raises_the_level_between_partials() -> None:
    noise = 0.05 * np.random.default_rng(1).standard_normal(len(AXIS))
    assert tone_metrics.measure(HARMONICS + noise, HERTZ)["noise"] > -35.0


def test_the_table_lists_the_selected_instruments_beside_earlier_and_sampled_ones() -> None:
    table = instrument_table.instrument_table("nylon")
    assert [row[0] for row in table.rows] == ["nylon_guitar"]
    before, rest = table.rows[0][1].split(" → ")
    now, sampled = rest.removesuffix(")").split(" (")
    assert float(before) < float(now) - 40.0
    assert float(sampled) == pytest.approx(float(now), abs=15.0)


def test_unchanged_figures_and_those_of_new_instruments_have_no_earlier_ones() -> None:
    unchanged, new = (instrument_table.instrument_table(key).rows[0] for key in ("cowbell", "voice"))
    assert (unchanged[0], new[0]) == ("cowbell", "voice")
    assert not any("→" in cell or "(" in cell for cell in (*unchanged, *new))
