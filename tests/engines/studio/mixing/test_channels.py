import numpy as np
import pytest
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE
from engines.studio.composing import comping
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.channels import Channel, ToneCache, ToneKey
from engines.studio.mixing.performance import NoteEvent
from engines.studio.model.style import Part

FRAMES = 1 << 18


def nothing() -> None:
    """Report no progress."""


def rendered(
    instrument: str, events: list[NoteEvent], block_frames: int, effects: tuple[str, ...] = ()
) -> NDArray[np.float32]:
    """Return the first FRAMES of a channel that is rendered in blocks of that size."""
    part = Part("part", "harmony", instrument, comping.sustained(), -18.0, effects=effects)
    channel = Channel(part, events, ToneCache(nothing, seed=1), block_frames, (0.0, 4.3), 0.5)
    blocks = (channel.render_block(number) for number in range(FRAMES // block_frames))
    silence = np.zeros((2, block_frames), dtype=np.float32)
    return np.concatenate([silence if block is None else block for block in blocks], axis=1)


@pytest.mark.parametrize("instrument", ["vibraphone", "acoustic_kit"])
def test_tones_that_outlast_several_blocks_sound_the_same_in_blocks_of_any_size(instrument: str) -> None:
    pitches = (49, 38, 51, 36)
    events = [NoteEvent(0.11 + 0.37 * number, 2.5, pitches[number % 4] + 12, 0.8) for number in range(10)]
    if instrument == "acoustic_kit":
        events = [NoteEvent(event.start, 0.2, event.pitch - 12, 0.8) for event in events]
    whole, parts = rendered(instrument, events, FRAMES), rendered(instrument, events, 1 << 13)
    assert np.abs(whole).max() > 0.01
    assert np.abs(whole - parts).max() < 1e-4


@pytest.mark.parametrize("effect", ["tremolo", "suitcase", "chorus", "wobble", "pump"])
def test_effects_keep_their_phase_while_a_part_is_silent(effect: str) -> None:
    events = [NoteEvent(0.1, 0.3, 60, 0.8), NoteEvent(4.2, 0.9, 64, 0.8)]
    whole, parts = (rendered("marimba", events, frames, (effect,)) for frames in (FRAMES, 1 << 13))
    assert np.abs(whole[:, 4 * SAMPLE_RATE :]).max() > 0.01
    assert np.abs(whole - parts).max() < 1e-4


def test_a_tone_is_synthesized_once_for_all_uses_that_were_announced() -> None:
    synthesized: list[None] = []
    tones, key = ToneCache(lambda: synthesized.append(None), seed=1), ToneKey("marimba", 60, 4, 0.5, 0)
    for _ in range(3):
        tones.announce(key)
    played = [tones.get(CATALOGUE["marimba"], key) for _ in range(3)]
    assert played[0] is played[1] is played[2]
    assert len(synthesized) == 1
    again = tones.get(CATALOGUE["marimba"], key)
    assert len(synthesized) == 2
    assert np.array_equal(again, played[0])
