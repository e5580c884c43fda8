"""The traits by which a listener recognises a tradition."""

import numpy as np
import pytest

from core.focus import Goal, Intensity
from engines.focus_port import FocusControls
from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation
from engines.studio.composing.drums import CLAVES, MUTED_SURDO, SNARE, SURDO
from engines.studio.model.composition import Composition
from engines.studio.styles import STYLES
from tests.support.audio.focus_segments import compose_segment, plan_segments

DEFAULT_METRES = {
    "samba": "2/4", "flamenco": "3/4", "mariachi": "3/4", "celtic": "6/8", "march": "2/4", "waltz": "3/4",
    "lullaby": "6/8",
}  # fmt: skip


def compose(prompt: str, seconds: float = 30.0, seed: int = 3) -> Composition:
    interpreted = interpretation.interpret(RenderRequest(prompt, seconds, seed))
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed).composition


def starts(composition: Composition, part: str, pitch: int) -> set[float]:
    """Return the positions in a bar at which a drum plays in the body."""
    body = composition.sections[1:-2]
    bar = 4.0 if composition.metre == "4/4" else 2.0
    return {
        round(note.start % bar, 3)
        for note in composition.notes[part]
        if note.pitch == pitch and body[0].start <= note.start < body[-1].end and note.velocity > 0.25
    }


@pytest.mark.parametrize(("key", "metre"), DEFAULT_METRES.items())
def test_a_style_has_a_default_metre(key: str, metre: str) -> None:
    assert STYLES[key].metre == metre
    assert compose(STYLES[key].keywords[0]).metre == metre
    assert compose(f"{STYLES[key].keywords[0]}, 4/4").metre == "4/4"


def test_segments_of_a_focus_session_stay_in_four() -> None:
    controls = FocusControls(Goal.CUSTOM_PROMPT, Intensity.MEDIUM, 0.5, "viennese waltz")
    arranged, _ = compose_segment(plan_segments([controls])[0])
    assert arranged.composition.metre == "4/4"


def test_the_snare_of_reggaeton_plays_the_dembow() -> None:
    assert {0.75, 1.5, 2.75, 3.5} <= starts(compose("reggaeton", 60.0), "drums", SNARE)


def test_the_claves_of_salsa_play_two_three() -> None:
    composition = compose("salsa")
    first = composition.sections[1].start
    two_bars = {(note.start - first) % 8.0 for note in composition.notes["percussion"] if note.pitch == CLAVES}
    assert two_bars == {1.0, 2.0, 4.0, 5.5, 7.0}


def test_the_open_surdo_of_samba_plays_the_second_beat() -> None:
    composition = compose("samba", 60.0)
    assert 1.0 in starts(composition, "batucada", SURDO)
    assert 0.0 not in starts(composition, "batucada", SURDO)
    assert 0.0 in starts(composition, "batucada", MUTED_SURDO)


def test_flamenco_ends_with_the_andalusian_half_step() -> None:
    composition = compose("flamenco")
    *_, second, last = (span.chord for span in composition.chords)
    assert (second.root - composition.key.tonic) % 12 == 1
    assert (last.root - composition.key.tonic) % 12 == 0
    assert (last.third - last.root) % 12 == 4


def test_the_second_beat_of_a_waltz_comes_early() -> None:
    composition = compose("viennese waltz")
    body = composition.sections[1]
    positions = {
        round(note.start % 3.0, 3) for note in composition.notes["after-beats"] if body.start <= note.start < body.end
    }
    assert positions == {0.833, 2.0}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_second_violin_of_a_fugue_answers_the_subject_two_bars_later(seed: int) -> None:
    composition = compose("fugue", 60.0, seed)
    entry, bars = composition.sections[0].start, 4.0
    subject, answer = (
        [note for note in composition.notes[part] if start <= note.start < start + 2 * bars]
        for part, start in (("violin", entry), ("second violin", entry + 2 * bars))
    )
    assert composition.notes["second violin"][0].start == entry + 2 * bars
    # ornaments decorate the subject
    rhythm = {round(note.start - entry, 3) for note in subject}
    assert len(answer) >= 4
    assert {round(note.start - entry - 2 * bars, 3) for note in answer} <= rhythm
    assert np.mean([note.pitch for note in answer]) < np.mean([note.pitch for note in subject])


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [("klezmer in D phrygian dominant", "phrygian dominant"), ("arabic in D double harmonic", "double harmonic"),
     ("east asian music in A hirajoshi", "hirajoshi"), ("folk in G major pentatonic", "major pentatonic")],
)  # fmt: skip
def test_a_named_scale_is_played(prompt: str, mode: str) -> None:
    assert compose(prompt).key.mode == mode
