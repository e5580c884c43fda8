"""What happens to a mix at its edges: a loop's tail is laid over its beginning, or a long fade-out over its end."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE, Samples, SpooledAudio
from engines.studio.dsp.loudness import LEVEL_FRAMES
from engines.studio.mixing.mixdown import Mixdown

BLOCK_FRAMES: Final = 1 << 17
TAIL_SECONDS: Final = 8.0
"""What is rendered beyond a loop: the time in which rooms and echoes die away, and the desk's own short fade."""
PADDING_FRAMES: Final = 8 * SAMPLE_RATE // LEVEL_FRAMES * LEVEL_FRAMES
"""Frames before and after a loop that its master hears too, so that nothing steps at the seam."""

EditBlock = Callable[[str, int, Samples], Samples]
"""Given a stem's name, the frame where a block begins and the block (frames, 2): the block as it shall be."""


def fade_out_seconds(seconds: float) -> float:
    """How long a fade-out takes."""
    return min(16.0, max(0.4, 0.2 * seconds))


def fade_out(mixdown: Mixdown, folder: Path, report_progress: Callable[[float], None]) -> Mixdown:
    """The same mix and stems with a fade-out over their end."""
    length = fade_out_seconds(mixdown.frames / SAMPLE_RATE) * SAMPLE_RATE

    def change(_: str, start: int, block: Samples) -> Samples:
        way = np.clip((start + np.arange(len(block)) - mixdown.frames + length) / length, 0.0, 1.0)
        return np.asarray(block * (np.cos(np.pi / 2 * way) ** 1.5)[:, None], dtype=np.float32)

    return _rewrite(mixdown, folder, mixdown.frames, change, report_progress)


def wrap_loop(mixdown: Mixdown, folder: Path, frames: int, report_progress: Callable[[float], None]) -> Mixdown:
    """A loop of ``frames``: what was rendered beyond it sounds over its beginning."""
    heads = {name: _wrapped_tail(path, frames, mixdown.frames) for name, path in mixdown.paths.items()}

    def change(name: str, start: int, block: Samples) -> Samples:
        head = heads[name][start : start + len(block)]
        return np.asarray(np.concatenate([block[: len(head)] + head, block[len(head) :]]), dtype=np.float32)

    return _rewrite(mixdown, folder, frames, change, report_progress)


def _wrapped_tail(path: Path, frames: int, whole: int) -> Samples:
    """What stands in a file beyond ``frames``, laid over itself as often as the loop comes round."""
    head = np.zeros((min(frames, whole - frames), 2), dtype=np.float32)
    for start in range(frames, whole, frames):
        piece = _read(path, start, min(frames, whole - start))
        head[: len(piece)] += piece
    return head


def _read(path: Path, start: int, count: int) -> Samples:
    values = np.fromfile(path, dtype="<f4", count=2 * count, offset=8 * start)
    return values.reshape(-1, 2)


def _rewrite(
    mixdown: Mixdown, folder: Path, frames: int, edit: EditBlock, report_progress: Callable[[float], None]
) -> Mixdown:
    """A mixdown in a folder of its own, every block of it changed; the old files go."""
    folder.mkdir()
    result = Mixdown(folder, [name for name in mixdown.paths if name != "mix"], frames)
    try:
        for start in range(0, frames, BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, frames - start)
            blocks = {name: edit(name, start, _read(path, start, count)).T for name, path in mixdown.paths.items()}
            mix = blocks.pop("mix")
            result.write(blocks, mix)
            report_progress(min(1.0, (start + count) / frames))
    finally:
        result.close()
    for path in mixdown.paths.values():
        path.unlink()
    return result


def pad_loop(mixdown: Mixdown, folder: Path) -> Mixdown:
    """A loop's mix with ROLL frames of its own end before it, and as many of its own beginning after it."""
    folder.mkdir()
    result = Mixdown(folder, [], mixdown.frames + 2 * PADDING_FRAMES)
    try:
        for start in range(0, result.frames, BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, result.frames - start)
            result.write({}, _read_cyclic(mixdown.paths["mix"], mixdown.frames, start - PADDING_FRAMES, count).T)
    finally:
        result.close()
    return result


def _read_cyclic(path: Path, frames: int, start: int, count: int) -> Samples:
    """Frames of a loop from any place, as often round as it takes."""
    parts: list[Samples] = []
    while count > 0:
        inside = start % frames
        part = _read(path, inside, min(count, frames - inside))
        parts.append(part)
        start += len(part)
        count -= len(part)
    return np.concatenate(parts)


def trim_loop(audio: SpooledAudio, path: Path, frames: int) -> SpooledAudio:
    """The loop itself out of a rolled master."""
    with path.open("wb") as file:
        for start in range(0, frames, BLOCK_FRAMES):
            file.write(_read(audio.path, PADDING_FRAMES + start, min(BLOCK_FRAMES, frames - start)).tobytes())
    audio.path.unlink()
    return SpooledAudio(path, frames)


def stem_audio(mixdown: Mixdown) -> Mapping[str, SpooledAudio]:
    """The stems of a mixdown, by name."""
    return {name: SpooledAudio(path, mixdown.frames) for name, path in mixdown.paths.items() if name != "mix"}
