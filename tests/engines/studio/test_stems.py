"""The stems are the parts of the master, and the notes of the score are those that they play."""

import io
from collections.abc import Mapping

import librosa
import mido
import numpy as np
import pytest
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE, RenderResult
from engines.studio.dsp.loudness import LEVEL_FRAMES
from tests.support.audio.performances import performed
from tests.support.audio.studio_renders import Samples, samples

ONSET_TOLERANCE_SECONDS = 0.03
"""Attacks of bowed and blown notes, and the resolution of the detection."""
ISOLATION_SECONDS = 0.15
"""The distance from other notes of a stem at which each onset is detected."""
SAME_ONSET_SECONDS = 0.015
Onsets = NDArray[np.float64]


def test_the_stems_add_up_to_the_master_but_for_its_gain(track: RenderResult) -> None:
    """Fit one gain for each level block of the limiter: what remains is far below the music."""
    total = np.sum([samples(stem).astype(np.float64) for stem in track.stems.values()], axis=0)
    master = samples(track.master).astype(np.float64)
    frames = len(master) // LEVEL_FRAMES * LEVEL_FRAMES
    mixed, heard = (sound[:frames].reshape(-1, 2 * LEVEL_FRAMES) for sound in (total, master))
    gains = (mixed * heard).sum(axis=1) / np.maximum((mixed**2).sum(axis=1), 1e-12)
    rest = heard - gains[:, None] * mixed
    assert 10 * np.log10((rest**2).sum() / (heard**2).sum()) < -45.0
    assert gains.max() <= float(track.extras["pre_limiter_gain"]) * 1.001  # type: ignore[arg-type]


def stem_notes(track: RenderResult, prompt: str) -> Mapping[str, list[tuple[float, int]]]:
    """Return the start in seconds and the velocity of each note of the MIDI file by stem."""
    stems = {part.name: part.stem for part in performed(prompt, 1).parts}
    file = mido.MidiFile(file=io.BytesIO(track.score.midi), charset="utf-8")
    notes: dict[str, list[tuple[float, int]]] = {}
    for number, part in enumerate(file.tracks[1:], 1):
        one = mido.MidiFile(type=1, ticks_per_beat=file.ticks_per_beat)
        one.tracks += [file.tracks[0], file.tracks[number]]
        seconds = 0.0
        for message in one:
            seconds += message.time
            if message.type == "note_on":
                notes.setdefault(stems[part.name.rsplit(" (", 1)[0]], []).append((seconds, message.velocity))
    return notes


@pytest.fixture(scope="session")
def detected_onsets(track: RenderResult) -> Mapping[str, Onsets]:
    """Return the times at which something begins in the audio of each stem."""
    return {name: _detect_onsets(samples(audio)) for name, audio in track.stems.items() if name != "texture"}


def _detect_onsets(sound: Samples) -> Onsets:
    found = librosa.onset.onset_detect(y=sound.mean(axis=1), sr=SAMPLE_RATE, hop_length=128, units="time")
    return np.asarray(found, dtype=np.float64)


def distances(times: Onsets, others: Onsets) -> Onsets:
    return np.asarray(np.abs(times[:, None] - others).min(axis=1))


def isolated(notes: list[tuple[float, int]]) -> Onsets:
    """Return the onsets of loud notes that no other note of the stem masks."""
    starts = np.array([start for start, _ in notes])
    loud = 0.8 * float(np.percentile([velocity for _, velocity in notes], 80))
    gaps = np.abs(starts[:, None] - starts)
    is_alone = ((gaps < SAME_ONSET_SECONDS) | (gaps > ISOLATION_SECONDS)).all(axis=1)
    return np.asarray(starts[is_alone & np.array([velocity >= loud for _, velocity in notes])])


def test_isolated_notes_of_the_score_begin_in_the_audio(
    track: RenderResult, prompt: str, detected_onsets: Mapping[str, Onsets]
) -> None:
    for stem, notes in stem_notes(track, prompt).items():
        alone = isolated(notes)
        if stem != "texture" and len(alone):
            error = distances(alone, detected_onsets[stem])
            assert np.mean(error <= ONSET_TOLERANCE_SECONDS) >= 0.8, stem


@pytest.mark.parametrize("stem", ["drums", "bass"])
def test_what_begins_in_the_audio_is_in_the_score(
    track: RenderResult, prompt: str, detected_onsets: Mapping[str, Onsets], stem: str
) -> None:
    """Only stems without an echo, whose repetitions begin, too."""
    if stem in track.stems:
        starts = np.array([start for start, _ in stem_notes(track, prompt)[stem]])
        error = distances(detected_onsets[stem], starts)
        assert np.mean(error <= ONSET_TOLERANCE_SECONDS) >= 0.9
        assert np.median(error) <= ONSET_TOLERANCE_SECONDS / 2
