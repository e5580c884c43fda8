"""Pictures of tracks of remote engines' adapters."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.engines import adapter_tracks, pictures
from benchmarks.engines.adapter_tracks import ADAPTERS, SECONDS, AdapterTrack


@pytest.mark.parametrize("name", ["ace-step-cpp", "comfyui", "elevenlabs", "queue"])
async def test_a_track_is_the_tone_of_its_peer_and_says_so(name: str, tmp_path: Path) -> None:
    track = await adapter_tracks.render(ADAPTERS[name])
    assert track.sound.seconds == pytest.approx(SECONDS, abs=0.1)
    spectrum = np.abs(np.fft.rfft(track.sound.mono))
    assert np.argmax(spectrum) / track.sound.seconds == pytest.approx(227, abs=1)
    assert "tone generator" in track.origin
    drawn = pictures.draw(AdapterTrack(name, track.origin, track.sound, track.facts), tmp_path / "picture.png")
    with Image.open(drawn) as picture:
        assert picture.size == (600, 352)
    assert drawn.stat().st_size < 150_000


def test_every_picture_is_in_the_guide() -> None:
    guide = (pictures.FOLDER.parent / "engines.md").read_text(encoding="utf-8")
    for name in ADAPTERS:
        assert f"pictures/engine-{name}.png" in guide
        assert (pictures.FOLDER / f"engine-{name}.png").is_file()
