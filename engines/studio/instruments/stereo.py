"""Placement of several voices of one instrument between the channels."""

from collections.abc import Sequence

import numpy as np

from engines.studio.dsp.arrays import Mono, Wave


def spread_voices(voices: Sequence[Mono]) -> Wave:
    """Return one voice in mono, several spread over two channels so that neighbours in pitch are apart."""
    if len(voices) == 1:
        return voices[0][None]
    order = np.argsort(np.arange(len(voices)) % 2, kind="stable")
    pans = np.linspace(0.12, np.pi / 2 - 0.12, len(voices))[order]
    sound = np.zeros((2, len(voices[0])), dtype=np.float32)
    for voice, left, right in zip(voices, np.cos(pans), np.sin(pans), strict=True):
        sound[0] += voice * np.float32(left)
        sound[1] += voice * np.float32(right)
    return sound
