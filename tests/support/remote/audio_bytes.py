"""A short audio file for peers to send."""

import io
from typing import Final

import numpy as np
import soundfile as sf

SAMPLE_RATE: Final = 44_100


def tone_wav(seconds: float = 0.25, hertz: float = 440.0) -> bytes:
    """Return a WAV file with a stereo tone."""
    phase = 2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    file = io.BytesIO()
    sf.write(file, np.stack([np.sin(phase)] * 2, axis=1) * 0.5, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
