"""Decode an audio file of a peer, in a program of its own: a malicious file must not be parsed in a worker.

``python -m engines.remote.decoder_program SOURCE TARGET MAX_SECONDS`` writes stereo at SAMPLE_RATE: raw interleaved
32-bit floats, FLAC with 24 bits or WAV with 16 bits if the target ends in ".flac" or ".wav". It prints a JSON object
with ``suffix``, ``frames``, ``sample_rate`` and ``channels`` of the source. Without valid audio it prints an object
with ``error`` and ends with status 2. Its own limits bound memory, CPU time and the size of the target.
"""

import json
import math
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from engines.port import SAMPLE_RATE, Samples

_SUFFIXES: Final[Mapping[str, str]] = {"MP3": ".mp3", "FLAC": ".flac", "WAV": ".wav", "WAVEX": ".wav", "OGG": ".ogg"}
"""File suffixes by libsndfile's names of the formats that are accepted."""
_SUBTYPES: Final[Mapping[str, str]] = {".flac": "PCM_24", ".wav": "PCM_16"}
"""libsndfile's names of the sample formats, by the suffix of the target."""
_CHANNELS: Final = 2
_SAMPLE_RATES: Final = range(8_000, 192_001)
_BLOCK_FRAMES: Final = 65_536
_MEMORY_BYTES: Final = 4 << 30
_CPU_SECONDS: Final = 120


class DecodeError(Exception):
    """The file is no audio that is accepted."""


def limit_resources(max_seconds: float) -> None:
    """Limit address space, CPU time and file size of this process; the limits cannot be raised again."""
    target_bytes = int((max_seconds + 1) * SAMPLE_RATE * 8)
    limits = {
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_CPU: _CPU_SECONDS,
        resource.RLIMIT_FSIZE: target_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        # macOS has no limit of the address space
        with suppress(ValueError):
            resource.setrlimit(kind, (limit, limit))


def decode(source: Path, target: Path, max_seconds: float) -> dict[str, object]:
    """Decode a file and return the facts about it. Raises DecodeError."""
    try:
        with soundfile.SoundFile(source) as file:
            if file.format not in _SUFFIXES:
                raise DecodeError(f"The format {file.format} is not accepted.")
            if file.channels > _CHANNELS or file.samplerate not in _SAMPLE_RATES:
                raise DecodeError(f"{file.channels} channels at {file.samplerate} Hz are not accepted.")
            samples = _read(file, max_seconds)
            suffix, rate, channels = _SUFFIXES[file.format], file.samplerate, file.channels
    except soundfile.LibsndfileError:
        raise DecodeError("The file is not audio in MP3, FLAC, WAV or Ogg.") from None
    stereo = _resample(samples if channels == _CHANNELS else np.repeat(samples, 2, axis=1), rate)
    _write(stereo, target)
    return {"suffix": suffix, "frames": len(stereo), "sample_rate": rate, "channels": channels}


def _read(file: soundfile.SoundFile, max_seconds: float) -> Samples:
    """Read all frames; the header of a file may state another number of them.

    A single call reads them, because soundfile seeks after each: a decoder of MP3 loses its bit reservoir by that.
    """
    limit = int(max_seconds * file.samplerate)
    samples: Samples = file.read(limit + 1, "float32", always_2d=True)
    if len(samples) > limit:
        raise DecodeError(f"The file is longer than {max_seconds:g} s.")
    if not len(samples):
        raise DecodeError("The file contains no audio.")
    for start in range(0, len(samples), _BLOCK_FRAMES):
        if not np.isfinite(samples[start : start + _BLOCK_FRAMES]).all():
            raise DecodeError("The file contains samples that are not numbers.")
    return samples


def _write(stereo: Samples, target: Path) -> None:
    if target.suffix in _SUBTYPES:
        with soundfile.SoundFile(target, "w", SAMPLE_RATE, _CHANNELS, _SUBTYPES[target.suffix]) as encoded:
            for start in range(0, len(stereo), _BLOCK_FRAMES):
                encoded.write(stereo[start : start + _BLOCK_FRAMES])
        return
    with target.open("wb") as opened:
        for start in range(0, len(stereo), _BLOCK_FRAMES):
            opened.write(stereo[start : start + _BLOCK_FRAMES].astype("<f4").tobytes())


def _resample(samples: Samples, rate: int) -> Samples:
    if rate == SAMPLE_RATE:
        return samples
    from scipy import signal  # noqa: PLC0415  takes longer to import than most files to decode

    divisor = math.gcd(rate, SAMPLE_RATE)
    resampled = signal.resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor, axis=0)
    return np.asarray(resampled, dtype=np.float32)


def main(source: str, target: str, max_seconds: str) -> int:
    """Run the program and return its exit status."""
    limit_resources(float(max_seconds))
    try:
        print(json.dumps(decode(Path(source), Path(target), float(max_seconds))))  # noqa: T201  the result
    except DecodeError as error:
        print(json.dumps({"error": str(error)}))  # noqa: T201  the result
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
