"""The info frame makes players return exactly the samples that were encoded."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engines.port import SAMPLE_RATE, Samples, SpooledAudio
from workers import mpeg
from workers.files import encoding, info_frame
from workers.mpeg import SAMPLES_PER_FRAME

Decode = Callable[[Path], Samples]


class NullMonitor:
    def report(self, stage: str, fraction: float) -> None:
        pass


def encode(folder: Path, frames: int, lead_samples: int = 0) -> tuple[Samples, Path]:
    """Encode noise without treble, which is never silent."""
    white = np.random.default_rng(frames).standard_normal((frames + 32, 2))
    smooth = np.stack([np.convolve(white[:, side], np.ones(33) / 33, "valid") for side in (0, 1)], axis=1)
    samples: Samples = (0.3 * smooth).astype("<f4")
    (folder / "noise.f32").write_bytes(samples.tobytes())
    target = folder / "noise.mp3"
    encoding.mp3(SpooledAudio(folder / "noise.f32", frames), target, NullMonitor(), lead_samples)
    return samples, target


def decode_with_libsndfile(path: Path) -> Samples:
    decoded: Samples = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return decoded


def decode_with_ffmpeg(path: Path) -> Samples:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    command = [ffmpeg, "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    decoded = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout  # noqa: S603  ffmpeg
    return np.frombuffer(decoded, "<f4").reshape(-1, 2)


@pytest.mark.parametrize("decode", [decode_with_libsndfile, decode_with_ffmpeg])
@pytest.mark.parametrize("lead_samples", [0, 1, 700, 1151])
@pytest.mark.parametrize("frames", [575, 576, 1152, 1153, 44_100, 100_003])
def test_players_return_exactly_the_encoded_samples(
    tmp_path: Path, decode: Decode, frames: int, lead_samples: int
) -> None:
    samples, path = encode(tmp_path, frames, lead_samples)
    decoded = decode(path)
    assert decoded.shape == samples.shape
    if frames > SAMPLE_RATE:
        # no sample is shifted
        noise = np.mean(np.square(decoded - samples, dtype=float))
        assert 10 * np.log10(np.mean(np.square(samples, dtype=float)) / noise) > 20


def test_the_info_frame_states_length_delay_and_checksums(tmp_path: Path) -> None:
    _, path = encode(tmp_path, 100_003, lead_samples=700)
    content = path.read_bytes()
    frames = mpeg.parse_frames(content)
    audio = b"".join(frame.data for frame in frames)
    head, audio_frames = content[: len(content) - len(audio)], len(frames)
    assert len(head) == 626
    assert head[36:40] == b"Info"
    assert int.from_bytes(head[44:48]) == audio_frames
    assert int.from_bytes(head[48:52]) == int.from_bytes(head[184:188]) == len(content)
    delay, padding = int.from_bytes(head[177:180]) >> 12, int.from_bytes(head[177:180]) & 0xFFF
    assert delay == 576 + 700
    assert delay + 100_003 + padding == audio_frames * SAMPLES_PER_FRAME
    assert int.from_bytes(head[188:190]) == crc_bit_by_bit(audio)
    assert int.from_bytes(head[190:192]) == crc_bit_by_bit(head[:190])


def test_ffmpeg_accepts_the_file_without_a_warning(tmp_path: Path) -> None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    _, path = encode(tmp_path, 100_003)
    command = [ffmpeg, "-v", "warning", "-err_detect", "crccheck", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)  # noqa: S603  ffmpeg
    assert done.stderr == b""


def crc_bit_by_bit(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


@pytest.mark.parametrize("length", [0, 1, 2, 3, 8, 9, 255, 1000])
def test_the_checksum_is_a_crc_16(length: int) -> None:
    content = np.random.default_rng(length).bytes(length)
    assert info_frame.crc16(content) == crc_bit_by_bit(content)
    # the check value of CRC-16/ARC
    assert info_frame.crc16(b"123456789") == 0xBB3D
