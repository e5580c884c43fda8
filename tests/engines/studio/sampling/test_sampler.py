"""Tones from a SoundFont: pitch, loop, envelope, ranges, and errors of unusable files."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.licence import LicenceClass
from core.settings.workers import EngineSettings
from engines.port import SAMPLE_RATE, RenderRequest, RenderResult
from engines.registry import create_registry
from engines.studio.info import STUDIO_INFO
from engines.studio.instruments import CATALOGUE
from engines.studio.sampling import sf2
from engines.studio.sampling.modulators import Modulator
from engines.studio.sampling.sampler import Sampler
from tests.support.audio.soundfonts import soundfont
from tests.support.audio.studio_renders import RecordingMonitor, samples

PIANO = CATALOGUE["piano"]


def sampler(folder: Path, content: bytes) -> Sampler:
    path = folder / "font.sf2"
    path.write_bytes(content)
    return Sampler(path)


def frequency(sound: NDArray[np.float32]) -> float:
    """Return the frequency of a sine from its rising zero crossings."""
    rising = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    exact = rising - sound[rising] / (sound[rising + 1] - sound[rising])
    return float(SAMPLE_RATE * (len(exact) - 1) / (exact[-1] - exact[0]))


@pytest.mark.parametrize(("pitch", "hertz"), [(69, 440.0), (57, 220.0), (76, 659.26), (30, 46.25)])
def test_a_tone_has_its_pitch_for_longer_than_the_sample(tmp_path: Path, pitch: int, hertz: float) -> None:
    tone = sampler(tmp_path, soundfont()).tone(PIANO, pitch, 0.8, 1.5)
    assert tone.shape == (2, round(1.5 * SAMPLE_RATE))
    assert frequency(tone[0]) == pytest.approx(hertz, rel=5e-4)
    assert np.allclose(tone[0], tone[1], atol=1e-6)
    late = tone[0, -SAMPLE_RATE // 4 :]
    assert np.sqrt(np.mean(late**2)) == pytest.approx(0.7 * 0.5 / np.sqrt(2) * np.cos(np.pi / 4), rel=0.02)


def test_a_sample_without_a_loop_ends(tmp_path: Path) -> None:
    tone = sampler(tmp_path, soundfont([{53: 0}])).tone(PIANO, 69, 0.8, 1.0)
    assert np.abs(tone[:, : SAMPLE_RATE // 10]).max() > 0.1
    # filters add noise at -320 dBFS
    assert np.abs(tone[:, SAMPLE_RATE // 4 :]).max() < 1e-15


def test_zones_have_key_and_velocity_ranges_pan_tuning_and_attenuation(tmp_path: Path) -> None:
    low = {43: 0 | 59 << 8, 17: -500, 54: 1, 53: 0}
    high = {43: 60 | 127 << 8, 44: 64 | 127 << 8, 17: 500, 51: 12, 48: 60, 54: 1, 53: 0}
    font = sampler(tmp_path, soundfont([{54: 1}, low, high]))
    left, right = font.tone(PIANO, 57, 0.9, 0.5), font.tone(PIANO, 69, 0.9, 0.5)
    assert np.abs(left[1]).max() < 1e-6 < np.abs(left[0]).max()
    assert np.abs(right[0]).max() < 1e-6 < np.abs(right[1]).max()
    assert frequency(right[1]) == pytest.approx(880.0, rel=5e-4)
    assert np.abs(right).max() == pytest.approx(np.abs(left).max() * 10 ** (-6 / 20), rel=0.02)
    # the nearest velocity sounds where a file has none
    soft = font.tone(PIANO, 69, 0.1, 0.5)
    assert np.abs(soft).max() == pytest.approx(np.abs(right).max(), rel=0.05)
    assert frequency(soft[1]) == pytest.approx(880.0, rel=5e-4)


def test_generators_of_a_preset_are_added(tmp_path: Path) -> None:
    tone = sampler(tmp_path, soundfont(preset=[{51: 5}, {43: 0 | 127 << 8, 52: 50, 41: 0}])).tone(PIANO, 69, 0.8, 0.5)
    assert frequency(tone[0]) == pytest.approx(440.0 * 2 ** (5.5 / 12), rel=5e-4)


def test_the_envelope_attacks_and_decays_to_its_sustain_level(tmp_path: Path) -> None:
    zone = {34: -1200, 36: 0, 37: 200, 54: 1, 53: 0}  # half a second, one second to -100 dB, -20 dB
    tone = sampler(tmp_path, soundfont([zone])).tone(PIANO, 69, 0.8, 2.0)[0]
    peaks = [np.abs(tone[round(at * SAMPLE_RATE) :][:400]).max() for at in (0.25, 0.5, 1.5)]
    assert peaks[0] == pytest.approx(peaks[1] / 2, rel=0.05)
    assert peaks[2] == pytest.approx(peaks[1] / 10, rel=0.05)


def brightness(tone: NDArray[np.float32]) -> float:
    """Return the power of the tenth partial relative to the first in dB; the sample has equal ones."""
    power = np.abs(np.fft.rfft(tone[0, :SAMPLE_RATE])) ** 2
    return float(10 * np.log10(power[4395:4406].sum() / power[435:446].sum()))


def test_soft_notes_are_darker_but_not_softer(tmp_path: Path) -> None:
    font = sampler(tmp_path, soundfont([{8: 11_500, 54: 1, 53: 0}], harmonics=12))
    soft, middle, loud = (font.tone(PIANO, 69, velocity, 1.5) for velocity in (0.2, 0.6, 1.0))
    assert brightness(soft) < brightness(middle) - 3.0 < brightness(loud) - 6.0
    partials = [np.abs(np.fft.rfft(tone[0, :SAMPLE_RATE]))[440] for tone in (soft, loud)]
    assert partials[0] == pytest.approx(partials[1], rel=0.02)


def test_modulators_of_a_file_replace_the_default_and_those_of_a_preset_are_added(tmp_path: Path) -> None:
    zones, same = [{8: 10_000, 54: 1, 53: 0}], (2 | 1 << 8, 8, 0, 0, 0)
    constant = sampler(tmp_path, soundfont(zones, harmonics=12, modulators={0: [same]}))
    soft, loud = (constant.tone(PIANO, 69, velocity, 1.5) for velocity in (0.2, 1.0))
    assert np.array_equal(soft, loud)
    added = sampler(
        tmp_path, soundfont(zones, harmonics=12, modulators={0: [same]}, preset_modulators={0: [(2, 8, 2400, 0, 0)]})
    )
    assert brightness(added.tone(PIANO, 69, 1.0, 1.5)) > brightness(added.tone(PIANO, 69, 0.2, 1.5)) + 5.0
    assert brightness(added.tone(PIANO, 69, 0.2, 1.5)) > brightness(loud)


def test_modulators_of_a_global_zone_hold_for_all_zones(tmp_path: Path) -> None:
    """From key to tuning: a hundred cents at the highest key."""
    shared = {0: [(3, 52, 100, 0, 0)]}
    font = sampler(tmp_path, soundfont([{54: 1}, {54: 1, 53: 0}], modulators=shared))
    assert frequency(font.tone(PIANO, 69, 0.8, 0.5)[0]) == pytest.approx(440.0 * 2 ** (69 / 127 / 12), rel=5e-4)


@pytest.mark.parametrize(
    ("source", "velocity", "value"),
    [
        (2, 127, 1.0), (2, 64, 64 / 127), (2 | 1 << 8, 127, 0.0), (2 | 1 << 9, 127, 1.0), (2 | 1 << 9, 1, -0.984),
        (2 | 1 << 10, 127, 1.0), (2 | 1 << 10, 64, 0.127), (2 | 2 << 10, 64, 0.876), (2 | 3 << 10, 63, 0.0),
        (2 | 3 << 10, 64, 1.0), (0, 5, 1.0),
    ],
)  # fmt: skip
def test_sources_of_modulators_have_directions_polarities_and_curves(source: int, velocity: int, value: float) -> None:
    assert Modulator(source, 8, 1, 0, 0).value(60, velocity) == pytest.approx(value, abs=0.002)


def test_modulators_from_wheels_or_to_the_level_are_not_read() -> None:
    assert Modulator(2, 8, -2400, 0, 0).is_read
    assert not Modulator(2 | 1 << 8, 48, 960, 0, 0).is_read
    assert not Modulator(1 | 1 << 7, 8, 100, 0, 0).is_read
    assert not Modulator(14 | 1 << 9, 52, 100, 0, 0).is_read


def test_only_acoustic_instruments_with_a_preset_are_sampled(tmp_path: Path) -> None:
    font = sampler(tmp_path, soundfont())
    assert [key for key, instrument in CATALOGUE.items() if font.plays(instrument)] == ["piano"]
    assert not sampler(tmp_path, soundfont(program=66)).plays(PIANO)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a SoundFont 2 file"),
        (b"RIFF\0\0\0\0WAVE", "is not a SoundFont 2 file"),
        (soundfont()[:-60], "is damaged or incomplete"),
        (soundfont()[:400], "is damaged or incomplete"),
        (soundfont([{54: 1, 53: 7}]), "is damaged or incomplete"),
        (soundfont(program=120), "has no preset for any instrument"),
    ],
)
def test_an_unusable_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(sf2.SoundFontError, match=message) as caught:
        sampler(tmp_path, content)
    assert str(caught.value).count(". ") == 0


def test_a_missing_file_is_refused_when_the_registry_is_created(tmp_path: Path) -> None:
    settings = EngineSettings(soundfont=tmp_path / "missing.sf2")
    with pytest.raises(ValueError, match=r"cannot be read: No such file or directory\.$"):
        create_registry(settings)


def test_the_engine_names_the_file_and_its_licence(tmp_path: Path) -> None:
    path = tmp_path / "font.sf2"
    path.write_bytes(soundfont())
    assert create_registry(EngineSettings()).default == STUDIO_INFO
    unknown = create_registry(EngineSettings(soundfont=path)).default
    assert unknown.version == f"{STUDIO_INFO.version}+sf.{sf2.sha256(path)[:12]}"
    assert unknown.licence.licence_class is LicenceClass.UNCLEAR
    assert not unknown.licence.requires_attribution
    licensed = create_registry(
        EngineSettings(
            soundfont=path,
            soundfont_licence=LicenceClass.COMMERCIAL_CLEARED,
            soundfont_attribution="Sine Piano by Ada, CC BY 4.0",
        )
    ).default
    assert licensed.licence.commercial_use
    assert licensed.licence.requires_attribution
    assert licensed.licence.attribution == "Sine Piano by Ada, CC BY 4.0"
    assert licensed.description.endswith("Sine Piano by Ada, CC BY 4.0")
    path.write_bytes(soundfont(seconds=0.3))
    assert create_registry(EngineSettings(soundfont=path)).default.version != unknown.version


def test_a_render_uses_the_samples_and_is_deterministic(tmp_path: Path) -> None:
    path = tmp_path / "font.sf2"
    path.write_bytes(soundfont())

    def render(name: str, settings: EngineSettings) -> RenderResult:
        folder = tmp_path / name
        folder.mkdir()
        engine = create_registry(settings).load("studio")
        return engine.render(RenderRequest("solo piano", 3.0, 1), folder, RecordingMonitor())

    own = render("own", EngineSettings())
    one, two = (render(name, EngineSettings(soundfont=path)) for name in ("one", "two"))
    assert np.array_equal(samples(one.master), samples(two.master))
    assert one.score == own.score
    assert not np.array_equal(samples(one.master), samples(own.master))
