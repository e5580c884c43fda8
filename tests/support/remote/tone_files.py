"""Audio files with a tone, which peers send in place of music."""

import io
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLE_RATE: Final = 44_100


def tone(
    seconds: float = 0.25,
    hertz: float = 220.0,
    *,
    rate: int = SAMPLE_RATE,
    channels: int = 2,
    pulses_per_second: float = 0.0,
) -> NDArray[np.float32]:
    """Return a quiet tone of shape (frames, channels). Pulses give it a tempo."""
    times = np.arange(round(seconds * rate)) / rate
    wave = 0.25 * np.sin(2 * np.pi * hertz * times)
    if pulses_per_second:
        wave *= np.exp(-8 * (times % (1 / pulses_per_second)))
    return np.stack([wave] * channels, axis=1).astype(np.float32)


def encode(
    samples: NDArray[np.float32], rate: int = SAMPLE_RATE, container: str = "WAV", subtype: str | None = None
) -> bytes:
    """Return the bytes of a file in a format of libsndfile."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=container, subtype=subtype)
    return buffer.getvalue()


def tone_wav(seconds: float = 0.25, hertz: float = 220.0) -> bytes:
    """Return a WAV file with a stereo tone."""
    return encode(tone(seconds, hertz))
