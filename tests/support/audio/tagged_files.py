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
    """Return the decoded samples."""
    samples: bytes = soundfile.read(path, dtype="int32")[0].tobytes()
    return samples


def ffprobe(path: Path) -> dict[str, Any]:
    """Return the output of ffprobe with tag names in upper case; skip the test if it is not installed."""
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    words = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    output: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603  ours
    tags = {name.upper(): value for name, value in output["format"]["tags"].items()}
    return {**output, "tags": tags}


def mediainfo(path: Path) -> dict[str, Any]:
    """Return the general track of mediainfo; skip the test if it is not installed."""
    if shutil.which("mediainfo") is None:
        pytest.skip("mediainfo is not installed")
    words = ["mediainfo", "--Output=JSON", str(path)]
    output = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603  ours
    whole: dict[str, Any] = output["media"]["track"][0]
    return {**whole, **whole.get("extra", {})}
