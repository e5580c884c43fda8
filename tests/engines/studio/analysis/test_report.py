import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.port import SAMPLE_RATE, Continuation, Controls, RenderRequest, RenderResult
from engines.studio import palette
from engines.studio.analysis import tempo_and_key
from engines.studio.arranging import arrangement, interpretation, titles
from engines.studio.dsp.arrays import Mono
from engines.studio.engine import StudioEngine
from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.theory.pitch import Key
from tests.support.audio.studio_renders import RecordingMonitor, samples

VOCABULARY = re.findall(
    r"\S+",
    """
    lofi techno waltz Walzer valse no ohne sans senza sin drums Schlagzeug batterie batteria batería 82 bpm 3/4 6/8
    h-Moll la mineur do maggiore re menor slow build drop at 0:30 in the middle fade out ABA form 80s années 80 not
    and or und ni , ; . : / # b 5/4 7/8 12/8 11/8 only nur seul solo allein jig cappella staccato legato dry echo half
    time double strummed 90 seconds zwei Minuten 2:30 long
    999 bpm piano harpsichord vocals triste fröhlich épique 🎸 موسيقى 音楽 e-piano l'orgue
    """,
)
ANYTHING = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(VOCABULARY), max_size=25).map(" ".join),
    st.sampled_from(
        ["", "7" * 2000, "no " * 400, "a b " * 999, "\ud800", "\x00" * 9, "ﷺ" * 400, "İ" * 50, "1/4/4/4 9:99"]
    ),
)
TAGS = st.lists(st.one_of(st.text(max_size=30), st.sampled_from(VOCABULARY)), max_size=4)


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    request = RenderRequest("house at 124 bpm in A minor with theremin at the lighthouse, 3/4", 24.0, 5)
    return StudioEngine().render(request, tmp_path_factory.mktemp("track"), RecordingMonitor())


def test_the_report_compares_requested_delivered_and_measured_values(track: RenderResult) -> None:
    report = track.report
    assert report is not None
    assert (report.tempo_bpm.requested, report.tempo_bpm.delivered) == (124.0, 124.0)
    assert report.tempo_bpm.measured == pytest.approx(124.0, rel=0.005)
    assert (report.key.requested, report.key.delivered) == ("A minor", "A minor")
    assert report.key.measured in {"A minor", "C major", "E minor", "G major"}
    assert (report.duration_seconds.requested, report.duration_seconds.measured) == (24.0, 24.0)
    assert report.loudness_lufs.requested == -14.0
    assert report.loudness_lufs.measured == track.facts.loudness_lufs
    assert (report.metre.requested, report.metre.delivered) == ("3/4", "3/4")


def test_explicit_controls_precede_the_prompt_and_are_reported_as_requested(tmp_path: Path) -> None:
    controls = Controls(
        tempo_bpm=96,
        key="D dorian",
        metre="3/4",
        negative_prompt="drums",
        include=("flute",),
        structure=("verse", "chorus"),
    )
    request = RenderRequest("techno at 130 bpm in A minor with drums", 12.0, 5, controls=controls)
    track = StudioEngine().render(request, tmp_path, RecordingMonitor())
    report = track.report
    assert report is not None
    assert (report.tempo_bpm.requested, report.tempo_bpm.delivered) == (96.0, 96.0)
    assert (report.key.requested, report.key.delivered) == ("D dorian", "D dorian")
    assert (report.metre.requested, report.metre.delivered) == ("3/4", "3/4")
    assert "drums" not in track.stems
    assert "Flute" in {instrument.name for instrument in report.instruments or ()}
    assert [section.name for section in track.score.sections][:2] == ["verse", "chorus"]


def test_the_report_is_json_serialisable(track: RenderResult) -> None:
    assert track.report is not None
    report = json.loads(json.dumps(track.report.as_json()))
    assert report["tempo_bpm"]["requested"] == 124.0
    assert report["words_used"] == ["124 bpm", "a minor", "3/4", "house"]
    assert report["words_approximated"] == [{"asked": "theremin", "given": "Soft lead"}]
    assert report["words_ignored"] == ["lighthouse"]
    assert report["notes"] == []


def test_the_report_says_when_each_audible_instrument_plays(track: RenderResult) -> None:
    assert track.report is not None
    uses = track.report.instruments
    assert {use.name for use in uses} == set(track.extras["parts"])  # type: ignore[call-overload]
    assert {use.stem for use in uses} == set(track.stems)
    assert [use.starts_at for use in uses] == sorted(use.starts_at for use in uses)
    assert all(0 <= use.starts_at < 24_000 and 0.0 < use.share <= 1.0 for use in uses)
    assert track.report.as_json()["instruments"][0] == {  # type: ignore[index]
        "name": uses[0].name, "stem": uses[0].stem, "starts_at": uses[0].starts_at, "share": uses[0].share
    }  # fmt: skip


def test_every_track_has_a_continuation_and_a_palette(track: RenderResult) -> None:
    assert track.continuation is not None
    assert json.loads(json.dumps(track.continuation.data))["style"] == "house"
    assert len(track.palette) == 5


@pytest.mark.parametrize("bpm", [61.0, 88.5, 120.0, 174.0])
def test_the_tempo_of_clicks_is_estimated(bpm: float) -> None:
    sound = np.zeros(int(20 * tempo_and_key.REDUCED_RATE), dtype=np.float32)
    beats = (np.arange(0, 20 * bpm / 60) * 60 / bpm * tempo_and_key.REDUCED_RATE).astype(int)
    for frame in range(200):
        sound[np.minimum(beats + frame, len(sound) - 1)] = 0.9 ** (frame / 10) * (-1) ** frame
    assert tempo_and_key.estimate_tempo(sound, bpm) == pytest.approx(bpm, rel=0.002)


@pytest.mark.parametrize(("tonic", "mode"), [(0, "major"), (9, "minor"), (6, "major"), (2, "minor")])
def test_the_key_of_a_cadence_is_estimated(tonic: int, mode: str) -> None:
    third = 4 if mode == "major" else 3
    chords = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)]
    axis = np.arange(int(2 * tempo_and_key.REDUCED_RATE)) / tempo_and_key.REDUCED_RATE
    tones = [[np.sin(2 * np.pi * 110 * 2 ** ((tonic - 9 + pitch) / 12) * axis) for pitch in chord] for chord in chords]
    sound = np.concatenate([np.sum(chord, axis=0) for chord in tones]).astype(np.float32)
    assert tempo_and_key.estimate_key(sound) == Key(tonic, mode).name


def test_the_ending_distinguishes_relative_keys() -> None:
    axis = np.arange(int(2 * tempo_and_key.REDUCED_RATE)) / tempo_and_key.REDUCED_RATE
    spread = [(45, 64, 72), (41, 65, 69), (48, 64, 67), (43, 62, 71)]

    def render(*chords: tuple[int, ...]) -> Mono:
        tones = [
            np.sum([np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * axis) for pitch in chord], axis=0)
            for chord in chords
        ]
        return np.concatenate(tones).astype(np.float32)

    assert tempo_and_key.estimate_key(render(*spread, *spread, (43, 62, 67, 71), (36, 64, 67, 72))) == "C major"
    assert tempo_and_key.estimate_key(render(*spread, *spread, (40, 62, 68, 71), (33, 64, 69, 72))) == "A minor"


@pytest.mark.parametrize(("chord", "key"), [((48, 64, 67), "C major"), ((45, 60, 64), "A minor")])
def test_a_short_last_chord_determines_the_key(chord: tuple[int, ...], key: str) -> None:
    rate = tempo_and_key.REDUCED_RATE

    def tone(pitches: tuple[int, ...], seconds: float) -> Mono:
        axis = np.arange(int(seconds * rate)) / rate
        tones = [np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * axis) for pitch in pitches]
        return np.asarray(np.sum(tones, axis=0), dtype=np.float32)

    body = [tone(pitches, 1.0) for pitches in ((45, 64, 72), (41, 65, 69), (48, 64, 67), (43, 62, 71)) * 3]
    sound = np.concatenate([*body, tone(chord, 0.4), np.zeros(int(0.3 * rate))]).astype(np.float32)
    assert tempo_and_key.estimate_key(sound, stroke_at=12.0) == key


def test_silence_has_neither_tempo_nor_key() -> None:
    silence = np.zeros(int(10 * tempo_and_key.REDUCED_RATE), dtype=np.float32)
    assert tempo_and_key.estimate_tempo(silence, 100.0) is None
    assert tempo_and_key.estimate_key(silence) is None


@pytest.mark.parametrize("mood", sorted(MOOD_ENERGY))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_a_palette_is_ordered_from_dark_to_bright(mood: str, mode: str) -> None:
    for tonic, energy in ((0, 0.1), (7, 0.5), (11, 1.0)):
        colours = palette.cover_colours(mood, energy, Key(tonic, mode))
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
        assert len(set(colours)) == 5
        assert _lightness(colours) == sorted(_lightness(colours))


def _lightness(colours: Sequence[str]) -> list[int]:
    channels = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]
    return [max(channel) + min(channel) for channel in channels]


def test_titles_differ_between_seeds() -> None:
    request = interpretation.interpret(RenderRequest("sad piano", 60.0, 1)).effective
    chosen = [titles.choose_title(request, Key(9, "minor"), seed) for seed in range(40)]
    assert len(set(chosen)) >= 12
    assert all(title == title.strip() and 0 < len(title) <= 40 for title in chosen)


@settings(max_examples=120, deadline=None)
@given(text=ANYTHING, tags=TAGS, seconds=st.floats(1.0, 40.0), seed=st.integers(0, 2**32 - 1), loop=st.booleans())
def test_any_request_is_composed(text: str, tags: list[str], seconds: float, seed: int, loop: bool) -> None:  # noqa: FBT001
    request = RenderRequest(text, seconds, seed, tuple(tags), loop=loop)
    interpreted = interpretation.interpret(request)
    composition = arrangement.compose(interpreted.effective, seconds, interpreted.seed).composition
    assert composition.beats * 60.0 / composition.tempo == pytest.approx(seconds)
    assert any(composition.notes.values())
    assert all(0 <= note.start < composition.beats for notes in composition.notes.values() for note in notes)
    assert titles.choose_title(interpreted.effective, composition.key, seed)
    for words in (interpreted.requested.words_used, interpreted.requested.words_ignored):
        assert len(words) <= 40
        assert all(len(word.encode()) <= 160 for word in words)
    assert isinstance(interpretation.find_approximations(interpreted, composition), tuple)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANYTHING, tags=TAGS, seconds=st.floats(1.0, 4.0), seed=st.integers(0, 2**32 - 1), loop=st.booleans())
def test_any_request_is_rendered_with_a_report(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    tags: list[str],
    seconds: float,
    seed: int,
    loop: bool,  # noqa: FBT001
) -> None:
    request = RenderRequest(text, seconds, seed, tuple(tags), loop=loop, continue_from=Continuation({"seed": seed}))
    track = StudioEngine().render(request, tmp_path_factory.mktemp("any"), RecordingMonitor())
    sound = samples(track.master)
    assert len(sound) == round(seconds * SAMPLE_RATE)
    assert 0.05 < float(np.abs(sound).max()) < 1.0
    assert track.report is not None
    assert track.report.notes
    json.dumps(track.report.as_json())
    assert track.score.chords[0].start_ms == track.score.sections[0].start_ms == 0
    assert track.score.chords[-1].end_ms == track.score.sections[-1].end_ms == round(len(sound) * 1000 / SAMPLE_RATE)
