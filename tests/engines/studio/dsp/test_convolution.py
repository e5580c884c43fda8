import numpy as np
import pytest

from engines.studio.dsp.convolution import ShortResponse
from engines.studio.effects.reverb_delay import Reverb

NOISE = np.random.default_rng(3).standard_normal(100_000).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 2000, 14_336, 50_000])
def test_a_short_response_equals_a_direct_convolution(frames: int) -> None:
    response = NOISE[-2048:] / np.float32(50.0)
    expected = np.convolve(NOISE[:frames].astype(np.float64), response.astype(np.float64))
    result = ShortResponse(response).convolve(NOISE[:frames])
    assert result.shape == (frames + 2048,)
    assert np.abs(result[:-1] - expected).max() < 1e-4
    assert abs(result[-1]) < 1e-4


@pytest.mark.parametrize("taps", [100, Reverb.PARTITION, 40_000])
def test_a_reverb_in_blocks_equals_a_direct_convolution(taps: int) -> None:
    size, blocks = 2 * Reverb.PARTITION, 3
    response = np.stack([NOISE[:taps], NOISE[-taps:]]) / np.float32(100.0)
    sound = np.concatenate([NOISE[: size * (blocks - 1)], np.zeros(size, dtype=np.float32)])
    reverb = Reverb(Reverb.partition(response), size)
    wet = np.concatenate([reverb(sound[start : start + size]) for start in range(0, len(sound), size)], axis=1)
    length = len(sound) + taps
    spectra = np.fft.rfft(sound.astype(np.float64), length) * np.fft.rfft(response.astype(np.float64), length)
    assert np.abs(wet - np.fft.irfft(spectra, length)[:, : len(sound)]).max() < 1e-4
