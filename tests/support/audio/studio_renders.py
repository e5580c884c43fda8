"""Renders for the tests of the studio engine, and measurements on them."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from engines.port import Audio, RenderCancelledError, RenderRequest, RenderResult, SpooledAudio
from engines.studio.engine import StudioEngine
from workers.files import encoding

Samples = NDArray[np.float32]


class RecordingMonitor:
    """A progress monitor that records its reports, and cancels the render after ``max_reports``."""

    def __init__(self, max_reports: int | None = None) -> None:
        self.reports: list[tuple[str, float]] = []
        self._max_reports = max_reports

    def report(self, stage: str, fraction: float) -> None:
        self.reports.append((stage, fraction))
        if self._max_reports is not None and len(self.reports) > self._max_reports:
            raise RenderCancelledError


def render(folder: Path, prompt: str, seconds: float, seed: int = 1, tags: tuple[str, ...] = ()) -> RenderResult:
    return StudioEngine().render(RenderRequest(prompt, seconds, seed, tags), folder, RecordingMonitor())


def samples(audio: Audio) -> Samples:
    return np.concatenate(list(audio.blocks()))


def true_peak_dbtp(sound: Samples) -> float:
    dense = signal.resample_poly(sound, 4, 1, axis=0)
    return float(20 * np.log10(np.abs(dense).max()))


def through_mp3(sound: Samples) -> Samples:
    """Encode as tracks are stored, and decode."""
    with TemporaryDirectory() as name:
        spooled, encoded = Path(name) / "sound", Path(name) / "sound.mp3"
        spooled.write_bytes(sound.astype("<f4").tobytes())
        encoding.mp3(SpooledAudio(spooled, len(sound)), encoded, RecordingMonitor())
        decoded, _ = soundfile.read(encoded, dtype="float32")
    return np.asarray(decoded, dtype=np.float32)
