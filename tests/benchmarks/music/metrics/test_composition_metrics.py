from pathlib import Path

import mido
import pytest

from benchmarks.music import midi_score
from benchmarks.music.metrics import composition_metrics
from benchmarks.music.midi_score import ChordSpan, MidiScore, Note

TUNE = (60, 62, 64, 67)


def tune(bars: int, pitches: tuple[int, ...] = TUNE, velocity: int = 80) -> list[Note]:
    return [
        Note("tune", 4.0 * bar + beat, 4.0 * bar + beat + 0.9, pitches[beat], velocity, is_drum=False)
        for bar in range(bars)
        for beat in range(4)
    ]


def music(notes: list[Note], chords: tuple[str, ...] = ("C",)) -> MidiScore:
    spans = tuple(
        ChordSpan(4.0 * bar, 4.0 * bar + 4, midi_score.chord_pitch_classes(name)) for bar, name in enumerate(chords)
    )
    return MidiScore(tuple(sorted(notes, key=lambda note: note.start)), spans, 120.0, "C major", ())


def test_a_transposed_motif_counts_as_recurrence() -> None:
    notes = [note for bar in range(4) for note in tune(4, tuple(p + 2 * bar for p in TUNE))[4 * bar : 4 * bar + 4]]
    assert composition_metrics.measure(music(notes), ["melody"])["motif_recurrence"] == 1.0


def test_a_melody_without_repetition_has_no_motif_recurrence() -> None:
    walk = (60, 67, 65, 64, 60, 55, 57, 57, 72, 71, 60, 62)
    lengths = (1, 2, 0.5, 1.5, 3, 0.25, 1, 0.75, 1, 2.5, 1, 1)
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    notes = [Note("tune", at, at + 0.2, pitch, 80, is_drum=False) for at, pitch in zip(starts, walk, strict=True)]
    assert composition_metrics.measure(music(notes), ["melody"])["motif_recurrence"] == 0.0


def test_strong_beats_leaps_and_range_are_counted() -> None:
    found = composition_metrics.measure(music(tune(4), ("C", "C", "C", "Dm")), ["melody"])
    assert found["strong_chord_tones"] == 6 / 8
    assert found["leaps"] == 0.0
    assert found["melody_range"] == 7.0


def test_bars_with_equal_notes_are_copies_whatever_their_velocities() -> None:
    assert composition_metrics.measure(music(tune(4)), [])["bar_copies"] == 3 / 4
    louder = [*tune(2), *(Note("tune", n.start + 8, n.end + 8, n.pitch, 99, is_drum=False) for n in tune(2))]
    assert composition_metrics.measure(music(louder), [])["bar_copies"] == 3 / 4


def test_velocity_and_timing_spread_of_quantized_and_humanized_notes() -> None:
    quantized = composition_metrics.measure(music(tune(8)), [])
    assert (quantized["velocity_spread"], quantized["timing_spread"]) == (0.0, 0.0)
    humanized = [
        Note("tune", n.start + 0.02 * (-1) ** round(n.start / 4), n.end, n.pitch, 80 + 10 * (place % 2), is_drum=False)
        for place, n in enumerate(tune(8))
        if n.start > 0
    ]
    found = composition_metrics.measure(music(humanized), [])
    assert found["velocity_spread"] == pytest.approx(5.0, abs=0.1)
    assert found["timing_spread"] == pytest.approx(10.0, abs=0.5)


def test_voice_motion_is_the_smallest_distance_between_chords() -> None:
    chords = [(60, 64, 67), (60, 65, 69), (59, 62, 67)]
    notes = [
        Note("keys", 4.0 * bar, 4.0 * bar + 3.9, pitch, 80, is_drum=False)
        for bar, pitches in enumerate(chords)
        for pitch in pitches
    ]
    assert composition_metrics.measure(music(notes), [])["voice_motion"] == pytest.approx((1.0 + 5 / 3) / 2)


@pytest.mark.parametrize(
    ("symbol", "classes"),
    [
        ("C", (0, 4, 7)),
        ("F#m7", (6, 9, 1, 4)),
        ("Bbmaj9", (10, 2, 5, 9, 0)),
        ("C/E", (0, 4, 7)),
        ("Am/F", (9, 0, 4, 5)),
        ("Gunheard", (7, 11, 2)),
        ("?", ()),
    ],
)
def test_a_chord_symbol_is_parsed(symbol: str, classes: tuple[int, ...]) -> None:
    assert midi_score.chord_pitch_classes(symbol) == classes


def test_a_midi_file_is_read_with_its_tempo_map(tmp_path: Path) -> None:
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    conductor, part = mido.MidiTrack(), mido.MidiTrack()
    conductor.append(mido.MetaMessage("set_tempo", tempo=500_000, time=0))
    conductor.append(mido.MetaMessage("set_tempo", tempo=1_000_000, time=1920))
    part.append(mido.MetaMessage("track_name", name="keys", time=0))
    part.append(mido.Message("program_change", program=4, time=0))
    part.append(mido.Message("note_on", note=60, velocity=90, time=240))
    part.append(mido.Message("note_on", note=60, velocity=0, time=480))
    file.tracks.extend([conductor, part])
    file.save(tmp_path / "score.mid")
    read = midi_score.read(tmp_path / "score.mid", [[0, 2000, "C"], [2000, 4000, "G7"]], "C major")
    assert read.notes == (Note("keys", 0.5, 1.5, 60, 90, is_drum=False),)
    assert read.chords == (ChordSpan(0.0, 4.0, (0, 4, 7)), ChordSpan(4.0, 6.0, (7, 11, 2, 5)))
    assert (read.tempo, read.programs) == (120.0, (4,))
    assert not composition_metrics.ends_on_tonic_chord(read)
