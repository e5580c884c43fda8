"""Encoded files and metadata for them."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from core.licence import LicenceClass
from core.track_metadata import SourceType, TrackMetadata, hash_prompt
from engines.port import SAMPLE_RATE, SpooledAudio
from tests.support.audio.tagged_files import Make
from workers.covers import render
from workers.files import encoding

SQUARE: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="9"/></svg>'


class NullMonitor:
    """A progress monitor that ignores all reports."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


@pytest.fixture(scope="session")
def cover() -> bytes:
    return render.render_png(SQUARE)


@pytest.fixture
def metadata() -> TrackMetadata:
    return TrackMetadata(
        track_id="mtrack_0123456789abcdef01234567",
        title="Nächtlicher Tisch ✨",
        creator="Ada & Söhne",
        engine="Studio",
        engine_version="1.2",
        source_type=SourceType.ALGORITHMIC_MEDIA,
        prompt_sha256=hash_prompt("warm lofi"),
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        requires_attribution=False,
        made_at="2026-11-25T22:50:01Z",
        tempo_bpm=82.25,
        key="A minor",
        style="lofi",
        loudness_lufs=-14.02,
        true_peak_dbtp=-1.1,
    )


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that encodes half a second of noise without metadata."""
    samples = np.random.default_rng(1).uniform(-0.3, 0.3, (SAMPLE_RATE // 2, 2)).astype("<f4")
    (tmp_path / "noise.f32").write_bytes(samples.tobytes())
    audio = SpooledAudio(tmp_path / "noise.f32", len(samples))

    def made(suffix: str) -> Path:
        path, flac = tmp_path / f"x{suffix}", tmp_path / "x.flac"
        if suffix == ".mp3":
            encoding.mp3(audio, path, NullMonitor())
        else:
            encoding.flac(audio, flac, NullMonitor())
        if suffix == ".wav":
            encoding.wav(flac, path, NullMonitor())
        return path

    return made
