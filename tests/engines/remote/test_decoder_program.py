"""The decoder of peers' files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engines.remote import decoder_program
from tests.support.remote.ace_step import tones

SECONDS = 8.0


def decode(content: bytes, folder: Path, max_seconds: float = 10.0) -> dict[str, object]:
    (folder / "source").write_bytes(content)
    return decoder_program.decode(folder / "source", folder / "target", max_seconds)


def test_an_mp3_of_small_frames_has_no_gaps(tmp_path: Path) -> None:
    """Frames of a tone take their bits from frames long before: none may be lost between blocks."""
    content = tones.encode(tones.tone(7, SECONDS), "MP3", "MPEG_LAYER_III")
    facts = decode(content, tmp_path)
    assert (facts["suffix"], facts["sample_rate"], facts["channels"]) == (".mp3", tones.SAMPLE_RATE, 2)
    samples = np.fromfile(tmp_path / "target", "<f4").reshape(-1, 2)
    assert len(samples) == facts["frames"] == round(SECONDS * 44_100)
    inner = samples[4_410:-4_410, 0].astype(np.float64)
    times = np.arange(len(inner)) / 44_100
    basis = np.stack([np.sin(2 * np.pi * 227 * times), np.cos(2 * np.pi * 227 * times)], axis=1)
    rest = inner - basis @ np.linalg.lstsq(basis, inner, rcond=None)[0]
    assert np.abs(rest).max() < 0.01


@pytest.mark.parametrize(("seconds", "message"), [(10.5, "The file is longer than 10 s."), (0.0, "no audio")])
def test_too_long_and_empty_files_are_refused(seconds: float, message: str, tmp_path: Path) -> None:
    with pytest.raises(decoder_program.DecodeError, match=message):
        decode(tones.encode(tones.tone(7, seconds), "WAV"), tmp_path)


def test_samples_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.full((100, 2), np.nan, np.float32), 44_100, subtype="FLOAT")
    with pytest.raises(decoder_program.DecodeError, match="not numbers"):
        decode(path.read_bytes(), tmp_path)
