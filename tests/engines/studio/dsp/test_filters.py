import subprocess
import sys
from typing import Literal

import numpy as np
import pytest
from scipy import signal

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.loudness import LoudnessMeter, highest_true_peak, true_peaks
from engines.studio.effects.amps import CABINET_TAPS, Convolver, amplifier, cabinet_impulse_response
from engines.studio.mixing.mastering import CEILING_DBTP, limiter_gains, ride_fader
from engines.studio.model.mix_settings import DEFAULT_RANGE_LU

NOISE = np.random.default_rng(1).standard_normal((2, 20_000))


@pytest.mark.parametrize("kind", ["lowpass", "highpass"])
@pytest.mark.parametrize(("order", "hertz"), [(1, 220.0), (2, 90.0), (3, 1000.0), (4, 5600.0)])
def test_low_pass_and_high_pass_filters_equal_those_of_scipy(
    order: int, hertz: float, kind: Literal["lowpass", "highpass"]
) -> None:
    expected = signal.sosfilt(signal.butter(order, hertz, kind, fs=SAMPLE_RATE, output="sos"), NOISE, axis=-1)
    assert np.allclose(filters.sosfilt(filters.butter(order, hertz, kind), NOISE)[0], expected, atol=1e-10)


@pytest.mark.parametrize(("order", "low", "high"), [(1, 700.0, 7500.0), (2, 900.0, 9500.0), (2, 90.0, 900.0)])
def test_band_pass_filters_equal_those_of_scipy(order: int, low: float, high: float) -> None:
    sections = signal.butter(order, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    expected = signal.sosfilt(sections, NOISE, axis=-1)
    assert np.allclose(filters.sosfilt(filters.butter_bandpass(order, low, high), NOISE)[0], expected, atol=1e-10)


def test_a_filter_continues_from_its_state() -> None:
    sections = filters.butter(4, 800.0, "lowpass")
    first, state = filters.sosfilt(sections, NOISE[:, :777])
    second, _ = filters.sosfilt(sections, NOISE[:, 777:], state)
    whole = filters.sosfilt(sections, NOISE)[0]
    assert np.concatenate([first, second], axis=1) == pytest.approx(whole, abs=1e-12)


def test_a_cabinet_convolves_block_by_block() -> None:
    sound = NOISE[0].astype(np.float32)
    whole = np.convolve(sound.astype(np.float64), cabinet_impulse_response().astype(np.float64))[: len(sound)]
    speaker = Convolver(cabinet_impulse_response())
    parts = [speaker(sound[start : start + 5000]) for start in range(0, len(sound), 5000)]
    assert len(cabinet_impulse_response()) == CABINET_TAPS
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-4


def test_an_amplifier_adds_harmonics_but_nothing_above_the_speaker() -> None:
    axis = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 220.0 * axis)).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(amplifier(30.0, 110.0)(np.stack([tone, tone]))[0][:SAMPLE_RATE]))
    assert spectrum[660] > 0.05 * spectrum[220]
    assert spectrum[440] > 0.01 * spectrum[220]
    assert spectrum[12_000:].max() < 1e-3 * spectrum.max()


def test_true_peaks_agree_with_an_oversampled_signal() -> None:
    sound = signal.sosfilt(signal.butter(6, 15_000, fs=SAMPLE_RATE, output="sos"), NOISE * 0.1, axis=-1)
    dense = np.abs(signal.resample_poly(sound, 4, 1, axis=1)).max()
    assert float(true_peaks(sound.astype(np.float32)).max()) == pytest.approx(float(dense), rel=0.02)


def test_the_highest_true_peak_is_that_of_the_measured_level_blocks() -> None:
    sound = np.ascontiguousarray(NOISE[:, :3210], dtype=np.float32)
    peaks = true_peaks(sound)
    assert highest_true_peak(sound, np.arange(len(peaks))) == peaks.max()
    assert highest_true_peak(sound, np.array([3, 100])) == max(peaks[3], peaks[100])
    assert highest_true_peak(sound, np.array([], dtype=np.intp)) == 0.0


def test_the_loudness_of_one_channel_is_that_of_two_equal_ones() -> None:
    mono, stereo = LoudnessMeter(), LoudnessMeter()
    mono.add(NOISE[:1].astype(np.float32))
    stereo.add(np.repeat(NOISE[:1], 2, axis=0).astype(np.float32))
    np.testing.assert_allclose(mono.powers, stereo.powers, rtol=1e-12)


def test_the_limiter_keeps_every_level_block_below_the_ceiling() -> None:
    peaks = np.abs(np.random.default_rng(2).standard_normal(4000))
    assert float((peaks * 3.0 * limiter_gains(peaks, 3.0)).max()) <= 10 ** (CEILING_DBTP / 20) + 1e-9


@pytest.mark.parametrize("swing", [12.0, 1.5])
def test_gain_riding_brings_the_loudness_range_close_to_human_tracks(swing: float) -> None:
    blocks = 1378 * 60
    levels = np.where((np.arange(blocks) // (1378 * 10)) % 2, 0.0, -swing)
    gain = ride_fader(10 ** (levels / 10))
    middles = 1378 * np.arange(15, 55, 10)
    spread = np.ptp(levels[middles] + 20 * np.log10(gain[middles]))
    assert gain.max() <= 1.0
    assert abs(float(spread) - swing) > 0.4
    assert DEFAULT_RANGE_LU[0] * 0.8 <= spread <= max(DEFAULT_RANGE_LU[1] * 1.4, 0.55 * swing)


def test_the_engine_does_not_import_the_slow_packages_of_scipy() -> None:
    code = "import sys; import engines.studio.engine;"
    code += "print([n for n in ('signal', 'ndimage', 'stats') if f'scipy.{n}' in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64])
def test_silence_does_not_let_the_state_decay_to_subnormal_numbers(kind: type) -> None:
    sections: np.ndarray = filters.butter(2, 180.0, "highpass").astype(kind)
    _, state = filters.sosfilt(sections, np.ones((1, 64)))
    for _ in range(4):
        _, state = filters.sosfilt(sections, np.zeros((1, 1 << 17)), state)
    assert 1e-30 < np.abs(state).min() <= np.abs(state).max() < 1e-12
