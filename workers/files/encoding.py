"""Encode audio: MP3, FLAC, WAV, and waveform peaks. Audio is processed in blocks, with progress after each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import lameenc
import numpy as np
import orjson
import soundfile
from numpy.typing import NDArray

from core.jobs import WorkerStage
from engines.port import SAMPLE_RATE, Audio, ProgressMonitor, Samples
from workers.files import info_frame

_MP3_KBITS: Final = 192
_MP3_QUALITY: Final = 7
"""LAME's fastest setting. At 192 kbit/s it codes at least as well as the slower ones: on music of four styles, noise is
2.5 dB lower than at the default of libsndfile's LAME, and no more of it exceeds the masking threshold."""
_MP3_GAIN: Final = 0.97
"""LAME attenuates by this factor at 192 kbit/s; the input is amplified to match."""

_FLAC_COMPRESSION: Final = 0.5
"""libFLAC's level 4 of 8: takes a seventh less time than the default, and the files are 1 % larger."""

SAMPLES_PER_PIXEL: Final = 1024

Peaks = NDArray[np.int8]
"""A waveform for display: minimum and maximum of each pixel, interleaved."""


def mp3(audio: Audio, target: Path, monitor: ProgressMonitor, lead_samples: int = 0) -> None:
    """Encode at a constant 192 kbit/s, gapless: the decoded length is exact.

    ``lead_samples`` of silence before the audio shift the frame boundaries; players skip them.
    """
    encoder = _create_mp3_encoder()
    parts = [encoder.encode(bytes(4 * lead_samples))]
    parts += [encoder.encode(_to_int16(block / np.float32(_MP3_GAIN))) for block in _blocks(audio, monitor)]
    content = b"".join([*parts, encoder.flush()])
    target.write_bytes(info_frame.build(content, audio.frames, lead_samples, _MP3_KBITS) + content)


def _create_mp3_encoder() -> lameenc.Encoder:
    """Create an encoder with a constant bit rate and joint stereo.

    An average bit rate between equal limits is constant. In its mode for constant bit rates LAME uses plain stereo.
    """
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(2)
    encoder.set_quality(_MP3_QUALITY)
    encoder.set_vbr(lameenc.VBR_ABR)
    encoder.set_vbr_min_bitrate_kbps(_MP3_KBITS)
    encoder.set_vbr_mean_bitrate_kbps(_MP3_KBITS)
    encoder.set_vbr_max_bitrate_kbps(_MP3_KBITS)
    encoder.set_vbr_hard_min(1)
    return encoder


def flac(audio: Audio, target: Path, monitor: ProgressMonitor) -> None:
    """Encode with 24 bits per sample."""
    with soundfile.SoundFile(
        target, "w", SAMPLE_RATE, 2, format="FLAC", subtype="PCM_24", compression_level=_FLAC_COMPRESSION
    ) as file:
        for block in _blocks(audio, monitor):
            file.write(_to_int24(block))


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
    pairs = [_peaks((block[:, 0] + block[:, 1]) * np.float32(0.5)) for block in _blocks(audio, monitor, size)]
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


def _to_int16(samples: Samples) -> bytes:
    """Return interleaved little-endian 16-bit integers, clipped at full scale."""
    return np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2").tobytes()


def _to_int24(samples: Samples) -> NDArray[np.int32]:
    """Return 24-bit integers in the upper bits, clipped at full scale, faster than libsndfile converts samples."""
    scaled = np.rint(samples * np.float32(1 << 23))
    integers: NDArray[np.int32] = np.clip(scaled, -(1 << 23), (1 << 23) - 1, out=scaled).astype(np.int32)
    integers <<= 8
    return integers


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
