"""Encoded files have the length and level of their input."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engines.port import SAMPLE_RATE, SpooledAudio
from workers import mpeg
from workers.files import encoding


class RecordingMonitor:
    """A progress monitor that records the reported fractions."""

    def __init__(self) -> None:
        self.fractions: list[float] = []

    def report(self, stage: str, fraction: float) -> None:
        assert stage == "encoding"
        self.fractions.append(fraction)


@pytest.fixture
def tone(tmp_path: Path) -> SpooledAudio:
    """Three seconds of 997 Hz at half of full scale, with a phase difference between the channels."""
    time = np.arange(3 * SAMPLE_RATE + 7) / SAMPLE_RATE
    samples = np.stack([np.sin(2 * np.pi * 997 * time), np.cos(2 * np.pi * 997 * time)], axis=1) * 0.5
    path = tmp_path / "tone.f32"
    path.write_bytes(samples.astype("<f4").tobytes())
    return SpooledAudio(path, len(time))


def test_an_mp3_has_the_length_and_level_of_the_master(tone: SpooledAudio, tmp_path: Path) -> None:
    monitor = RecordingMonitor()
    encoding.mp3(tone, tmp_path / "x.mp3", monitor)
    decoded, rate = soundfile.read(tmp_path / "x.mp3")
    assert (rate, decoded.shape) == (SAMPLE_RATE, (tone.frames, 2))
    body = decoded[SAMPLE_RATE : 2 * SAMPLE_RATE]
    level = 20 * np.log10(np.sqrt(np.mean(body**2)) / (0.5 / np.sqrt(2)))
    assert abs(level) < 0.05
    assert monitor.fractions == sorted(monitor.fractions)
    assert monitor.fractions[-1] == 1.0


def test_an_mp3_has_a_constant_bit_rate_and_joint_stereo(tone: SpooledAudio, tmp_path: Path) -> None:
    encoding.mp3(tone, tmp_path / "x.mp3", RecordingMonitor())
    headers = {int.from_bytes(frame.data[:4]) for frame in mpeg.parse_frames((tmp_path / "x.mp3").read_bytes())}
    # 192 kbit/s is index 11, joint stereo mode 1
    assert {header >> 12 & 0xF for header in headers} == {11}
    assert {header >> 6 & 3 for header in headers} == {1}


def test_an_mp3_reaches_18_5_khz(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal((2 * SAMPLE_RATE, 2)).astype("<f4")
    (tmp_path / "noise").write_bytes(noise.tobytes())
    encoding.mp3(SpooledAudio(tmp_path / "noise", len(noise)), tmp_path / "x.mp3", RecordingMonitor())
    decoded, _ = soundfile.read(tmp_path / "x.mp3")
    power = np.abs(np.fft.rfft(decoded[:, 0])) ** 2
    frequencies = np.fft.rfftfreq(len(decoded), 1 / SAMPLE_RATE)
    [middle, top, above] = [
        10 * np.log10(power[(frequencies > low) & (frequencies < low + 300)].mean()) for low in (5000, 18_200, 19_200)
    ]
    assert abs(top - middle) < 1
    assert above < middle - 30


def test_an_mp3_of_full_scale_is_clipped_not_wrapped(tmp_path: Path) -> None:
    square = np.where(np.arange(SAMPLE_RATE) % 441 < 220, 1.0, -1.0)
    (tmp_path / "square").write_bytes(np.stack([square, square], axis=1).astype("<f4").tobytes())
    encoding.mp3(SpooledAudio(tmp_path / "square", len(square)), tmp_path / "x.mp3", RecordingMonitor())
    decoded, _ = soundfile.read(tmp_path / "x.mp3")
    assert np.corrcoef(decoded[2000:-2000, 0], square[2000:-2000])[0, 1] > 0.99


def test_a_flac_is_lossless_at_24_bits(tone: SpooledAudio, tmp_path: Path) -> None:
    encoding.flac(tone, tmp_path / "x.flac", RecordingMonitor())
    decoded, _ = soundfile.read(tmp_path / "x.flac", dtype="float32")
    original = np.concatenate(list(tone.blocks()))
    assert np.abs(decoded - original).max() <= 2**-23


def test_the_waveform_has_the_format_of_audiowaveform(tone: SpooledAudio, tmp_path: Path) -> None:
    encoding.waveform(tone, tmp_path / "x.json", RecordingMonitor())
    peaks = json.loads((tmp_path / "x.json").read_text())
    pixels = -(-tone.frames // peaks["samples_per_pixel"])
    assert {name: peaks[name] for name in ("version", "channels", "sample_rate", "bits", "length")} == {
        "version": 2,
        "channels": 1,
        "sample_rate": SAMPLE_RATE,
        "bits": 8,
        "length": pixels,
    }
    assert len(peaks["data"]) == 2 * pixels
    # the mono mix of sine and cosine peaks at half of full scale over the square root of two
    assert max(peaks["data"]) == round(0.5 / np.sqrt(2) * 127)
    assert min(peaks["data"]) == -max(peaks["data"])
