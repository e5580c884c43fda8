"""Ends of a mix: fades, a tape that stops, and loops whose reverb tail is added to their start."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE, Samples, SpooledAudio
from engines.studio.dsp.loudness import LEVEL_FRAMES
from engines.studio.mixing.mixdown import BLOCK_FRAMES, FINAL_SILENCE_SECONDS, Mixdown

LOOP_TAIL_SECONDS: Final = 8.0
"""Length of audio that is rendered after a loop, for the tails of reverb and delay and the short fade at the end."""
PADDING_FRAMES: Final = 8 * SAMPLE_RATE // LEVEL_FRAMES * LEVEL_FRAMES
"""Frames of the loop that precede and follow it during mastering, so that the gain has no step at the seam."""
TAPE_STOP_SECONDS: Final = 1.1
"""How long a tape takes to stop; it is silent FINAL_SILENCE_SECONDS before the end."""

BlockEdit = Callable[[str, int, Samples], Samples]
"""Return the edited block, given the stem's name, the frame at which the block starts and the block, (frames, 2)."""


def fade_out_seconds(seconds: float) -> float:
    """Return the length of the fade-out of a track of ``seconds``."""
    return min(16.0, max(0.4, 0.2 * seconds))


def fade(
    mixdown: Mixdown, folder: Path, report_progress: Callable[[float], None], *, fades_in: bool, fades_out: bool
) -> Mixdown:
    """Fade in the beginning and fade out the end of the mix and its stems."""
    length = fade_out_seconds(mixdown.frames / SAMPLE_RATE) * SAMPLE_RATE

    def edit(_: str, start: int, block: Samples) -> Samples:
        frames = start + np.arange(len(block))
        remaining = np.clip((frames - mixdown.frames + length) / length, 0.0, 1.0) * fades_out
        begun = np.clip(1.0 - frames / length, 0.0, 1.0) * fades_in
        gain = np.cos(np.pi / 2 * remaining) ** 1.5 * np.cos(np.pi / 2 * begun) ** 1.5
        return np.asarray(block * gain[:, None], dtype=np.float32)

    return _rewrite(mixdown, folder, mixdown.frames, edit, report_progress)


def stop_tape(mixdown: Mixdown, folder: Path, report_progress: Callable[[float], None]) -> Mixdown:
    """Slow the end of the mix and its stems down to a standstill, so that the pitch falls."""
    length = min(TAPE_STOP_SECONDS * SAMPLE_RATE, 0.2 * mixdown.frames)
    begin = mixdown.frames - FINAL_SILENCE_SECONDS * SAMPLE_RATE - length

    def edit(name: str, start: int, block: Samples) -> Samples:
        frames = start + np.arange(len(block))
        progress = np.clip((frames - begin) / length, 0.0, 1.0)
        if not progress.any():
            return block
        positions = np.minimum(frames, begin) + length * (progress - progress**2 / 2)
        whole = np.minimum(positions.astype(np.int64), mixdown.frames - 2)
        share = (positions - whole)[:, None]
        sound = _open(mixdown.paths[name])
        read = sound[whole] * (1.0 - share) + sound[whole + 1] * share
        return np.asarray(read * np.sqrt(1.0 - progress)[:, None], dtype=np.float32)

    return _rewrite(mixdown, folder, mixdown.frames, edit, report_progress)


def wrap_loop(mixdown: Mixdown, folder: Path, frames: int, report_progress: Callable[[float], None]) -> Mixdown:
    """Cut the mix and its stems to ``frames`` and add what follows to their start."""
    tails = {name: _wrapped_tail(path, frames, mixdown.frames) for name, path in mixdown.paths.items()}

    def edit(name: str, start: int, block: Samples) -> Samples:
        tail = tails[name][start : start + len(block)]
        return np.asarray(np.concatenate([block[: len(tail)] + tail, block[len(tail) :]]), dtype=np.float32)

    return _rewrite(mixdown, folder, frames, edit, report_progress)


def _wrapped_tail(path: Path, frames: int, total: int) -> Samples:
    """Return the audio after ``frames``, summed modulo the length of the loop."""
    tail = np.zeros((min(frames, total - frames), 2), dtype=np.float32)
    for start in range(frames, total, frames):
        part = _open(path)[start : start + frames]
        tail[: len(part)] += part
    return tail


def _open(path: Path) -> Samples:
    """Map a file of audio into memory, shape (frames, 2). Open it again for each block to keep memory use low."""
    return np.asarray(np.memmap(path, dtype="<f4", mode="r")).reshape(-1, 2)


def _rewrite(
    mixdown: Mixdown, folder: Path, frames: int, edit: BlockEdit, report_progress: Callable[[float], None]
) -> Mixdown:
    """Write the edited blocks to a mixdown in a new folder and delete the files of the old one."""
    folder.mkdir()
    result = Mixdown(folder, [name for name in mixdown.paths if name != "mix"], frames)
    for start in range(0, frames, BLOCK_FRAMES):
        end = min(frames, start + BLOCK_FRAMES)
        blocks = {name: edit(name, start, _open(path)[start:end]).T for name, path in mixdown.paths.items()}
        mix = blocks.pop("mix")
        result.write(blocks, mix)
        report_progress(end / frames)
    for path in mixdown.paths.values():
        path.unlink()
    return result


def pad_loop(mixdown: Mixdown, folder: Path) -> Mixdown:
    """Return the mix of a loop, preceded by PADDING_FRAMES of its end and followed by as many of its start."""
    folder.mkdir()
    result = Mixdown(folder, [], mixdown.frames + 2 * PADDING_FRAMES)
    for start in range(0, result.frames, BLOCK_FRAMES):
        positions = np.arange(start, min(result.frames, start + BLOCK_FRAMES)) - PADDING_FRAMES
        result.write({}, _open(mixdown.paths["mix"])[positions % mixdown.frames].T)
    return result


def trim_loop(audio: SpooledAudio, path: Path, frames: int) -> SpooledAudio:
    """Cut the padding of ``pad_loop`` off a master."""
    end = PADDING_FRAMES + frames
    with path.open("wb") as file:
        for start in range(PADDING_FRAMES, end, BLOCK_FRAMES):
            _open(audio.path)[start : min(end, start + BLOCK_FRAMES)].tofile(file)
    audio.path.unlink()
    return SpooledAudio(path, frames)


def stems(mixdown: Mixdown) -> Mapping[str, SpooledAudio]:
    return {name: SpooledAudio(path, mixdown.frames) for name, path in mixdown.paths.items() if name != "mix"}
