"""Write a focus segment as HLS chunks that continue the session's stream (packed audio, RFC 8216, 3.4).

MPEG frames are numbered through the session. A segment's chunks hold the frames that begin while it plays; its start
is crossfaded with the tail of the previous segment by the fades of their grids. The chunks of a session thus play
gaplessly one after the other, in players without crossfades. Only the crossfade is encoded for the stream: the frames
of the master are aligned so that they follow it. Each chunk begins with an ID3 tag that states its time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engines.focus_port import BeatGrid, Segment
from engines.port import SAMPLE_RATE, Audio, ProgressMonitor, Samples
from resolvers.focus.hls import CHUNK_FRAMES
from resolvers.focus.scheduling import stride_seconds
from storage.tables import FileRole
from workers import mpeg
from workers.file_tags import id3
from workers.files import encoding
from workers.files.track_files import File
from workers.mpeg import SAMPLES_PER_FRAME, Frame

_PRE_ROLLS: Final = (3, 5, 2, 8)
"""Frames encoded before the first one in use, so that the encoder has settled. The first value that fits is used."""

_POST_ROLL: Final = 3
"""Frames encoded after the last one in use, which overlaps with them."""

_MAX_SPLICE_OFFSET: Final = 24
"""How many frames after the crossfade are searched for the best splice to the master's frames."""

_TIMESTAMP_OWNER: Final = b"com.apple.streaming.transportStreamTimestamp\x00"
_TICKS_PER_SECOND: Final = 90_000


@dataclass(frozen=True, slots=True)
class PreviousSegment:
    """The previous segment. ``master`` is None if its track was deleted; the segment then counts as silent."""

    master: Path | None
    grid: BeatGrid
    starts_at_seconds: float

    @property
    def ends_at_seconds(self) -> float:
        """The start of the next segment."""
        return self.starts_at_seconds + stride_seconds(self.grid)


def lead_samples(previous: PreviousSegment | None) -> int:
    """Return the silence before a master that aligns its frames with those of the stream."""
    return _samples(previous.ends_at_seconds) % SAMPLES_PER_FRAME if previous else 0


def write_chunks(
    audio: Audio, master: Path, segment: Segment, previous: PreviousSegment | None, monitor: ProgressMonitor
) -> list[File]:
    """Write the chunks of a segment beside ``master``, its MP3, which is encoded with ``lead_samples``."""
    start_seconds = previous.ends_at_seconds if previous else 0.0
    first = _samples(start_seconds) // SAMPLES_PER_FRAME
    end = _samples(start_seconds + stride_seconds(segment.grid))
    # decoders have a delay of about one frame
    last = -(-end // SAMPLES_PER_FRAME) + 1 if segment.is_last else end // SAMPLES_PER_FRAME
    frames = mpeg.parse_frames(master.read_bytes())[: last - first]
    if previous is not None:
        frames = _join(audio, segment, previous, frames, master.parent, monitor)
    chunks = []
    for number, offset in enumerate(range(0, len(frames), CHUNK_FRAMES)):
        chunk_frames = frames[offset : offset + CHUNK_FRAMES]
        path = master.parent / f"stream-{offset}.mp3"
        path.write_bytes(_timestamp_tag(first + offset) + b"".join(frame.data for frame in chunk_frames))
        chunks.append(File(FileRole.STREAM, f"{number:03}", path, len(chunk_frames)))
    return chunks


def _join(
    audio: Audio,
    segment: Segment,
    previous: PreviousSegment,
    own: Sequence[Frame],
    workspace: Path,
    monitor: ProgressMonitor,
) -> list[Frame]:
    """Return the frames of the crossfade, followed by those of the master, ``own``."""
    first = _samples(previous.ends_at_seconds) // SAMPLES_PER_FRAME
    fade_samples = max(segment.grid.fade_in_ms, previous.grid.overlap_ms) * SAMPLE_RATE // 1000
    earliest = min(-(-(lead_samples(previous) + fade_samples) // SAMPLES_PER_FRAME) + _POST_ROLL, len(own))
    encoded = workspace / "joined.mp3"
    for pre_roll in _PRE_ROLLS:
        start = (first - pre_roll) * SAMPLES_PER_FRAME
        end = (first + earliest + _MAX_SPLICE_OFFSET + _POST_ROLL) * SAMPLES_PER_FRAME
        encoding.mp3(_Crossfade(audio, segment.grid, previous, start, end), encoded, monitor)
        faded = mpeg.parse_frames(encoded.read_bytes())
        splice = _find_splice(faded[pre_roll:], own, earliest)
        head, tail = mpeg.cut_frames(faded, pre_roll, splice), mpeg.cut_frames(own, splice, len(own) - splice)
        if head is not None and tail is not None:
            return [*head, *tail]
    # a click of 1/40 s is better than no music
    return [*faded[pre_roll : pre_roll + splice], *own[splice:]]


def _find_splice(faded: Sequence[Frame], own: Sequence[Frame], earliest: int) -> int:
    """Return the first frame at which both have the same block types and ``own`` can be cut."""
    for index in range(earliest, min(earliest + _MAX_SPLICE_OFFSET, len(own), len(faded))):
        around = slice(index - 1, index + 1)
        is_alike = [frame.block_types for frame in faded[around]] == [frame.block_types for frame in own[around]]
        if is_alike and mpeg.cut_frames(own[: index + 2], index, 1) is not None:
            return index
    return earliest


@dataclass(frozen=True, slots=True)
class _Crossfade:
    """The end of one segment crossfaded into the next, from ``start`` to ``end`` in samples of the session."""

    audio: Audio
    grid: BeatGrid
    previous: PreviousSegment
    start: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.start

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        tail = self._tail()
        segment_start = position = _samples(self.previous.ends_at_seconds)
        yield tail[: segment_start - self.start]
        for block in self.audio.blocks(size):
            mixed = block * _gain(position - segment_start, len(block), self.grid.fade_in_ms, rises=True)
            overlap = tail[position - self.start :][: len(block)]
            mixed[: len(overlap)] += overlap
            yield mixed[: max(self.end - position, 0)]
            position += len(block)
            if position >= self.end:
                return
        yield np.zeros((self.end - position, 2), np.float32)

    def _tail(self) -> Samples:
        """Return the rest of the previous segment, faded out."""
        if self.previous.master is None:
            return np.zeros((_samples(self.previous.ends_at_seconds) - self.start, 2), np.float32)
        with soundfile.SoundFile(self.previous.master) as file:
            file.seek(self.start - _samples(self.previous.starts_at_seconds))
            tail: Samples = file.read(dtype="float32", always_2d=True)
        fade_ms = self.previous.grid.fade_out_ms
        fade_samples = fade_ms * SAMPLE_RATE // 1000
        return tail * _gain(fade_samples - len(tail), len(tail), fade_ms, rises=False)


def _gain(offset: int, count: int, fade_ms: int, *, rises: bool) -> NDArray[np.float32]:
    """Return an equal-power fade as a column, beginning ``offset`` samples after the start of the fade."""
    length = fade_ms * SAMPLE_RATE / 1000
    if length <= 0:
        return np.ones((count, 1), np.float32)
    angle = np.clip((offset + np.arange(count)) / length, 0.0, 1.0) * (np.pi / 2)
    return (np.sin(angle) if rises else np.cos(angle)).astype(np.float32)[:, None]


def _timestamp_tag(frame: int) -> bytes:
    """Return an ID3 tag with the presentation time of a frame."""
    ticks = frame * SAMPLES_PER_FRAME * _TICKS_PER_SECOND // SAMPLE_RATE % (1 << 33)
    return id3.encode_tag(id3.encode_frame("PRIV", _TIMESTAMP_OWNER + ticks.to_bytes(8)))


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
