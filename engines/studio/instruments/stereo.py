"""Placement of several voices of one instrument between the channels."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Mono, Wave

CACHED_FRAMES: Final = 1 << 14
"""Frames that are added at once, so that intermediate arrays stay in the processor's cache."""


def spread_voices(voices: Sequence[Mono], level: Mono | np.float32) -> Wave:
    """Return one voice in mono, several spread over two channels so that neighbours in pitch are apart.

    ``level`` is a factor, or one for each frame.
    """
    if len(voices) == 1:
        return (voices[0] * level)[None]
    order = np.argsort(np.arange(len(voices)) % 2, kind="stable")
    pans = np.linspace(0.12, np.pi / 2 - 0.12, len(voices))[order]
    gains = np.stack([np.cos(pans), np.sin(pans)]).astype(np.float32)
    sound = np.empty((2, len(voices[0])), dtype=np.float32)
    for start in range(0, sound.shape[1], CACHED_FRAMES):
        part = slice(start, start + CACHED_FRAMES)
        for channel in range(2):
            total = voices[0][part] * gains[channel, 0]
            for voice, gain in zip(voices[1:], gains[channel, 1:], strict=True):
                total += voice[part] * gain
            np.multiply(total, level[part] if isinstance(level, np.ndarray) else level, out=sound[channel, part])
    return sound
