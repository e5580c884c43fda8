from dataclasses import replace

from engines.studio.arranging.section_shapes import SectionShape
from engines.studio.composing.bass import sustained
from engines.studio.model.composition import Note, Section
from engines.studio.model.style import Part
from engines.studio.theory.metre import COMMON_TIME

INTRO = Section("intro", "A", 0.0, 32.0, 0.4, 0, is_first=True, is_last=False)
VERSE = Section("verse", "A", 32.0, 32.0, 0.6, 0, is_first=False, is_last=False)
DROP = Section("drop", "B", 64.0, 32.0, 0.9, 0, is_first=False, is_last=True)
DRUMS, KEYS, TUNE, SECOND = (
    Part(name, stem, "piano", sustained(), -20.0)
    for name, stem in (("drums", "drums"), ("keys", "harmony"), ("tune", "melody"), ("second", "melody"))
)
PARTS = (DRUMS, KEYS, TUNE, SECOND)


def starts(section: Section, following: Section, part: Part, seed: int) -> list[float]:
    """Return the beats of a section on which a part that is written on every beat plays."""
    notes = [Note(section.start + beat, 1.0, 60, 0.5) for beat in range(int(section.beats))]
    shape = SectionShape(section, following, PARTS, COMMON_TIME, seed)
    return [note.start - section.start for note in shape.apply(notes, part)]


def test_an_intro_builds_in_some_tracks_and_its_first_harmony_starts_it() -> None:
    entries = {min(starts(INTRO, VERSE, DRUMS, seed)) for seed in range(20)}
    assert len(entries) >= 3
    assert all(min(starts(INTRO, VERSE, KEYS, seed)) == 0.0 for seed in range(20))


def test_melody_parts_share_a_section_in_turns_or_play_together() -> None:
    for seed in range(10):
        first, second = (starts(VERSE, VERSE, part, seed) for part in (TUNE, SECOND))
        together = first == second
        assert together or (not set(first) & set(second) and sorted(first + second) == list(range(32)))


def test_the_last_beat_before_a_drop_rests_in_some_tracks() -> None:
    lengths = {len(starts(VERSE, DROP, DRUMS, seed)) for seed in range(10)}
    assert lengths == {31, 32}
    assert all(len(starts(VERSE, DROP, TUNE, seed)) in {16, 32} for seed in range(10))


def test_a_section_without_a_rise_keeps_its_last_beat() -> None:
    softer = replace(DROP, energy=0.7)
    assert all(len(starts(VERSE, softer, DRUMS, seed)) == 32 for seed in range(10))
