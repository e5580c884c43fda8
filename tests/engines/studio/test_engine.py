import hashlib
import io
import itertools
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pyloudnorm
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import signal

from engines.port import SAMPLE_RATE, RenderCancelledError, RenderRequest, RenderResult, Stage
from engines.studio import engine, random_streams
from engines.studio.arranging import arrangement, interpretation
from engines.studio.mixing.performance import TempoMap, perform
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key
from tests.support.audio.studio_renders import RecordingMonitor, render, samples, through_mp3, true_peak_dbtp


def test_a_track_has_the_requested_length(track: RenderResult) -> None:
    assert track.master.frames == 20 * SAMPLE_RATE
    assert len(samples(track.master)) == 20 * SAMPLE_RATE
    assert {stem.frames for stem in track.stems.values()} == {20 * SAMPLE_RATE}


def test_a_track_has_the_target_loudness_and_reports_it(track: RenderResult) -> None:
    measured = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples(track.master).astype(np.float64))
    assert measured == pytest.approx(-14.0, abs=0.5)
    assert track.facts.loudness_lufs == pytest.approx(measured, abs=0.1)


def test_the_true_peak_stays_below_the_limit_after_mp3_coding(track: RenderResult) -> None:
    sound = samples(track.master)
    assert true_peak_dbtp(sound) == pytest.approx(track.facts.true_peak_dbtp, abs=0.15)
    assert true_peak_dbtp(sound) <= -1.7
    assert true_peak_dbtp(through_mp3(sound)) <= -1.0


def test_a_track_has_no_dc_offset_starts_at_once_and_ends_quietly(track: RenderResult) -> None:
    sound = samples(track.master)
    assert np.abs(sound.mean(axis=0)).max() < 0.0005
    assert np.abs(sound[: SAMPLE_RATE // 5]).max() > 0.001
    body = np.sqrt(np.mean(np.square(sound)))
    assert np.sqrt(np.mean(np.square(sound[-SAMPLE_RATE // 10 :]))) < body / 100


def test_the_bass_is_mono(track: RenderResult) -> None:
    filters = signal.butter(4, 150.0, fs=SAMPLE_RATE, output="sos")
    low = np.asarray(signal.sosfilt(filters, samples(track.master), axis=0))
    assert np.asarray(np.corrcoef(low.T))[0, 1] > 0.8


def test_the_stems_add_up_to_the_mix_before_the_limiter(track: RenderResult) -> None:
    mix = samples(track.extras["pre_limiter_mix"]).astype(np.float64)  # type: ignore[arg-type]
    total = np.sum([samples(stem).astype(np.float64) for stem in track.stems.values()], axis=0)
    assert np.sqrt(np.mean(np.square(total - mix))) < 1e-3 * np.sqrt(np.mean(np.square(mix)))


def test_the_master_is_never_louder_than_the_amplified_mix(track: RenderResult) -> None:
    gain = track.extras["pre_limiter_gain"]
    mix = samples(track.extras["pre_limiter_mix"]) * gain  # type: ignore[arg-type, operator]
    master = samples(track.master)
    quiet = np.abs(mix).max(axis=1).reshape(-1, SAMPLE_RATE // 10).max(axis=1) < 0.2
    is_unlimited = np.repeat(quiet, SAMPLE_RATE // 10)
    assert np.all(np.abs(master) <= np.abs(mix) + 1e-5)
    assert is_unlimited.any()


def test_no_stem_clips(track: RenderResult) -> None:
    assert max(float(np.abs(samples(stem)).max()) for stem in track.stems.values()) < 1.0


def test_chords_and_sections_cover_the_track_without_a_gap(track: RenderResult) -> None:
    chords = [(chord.start_ms, chord.end_ms) for chord in track.score.chords]
    sections = [(section.start_ms, section.end_ms) for section in track.score.sections]
    for row in (chords, sections):
        assert row[0][0] == 0
        assert row[-1][1] == 20_000
        assert all(one[1] == two[0] for one, two in itertools.pairwise(row))


def test_the_midi_file_agrees_with_the_facts(track: RenderResult) -> None:
    file = mido.MidiFile(file=io.BytesIO(track.score.midi))
    metas = {message.type: message for message in reversed(list(file.tracks[0]))}
    tonic, _, mode = track.facts.key.partition(" ")
    assert file.type == 1
    assert mido.tempo2bpm(metas["set_tempo"].tempo) == pytest.approx(track.facts.tempo_bpm, rel=0.001)
    assert (metas["time_signature"].numerator, metas["time_signature"].denominator) == (4, 4)
    assert metas["key_signature"].key.endswith("m") == Key(0, mode).is_minor
    assert metas["key_signature"].key[0] == tonic[0]
    assert file.length == pytest.approx(20.0, abs=1.5)
    markers = [message.text for message in file.tracks[0] if message.type == "marker"]
    assert markers == [section.name for section in track.score.sections]


def test_every_midi_track_has_a_name_a_program_and_notes(track: RenderResult) -> None:
    file = mido.MidiFile(file=io.BytesIO(track.score.midi))
    for part in file.tracks[1:]:
        kinds = {message.type for message in part}
        assert kinds == {
            *("track_name", "control_change", "program_change", "note_on", "note_off", "end_of_track"),
        }


def test_the_requested_tempo_and_key_are_delivered(tmp_path: Path) -> None:
    track = render(tmp_path, "lofi hip hop, 82 bpm in A minor", 10.0)
    facts, report = track.facts, track.report
    assert report is not None
    assert facts.tempo_bpm == 82.0
    assert facts.key == "A minor"
    assert report.words_used == ("82 bpm", "a minor", "lofi hip hop")
    assert report.words_ignored == ()


def test_excluded_drums_have_no_stem(tmp_path: Path) -> None:
    assert "drums" not in render(tmp_path, "rock, no drums", 10.0).stems


def test_a_requested_instrument_plays(tmp_path: Path) -> None:
    track = render(tmp_path, "deep house with flute", 10.0)
    assert "Flute" in track.extras["parts"]  # type: ignore[operator]


def test_a_requested_title_is_used(tmp_path: Path) -> None:
    request = RenderRequest("jazz", 2.0, 1, title="Harbour Lights")
    assert engine.StudioEngine().render(request, tmp_path, RecordingMonitor()).title == "Harbour Lights"


def test_different_seeds_give_different_music(tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("first", "second"))
    first.mkdir()
    second.mkdir()
    one, two = render(first, "funk", 3.0, seed=1), render(second, "funk", 3.0, seed=2)
    assert one.score.midi != two.score.midi
    assert not np.array_equal(samples(one.master), samples(two.master))


def test_the_same_request_gives_the_same_samples_in_another_process(tmp_path: Path) -> None:
    local, other = (tmp_path / name for name in ("local", "other"))
    local.mkdir()
    other.mkdir()
    # without the packages of the tests, which take as long to import as the render takes
    code = (
        "import sys, pathlib; from benchmarks.focus.session_renders import NullMonitor;"
        "from engines.port import RenderRequest; from engines.studio.engine import StudioEngine;"
        "request = RenderRequest('synthwave with choir', 4.0, 77);"
        "StudioEngine().render(request, pathlib.Path(sys.argv[1]), NullMonitor())"
    )
    subprocess.run([sys.executable, "-c", code, str(other)], check=True)  # noqa: S603
    render(local, "synthwave with choir", 4.0, 77)
    hashes = [
        [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())]
        for folder in (local, other)
    ]
    assert hashes[0] == hashes[1]


def test_progress_rises_through_all_stages_to_the_end(tmp_path: Path) -> None:
    monitor = RecordingMonitor()
    engine.StudioEngine().render(RenderRequest("jazz trio", 8.0, 3), tmp_path, monitor)
    fractions = [fraction for _, fraction in monitor.reports]
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)
    assert len(set(fractions)) >= 20
    assert list(dict.fromkeys(stage for stage, _ in monitor.reports)) == list(Stage)


@pytest.mark.parametrize("max_reports", [0, 1, 5, 40])
def test_a_cancelled_render_stops_at_once(tmp_path: Path, max_reports: int) -> None:
    monitor = RecordingMonitor(max_reports)
    with pytest.raises(RenderCancelledError):
        engine.StudioEngine().render(RenderRequest("ambient", 20.0, 1), tmp_path, monitor)
    assert len(monitor.reports) == max_reports + 1


@pytest.mark.parametrize("seconds", [1.0, 1.37, 2.0, 3.0, 5.5, 11.0])
@pytest.mark.parametrize("style", ["techno", "ambient", "piano"])
def test_a_short_track_has_the_requested_length_and_loudness(tmp_path: Path, style: str, seconds: float) -> None:
    track = render(tmp_path, style, seconds)
    sound = samples(track.master)
    assert len(sound) == round(seconds * SAMPLE_RATE)
    assert np.abs(sound).max() <= 0.9
    assert pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.astype(np.float64)) == pytest.approx(-14, abs=0.5)


@pytest.mark.parametrize("key", sorted(STYLES))
def test_no_two_bars_of_a_style_are_performed_identically(key: str) -> None:
    brief = interpretation.interpret(RenderRequest(f"{STYLES[key].keywords[0]} 120 bpm", 12.0, 1)).effective
    composed = arrangement.compose(brief, 12.0, 1)
    composition = composed.composition
    tempo_map = TempoMap(composition.tempo, composition.beats, 12.0, 0.0, composition.sections[-1].start)
    bars: list[list[tuple[float, int, float]]] = [[] for _ in range(5)]
    for part in composed.parts:
        rng = random_streams.stream(1, "perform", part.name)
        for event in perform(composition.notes[part.name], part, brief.style, tempo_map, rng):
            if event.start < 10.0:
                number, position = divmod(event.start, 2.0)
                bars[int(number)].append((position, event.pitch, event.velocity))
    played = [tuple(bar) for bar in bars if bar]
    assert len(set(played)) == len(played) >= 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(st.text(max_size=120), st.just("7" * 2000), st.just("999999 bpm"), st.just("🎸🔥 موسيقى هادئة")),
    tags=st.lists(st.text(max_size=30), max_size=4),
    seconds=st.floats(1.0, 6.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_request_is_rendered(
    tmp_path_factory: pytest.TempPathFactory, text: str, tags: list[str], seconds: float, seed: int
) -> None:
    track = render(tmp_path_factory.mktemp("any"), text, seconds, seed, tuple(tags))
    sound = samples(track.master)
    assert len(sound) == round(seconds * SAMPLE_RATE)
    assert 0.05 < float(np.abs(sound).max()) < 1.0
    assert track.title
