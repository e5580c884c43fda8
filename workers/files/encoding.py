"""Encode audio: MP3, FLAC, WAV, and waveform peaks. Audio is processed in blocks, with progress after each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import soundfile
from numpy.typing import NDArray

from core.jobs import WorkerStage
from engines.port import SAMPLE_RATE, Audio, ProgressMonitor, Samples
from workers import mpeg

MP3_192: Final = 0.445
"""libsndfile's compression level for a constant 192 kbit/s at 44.1 kHz (measured)."""

MP3_ENCODER_GAIN: Final = 0.97
"""libsndfile's encoder attenuates by this factor (measured on tones and music); the input is amplified to match."""

SAMPLES_PER_PIXEL: Final = 1024

Peaks = NDArray[np.int8]
"""A waveform for display: minimum and maximum of each pixel, interleaved."""


def mp3(audio: Audio, target: Path, monitor: ProgressMonitor, lead_samples: int = 0) -> None:
    """Encode at a constant 192 kbit/s, gapless: the decoded length is exact.

    ``lead_samples`` of silence before the audio shift the frame boundaries; players skip them.
    """
    rate = {"bitrate_mode": "CONSTANT", "compression_level": MP3_192}
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, 2, "MPEG_LAYER_III", format="MP3", **rate) as file:
        file.write(np.zeros((lead_samples, 2), np.float32))
        for block in _blocks(audio, monitor):
            file.write(block / np.float32(MP3_ENCODER_GAIN))
    if lead_samples:
        target.write_bytes(mpeg.add_encoder_delay(target.read_bytes(), lead_samples))


def flac(audio: Audio, target: Path, monitor: ProgressMonitor) -> None:
    """Encode with 24 bits per sample."""
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, 2, format="FLAC", subtype="PCM_24") as file:
        for block in _blocks(audio, monitor):
            file.write(block)


def wav(flac: Path, target: Path, monitor: ProgressMonitor) -> None:
    """Convert a FLAC losslessly."""
    with (
        soundfile.SoundFile(flac) as source,
        soundfile.SoundFile(target, "w", source.samplerate, source.channels, "PCM_24", format="WAV") as file,
    ):
        for block in source.blocks(65_536, dtype="int32"):
            file.write(block)
            monitor.report(WorkerStage.ENCODING, file.tell() / source.frames)


def waveform(audio: Audio, target: Path, monitor: ProgressMonitor) -> Peaks:
    """Write the peaks of the mono mix as JSON of BBC audiowaveform, version 2, with 8 bits, and return them."""
    size = SAMPLES_PER_PIXEL * 64
    pairs = [_peaks(block.mean(axis=1)) for block in _blocks(audio, monitor, size)]
    data = np.concatenate(pairs) if pairs else np.zeros(0, np.int8)
    content = {
        "version": 2,
        "channels": 1,
        "sample_rate": SAMPLE_RATE,
        "samples_per_pixel": SAMPLES_PER_PIXEL,
        "bits": 8,
        "length": len(data) // 2,
        "data": data.tolist(),
    }
    target.write_bytes(orjson.dumps(content))
    return data


def _peaks(mono: NDArray[np.float32]) -> Peaks:
    """Compute the peaks; the last pixel is padded with silence."""
    padded = np.pad(mono, (0, -len(mono) % SAMPLES_PER_PIXEL)).reshape(-1, SAMPLES_PER_PIXEL)
    extremes = np.stack([padded.min(axis=1), padded.max(axis=1)], axis=1)
    rounded: Peaks = np.clip(np.rint(extremes * 127), -128, 127).astype(np.int8)
    return rounded.ravel()


def _blocks(audio: Audio, monitor: ProgressMonitor, size: int = 65_536) -> Iterator[Samples]:
    """Yield blocks and report progress after each. libsndfile may crash on longer writes."""
    done = 0
    for block in audio.blocks(size):
        yield block
        done += len(block)
        monitor.report(WorkerStage.ENCODING, done / audio.frames)
