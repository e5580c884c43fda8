import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.port import SAMPLE_RATE, Continuation, RenderRequest, RenderResult
from engines.studio.arranging import arrangement, continuation, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.engine import StudioEngine
from engines.studio.styles import STYLES
from tests.support.audio.studio_renders import RecordingMonitor, samples


def compose(request: RenderRequest) -> tuple[Arrangement, Interpretation]:
    interpreted = interpretation.interpret(request)
    return arrangement.compose(interpreted.effective, request.duration_seconds, interpreted.seed), interpreted


def compose_with_continuation(request: RenderRequest) -> tuple[Arrangement, Continuation]:
    arranged, interpreted = compose(request)
    data = json.loads(
        json.dumps(continuation.build_continuation(interpreted.effective, arranged, interpreted.seed).data)
    )
    return arranged, Continuation(data)


@cache
def predecessor(style: str) -> tuple[Arrangement, Continuation]:
    """Return a piece in a style with a flute, which several tests continue."""
    return compose_with_continuation(RenderRequest(f"{STYLES[style].keywords[0]} with flute", 60.0, 7))


@pytest.mark.parametrize("key", sorted(STYLES))
def test_a_continuation_has_the_instruments_tempo_key_and_motifs_of_its_predecessor(key: str) -> None:
    first, data = predecessor(key)
    second, interpreted = compose(RenderRequest("what comes next", 60.0, 8, continue_from=data))
    one, two = first.composition, second.composition
    assert interpreted.effective.style.key == key
    assert two.tempo == pytest.approx(one.tempo, abs=1e-5)
    assert two.key == one.key
    assert {part.instrument for part in second.parts} == {part.instrument for part in first.parts}
    assert two.motifs["A"].rhythm == one.motifs["A"].rhythm
    unchanged = -(-2 * len(one.motifs["A"].contour) // 3)
    assert two.motifs["A"].contour[:unchanged] == one.motifs["A"].contour[:unchanged]
    assert two.notes != one.notes


@pytest.mark.parametrize("key", sorted(STYLES))
def test_a_continuation_starts_on_the_grid_without_an_intro(key: str) -> None:
    _, data = predecessor(key)
    second, interpreted = compose(RenderRequest("", 30.0, 8, continue_from=data))
    assert second.composition.sections[0].name != STYLES[key].form.intro[0]
    assert min(note.start for notes in second.composition.notes.values() for note in notes) < 1.0
    assert interpreted.notes == ()


def test_a_continuation_has_the_progression_of_its_predecessor() -> None:
    first, data = compose_with_continuation(RenderRequest("house", 60.0, 7))
    second, _ = compose(RenderRequest("", 60.0, 8, continue_from=data))
    starts = [
        next(section.start for section in arranged.composition.sections if section.theme == "A")
        for arranged in (first, second)
    ]
    chords = [
        [span.chord.root for span in arranged.composition.chords if start <= span.start < start + 16]
        for arranged, start in zip((first, second), starts, strict=True)
    ]
    assert chords[0] == chords[1]


def test_a_continuation_follows_requested_instruments_but_not_a_requested_style() -> None:
    _, data = compose_with_continuation(RenderRequest("rock 120 bpm in E minor", 60.0, 7))
    request = RenderRequest("jazz at 90 bpm in C major, no drums, with flute", 60.0, 8, continue_from=data)
    second, interpreted = compose(request)
    approximated = {
        approximation.asked for approximation in interpretation.find_approximations(interpreted, second.composition)
    }
    assert second.composition.tempo == 120.0
    assert second.composition.key.name == "E minor"
    assert "drums" not in {part.stem for part in second.parts}
    assert "flute" in {part.instrument for part in second.parts}
    assert {"90 bpm", "key", "major", "Jazz trio"} <= approximated


def test_a_continuation_depends_on_the_seed_only() -> None:
    _, data = compose_with_continuation(RenderRequest("lofi", 30.0, 7))
    one, two, other = (compose(RenderRequest("", 30.0, seed, continue_from=data))[0].composition for seed in (1, 1, 2))
    assert one == two
    assert one.notes != other.notes


def test_a_chain_of_continuations_has_one_tempo_key_and_motif() -> None:
    first, data = compose_with_continuation(RenderRequest("folk in G major 100 bpm", 40.0, 1))
    for seed in range(2, 6):
        arranged, data = compose_with_continuation(RenderRequest("", 40.0, seed, continue_from=data))
        assert arranged.composition.tempo == pytest.approx(first.composition.tempo)
        assert arranged.composition.key == first.composition.key
        assert arranged.composition.motifs["A"].rhythm == first.composition.motifs["A"].rhythm


VALID: dict[str, Any] = dict(compose_with_continuation(RenderRequest("lofi", 20.0, 7))[1].data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"engine": "other", "schema": 1},
        {"engine": "studio", "schema": 99},
        {"engine": "studio", "schema": 1},
        *({**VALID, name: None} for name in VALID if name not in {"metre", "grid_seconds", "alone", "playing"}),
        {**VALID, "style": "gone"},
        {**VALID, "tempo_bpm": float("nan")},
        {**VALID, "tempo_bpm": 9e99},
        {**VALID, "tonic": 44},
        {**VALID, "mode": "loud"},
        {**VALID, "seed": -1},
        {**VALID, "motifs": {}},
        {**VALID, "motifs": {"A": {"rhythm": [[0, 1]], "contour": []}}},
        {**VALID, "motifs": {"A": {"rhythm": [[0, float("inf")]], "contour": [1]}}},
        {**VALID, "motifs": {"A": {"rhythm": [[2, 1], [1, 1]], "contour": [1, 1]}}},
        {**VALID, "parts": 7},
    ],
)
def test_invalid_continuation_data_is_ignored_with_a_note(data: dict[str, Any]) -> None:
    arranged, interpreted = compose(RenderRequest("jazz", 8.0, 1, continue_from=Continuation(data)))
    assert len(interpreted.notes) == 1
    assert interpreted.effective.style.key == "jazz"
    assert arranged.composition.sections


def test_unknown_parts_and_progressions_are_ignored() -> None:
    data = {**VALID, "parts": {"drums": "gong"}, "progressions": {"A": "VIII | x"}, "wanted": ["gong"], "more": 1}
    arranged, interpreted = compose(RenderRequest("", 8.0, 1, continue_from=Continuation(data)))
    assert interpreted.notes == ()
    assert any(arranged.composition.notes.values())


@pytest.fixture(scope="module", params=[("techno", 4.0), ("piano", 7.3)])
def loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    prompt, seconds = request.param
    folder = tmp_path_factory.mktemp("loop")
    return StudioEngine().render(RenderRequest(prompt, seconds, 3, loop=True), folder, RecordingMonitor())


def test_a_loop_has_no_step_at_its_seam(loop: RenderResult) -> None:
    for sound in (samples(loop.master), *(samples(stem) for stem in loop.stems.values())):
        inside = np.abs(np.diff(sound, axis=0)).max()
        assert np.abs(sound[0] - sound[-1]).max() <= inside
    assert loop.master.frames == len(samples(loop.master))


def test_a_loop_is_as_loud_at_its_seam_as_inside(loop: RenderResult) -> None:
    sound = samples(loop.master).astype(np.float64)
    size = SAMPLE_RATE // 5
    around_seam = np.roll(sound, size, axis=0)[: 2 * size]
    levels = [np.sqrt(np.mean(np.square(sound[at : at + 2 * size]))) for at in range(0, len(sound) - 2 * size, size)]
    seam = float(np.sqrt(np.mean(np.square(around_seam))))
    assert min(levels) * 0.8 <= seam <= max(levels) * 1.25
    assert loop.facts.loudness_lufs == pytest.approx(-14.0, abs=0.8)


def test_the_stems_of_a_loop_add_up(loop: RenderResult) -> None:
    mix = samples(loop.extras["pre_limiter_mix"]).astype(np.float64)  # type: ignore[arg-type]
    total = np.sum([samples(stem).astype(np.float64) for stem in loop.stems.values()], axis=0)
    assert np.abs(total - mix).max() < 1e-4


def test_a_fade_out_falls_steadily(tmp_path: Path) -> None:
    track = StudioEngine().render(RenderRequest("house, fade out", 16.0, 3), tmp_path, RecordingMonitor())
    sound = samples(track.master)
    levels = [float(np.sqrt(np.mean(np.square(part)))) for part in np.array_split(sound, 32)]
    assert all(two < one * 1.05 for one, two in itertools.pairwise(levels[-6:]))
    assert levels[-1] < 0.1 * max(levels)
    assert len(sound) == 16 * SAMPLE_RATE
