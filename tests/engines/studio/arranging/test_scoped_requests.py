import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, explanation, interpretation, request_checks, scoped_requests
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments.groups import KIT_PIECES
from engines.studio.model.composition import LAST_CHORD, Note, Section
from engines.studio.model.song_form import song_form, with_solo

SECONDS = 60.0


def arrange(text: str, seconds: float = SECONDS) -> tuple[Arrangement, list[str]]:
    """Return the arrangement of a prompt, and the report's sentences about its request."""
    interpreted = interpretation.interpret(RenderRequest(text, seconds, 1))
    arranged = arrangement.compose(interpreted.effective, seconds, interpreted.seed)
    return arranged, request_checks.check_request(interpreted.effective, arranged)


def starts(arranged: Arrangement, name: str) -> list[float]:
    """Return when the notes of an instrument or stem start, in seconds."""
    composition = arranged.composition
    parts = [part for part in arranged.parts if name in {part.stem, part.instrument}]
    return sorted(note.start * 60.0 / composition.tempo for part in parts for note in composition.notes[part.name])


def sections(arranged: Arrangement, name: str) -> list[tuple[float, float]]:
    """Return the ranges of the sections of a name, in seconds."""
    beat = 60.0 / arranged.composition.tempo
    found = [section for section in arranged.composition.sections if section.name == name]
    return [(section.start * beat, section.end * beat) for section in found]


def within(times: list[float], span: tuple[float, float]) -> list[float]:
    return [time for time in times if span[0] - 0.01 <= time < span[1] - 0.01]


def test_drums_wait_for_the_second_chorus() -> None:
    arranged, notes = arrange("rock, no drums until the second chorus")
    first, second = sections(arranged, "chorus")
    assert not within(starts(arranged, "drums"), (0.0, second[0]))
    assert within(starts(arranged, "bass"), first)
    assert within(starts(arranged, "drums"), second)
    assert f"Drums from the second chorus on: from 0:{second[0]:.0f}." in notes


def test_drums_play_only_in_the_chorus() -> None:
    arranged, _ = arrange("techno, drums only in the chorus")
    choruses = sections(arranged, "chorus")
    drums = starts(arranged, "drums")
    assert len(choruses) == 2
    assert all(within(drums, span) for span in choruses)
    assert sum(len(within(drums, span)) for span in choruses) == len(drums)


def test_an_instrument_enters_at_a_time() -> None:
    arranged, notes = arrange("cinematic, strings enter at 0:20")
    bar = 240.0 / arranged.composition.tempo
    assert abs(starts(arranged, "strings")[0] - 20.0) <= bar
    assert any(note.startswith("Strings from 0:20 on: from 0:") for note in notes)


def test_an_instrument_stops_at_a_time_and_its_notes_do_not_last_beyond_it() -> None:
    arranged, _ = arrange("techno, bass drops out at 0:40")
    composition = arranged.composition
    part = next(part for part in arranged.parts if part.stem == "bass")
    ends = [(note.start + note.beats) * 60.0 / composition.tempo for note in composition.notes[part.name]]
    assert max(ends) <= 40.0 + 120.0 / composition.tempo


def test_a_section_with_only_one_instrument_is_inserted_into_the_form() -> None:
    arranged, notes = arrange("pop, bridge with only piano")
    ((start, end),) = sections(arranged, "bridge")
    assert within(starts(arranged, "piano"), (start, end))
    assert not within(starts(arranged, "drums"), (start, end))
    assert within(starts(arranged, "drums"), (0.0, start))
    assert any(note.startswith("Only piano in every bridge: 0:") for note in notes)


def test_bars_count_from_the_beginning() -> None:
    arranged, notes = arrange("house, 120 bpm, drums only start after 16 bars")
    assert starts(arranged, "drums")[0] == pytest.approx(32.0, abs=0.1)
    assert "Drums from bar 17 on: from 0:32." in notes


def test_a_piece_of_a_kit_waits_while_the_others_play() -> None:
    arranged, _ = arrange("techno, no hi-hats until the second chorus")
    beat = 60.0 / arranged.composition.tempo
    (kit,) = (part for part in arranged.parts if part.stem == "drums")
    notes = arranged.composition.notes[kit.name]
    _, (second, _) = sections(arranged, "chorus")
    hats = [note.start * beat for note in notes if note.pitch in KIT_PIECES["hi_hat"]]
    others = [note.start * beat for note in notes if note.pitch not in KIT_PIECES["hi_hat"]]
    assert hats
    assert min(hats) >= second - 0.1
    assert min(others) < 1.0


def test_a_range_has_an_end() -> None:
    arranged, _ = arrange("lofi, strings from 0:20 to 0:40")
    bar = 240.0 / arranged.composition.tempo
    strings = starts(arranged, "strings")
    assert strings
    assert all(20.0 - bar <= time < 40.0 + bar for time in strings)


def test_words_change_the_energy_of_a_section_alone() -> None:
    arranged, _ = arrange("quiet verse, loud chorus, rock")
    energies: dict[str, list[float]] = {}
    for section in arranged.composition.sections:
        energies.setdefault(section.name, []).append(section.energy)
    assert max(energies["verse"]) < 0.2
    assert min(energies["chorus"]) > 0.9


def test_a_section_has_the_requested_length() -> None:
    arranged, notes = arrange("lofi, 80 bpm, 24 second intro")
    ((start, end),) = sections(arranged, "intro")
    assert end - start == pytest.approx(24.0)
    assert "Intro of 24 s: 0:00\N{EN DASH}0:24." in notes


def test_a_section_as_long_as_the_track_is_the_track() -> None:
    arranged, _ = arrange("30 second intro, lofi", 30.0)
    assert len([section for section in arranged.composition.sections if section.name != LAST_CHORD]) > 1


def test_excluded_sections_are_left_out_and_reported() -> None:
    arranged, notes = arrange("pop without chorus, no breaks")
    assert not sections(arranged, "chorus")
    assert notes[:2] == ["No chorus, as requested.", "No break, as requested."]


def test_a_place_that_a_short_track_lacks_is_reported() -> None:
    _, notes = arrange("rock, no drums until the fifth chorus", 10.0)
    assert any(note.startswith("Not met: drums from the fifth chorus on") for note in notes)


def test_the_last_chord_belongs_to_a_solo_section_before_it() -> None:
    arranged, _ = arrange("[Verse] [Outro: piano only] pop")
    ending: Section = arranged.composition.sections[-1]
    assert ending.name == LAST_CHORD
    start = ending.start * 60.0 / arranged.composition.tempo
    assert within(starts(arranged, "piano"), (start, SECONDS))
    assert not within(starts(arranged, "drums"), (start, SECONDS))


def test_the_explanation_describes_scoped_requests() -> None:
    notes = explanation.explain(RenderRequest("rock, no drums until the second chorus", SECONDS, 1)).notes
    assert "Drums from the second chorus on." in notes


def test_song_forms_have_the_sections_that_are_needed() -> None:
    assert song_form({}) == ("intro", "verse", "chorus", "verse", "chorus", "outro")
    assert song_form({"bridge": 1}) == ("intro", "verse", "chorus", "verse", "bridge", "chorus", "outro")
    assert song_form({"chorus": 3}, ["intro"]).count("chorus") == 3
    assert song_form({"drop": 2}) == ("intro", "verse", "drop", "break", "drop", "outro")
    assert with_solo(song_form({}, rounds=1), "chorus", 1) == ["intro", "verse", "chorus", "solo", "chorus", "outro"]


def test_a_sound_plays_in_its_range_alone() -> None:
    arranged, notes = arrange("lofi, rain from 0:20 to 0:40")
    parts = [part.name for part in arranged.parts if part.instrument == "rainfall"]
    rain = [note for name in parts for note in arranged.composition.notes[name]]
    beat = 60.0 / arranged.composition.tempo
    assert abs(min(note.start for note in rain) * beat - 20.0) < 4 * beat
    assert max(note.start + note.beats for note in rain) * beat < 40.0 + 4 * beat
    assert any(note.startswith("Rain from 0:20 to 0:40") for note in notes)


def test_a_held_note_enters_after_a_rest_and_a_short_one_does_not() -> None:
    notes = [Note(0.0, 8.0, 60, 0.5), Note(0.0, 1.0, 62, 0.5), Note(3.0, 3.0, 64, 0.5)]
    kept = scoped_requests.with_rests(notes, [scoped_requests.Rest((0.0, 4.0)), scoped_requests.Rest((6.0, 9.0))])
    assert kept == [Note(4.0, 2.0, 60, 0.5)]
