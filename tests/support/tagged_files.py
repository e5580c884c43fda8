"""Read audio files and their tags with independent programs."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import soundfile

SUFFIXES: Final = (".mp3", ".flac", ".wav")

Make = Callable[[str], Path]


def sound(path: Path) -> bytes:
    """The decoded samples."""
    samples: bytes = soundfile.read(path, dtype="int32")[0].tobytes()
    return samples


def ffprobe(path: Path) -> dict[str, Any]:
    """What ffprobe tells of a file, names of tags in capitals; skips where it is not installed."""
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    words = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    told: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603  ours
    tags = {name.upper(): value for name, value in told["format"]["tags"].items()}
    return {**told, "tags": tags}


def mediainfo(path: Path) -> dict[str, Any]:
    """What mediainfo tells of a file as a whole; skips where it is not installed."""
    if shutil.which("mediainfo") is None:
        pytest.skip("mediainfo is not installed")
    words = ["mediainfo", "--Output=JSON", str(path)]
    told = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603  ours
    whole: dict[str, Any] = told["media"]["track"][0]
    return {**whole, **whole.get("extra", {})}
