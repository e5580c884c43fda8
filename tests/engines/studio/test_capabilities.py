"""What the studio engine declares as honoured is in its music."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from engines.capabilities import RequestField, Support
from engines.port import SAMPLE_RATE, Controls, RenderRequest, RenderResult
from engines.studio.engine import StudioEngine
from engines.studio.info import STUDIO_CAPABILITIES, STUDIO_INFO

REQUEST: Final = RenderRequest("calm piano trio", 4.0, seed=5, title="Night")


class Unobserved:
    def report(self, stage: str, fraction: float) -> None:
        """See ProgressMonitor."""


def render(folder: Path, **controls: Any) -> RenderResult:  # noqa: ANN401  values of Controls
    workspace = folder / "-".join(map(str, controls.items())).replace("/", "_")
    workspace.mkdir()
    return StudioEngine().render(replace(REQUEST, controls=Controls(**controls)), workspace, Unobserved())


def spectral_centroid(result: RenderResult) -> float:
    spectrum = np.abs(np.fft.rfft(np.concatenate([*result.master.blocks()]).mean(axis=1)))
    return float(np.sum(spectrum * np.arange(len(spectrum))) / np.sum(spectrum))


@pytest.mark.parametrize("tempo", [STUDIO_CAPABILITIES.tempo_bpm.minimum, STUDIO_CAPABILITIES.tempo_bpm.maximum])
def test_tempo_key_metre_title_and_duration_are_met(tmp_path: Path, tempo: float) -> None:
    result = render(tmp_path, tempo_bpm=tempo, key="Eb dorian", metre="7/8")
    facts = result.facts
    assert (facts.tempo_bpm, facts.key, facts.metre, result.title) == (tempo, "Eb dorian", "7/8", "Night")
    assert abs(result.master.frames / SAMPLE_RATE - REQUEST.duration_seconds) <= 0.05


def test_brightness_and_intensity_are_audible(tmp_path: Path) -> None:
    dark, bright = (spectral_centroid(render(tmp_path, brightness=value)) for value in (0.0, 1.0))
    assert dark < bright
    soft, strong = (render(tmp_path, intensity=value).facts.loudness_lufs for value in (0.0, 0.9))
    assert soft < strong


def test_the_declared_honours_are_those_that_tests_prove() -> None:
    honoured = {field for field, each in STUDIO_INFO.capabilities if each.support is Support.HONOURED}
    proven_here = {
        *(RequestField.TEMPO_BPM, RequestField.KEY, RequestField.METRE, RequestField.TITLE),
        *(RequestField.DURATION_SECONDS, RequestField.BRIGHTNESS, RequestField.INTENSITY),
    }
    proven_elsewhere = {RequestField.SEED, RequestField.LOOP, RequestField.INSTRUMENTAL}
    assert honoured == proven_here | proven_elsewhere
