import itertools
import json
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
from tests.support.studio_renders import RecordingMonitor, samples


def composed(request: RenderRequest) -> tuple[Arrangement, Interpretation]:
    meant = interpretation.interpret(request)
    return arrangement.compose(meant.effective, request.duration_seconds, meant.seed), meant


def left(request: RenderRequest) -> tuple[Arrangement, Continuation]:
    piece, meant = composed(request)
    stored = json.loads(json.dumps(continuation.build_continuation(meant.effective, piece, meant.seed).data))
    return piece, Continuation(stored)


@pytest.mark.parametrize("key", sorted(STYLES))
def test_a_continued_piece_keeps_band_tempo_key_and_motifs(key: str) -> None:
    first, kept = left(RenderRequest(f"{STYLES[key].keywords[0]} with flute", 60.0, 7))
    second, meant = composed(RenderRequest("what comes next", 60.0, 8, continue_from=kept))
    one, two = first.composition, second.composition
    assert meant.effective.style.key == key
    assert two.tempo == pytest.approx(one.tempo, abs=1e-5)
    assert two.key == one.key
    assert {part.instrument for part in second.parts} == {part.instrument for part in first.parts}
    assert two.motifs["A"].rhythm == one.motifs["A"].rhythm
    kept_moves = -(-2 * len(one.motifs["A"].contour) // 3)
    assert two.motifs["A"].contour[:kept_moves] == one.motifs["A"].contour[:kept_moves]
    assert two.notes != one.notes


@pytest.mark.parametrize("key", sorted(STYLES))
def test_a_continued_piece_begins_on_the_grid_without_an_intro(key: str) -> None:
    _, kept = left(RenderRequest(STYLES[key].keywords[0], 60.0, 7))
    second, meant = composed(RenderRequest("", 60.0, 8, continue_from=kept))
    assert second.composition.sections[0].name != STYLES[key].form.intro[0]
    assert min(note.start for notes in second.composition.notes.values() for note in notes) < 1.0
    assert meant.notes == ()


def test_a_continued_piece_keeps_the_progression_of_its_theme() -> None:
    first, kept = left(RenderRequest("house", 60.0, 7))
    second, _ = composed(RenderRequest("", 60.0, 8, continue_from=kept))
    starts = [next(one.start for one in each.composition.sections if one.theme == "A") for each in (first, second)]
    chords = [
        [span.chord.root for span in each.composition.chords if start <= span.start < start + 16]
        for each, start in zip((first, second), starts, strict=True)
    ]
    assert chords[0] == chords[1]


def test_new_wishes_of_instruments_count_and_a_new_style_does_not() -> None:
    _, kept = left(RenderRequest("rock 120 bpm in E minor", 60.0, 7))
    request = RenderRequest("jazz at 90 bpm in C major, no drums, with flute", 60.0, 8, continue_from=kept)
    second, meant = composed(request)
    told = {one.asked for one in interpretation.find_approximations(meant, second.composition)}
    assert second.composition.tempo == 120.0
    assert second.composition.key.name == "E minor"
    assert "drums" not in {part.stem for part in second.parts}
    assert "flute" in {part.instrument for part in second.parts}
    assert {"90 bpm", "key", "major", "Jazz trio"} <= told


def test_a_continuation_is_the_same_each_time_and_another_for_another_seed() -> None:
    _, kept = left(RenderRequest("lofi", 30.0, 7))
    one, two, other = (composed(RenderRequest("", 30.0, seed, continue_from=kept))[0].composition for seed in (1, 1, 2))
    assert one == two
    assert one.notes != other.notes


def test_a_chain_of_continuations_stays_together() -> None:
    first, kept = left(RenderRequest("folk in G major 100 bpm", 40.0, 1))
    for seed in range(2, 6):
        piece, kept = left(RenderRequest("", 40.0, seed, continue_from=kept))
        assert piece.composition.tempo == pytest.approx(first.composition.tempo)
        assert piece.composition.key == first.composition.key
        assert piece.composition.motifs["A"].rhythm == first.composition.motifs["A"].rhythm


SOUND: dict[str, Any] = dict(left(RenderRequest("lofi", 20.0, 7))[1].data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"engine": "other", "schema": 1},
        {"engine": "studio", "schema": 99},
        {"engine": "studio", "schema": 1},
        *({**SOUND, name: None} for name in SOUND if name not in {"metre", "grid_seconds", "alone", "playing"}),
        {**SOUND, "style": "gone"},
        {**SOUND, "tempo_bpm": float("nan")},
        {**SOUND, "tempo_bpm": 9e99},
        {**SOUND, "tonic": 44},
        {**SOUND, "mode": "loud"},
        {**SOUND, "seed": -1},
        {**SOUND, "motifs": {}},
        {**SOUND, "motifs": {"A": {"rhythm": [[0, 1]], "contour": []}}},
        {**SOUND, "motifs": {"A": {"rhythm": [[0, float("inf")]], "contour": [1]}}},
        {**SOUND, "motifs": {"A": {"rhythm": [[2, 1], [1, 1]], "contour": [1, 1]}}},
        {**SOUND, "parts": 7},
    ],
)
def test_foreign_data_is_ignored_with_a_word(data: dict[str, Any]) -> None:
    piece, meant = composed(RenderRequest("jazz", 8.0, 1, continue_from=Continuation(data)))
    assert len(meant.notes) == 1
    assert meant.effective.style.key == "jazz"
    assert piece.composition.sections


def test_unknown_parts_and_progressions_do_no_harm() -> None:
    data = {**SOUND, "parts": {"drums": "gong"}, "progressions": {"A": "VIII | x"}, "wanted": ["gong"], "more": 1}
    piece, meant = composed(RenderRequest("", 8.0, 1, continue_from=Continuation(data)))
    assert meant.notes == ()
    assert any(piece.composition.notes.values())


@pytest.fixture(scope="module", params=[("techno", 4.0), ("piano", 7.3)])
def loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    text, seconds = request.param
    folder = tmp_path_factory.mktemp("loop")
    return StudioEngine().render(RenderRequest(text, seconds, 3, loop=True), folder, RecordingMonitor())


def test_a_loop_has_no_step_at_its_seam(loop: RenderResult) -> None:
    for sound in (samples(loop.master), *(samples(stem) for stem in loop.stems.values())):
        inside = np.abs(np.diff(sound, axis=0)).max()
        assert np.abs(sound[0] - sound[-1]).max() <= inside
    assert loop.master.frames == len(samples(loop.master))


def test_a_loop_is_no_quieter_at_its_seam_than_inside(loop: RenderResult) -> None:
    sound = samples(loop.master).astype(np.float64)
    size = SAMPLE_RATE // 5
    turned = np.roll(sound, size, axis=0)[: 2 * size]
    levels = [np.sqrt(np.mean(np.square(sound[at : at + 2 * size]))) for at in range(0, len(sound) - 2 * size, size)]
    seam = float(np.sqrt(np.mean(np.square(turned))))
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
