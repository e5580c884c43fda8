"""Renderings for the tests of this room, and what they measure on them."""

import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from engines.port import SAMPLE_RATE, Audio, RenderCancelledError, RenderRequest, RenderResult
from engines.studio.engine import StudioEngine

Samples = NDArray[np.float32]


class Listener:
    """A monitor that keeps what it hears, and may cancel after a number of reports."""

    def __init__(self, patience: int | None = None) -> None:
        self.heard: list[tuple[str, float]] = []
        self._patience = patience

    def report(self, stage: str, fraction: float) -> None:
        self.heard.append((stage, fraction))
        if self._patience is not None and len(self.heard) > self._patience:
            raise RenderCancelledError


def render(folder: Path, prompt: str, seconds: float, seed: int = 1, tags: tuple[str, ...] = ()) -> RenderResult:
    return StudioEngine().render(RenderRequest(prompt, seconds, seed, tags), folder, Listener())


def samples(audio: Audio) -> Samples:
    return np.concatenate(list(audio.blocks()))


def true_peak_dbtp(sound: Samples) -> float:
    dense = signal.resample_poly(sound, 4, 1, axis=0)
    return float(20 * np.log10(np.abs(dense).max()))


def through_mp3(sound: Samples) -> Samples:
    """Encodes at 192 kbit/s as the library stores tracks, and decodes again."""
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        SAMPLE_RATE,
        2,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=0.445,
    ) as encoder:
        for start in range(0, len(sound), 65_536):
            encoder.write(sound[start : start + 65_536])
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return np.asarray(decoded, dtype=np.float32)
