"""Decoded audio and its features that the metrics share, each computed once."""

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
"""Sample rate for the analysis of timbre, rhythm and harmony, as in the reference."""
HOP: Final = 512
ONSET_HOP: Final = 256


@dataclass(frozen=True)
class StereoAudio:
    """Stereo audio at SAMPLE_RATE; ``stereo`` has shape (frames, 2)."""

    stereo: Reals

    @property
    def seconds(self) -> float:
        return len(self.stereo) / SAMPLE_RATE

    @cached_property
    def mono(self) -> Reals:
        """The mean of both channels, shape (frames,)."""
        return np.asarray(self.stereo.mean(axis=1), dtype=np.float64)

    @cached_property
    def mono_low_rate(self) -> NDArray[np.float32]:
        """The mono audio at LOW_RATE."""
        resampled = librosa.resample(
            self.mono.astype(np.float32), orig_sr=SAMPLE_RATE, target_sr=LOW_RATE, res_type="polyphase"
        )
        return np.asarray(resampled, dtype=np.float32)

    @cached_property
    def spectrum(self) -> NDArray[np.float32]:
        """Magnitudes of ``mono_low_rate``, shape (1025, frames), every HOP samples."""
        return np.asarray(np.abs(librosa.stft(self.mono_low_rate, n_fft=2048, hop_length=HOP)), dtype=np.float32)

    @cached_property
    def mfcc(self) -> Reals:
        """Twenty mel cepstral coefficients, shape (20, frames), every HOP samples; the first is the level."""
        mel = librosa.feature.melspectrogram(S=np.square(self.spectrum), sr=LOW_RATE)
        return np.asarray(librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20), dtype=np.float64)

    @cached_property
    def harmonic_percussive(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Magnitudes of the harmonic and the percussive part (median filtering), every 4 * HOP samples."""
        magnitude = np.abs(librosa.stft(self.mono_low_rate, n_fft=4096, hop_length=4 * HOP))
        harmonic, percussive = librosa.decompose.hpss(magnitude)
        return np.asarray(harmonic, dtype=np.float32), np.asarray(percussive, dtype=np.float32)

    @cached_property
    def chroma(self) -> Reals:
        """Power of the 12 pitch classes without percussion, shape (12, frames), every 4 * HOP samples.

        Each frame is scaled so that its strongest class is 1.
        """
        harmonic, _ = self.harmonic_percussive
        chroma = librosa.feature.chroma_stft(S=np.square(harmonic), sr=LOW_RATE, n_fft=4096, tuning=0.0)
        return np.asarray(chroma, dtype=np.float64)

    @cached_property
    def onset_strength(self) -> Reals:
        """Increase of the mel spectrum, shape (frames,), every ONSET_HOP samples."""
        return np.asarray(
            librosa.onset.onset_strength(y=self.mono_low_rate, sr=LOW_RATE, hop_length=ONSET_HOP), dtype=np.float64
        )


def load(path: Path) -> StereoAudio:
    """Decode a file. Raises ValueError if it is not stereo at SAMPLE_RATE."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if rate != SAMPLE_RATE or samples.shape[1] != 2:
        raise ValueError(f"{path} has {samples.shape[1]} channels at {rate} Hz; expected 2 at {SAMPLE_RATE} Hz")
    return StereoAudio(np.asarray(samples, dtype=np.float64))


def decibels(power: Reals | float) -> Reals:
    """Convert power to decibels, at least -120."""
    return 10 * np.log10(np.maximum(np.asarray(power, dtype=np.float64), 1e-12))


def split_frames(signal: Reals, length: int) -> Reals:
    """Split a signal into frames along its first axis, shape (count, length, …); an incomplete frame is dropped."""
    count = len(signal) // length
    return signal[: count * length].reshape(count, length, *signal.shape[1:])
