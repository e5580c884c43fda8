"""Files of a peer for segments of focus sessions: a beat with a tone, and noise without a beat."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE, SpooledAudio
from tests.support.remote import tone_files

RATE: Final = SAMPLE_RATE
"""The decoder of peers' files needs no resampler at this rate, which takes it longer to import than all else."""
TEMPO: Final = re.compile(r"([\d.]+) BPM")

Wave = NDArray[np.float64]


def beat(seconds: float, bpm: float, first_beat: float = 0.0, rate: int = RATE) -> Wave:
    """Return a decaying tone on each beat; the first is at ``first_beat`` seconds, after silence."""
    times = np.arange(round(seconds * rate)) / rate
    since = (times - first_beat) % (60.0 / bpm)
    wave = 0.3 * np.sin(2 * np.pi * 330 * since) * np.exp(-9 * since)
    return np.where(times < first_beat, 0.0, wave)


def noise(seconds: float, seed: int, level: float = 0.1, rate: int = RATE) -> Wave:
    """Return white noise, which has no beat."""
    return level * np.random.default_rng(seed).standard_normal(round(seconds * rate))


def wav(wave: Wave, rate: int = RATE) -> bytes:
    return tone_files.encode(wave.astype(np.float32), rate)


def requested_beat(payload: Mapping[str, Any]) -> bytes:
    """Return the music that a job requests: in its tempo, after a silence that depends on its seed."""
    tempo = TEMPO.search(payload["prompt"])
    assert tempo is not None
    return wav(beat(payload["seconds"], float(tempo[1]), 0.6 + payload["seed"] % 10 / 10))


def requested_noise(payload: Mapping[str, Any]) -> bytes:
    return wav(noise(payload["seconds"], payload["seed"]))


def shortened(payload: Mapping[str, Any], seconds: float = 45.0) -> Mapping[str, Any]:
    """Return the request with at most this length: a peer may deliver less than a last segment of minutes."""
    return {**payload, "seconds": min(payload["seconds"], seconds)}


def spool(wave: Wave, path: Path) -> SpooledAudio:
    """Write mono at SAMPLE_RATE as the decoder does."""
    samples = np.repeat(wave[:, None], 2, axis=1).astype("<f4")
    path.write_bytes(samples.tobytes())
    return SpooledAudio(path, len(samples))


def strokes(wave: Wave, rate: int = SAMPLE_RATE) -> Wave:
    """Return the times at which a beat begins, in seconds: where the level rises past half of its maximum."""
    window = round(0.004 * rate)
    level = np.convolve(np.abs(wave), np.ones(window) / window, "same")
    is_loud = level > 0.4 * level.max()
    rises = np.flatnonzero(is_loud[1:] & ~is_loud[:-1]) / rate
    return np.array([time for number, time in enumerate(rises) if number == 0 or time - rises[number - 1] > 0.2])
