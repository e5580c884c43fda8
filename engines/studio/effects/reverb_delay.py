"""Rooms and repeats: a convolved reverb, an echo in time with the music, and a chorus."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy import fft

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Wave
from engines.studio.effects.base_effects import Equaliser, cut

SHARED_NOISE_LEVEL: Final = 0.75
"""How much of a room both sides have in common, beside what each has alone: wide, but not hollow in mono."""


@lru_cache(maxsize=4)
def reverb_impulse_response(seconds: float, bright: float) -> Wave:
    """A room's answer, shape (2, frames): early reflections, then noise whose highs die first, sides uncorrelated.

    Unit energy per channel; the shape follows Moorer 1979 (exponential noise is what a good hall sounds like).
    """
    frames, rng = int(seconds * 1.15 * SAMPLE_RATE), random_streams.stream(0, "room")
    axis = np.arange(frames) / SAMPLE_RATE
    answer = np.zeros((2, frames))
    for low, high, share in (
        (200.0, 900.0, 1.0),
        (900.0, 3000.0, 0.75),
        (3000.0, 9000.0, 0.5),
        (9000.0, 16_000.0, 0.3),
    ):
        band = filters.butter_bandpass(1, low, high)
        length = seconds * share * min(1.0, (bright / high) ** 0.35)
        sides = rng.standard_normal((2, frames)) + SHARED_NOISE_LEVEL * rng.standard_normal(frames)
        answer += filters.sosfilt(band, sides)[0] * 10 ** (-3.0 * axis / length)
    answer *= np.clip((axis - 0.012) / 0.02, 0.0, 1.0)
    for _ in range(9):
        place = rng.integers(int(0.006 * SAMPLE_RATE), int(0.06 * SAMPLE_RATE), 2)
        answer[0, place[0]] += float(rng.uniform(-1.6, 1.6))
        answer[1, place[1]] += float(rng.uniform(-1.6, 1.6))
    shaped = filters.sosfilt(cut(180.0, order=2), answer)[0]
    return np.asarray(shaped / np.sqrt(np.sum(shaped**2, axis=1, keepdims=True)), dtype=np.float32)


def fft_length(least: int) -> int:
    """The smallest length from ``least`` that a Fourier transform divides into twos, threes and fives."""
    products = (2**two * 3**three * 5**five for two in range(24) for three in range(5) for five in range(4))
    return min(int(length) for length in products if length >= least)


class Reverb:
    """A room that hears both sides as one and answers in two: overlap-add, three transforms for each block."""

    def __init__(self, answer: Wave, size: int) -> None:
        self._size = size
        self._length = fft_length(size + answer.shape[1])
        self._answer = fft.rfft(answer, self._length, axis=-1)
        self._tail = np.zeros((2, self._length - size), dtype=np.float32)

    def __call__(self, block: Wave) -> Wave:
        """The wet sound of a block of the fixed size, shape (2, size); what rings on comes with the next."""
        middle = fft.rfft((block[0] + block[1]) * np.float32(0.5), self._length)
        wet = fft.irfft(middle * self._answer, self._length, axis=-1)
        kept = min(self._tail.shape[1], self._length)
        wet[:, :kept] += self._tail
        self._tail = np.zeros_like(self._tail)
        self._tail[:, : self._length - self._size] = wet[:, self._size :]
        return np.asarray(wet[:, : self._size], dtype=np.float32)


class PingPongDelay:
    """Repeats every ``seconds``, swapping sides, each darker and quieter by ``feedback``; gives the wet sound only."""

    def __init__(self, seconds: float, feedback: float = 0.42) -> None:
        self._gap = max(64, round(seconds * SAMPLE_RATE))
        self._feedback = np.float32(feedback)
        self._line = np.zeros((2, self._gap), dtype=np.float32)
        self._tone = Equaliser(cut(220.0, order=1), cut(3800.0, "lowpass", order=1))

    def __call__(self, block: Wave) -> Wave:
        """See Effect."""
        wet = np.empty_like(block)
        for start in range(0, block.shape[1], self._gap):
            end = min(start + self._gap, block.shape[1])
            heard, self._line = self._line[:, : end - start], self._line[:, end - start :]
            wet[:, start:end] = heard
            fed = self._tone(block[:, start:end] + self._feedback * heard[::-1])
            self._line = np.concatenate([self._line, fed], axis=1)
        return wet


class Chorus:
    """Two slowly moving taps beside the dry sound, opposite on the two sides."""

    MAX_DELAY_FRAMES = 2048

    def __init__(self, hertz: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> None:
        self._hertz, self._depth, self._mix = hertz, depth_ms * SAMPLE_RATE / 1000.0, np.float32(mix)
        self._past = np.zeros((2, self.MAX_DELAY_FRAMES), dtype=np.float32)
        self._clock = 0

    def __call__(self, block: Wave) -> Wave:
        """See Effect."""
        frames = block.shape[1]
        source = np.concatenate([self._past, block], axis=1)
        spots = (self._clock + np.arange(0, frames + 64, 64)) / SAMPLE_RATE
        wave = np.interp(np.arange(frames) / 64.0, np.arange(len(spots)), np.sin(2 * np.pi * self._hertz * spots))
        for side, sign in enumerate((1.0, -1.0)):
            back = 620.0 + sign * self._depth * wave
            place = np.arange(frames) + self.MAX_DELAY_FRAMES - back
            whole = place.astype(np.int64)
            part = (place - whole).astype(np.float32)
            tap = source[side][whole] * (1 - part) + source[side][whole + 1] * part
            block[side] = block[side] * (1 - self._mix * np.float32(0.4)) + tap * self._mix
        self._past = source[:, -self.MAX_DELAY_FRAMES :].copy()
        self._clock += frames
        return block
