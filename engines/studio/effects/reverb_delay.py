"""Convolution reverb, ping-pong delay and chorus."""

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.dsp.convolution import Spectrum, inverse, spectrum
from engines.studio.effects.base_effects import Equaliser, Playhead, as_stereo, cut, sine_curve


class Reverb:
    """Convolution reverb with mono input and stereo output: uniformly partitioned overlap-add (Stockham 1966).

    The partitions fit the processor's cache, and those of a block are transformed together.
    """

    PARTITION = 1 << 14
    CACHED_BINS = PARTITION // 4 + 1

    def __init__(self, responses: Spectrum, size: int) -> None:
        """Take what ``partition`` returns, and the size of the blocks, a multiple of PARTITION."""
        self._rows, self._responses = size // self.PARTITION, responses
        self.tail_blocks = 2 + len(responses) // self._rows
        self._past = np.zeros((len(responses) - 1, self.PARTITION + 1), dtype=np.complex64)
        self._tail = np.zeros((2, self.PARTITION), dtype=np.float32)

    @classmethod
    def partition(cls, response: Wave) -> Spectrum:
        """Return the spectra of the partitions of an impulse response, which several reverbs may share.

        The response has the shape (2, frames), the spectra have the shape (partitions, 2, bins).
        """
        count = -(-response.shape[1] // cls.PARTITION)
        padded = np.zeros((2, count * cls.PARTITION), dtype=np.float32)
        padded[:, : response.shape[1]] = response
        return spectrum(padded.reshape(2, count, cls.PARTITION).swapaxes(0, 1), 2 * cls.PARTITION)

    def __call__(self, block: Mono) -> Wave:
        """Return the wet signal of a block, shape (2, size). The tail is added to the following blocks."""
        dry = np.concatenate([self._past, spectrum(block.reshape(self._rows, -1), 2 * self.PARTITION)])
        self._past = dry[self._rows :].copy()
        sounds = inverse(self._multiplied(dry), 2 * self.PARTITION).swapaxes(0, 1)
        heads, tails = sounds[:, :, : self.PARTITION], sounds[:, :, self.PARTITION :]
        result = np.empty((2, self._rows, self.PARTITION), dtype=np.float32)
        np.add(heads[:, 0], self._tail, out=result[:, 0])
        np.add(heads[:, 1:], tails[:, :-1], out=result[:, 1:])
        self._tail = tails[:, -1].copy()
        return result.reshape(2, -1)

    def _multiplied(self, dry: Spectrum) -> Spectrum:
        """Return the wet spectra of the partitions of a block, shape (partitions, 2, bins), in parts of their bins."""
        wet = np.empty((self._rows, *self._responses.shape[1:]), dtype=np.complex64)
        for start in range(0, wet.shape[2], self.CACHED_BINS):
            part = slice(start, start + self.CACHED_BINS)
            for channel in range(2):
                total = wet[:, channel, part]
                latest, *earlier = self._responses[::-1, channel, part]
                np.multiply(dry[: self._rows, part], latest, out=total)
                product = np.empty_like(total)
                for first, response in enumerate(earlier, 1):
                    np.multiply(dry[first : first + self._rows, part], response, out=product)
                    total += product
        return wet


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
    MEAN_DELAY_FRAMES = 620

    def __init__(self, playhead: Playhead, hertz: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> None:
        self._wave, self._mix = sine_curve(hertz, playhead), np.float32(mix)
        self._depth = np.float32(depth_ms * SAMPLE_RATE / 1000.0)
        self._past = np.zeros((2, self.MAX_DELAY_FRAMES), dtype=np.float32)

    def __call__(self, block: Wave) -> Wave:
        block, frames = as_stereo(block), block.shape[1]
        source = np.concatenate([self._past, block], axis=1)
        shift = self._wave(frames) * self._depth
        block *= 1 - self._mix * np.float32(0.4)
        block[0] += self._tap(source[0], -shift) * self._mix
        block[1] += self._tap(source[1], shift) * self._mix
        self._past = source[:, -self.MAX_DELAY_FRAMES :].copy()
        return block

    def _tap(self, past: Mono, shift: Mono) -> Mono:
        """Return the sound with its mean delay, moved by a shift in frames and interpolated."""
        whole = np.floor(shift)
        index = np.arange(len(shift)) + (self.MAX_DELAY_FRAMES - self.MEAN_DELAY_FRAMES)
        index += whole.astype(np.int64)
        sound = past.take(index)
        index += 1
        following = past.take(index)
        following -= sound
        following *= shift - whole
        sound += following
        return sound
