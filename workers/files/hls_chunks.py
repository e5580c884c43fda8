"""A segment as its part of one long stream: joined to the end of the one before, cut where MPEG frames meet.

The frames of a session's stream are counted through. A segment's files hold those that begin while it plays, its first
seconds crossfaded with the tail of the segment before, as its grid's fades say. So one file after the other is music
without a seam, for a player that knows nothing of crossfades. Only the crossfade is encoded for it: a master's frames
are laid out to go on from there. Packed audio as of RFC 8216, 3.4: each chunk begins with an ID3 tag that tells when
it sounds.
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
from workers import mpeg
from workers.files import encoding
from workers.mpeg import SAMPLES_PER_FRAME, Frame

_LEAD_INS: Final = (3, 5, 2, 8)
"""Frames encoded before the first one that is kept, so that the encoder is in the swing of it; the first that fits."""

_LEAD_OUT: Final = 3
"""Frames encoded behind the last one that is kept: it overlaps with them."""

_MEETINGS: Final = 24
"""So many places behind the crossfade are looked at for one where its frames and the master's meet best."""

_OWNER: Final = b"com.apple.streaming.transportStreamTimestamp\x00"
_TICKS: Final = 90_000


@dataclass(frozen=True, slots=True)
class PreviousSegment:
    """The segment that a stream goes on from: its master, its grid, and where it begins, in seconds.

    Without a master, which its owner may have deleted since, it was silent.
    """

    master: Path | None
    grid: BeatGrid
    starts_at_seconds: float

    @property
    def ends_at_seconds(self) -> float:
        """Where the next segment begins."""
        return self.starts_at_seconds + stride_seconds(self.grid)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A written piece of the stream, of so many frames."""

    path: Path
    frames: int


def lead_samples(before: PreviousSegment | None) -> int:
    """How many samples of silence a master needs before it, so that its frames are the stream's."""
    return _samples(before.ends_at_seconds) % SAMPLES_PER_FRAME if before else 0


def write_chunks(
    audio: Audio,
    master: Path,
    segment: Segment,
    before: PreviousSegment | None,
    workspace: Path,
    monitor: ProgressMonitor,
) -> list[Chunk]:
    """The stream's pieces of a segment; ``master`` is its MP3."""
    begins = before.ends_at_seconds if before else 0.0
    first = _samples(begins) // SAMPLES_PER_FRAME
    ends = _samples(begins + stride_seconds(segment.grid))
    # a decoder is about a frame late
    last = -(-ends // SAMPLES_PER_FRAME) + 1 if segment.is_last else ends // SAMPLES_PER_FRAME
    own = mpeg.parse_frames(master.read_bytes())[: last - first]
    kept = own if before is None else _joined(audio, segment, before, own, workspace, monitor)
    return _packed(kept, first, workspace)


def _joined(
    audio: Audio,
    segment: Segment,
    before: PreviousSegment,
    own: Sequence[Frame],
    workspace: Path,
    monitor: ProgressMonitor,
) -> list[Frame]:
    """The crossfade's frames, and behind them the master's ``own``; the first of those is the stream's ``first``."""
    first = _samples(before.ends_at_seconds) // SAMPLES_PER_FRAME
    fades = max(segment.grid.fade_in_ms, before.grid.overlap_ms) * SAMPLE_RATE // 1000
    soonest = min(-(-(lead_samples(before) + fades) // SAMPLES_PER_FRAME) + _LEAD_OUT, len(own))
    encoded = workspace / "joined.mp3"
    for lead_in in _LEAD_INS:
        begin, end = (
            (first - lead_in) * SAMPLES_PER_FRAME,
            (first + soonest + _MEETINGS + _LEAD_OUT) * SAMPLES_PER_FRAME,
        )
        encoding.mp3(_Join(audio, segment.grid, before, begin, end), encoded, monitor)
        whole = mpeg.parse_frames(encoded.read_bytes())
        meeting = _meeting(whole[lead_in:], own, soonest)
        faded, rest = mpeg.cut_frames(whole, lead_in, meeting), mpeg.cut_frames(own, meeting, len(own) - meeting)
        if faded is not None and rest is not None:
            return [*faded, *rest]
    # a click of a fortieth of a second is better than no music
    return [*whole[lead_in : lead_in + meeting], *own[meeting:]]


def _meeting(faded: Sequence[Frame], own: Sequence[Frame], soonest: int) -> int:
    """Where to go over from one to the other: the first place where both see the sound alike and a cut fits."""
    places = range(soonest, min(soonest + _MEETINGS, len(own), len(faded)))
    for place in places:
        near = slice(place - 1, place + 1)
        alike = [frame.block_types for frame in faded[near]] == [frame.block_types for frame in own[near]]
        if alike and mpeg.cut_frames(own[: place + 2], place, 1) is not None:
            return place
    return soonest


@dataclass(frozen=True, slots=True)
class _Join:
    """The end of one segment and the next one, crossfaded, from ``begin`` to ``end`` in samples of the session."""

    audio: Audio
    grid: BeatGrid
    before: PreviousSegment
    begin: int
    end: int

    @property
    def frames(self) -> int:
        """See Audio."""
        return self.end - self.begin

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        """See Audio."""
        tail, place = self._tail(), self.begin
        starts = _samples(self.before.ends_at_seconds)
        yield tail[: starts - self.begin]
        place = starts
        for block in self.audio.blocks(size):
            faded = block * _gain(place - starts, len(block), self.grid.fade_in_ms, rises=True)
            old = tail[place - self.begin :][: len(block)]
            faded[: len(old)] += old
            yield faded[: max(self.end - place, 0)]
            place += len(block)
            if place >= self.end:
                return
        yield np.zeros((self.end - place, 2), np.float32)

    def _tail(self) -> Samples:
        """What is left of the segment before, from ``begin`` on, faded out at its end."""
        if self.before.master is None:
            return np.zeros((_samples(self.before.ends_at_seconds) - self.begin, 2), np.float32)
        with soundfile.SoundFile(self.before.master) as file:
            file.seek(self.begin - _samples(self.before.starts_at_seconds))
            tail: Samples = file.read(dtype="float32", always_2d=True)
        fading = self.before.grid.fade_out_ms * SAMPLE_RATE // 1000
        return tail * _gain(fading - len(tail), len(tail), self.before.grid.fade_out_ms, rises=False)


def _gain(place: int, count: int, fade_ms: int, *, rises: bool) -> NDArray[np.float32]:
    """Equal power: a quarter of a sine from ``place`` samples behind the beginning of the fade on, as a column."""
    length = fade_ms * SAMPLE_RATE / 1000
    if length <= 0:
        return np.ones((count, 1), np.float32)
    angle = np.clip((place + np.arange(count)) / length, 0.0, 1.0) * (np.pi / 2)
    return (np.sin(angle) if rises else np.cos(angle)).astype(np.float32)[:, None]


def _packed(kept: Sequence[Frame], first: int, workspace: Path) -> list[Chunk]:
    chunks = []
    for number in range(0, len(kept), CHUNK_FRAMES):
        some = kept[number : number + CHUNK_FRAMES]
        path = workspace / f"stream-{number}.mp3"
        path.write_bytes(_tag(first + number) + b"".join(frame.data for frame in some))
        chunks.append(Chunk(path, len(some)))
    return chunks


def _tag(frame: int) -> bytes:
    """An ID3 tag that tells when a frame sounds."""
    ticks = frame * SAMPLES_PER_FRAME * _TICKS // SAMPLE_RATE % (1 << 33)
    content = _OWNER + ticks.to_bytes(8)
    private = b"PRIV" + _syncsafe(len(content)) + b"\x00\x00" + content
    return b"ID3\x04\x00\x00" + _syncsafe(len(private)) + private


def _syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
