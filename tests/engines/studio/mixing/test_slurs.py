import numpy as np
import pytest

from engines.port import SAMPLE_RATE
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.slurred_notes import SlurredNote
from engines.studio.mixing.performance import NoteEvent
from engines.studio.mixing.slurs import SlurEvent, with_slurs

LEGATO = [NoteEvent(0.5 * number, 0.47, 60 + number % 5, 0.6) for number in range(12)]


def slurs(events: list[NoteEvent], instrument: str) -> list[NoteEvent]:
    return list(with_slurs(events, CATALOGUE[instrument], np.random.default_rng(1)))


@pytest.mark.parametrize("instrument", ["sax", "flute", "violin", "voice"])
def test_a_legato_line_is_played_in_slurs_of_the_same_notes(instrument: str) -> None:
    found = slurs(LEGATO, instrument)
    assert any(isinstance(event, SlurEvent) for event in found)
    notes = [note for event in found for note in (event.notes if isinstance(event, SlurEvent) else (event,))]
    assert notes == LEGATO


@pytest.mark.parametrize("events", [
    [NoteEvent(0.5 * number, 0.2, 60 + number, 0.6) for number in range(6)],
    [NoteEvent(0.5 * number, 0.48, 60, 0.6) for number in range(6)],
    [NoteEvent(float(start), 0.98, 60 + start + step, 0.6) for start in range(3) for step in (0, 4, 7)],
    [NoteEvent(0.5 * number, 0.48, 60 + 12 * (number % 2), 0.6) for number in range(6)],
], ids=["staccato", "repeated", "chords", "octaves"])  # fmt: skip
def test_notes_that_one_breath_cannot_connect_have_their_own_attacks(events: list[NoteEvent]) -> None:
    assert slurs(events, "sax") == events


def test_a_piano_has_no_slurs() -> None:
    assert slurs(LEGATO, "piano") == LEGATO


def test_a_slur_lasts_no_longer_than_a_breath() -> None:
    long = [NoteEvent(1.5 * number, 1.48, 60 + number, 0.6) for number in range(6)]
    assert max(event.seconds for event in slurs(long, "flute")) <= CATALOGUE["flute"].max_seconds


def test_slurred_notes_change_pitch_without_a_new_attack() -> None:
    instrument = CATALOGUE["sax"]
    assert instrument.slur is not None
    notes = (SlurredNote(0.0, 60, 0.6), SlurredNote(0.6, 67, 0.6))
    sound = instrument.slur(notes, 1.2, np.random.default_rng(3))[0].astype(np.float64)
    for start, hertz in ((0.2, 261.6), (0.8, 392.0)):
        window = sound[int(start * SAMPLE_RATE) :][: SAMPLE_RATE // 4]
        spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), 1 << 17))
        low = int(500 * (1 << 17) / SAMPLE_RATE)
        assert np.argmax(spectrum[:low]) * SAMPLE_RATE / (1 << 17) == pytest.approx(hertz, rel=0.01)
    levels = [float(np.sqrt(np.mean(sound[int(time * SAMPLE_RATE) :][:882] ** 2))) for time in (0.5, 0.59, 0.7)]
    assert min(levels) > 0.6 * max(levels)
