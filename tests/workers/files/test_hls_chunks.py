"""HLS chunks of a session play gaplessly and are cut correctly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.focus import Goal
from engines.focus_port import BeatGrid, FocusControls, Segment
from engines.port import SAMPLE_RATE, Samples, SpooledAudio
from resolvers.focus.scheduling import stride_seconds
from tests.support.jobs import instant_engine
from workers import mpeg
from workers.files import encoding, hls_chunks
from workers.files.hls_chunks import PreviousSegment
from workers.files.track_files import File

DECODER_DELAY = 1105
"""576 samples of the encoder and 529 of the decoder, which players skip in files with a LAME tag."""


class NullMonitor:
    def report(self, stage: str, fraction: float) -> None:
        pass


@dataclass(frozen=True, slots=True)
class RenderedSession:
    """The audio, grids and chunks of a session's segments."""

    sounds: Sequence[Samples]
    grids: Sequence[BeatGrid]
    files: Sequence[Sequence[File]]


def noise(index: int, seconds: float) -> Samples:
    """Return pulsed coloured noise, which fills frames to varying degrees like music."""
    random = np.random.default_rng(index)
    count = round(seconds * SAMPLE_RATE)
    white = random.standard_normal((count + 64, 2))
    smooth = np.stack([np.convolve(white[:, side], np.ones(65) / 8, "valid") for side in (0, 1)], axis=1)
    beat = 0.3 + 0.7 * (np.arange(count) % 11_025 < 2_000)
    found: Samples = (0.08 * smooth * beat[:, None]).astype(np.float32)
    return found


def make(folder: Path, count: int, stride: float) -> RenderedSession:
    controls, before, joined_to = FocusControls(Goal.FOCUS), None, None
    sounds, grids, files = [], [], []
    for index in range(count):
        is_last = index == count - 1
        grid = instant_engine.plan(controls, 1, index, 0.0, before, session_seconds=60.0, is_last=is_last)
        grid = replace(grid, duration_seconds=stride + grid.overlap_ms / 1000)
        workspace = folder / str(index)
        workspace.mkdir()
        sound = noise(index, grid.duration_seconds)
        (workspace / "audio").write_bytes(sound.tobytes())
        audio, master = SpooledAudio(workspace / "audio", len(sound)), workspace / "master.mp3"
        encoding.mp3(audio, master, NullMonitor(), hls_chunks.lead_samples(joined_to))
        segment = Segment(index, 1, controls, grid, before, None, is_last)
        files.append(hls_chunks.write_chunks(audio, master, segment, joined_to, NullMonitor()))
        joined_to = PreviousSegment(master, grid, joined_to.ends_at_seconds if joined_to else 0.0)
        sounds.append(sound)
        grids.append(grid)
        before = grid
    return RenderedSession(sounds, grids, files)


def crossfaded(session: RenderedSession) -> NDArray[np.float64]:
    """Mix the segments with the fades of their grids, as a player would."""
    begins = np.cumsum([0.0, *(stride_seconds(grid) for grid in session.grids)])
    whole = np.zeros((round(begins[-1] * SAMPLE_RATE) + SAMPLE_RATE, 2))
    for sound, grid, begin in zip(session.sounds, session.grids, begins, strict=False):
        gain = np.ones(len(sound))
        rise, fall = (milliseconds * SAMPLE_RATE // 1000 for milliseconds in (grid.fade_in_ms, grid.fade_out_ms))
        gain[:rise] = np.sin(np.arange(rise) / max(rise, 1) * np.pi / 2)
        gain[len(gain) - fall :] *= np.cos(np.arange(fall) / max(fall, 1) * np.pi / 2)
        place = round(begin * SAMPLE_RATE)
        whole[place : place + len(sound)] += sound * gain[:, None]
    return whole[: round(begins[-1] * SAMPLE_RATE)]


def decode_stream(session: RenderedSession, folder: Path) -> Samples:
    """Decode the concatenated chunks."""
    whole = folder / "whole.mp3"
    frames = [frame for file in session.files for frame in frames_of(file)]
    whole.write_bytes(b"".join(frame.data for frame in frames))
    sound: Samples = soundfile.read(whole, dtype="float32", always_2d=True)[0]
    return sound[DECODER_DELAY:]


def frames_of(chunks: Sequence[File]) -> list[mpeg.Frame]:
    found = []
    for chunk in chunks:
        some = mpeg.parse_frames(chunk.path.read_bytes())
        assert len(some) == chunk.frames
        found += some
    return found


def loudness(sound: NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=float)) + 1e-12))


@pytest.mark.parametrize("stride", [2.0, 2.013, 3.7771])
def test_the_stream_is_the_crossfaded_session(tmp_path: Path, stride: float) -> None:
    session = make(tmp_path, 4, stride)
    expected, decoded = crossfaded(session), decode_stream(session, tmp_path)
    assert len(decoded) >= len(expected) - mpeg.SAMPLES_PER_FRAME
    count = min(len(decoded), len(expected))
    error = decoded[:count] - expected[:count]
    # coding noise is not higher at the joins
    window = SAMPLE_RATE // 20
    distances = [
        loudness(expected[place : place + window]) - loudness(error[place : place + window])
        for place in range(0, count - window, window)
    ]
    assert np.median(distances) > 20
    assert min(distances) > 15


def test_lead_samples_do_not_change_the_length_of_a_master(tmp_path: Path) -> None:
    session = make(tmp_path, 4, 2.013)
    for index, sound in enumerate(session.sounds):
        decoded, _ = soundfile.read(tmp_path / str(index) / "master.mp3", dtype="float32", always_2d=True)
        assert len(decoded) == len(sound)
        assert loudness(sound) - loudness(decoded - sound) > 20


def test_a_stream_fades_in_after_a_deleted_segment(tmp_path: Path) -> None:
    grid = instant_engine.plan(FocusControls(Goal.FOCUS), 1, 0, 0.0, None, session_seconds=60.0, is_last=False)
    sound = noise(1, grid.duration_seconds)
    (tmp_path / "audio").write_bytes(sound.tobytes())
    audio, master = SpooledAudio(tmp_path / "audio", len(sound)), tmp_path / "master.mp3"
    gone = PreviousSegment(None, grid, 0.0)
    encoding.mp3(audio, master, NullMonitor(), hls_chunks.lead_samples(gone))
    own = replace(grid, fade_in_ms=grid.overlap_ms)
    segment = Segment(1, 1, FocusControls(Goal.FOCUS), own, grid, None)
    file = hls_chunks.write_chunks(audio, master, segment, gone, NullMonitor())
    assert sum(chunk.frames or 0 for chunk in file) == 4 * SAMPLE_RATE // 1152 - 2 * SAMPLE_RATE // 1152
    decoded = decode_stream(RenderedSession([], [], [file]), tmp_path)
    assert loudness(decoded[:2000]) < loudness(decoded[40_000:60_000]) - 15


def test_a_stream_has_the_length_of_its_session(tmp_path: Path) -> None:
    session = make(tmp_path, 3, 2.0)
    frames = sum(chunk.frames or 0 for chunks in session.files for chunk in chunks)
    assert frames * mpeg.SAMPLES_PER_FRAME / SAMPLE_RATE == pytest.approx(
        6.0, abs=2 * mpeg.SAMPLES_PER_FRAME / SAMPLE_RATE
    )


def test_every_chunk_begins_with_its_timestamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hls_chunks, "CHUNK_FRAMES", 30)
    session = make(tmp_path, 2, 2.0)
    timestamps, expected, number = [], [], 0
    for chunk in [chunk for chunks in session.files for chunk in chunks]:
        assert (chunk.frames or 0) <= 30
        content, owner = chunk.path.read_bytes(), b"com.apple.streaming.transportStreamTimestamp\x00"
        assert content[:10] == b"ID3\x04\x00\x00\x00\x00\x00\x3f"
        assert content[20 : 20 + len(owner)] == owner
        timestamps.append(int.from_bytes(content[20 + len(owner) :][:8]))
        expected.append(number * 1152 * 90_000 // 44_100)
        number += chunk.frames or 0
    assert timestamps == expected


def test_the_first_frame_of_a_segment_is_self_contained(tmp_path: Path) -> None:
    session = make(tmp_path, 2, 2.0)
    for file in session.files:
        first, second = frames_of(file)[:2]
        assert first.main_data_begin == 0
        assert second.main_data_begin <= len(first.payload)


def test_a_file_without_frames_is_rejected() -> None:
    with pytest.raises(ValueError, match="no MPEG"):
        mpeg.parse_frames(b"RIFF" + bytes(100))
