from dataclasses import replace
from functools import cache

import pytest

from engines.studio.arranging import arrangement
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.model.mix_settings import MixSettings
from engines.studio.model.music_request import MusicRequest
from engines.studio.orchestration import transformations
from engines.studio.orchestration.transformation_table import EXCLUSIVE_GROUPS, OPPOSITES, TRANSFORMATIONS
from engines.studio.prompt import reader

NEW_KEYS = (
    "bright", "dark", "crisp", "muffled", "warm", "airy", "huge_hall", "wide", "narrow", "mono", "quiet", "loud",
    "whisper", "maximal", "compressed", "dynamic", "sparse", "minimal", "busy", "low_register", "high_register",
)  # fmt: skip


def request_with(text: str, **strengths: float) -> MusicRequest:
    request = reader.read(text, ())
    return replace(request, transformations={name: name for name in strengths}, strengths=strengths)


@cache
def arrange(text: str, **strengths: float) -> Arrangement:
    return arrangement.compose(request_with(text, **strengths), 24.0, 1)


def test_the_registry_has_all_documented_keys() -> None:
    assert set(NEW_KEYS) <= TRANSFORMATIONS.keys()


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_every_transformation_changes_the_plan_and_describes_it(name: str) -> None:
    named = "rock" if name == "undistorted" else "funk"
    plain, changed = arrange(f"{named}, brass"), arrange(f"{named}, brass", **{name: 1.0})
    style = reader.read("funk", ()).style
    has_other_parts = plain.parts != changed.parts
    has_other_style = transformations.change_style(style, {name: 1.0}) != style
    assert (
        has_other_parts
        or has_other_style
        or transformations.mix_settings(request_with("funk", **{name: 1.0})) != MixSettings()
    )
    assert TRANSFORMATIONS[name].describe(1.0)


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_a_strength_of_zero_changes_neither_mix_nor_style(name: str) -> None:
    style = reader.read("house", ()).style
    changed = transformations.change_style(style, {name: 0.0})
    assert changed.swing == pytest.approx(style.swing)
    assert changed.reverb[0] == pytest.approx(style.reverb[0])
    settings = transformations.mix_settings(request_with("house", **{name: 0.0}))
    assert replace(settings, bands=()) == MixSettings()
    limits = {"low_pass": 16_000.0, "high_pass": 30.0}
    assert all(band.amount == 0 or band.hertz == limits.get(band.kind) for band in settings.bands)


def test_opposites_exclude_each_other() -> None:
    for name, opposite in OPPOSITES.items():
        assert opposite in TRANSFORMATIONS
        if TRANSFORMATIONS[opposite].opposite == name:
            assert any({name, opposite} <= group for group in EXCLUSIVE_GROUPS), (name, opposite)


@pytest.mark.parametrize("style", ["lofi", "metal", "string quartet", "waltz", "techno"])
def test_density_changes_the_number_of_notes_with_its_strength(style: str) -> None:
    def count(**strengths: float) -> int:
        return sum(len(notes) for notes in arrange(style, **strengths).composition.notes.values())

    counts = [count(sparse=1.0), count(sparse=0.4), count(), count(busy=0.4), count(busy=1.0)]
    assert counts == sorted(counts)
    assert counts[0] < 0.75 * counts[2]
    assert counts[4] > 1.15 * counts[2]
    assert count(minimal=1.0) < counts[2]


def test_sparse_music_keeps_requested_instruments() -> None:
    parts = arrange("techno with choir and violin", sparse=1.0).parts
    assert {"choir", "violin"} <= {part.instrument for part in parts}


@pytest.mark.parametrize("style", ["folk", "synthwave", "string quartet"])
def test_register_words_move_melody_and_harmony_by_octaves(style: str) -> None:
    def mean_pitch(**strengths: float) -> float:
        arranged = arrange(style, **strengths)
        stems = {part.name: part.stem for part in arranged.parts}
        pitches = [
            note.pitch
            for name, notes in arranged.composition.notes.items()
            for note in notes
            if stems[name] in {"melody", "harmony"}
        ]
        return sum(pitches) / len(pitches)

    low, plain, high = mean_pitch(low_register=1.0), mean_pitch(), mean_pitch(high_register=1.0)
    assert low == pytest.approx(plain - 12)
    assert high == pytest.approx(plain + 12)
