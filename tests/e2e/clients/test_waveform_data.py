"""Waveform files are readable by waveform-data, the package that peaks.js uses."""

import json
from pathlib import Path

import numpy as np
import pytest

from engines.port import SAMPLE_RATE, SpooledAudio
from tests.support.processes.node_clients import Clients
from workers.files import encoding
from workers.files.encoding import SAMPLES_PER_PIXEL


class SilentMonitor:
    """A progress monitor that discards reports."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


@pytest.mark.timeout(600)
def test_waveform_data_reads_the_peaks_of_a_tone(clients: Clients, tmp_path: Path) -> None:
    frames = 3 * SAMPLE_RATE
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(frames) / SAMPLE_RATE)
    (tmp_path / "tone.f32").write_bytes(np.stack([tone, tone], axis=1).astype("<f4").tobytes())
    encoding.waveform(SpooledAudio(tmp_path / "tone.f32", frames), tmp_path / "x.json", SilentMonitor())
    summary = json.loads(clients.run("waveform.mjs", str(tmp_path / "x.json")))
    pixels = -(-frames // SAMPLES_PER_PIXEL)
    assert summary == {
        "seconds": pytest.approx(pixels * SAMPLES_PER_PIXEL / SAMPLE_RATE),
        "pixels": pixels,
        "bits": 8,
        "lowest": -64,
        "highest": 64,
        "ordered": True,
        "coarse": 10,
        "loudest": 0.5,
    }
