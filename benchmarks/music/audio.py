"""Decoded sound, and the views of it that the metrics share: each is made once and kept."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE

Reals = NDArray[np.float64]

LOW_RATE: Final = 22_050
"""The sample rate of every analysis of timbre, rhythm and harmony, as in the reference."""
HOP: Final = 512
ONSET_HOP: Final = 256


@dataclass(frozen=True)
class StereoAudio:
    """Stereo sound at SAMPLE_RATE; ``stereo`` has the shape (frames, 2)."""

    stereo: Reals

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.stereo) / SAMPLE_RATE

    @cached_property
    def mono(self) -> Reals:
        """The mean of both sides, shape (frames,)."""
        return np.asarray(self.stereo.mean(axis=1), dtype=np.float64)

    @cached_property
    def mono_low_rate(self) -> NDArray[np.float32]:
        """The mono sound at LOW_RATE."""
        one = librosa.resample(
            self.mono.astype(np.float32), orig_sr=SAMPLE_RATE, target_sr=LOW_RATE, res_type="polyphase"
        )
        return np.asarray(one, dtype=np.float32)

    @cached_property
    def spectrum(self) -> NDArray[np.float32]:
        """Magnitudes of ``low``, shape (1025, frames), HOP apart."""
        return np.asarray(np.abs(librosa.stft(self.mono_low_rate, n_fft=2048, hop_length=HOP)), dtype=np.float32)

    @cached_property
    def mfcc(self) -> Reals:
        """Twenty mel cepstral coefficients, shape (20, frames), HOP apart; the first is the level."""
        mel = librosa.feature.melspectrogram(S=np.square(self.spectrum), sr=LOW_RATE)
        return np.asarray(librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20), dtype=np.float64)

    @cached_property
    def chroma(self) -> Reals:
        """Power of the twelve pitch classes, drums taken out first, shape (12, frames), four HOP apart.

        Each frame is scaled so that its strongest class is 1.
        """
        magnitude = np.abs(librosa.stft(self.mono_low_rate, n_fft=4096, hop_length=4 * HOP))
        tones = librosa.decompose.hpss(magnitude)[0]
        found = librosa.feature.chroma_stft(S=np.square(tones), sr=LOW_RATE, n_fft=4096, tuning=0.0)
        return np.asarray(found, dtype=np.float64)

    @cached_property
    def onset_strength(self) -> Reals:
        """Rise of the mel spectrum, shape (frames,), ONSET_HOP apart."""
        return np.asarray(
            librosa.onset.onset_strength(y=self.mono_low_rate, sr=LOW_RATE, hop_length=ONSET_HOP), dtype=np.float64
        )


def load(path: Path) -> StereoAudio:
    """Decodes a file. Raises ValueError when it is not stereo at SAMPLE_RATE."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if rate != SAMPLE_RATE or samples.shape[1] != 2:
        raise ValueError(f"{path} is not stereo at {SAMPLE_RATE} Hz.")
    return StereoAudio(np.asarray(samples, dtype=np.float64))


def decibels(power: Reals | float) -> Reals:
    """Power to decibels, nothing below -120."""
    return 10 * np.log10(np.maximum(np.asarray(power, dtype=np.float64), 1e-12))


def framed(signal: Reals, length: int) -> Reals:
    """Consecutive frames of a signal along its first axis, shape (count, length, …); the rest is dropped."""
    count = len(signal) // length
    return signal[: count * length].reshape(count, length, *signal.shape[1:])
