"""Convolution reverb, ping-pong delay and chorus."""

import numpy as np
from numpy import fft

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Wave
from engines.studio.dsp.convolution import fft_length, spectrum
from engines.studio.effects.base_effects import Equaliser, Playhead, cut, sine_curve


class Reverb:
    """Convolution reverb with mono input and stereo output: overlap-add, three transforms per block."""

    def __init__(self, response: Wave, size: int) -> None:
        self._size = size
        self._length = fft_length(size + response.shape[1])
        self._response = spectrum(response, self._length)
        self._tail = np.zeros((2, self._length - size), dtype=np.float32)

    def __call__(self, block: Wave) -> Wave:
        """Return the wet signal of a block, shape (2, size). The tail is added to the following blocks."""
        mid = spectrum((block[0] + block[1]) * np.float32(0.5), self._length)
        wet = fft.irfft(mid * self._response, self._length, axis=-1)
        wet[:, : self._tail.shape[1]] += self._tail
        self._tail = wet[:, self._size :].astype(np.float32)
        return np.asarray(wet[:, : self._size], dtype=np.float32)


class PingPongDelay:
    """Echoes every ``seconds`` on alternating channels, ever darker and quieter. Returns the wet signal only."""

    def __init__(self, seconds: float) -> None:
        self._gap = max(64, round(seconds * SAMPLE_RATE))
        self._line = np.zeros((2, self._gap), dtype=np.float32)
        self._tone = Equaliser(cut(220.0, order=1), cut(3800.0, "lowpass", order=1))

    def __call__(self, block: Wave) -> Wave:
        wet = np.empty_like(block)
        for start in range(0, block.shape[1], self._gap):
            end = min(start + self._gap, block.shape[1])
            delayed, self._line = self._line[:, : end - start], self._line[:, end - start :]
            wet[:, start:end] = delayed
            feedback = self._tone(block[:, start:end] + np.float32(0.42) * delayed[::-1])
            self._line = np.concatenate([self._line, feedback], axis=1)
        return wet


class Chorus:
    """Adds a slowly modulated delay to the dry signal, in opposite directions on the two channels."""

    MAX_DELAY_FRAMES = 2048

    def __init__(self, playhead: Playhead, hertz: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> None:
        self._wave, self._mix = sine_curve(hertz, playhead), np.float32(mix)
        self._depth = depth_ms * SAMPLE_RATE / 1000.0
        self._past = np.zeros((2, self.MAX_DELAY_FRAMES), dtype=np.float32)

    def __call__(self, block: Wave) -> Wave:
        frames = block.shape[1]
        source = np.concatenate([self._past, block], axis=1)
        wave = self._wave(frames)
        for channel, sign in enumerate((1.0, -1.0)):
            delay = 620.0 + sign * self._depth * wave
            position = np.arange(frames) + self.MAX_DELAY_FRAMES - delay
            whole = position.astype(np.int64)
            fraction = (position - whole).astype(np.float32)
            tap = source[channel][whole] * (1 - fraction) + source[channel][whole + 1] * fraction
            block[channel] = block[channel] * (1 - self._mix * np.float32(0.4)) + tap * self._mix
        self._past = source[:, -self.MAX_DELAY_FRAMES :].copy()
        return block
