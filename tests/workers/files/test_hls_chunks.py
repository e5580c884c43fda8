"""A session's stream: what its files sound like one after the other, and how they are cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.focus import Goal
from engines.focus_port import BeatGrid, Controls, Segment
from engines.port import SAMPLE_RATE, Samples, SpooledAudio
from resolvers.focus.scheduling import stride_seconds
from tests.support import instant_engine
from workers import mpeg
from workers.files import encoding, hls_chunks
from workers.files.hls_chunks import Chunk, PreviousSegment

DECODER_DELAY = 1105
"""An encoder's 576 samples and a decoder's 529, which a file's own header would tell to leave out."""


class Silent:
    def report(self, stage: str, fraction: float) -> None:
        """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Made:
    """A session's segments as they were made: sound, grids and stream files."""

    sounds: Sequence[Samples]
    grids: Sequence[BeatGrid]
    files: Sequence[Sequence[Chunk]]


def noise(index: int, seconds: float) -> Samples:
    """Music-like: coloured noise under a beat, so that frames are full and of many sizes."""
    random = np.random.default_rng(index)
    count = round(seconds * SAMPLE_RATE)
    white = random.standard_normal((count + 64, 2))
    smooth = np.stack([np.convolve(white[:, side], np.ones(65) / 8, "valid") for side in (0, 1)], axis=1)
    beat = 0.3 + 0.7 * (np.arange(count) % 11_025 < 2_000)
    found: Samples = (0.08 * smooth * beat[:, None]).astype(np.float32)
    return found


def make(folder: Path, count: int, stride: float) -> Made:
    controls, before, joined_to = Controls(Goal.FOCUS), None, None
    sounds, grids, files = [], [], []
    for index in range(count):
        is_last = index == count - 1
        grid = instant_engine.plan(controls, 1, index, 0.0, before, is_last=is_last)
        grid = replace(grid, duration_seconds=stride + grid.overlap_ms / 1000)
        workspace = folder / str(index)
        workspace.mkdir()
        sound = noise(index, grid.duration_seconds)
        (workspace / "audio").write_bytes(sound.tobytes())
        audio, master = SpooledAudio(workspace / "audio", len(sound)), workspace / "master.mp3"
        encoding.mp3(audio, master, Silent(), hls_chunks.lead_samples(joined_to))
        segment = Segment(index, 1, controls, grid, before, None, is_last)
        files.append(hls_chunks.write_chunks(audio, master, segment, joined_to, workspace, Silent()))
        joined_to = PreviousSegment(master, grid, joined_to.ends_at_seconds if joined_to else 0.0)
        sounds.append(sound)
        grids.append(grid)
        before = grid
    return Made(sounds, grids, files)


def crossfaded(made: Made) -> NDArray[np.float64]:
    """The same by the contract: each segment laid over the one before, with the fades that its grid states."""
    begins = np.cumsum([0.0, *(stride_seconds(grid) for grid in made.grids)])
    whole = np.zeros((round(begins[-1] * SAMPLE_RATE) + SAMPLE_RATE, 2))
    for sound, grid, begin in zip(made.sounds, made.grids, begins, strict=False):
        gain = np.ones(len(sound))
        rise, fall = (milliseconds * SAMPLE_RATE // 1000 for milliseconds in (grid.fade_in_ms, grid.fade_out_ms))
        gain[:rise] = np.sin(np.arange(rise) / max(rise, 1) * np.pi / 2)
        gain[len(gain) - fall :] *= np.cos(np.arange(fall) / max(fall, 1) * np.pi / 2)
        place = round(begin * SAMPLE_RATE)
        whole[place : place + len(sound)] += sound * gain[:, None]
    return whole[: round(begins[-1] * SAMPLE_RATE)]


def played(made: Made, folder: Path) -> Samples:
    """The files one after the other, through a decoder that knows nothing of segments."""
    whole = folder / "whole.mp3"
    frames = [frame for file in made.files for frame in frames_of(file)]
    whole.write_bytes(b"".join(frame.data for frame in frames))
    sound: Samples = soundfile.read(whole, dtype="float32", always_2d=True)[0]
    return sound[DECODER_DELAY:]


def frames_of(chunks: Sequence[Chunk]) -> list[mpeg.Frame]:
    found = []
    for chunk in chunks:
        some = mpeg.parse_frames(chunk.path.read_bytes())
        assert len(some) == chunk.frames
        found += some
    return found


def loudness(sound: NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=float)) + 1e-12))


@pytest.mark.parametrize("stride", [2.0, 2.013, 3.7771])
def test_the_stream_is_the_crossfaded_session_without_a_seam(tmp_path: Path, stride: float) -> None:
    made = make(tmp_path, 4, stride)
    expected, heard = crossfaded(made), played(made, tmp_path)
    assert len(heard) >= len(expected) - mpeg.SAMPLES_PER_FRAME
    count = min(len(heard), len(expected))
    error = heard[:count] - expected[:count]
    # as good as the codec is anywhere, also where files meet
    window = SAMPLE_RATE // 20
    distances = [
        loudness(expected[place : place + window]) - loudness(error[place : place + window])
        for place in range(0, count - window, window)
    ]
    assert np.median(distances) > 20
    assert min(distances) > 15


def test_a_master_is_as_long_as_its_segment_wherever_its_frames_begin(tmp_path: Path) -> None:
    made = make(tmp_path, 4, 2.013)
    for index, sound in enumerate(made.sounds):
        decoded, _ = soundfile.read(tmp_path / str(index) / "master.mp3", dtype="float32", always_2d=True)
        assert len(decoded) == len(sound)
        assert loudness(sound) - loudness(decoded - sound) > 20


def test_behind_a_segment_that_was_deleted_a_stream_fades_in_at_its_time(tmp_path: Path) -> None:
    grid = instant_engine.plan(Controls(Goal.FOCUS), 1, 0, 0.0, None, is_last=False)
    sound = noise(1, grid.duration_seconds)
    (tmp_path / "audio").write_bytes(sound.tobytes())
    audio, master = SpooledAudio(tmp_path / "audio", len(sound)), tmp_path / "master.mp3"
    gone = PreviousSegment(None, grid, 0.0)
    encoding.mp3(audio, master, Silent(), hls_chunks.lead_samples(gone))
    own = replace(grid, fade_in_ms=grid.overlap_ms)
    segment = Segment(1, 1, Controls(Goal.FOCUS), own, grid, None)
    file = hls_chunks.write_chunks(audio, master, segment, gone, tmp_path, Silent())
    assert sum(chunk.frames for chunk in file) == 4 * SAMPLE_RATE // 1152 - 2 * SAMPLE_RATE // 1152
    heard = played(Made([], [], [file]), tmp_path)
    assert loudness(heard[:2000]) < loudness(heard[40_000:60_000]) - 15


def test_a_stream_takes_as_long_as_its_session(tmp_path: Path) -> None:
    made = make(tmp_path, 3, 2.0)
    frames = sum(chunk.frames for chunks in made.files for chunk in chunks)
    assert frames * mpeg.SAMPLES_PER_FRAME / SAMPLE_RATE == pytest.approx(
        6.0, abs=2 * mpeg.SAMPLES_PER_FRAME / SAMPLE_RATE
    )


def test_every_chunk_begins_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hls_chunks, "CHUNK_FRAMES", 30)
    made = make(tmp_path, 2, 2.0)
    told, expected, number = [], [], 0
    for chunk in [chunk for chunks in made.files for chunk in chunks]:
        assert chunk.frames <= 30
        content, owner = chunk.path.read_bytes(), b"com.apple.streaming.transportStreamTimestamp\x00"
        assert content[:10] == b"ID3\x04\x00\x00\x00\x00\x00\x3f"
        assert content[20 : 20 + len(owner)] == owner
        told.append(int.from_bytes(content[20 + len(owner) :][:8]))
        expected.append(number * 1152 * 90_000 // 44_100)
        number += chunk.frames
    assert told == expected


def test_the_first_frame_of_a_cut_needs_none_before_it(tmp_path: Path) -> None:
    made = make(tmp_path, 2, 2.0)
    for file in made.files:
        first, second = frames_of(file)[:2]
        assert first.main_data_begin == 0
        assert second.main_data_begin <= len(first.payload)


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no MPEG"):
        mpeg.parse_frames(b"RIFF" + bytes(100))
